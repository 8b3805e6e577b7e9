"""What is personal in a transcript, and what is not."""

from __future__ import annotations

import time

import pytest

from voicemon.records import Utterance
from voicemon.redact.digits import find_runs
from voicemon.redact.facts import find_pieces, mask_path, mask_sidecar, mask_text
from voicemon.redact.marks import masked


def call(*lines: str) -> list[Utterance]:
    """``A: …`` and ``C: …``, one after the other, 0.25 s a character."""
    said, now_s = [], 0.0
    for line in lines:
        text = line[2:].strip()
        said.append(Utterance({"A": "agent", "C": "customer"}[line[0]], now_s, now_s + 0.25 * len(text), text, 0.9))
        now_s = said[-1].end_s + 0.6
    return said


def shown(*lines: str, known: tuple[str, ...] = ()) -> list[str]:
    """The lines with what is personal masked."""
    said = call(*lines)
    pieces = find_pieces(said, known)
    return [masked(u.text, [p for p in pieces if p.utterance == i]) for i, u in enumerate(said)]


@pytest.mark.parametrize(("text", "digits"), [
    ("一三八零零一三八零零零", "13800138000"), ("幺三八,幺二三四,五六七八", "13812345678"), ("138-0013-8000", "13800138000"),
    ("138 0013啊8000", "13800138000"), ("一五九六六零三四十二八", "1596603428"), ("幺三吧幺二三四五六七八", "13812345678"),
    ("440106 19900307 123叉", "44010619900307123X"),
    ("\uff11\uff13\uff18\uff0c\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10", "13800138000"),
    ("零五七一,八八九二,三六五零", "057188923650")])
def test_a_number_is_read_however_it_is_said_or_written(text: str, digits: str) -> None:
    assert [r.digits for r in find_runs(f"是{text}对")] == [digits]


@pytest.mark.parametrize("text", ["三千二百六十分", "3,260分", "一百二十三万四千五百六十七元", "1200000元", "一是质量二是价格",
                                  "九点到十一点"])
def test_a_quantity_is_no_number_to_mask(text: str) -> None:
    assert not any(len(r.digits) >= 4 for r in find_runs(text))


@pytest.mark.parametrize(("lines", "after"), [
    (["C: 我的电话是13800138000"], ["我的电话是【电话】"]),
    (["C: 身份证110101199003078515"], ["身份证【证件号】"]),
    (["C: 身份证是四四零一零六一九九零零三零七一二三X"], ["身份证是【证件号】"]),
    (["C: 卡号6222 0212 3456 7890 128"], ["卡号【银行卡】"]),
    (["C: 一三八", "A: 嗯", "C: 零零一三", "A: 零零一三", "C: 然后是八零零零"],
     ["【电话】", "嗯", "【电话】", "【号码】", "然后是【电话】"]),
    (["C: 一三八零零一三八零零零", "A: 一三八零零", "C: 对", "A: 尾号八零零零"], ["【电话】", "【号码】", "对", "尾号【号码】"]),
    (["A: 您的手机号码是多少", "C: 幺三八二五"], ["您的手机号码是多少", "【电话】"]),
    (["C: 后四位是8632"], ["后四位是【号码】"]),
    (["A: 张经理的手机是13912345678"], ["张经理的手机是【电话】"])])
def test_personal_numbers_are_masked(lines: list[str], after: list[str]) -> None:
    assert shown(*lines) == after


@pytest.mark.parametrize("line", [
    "A: 工号八零零一很高兴为您服务", "A: 工号80011234567为您服务", "A: 我们的热线是4008208820", "A: 客服电话是零五七一八八九二三六五零",
    "A: 请拨打95338", "A: 一共三千二百六十元", "A: 三十分钟内答复您", "C: 我买了12件一共1280元", "A: 2026年3月15号下午4点",
    "C: 上午九点到十一点",
    "C: 运单号550391", "C: 订单里有25个", "C: 一百二十块", "A: 九五五八八"])
def test_what_is_not_personal_stays(line: str) -> None:
    assert shown(line) == [line[2:].strip()]


@pytest.mark.parametrize(("said", "after"), [
    ("我的邮箱是zhangsan@163.com谢谢", "我的邮箱是【邮箱】谢谢"), ("邮箱是wang xiao 123 艾特 幺六三点com", "邮箱是【邮箱】"),
    ("你发到张三at qq点com吧", "你发到【邮箱】吧"), ("是li.na@example.com.cn", "是【邮箱】"), ("微信号wangxiao99", "微信号【邮箱】"),
    ("请登录www.taobao.com", "请登录www.taobao.com")])
def test_mail_addresses_are_masked_written_or_spoken(said: str, after: str) -> None:
    assert shown(f"C: {said}") == [after]


@pytest.mark.parametrize(("lines", "after"), [
    (["C: 我住在杭州市余杭区文一西路九百六十九号三号楼"], ["我住在【地址】"]),
    (["C: 寄到北京市海淀区中关村大街27号院2号楼三单元501"], ["寄到【地址】"]),
    (["A: 您的收货地址是哪里", "C: 武侯区玉林街道"], ["您的收货地址是哪里", "【地址】"]),
    (["A: 您家住哪里", "C: 解放路"], ["您家住哪里", "【地址】"]),
    (["C: 我在解放路那个店"], ["我在解放路那个店"]), (["A: 一路平安"], ["一路平安"]), (["A: 我知道了三号发货"], ["我知道了三号发货"]),
    (["C: 我在成都,想加盟你们的店。"], ["我在成都,想加盟你们的店。"])])
def test_addresses_are_masked(lines: list[str], after: list[str]) -> None:
    assert shown(*lines) == after


@pytest.mark.parametrize(("lines", "after"), [
    (["A: 请问您贵姓", "C: 我姓唐", "A: 唐先生您好", "A: 再见汤先生"], ["请问您贵姓", "我姓【姓】", "【姓】先生您好", "再见【姓】先生"]),
    (["A: 请问您贵性", "C: 我行动。", "A: 邓先生,请稍等"], ["请问您贵性", "我行【姓】。", "【姓】先生,请稍等"]),
    (["A: 您的姓名是", "C: 王建国", "A: 王建国先生对吗"], ["您的姓名是", "【姓名】", "【姓名】先生对吗"]),
    (["A: 怎么称呼您", "C: 呃周女士"], ["怎么称呼您", "呃【姓】女士"]),
    (["A: 贵姓", "C: 免贵姓王,王朝的王"],
     ["贵姓", "免贵姓【姓】,【姓】"]),
    (["A: 贵姓", "C: 你叫我小刘就行"], ["贵姓", "你叫我【姓名】就行"]), (["C: 我姓祝,问个事"], ["我姓【姓】,问个事"]),
    (["A: 我叫欧阳女士过来", "C: 我叫欧阳娜娜"], ["我叫【姓】女士过来", "我叫【姓名】"]),
    (["A: 贵姓", "C: 我想问一下钻戒"], ["贵姓", "我想问一下钻戒"]), (["A: 贵姓", "C: 好的"], ["贵姓", "好的"]),
    (["A: 那位先生", "C: 这位女士"], ["那位先生", "这位女士"]), (["A: 好的,先生"], ["好的,先生"])])
def test_names_of_customers_are_masked_wherever_they_come_again(lines: list[str], after: list[str]) -> None:
    assert shown(*lines) == after


def test_a_name_on_record_is_known_by_its_sound() -> None:
    assert shown("A: 您好先生,我是王芳") == ["您好先生,我是王芳"]
    assert shown("A: 是李小龙吗", "C: 我是李小隆", known=("李小龙",)) == ["是【姓名】吗", "我是【姓名】"]


@pytest.mark.parametrize(("lines", "after"), [
    (["A: 请问您贵姓", "C: 青乱", "A: 时先生,最小的规格"], ["请问您贵姓", "【姓名】", "【姓】先生,最小的规格"]),
    (["C: 我信五,电话多少", "A: 无女性,我马上提交"], ["我信【姓】,电话多少", "【姓】女性,我马上提交"]),
    (["C: 我幸助", "A: 好的,粉米式,我记下"], ["我幸【姓】", "好的,【姓】米式,我记下"]),
    (["A: 您好,请问您是炉女是吗"], ["您好,请问您是【姓名】吗"]), (["A: 请问您是要退货吗", "C: 我信你"], ["请问您是要退货吗", "我信你"]),
    (["A: 请问您贵姓", "C: 没有了"], ["请问您贵姓", "没有了"])])
def test_names_that_the_recogniser_did_not_understand_are_masked_by_their_place(lines: list[str], after: list[str]) -> None:
    assert shown(*lines) == after


@pytest.mark.parametrize("text", ["一" * 5000, "一路" * 2500, "杭州市余杭区" * 800, "a@" * 2500, "我姓" * 2500, "1 " * 2500,
                                  "点com" * 1500, "先生" * 2500,
                                  "号楼一" * 1500, "是的那个然后" * 800 + "1"])
def test_no_text_keeps_the_search_busy(text: str) -> None:
    begun_s = time.process_time()
    mask_text(text)
    assert time.process_time() - begun_s < 20.0  # seconds, where a search that runs wild takes days


@pytest.mark.parametrize(("name", "after"), [
    ("/rec/20260312101500-13800138000-1023.wav", "/rec/20260312101500-号码-1023.wav"), ("13800138000_20260312.wav", "号码_20260312.wav"),
    ("0571-88923650.flac", "号码.flac"), ("138-0013-8000.flac", "号码.flac"), ("1718000000.123.wav", "1718000000.123.wav"),
    ("zijin-kept-hold.flac", "zijin-kept-hold.flac"), ("call-2026-03-12-10-15-00.wav", "call-2026-03-12-10-15-00.wav"),
    ("王建国先生.wav", "姓名先生.wav")])
def test_names_of_files_are_masked_and_their_times_stay(name: str, after: str) -> None:
    assert mask_path(name) == after


def test_the_sidecar_is_masked_by_field_and_by_what_is_in_it() -> None:
    side = {"caller_number": "13800138000", "known_customer": {"surname": "郝", "title": "先生"}, "agent_id": "12345678",
            "register": [{"name": "王建国", "phone": "139", "text": "王先生来电,电话13912345678", "time": "2026-03-12T10:00:00"}],
            "callbacks": [{"at": "2026-03-16T15:46:03.591000+08:00", "to": "13800138000"}], "ticket": 13800138000,
            "ring_s": 7.5, "archived": True}
    assert mask_sidecar(side) == {
        "caller_number": "【电话】", "known_customer": {"surname": "【姓】", "title": "先生"}, "agent_id": "12345678",
        "register": [{"name": "【姓名】", "phone": "【电话】", "text": "【姓】先生来电,电话【电话】", "time": "2026-03-12T10:00:00"}],
        "callbacks": [{"at": "2026-03-16T15:46:03.591000+08:00", "to": "【电话】"}], "ticket": "【号码】", "ring_s": 7.5, "archived": True}
    assert side["caller_number"] == "13800138000"
