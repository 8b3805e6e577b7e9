"""The shipped standards: every row of the catalogue stands in exactly one pack, the examples are right, near misses are told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from voicemon.judge.examples import example_facts, run_examples
from voicemon.judge.judge import judge
from voicemon.judge.lines import SHIPPED
from voicemon.judge.loader import catalogue, load_standard
from voicemon.judge.phrases import Phrase, UnreadPhrase
from voicemon.judge.standard import EventSpec, Rule, Standard
from voicemon.sidecar import FIELDS

PACKS = ("zijin-400", "hotline", "procurement-phone", "zhonghuan", "taobao", "counter")
NOT_OBSERVABLE = "not observable"


def pack(name: str) -> Standard:
    """The shipped pack (loaded once by the loader)."""
    return load_standard(name)


def outcome(name: str, rule_id: str, line: str) -> str:
    return next(v.outcome for v in judge(example_facts(line), pack(name)) if v.rule == rule_id)


def test_every_row_stands_in_exactly_one_pack() -> None:
    """Every row of the catalogue is a rule or a listed unobservable of one pack, and packs invent no rows."""
    counted = Counter(entry.id for name in PACKS for entry in (*pack(name).rules, *pack(name).unobservable))
    rows = set(catalogue())
    assert len(rows) == 681
    assert sorted(rows - set(counted)) == []
    assert sorted(set(counted) - rows) == []
    assert {rule_id: times for rule_id, times in counted.items() if times > 1} == {}


@pytest.mark.parametrize("name", PACKS)
def test_every_phrase_can_be_read(name: str) -> None:
    """By its name a shipped pack is loaded without looking at its phrases; by its path it is held to all that anybody's is."""
    read = load_standard(SHIPPED / f"{name}.yaml")
    assert read.digest == pack(name).digest
    phrases, unread = list(phrases_in(read)), list(phrases_in(pack(name)))
    assert phrases and not any(isinstance(phrase, UnreadPhrase) for phrase in phrases)
    for one, other in zip(phrases, unread, strict=True):
        assert one.elements == other.elements, one.written
        for wordings, same in zip(one.elements, other.elements, strict=True):
            assert (wordings.literals, wordings.tellable) == (same.literals, same.tellable), one.written
            assert wordings.beginnings.tolist() == same.beginnings.tolist(), one.written


def phrases_in(held: object) -> Iterator[Phrase]:
    """Every phrase of a standard, in order."""
    if isinstance(held, Phrase):
        yield held
    elif isinstance(held, Standard):
        yield from phrases_in((held.rules, held.events))
    elif isinstance(held, Rule | EventSpec):
        yield from phrases_in(held.options)
    elif isinstance(held, Mapping):
        yield from phrases_in(tuple(held.values()))
    elif isinstance(held, tuple):
        for one in held:
            yield from phrases_in(one)


@pytest.mark.parametrize("name", PACKS)
def test_rows_stand_in_the_pack_of_their_standard(name: str) -> None:
    """A row is in the pack that the catalogue names for it."""
    rows = {rule_id for rule_id, row in catalogue().items() if row["standard"] == name}
    assert {entry.id for entry in (*pack(name).rules, *pack(name).unobservable)} == rows


@pytest.mark.parametrize("name", PACKS)
def test_quotes_are_unaltered(name: str) -> None:
    """Quote and kind of evidence are the catalogue's own."""
    rows = catalogue()
    altered = [e.id for e in (*pack(name).rules, *pack(name).unobservable) if e.quote != rows[e.id]["quote"]]
    altered += [r.id for r in pack(name).rules if r.evidence != rows[r.id]["evidence"]]
    assert altered == []


@pytest.mark.parametrize("name", PACKS)
def test_only_unobservable_rows_are_left_unjudged(name: str) -> None:
    """What the catalogue calls observable is a rule; what it calls not observable is listed with a reason."""
    rows = catalogue()
    assert [u.id for u in pack(name).unobservable if rows[u.id]["evidence"] != NOT_OBSERVABLE or not u.reason] == []
    assert [r.id for r in pack(name).rules if rows[r.id]["evidence"] == NOT_OBSERVABLE] == []


@pytest.mark.parametrize("name", PACKS)
def test_a_field_that_is_null_is_as_if_it_were_not_there(name: str) -> None:
    """``null`` says "not known": no register entry, call-back or release that nobody wrote down may convict."""
    facts = example_facts("A: 您好,请问有什么可以帮您 / C: 我要投诉,谢谢 / A: 我们会在30分钟内与您联系,好吗,再见")
    without = judge(facts, pack(name))
    for field in FIELDS:
        assert [v.outcome for v in judge(replace(facts, sidecar={field: None}), pack(name))] == [v.outcome for v in without], field


@pytest.mark.parametrize("name", PACKS)
def test_examples_come_out_right(name: str) -> None:
    """Every call that should break its rule does, and every innocent one does not."""
    assert run_examples(pack(name)) == ()


@pytest.mark.parametrize("name", PACKS)
def test_a_permission_convicts_nobody(name: str) -> None:
    """What a standard only permits (``permission`` in the catalogue) cannot be broken, however the agent speaks."""
    permitted = [r for r in pack(name).rules if "permission" in catalogue()[r.id]["broken_by"]]
    assert [r.id for r in permitted if r.options.get("otherwise") != "not_applicable" or r.examples["fires"]] == []


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_explains_itself(name: str) -> None:
    """Every direct rule shows a call that breaks it; every pack says what it was made from."""
    assert pack(name).title
    assert pack(name).source
    assert [r.id for r in pack(name).rules if not r.examples["quiet"] or not r.title] == []


ZH = "A: 您好,中环国际,很高兴为您服务,请问有什么可以帮助您的吗 / "
GF = "A: 您好,欢迎致电美家客户服务热线,客服代表一零八很高兴为您服务,请问有什么可以帮助您 / "
ZJ = "A: 您好,紫金金行,请问有什么能够帮您 / "
TC = "A: 您好,请问我能为您做什么吗 / "
LATER = ZH + "C: 为什么海关扣了我的件 / A: {},请留下您的联系电话,我们会在三十分钟内与您联系 / C: 好"
POLITE, CURT = "您的这个问题我需要进一步查询后才能回复您", "这个问题我也要查了才能回复你"
COMPLAINT = GF + "C: 我要投诉,你们的美容仪漏电 / A: {} / C: 那好吧"
LOST = (
    'S: parcel = {"status": "lost"} / '
    + ZH
    + "C: 我的快件呢 / A: 非常抱歉,您的快件丢失了,为了不再增加%s的经济损失建议您重新再发一份快件给收件人"
)
CALLED = ' / at: 2026-03-18T10:00:00+08:00 / S: callbacks = [{"at": "2026-03-18T10:20:00+08:00", "result": "no_answer"}]'

RIGHT = [
    # further look-up, politely said, beside the curt sentence
    ("zhonghuan", "ZH-4.2g1", LATER.format(POLITE)),
    ("zhonghuan", "ZH-4.2g7", LATER.format(POLITE)),
    # 请挂机 is asked for by three rules
    ("zijin-400", "ZJ-3.4b", ZJ + "C: 几点开门 / A: 九点半。如果没有问题请挂机 / C: 好"),
    ("zijin-400", "ZJ-7.2c", ZJ + "C: 几点开门 / A: 九点半。感谢您的来电,请挂机,再见 / C: 好"),
    ("hotline", "GF-28a", GF + "C: 小姐,你陪我聊聊天呗 / A: 对不起,您的要求不在我们的服务范围内,请您挂机 / C: 别呀"),
    ("hotline", "GF-34x", GF + "C: 小姐,你陪我聊聊天呗 / A: 对不起,您的要求不在我们的服务范围内,请您挂机 / C: 别呀"),
    ("hotline", "GF-21x", COMPLAINT.format("对不起,如果没有问题请挂机,再见")),
    # 不清楚 within 是否清楚, 听不清楚
    ("counter", "TC-4.4x2", TC + "C: 泳池几点开 / A: 七点,您看是否清楚了 / C: 清楚了"),
    ("counter", "TC-4.4x2", TC + "C: 泳池几点开 / A: 对不起,我听不清楚,麻烦您再说一遍 / C: 泳池几点开"),
    ("hotline", "GF-33a", GF + "C: 怎么换购 / A: 您先登录。请问您是否清楚了 / C: 清楚了"),
    ("hotline", "GF-19x", COMPLAINT.format("对不起,您的电话杂音太大,听不清楚,请您换一部电话再次打来好吗")),
    ("hotline", "GF-20x", COMPLAINT.format("对不起,您的电话杂音太大,听不清楚,请您换一部电话再次打来好吗")),
    # 那 within a turn; 怎么样, 真的是
    ("zhonghuan", "ZH-2.4b", ZH + "C: 查快件 / A: 您好,那边的网点今天派送,那个单号我查到了"),
    ("zhonghuan", "ZH-2.4b", ZH + "C: 查快件 / A: 好的,那么您的单号是多少"),
    ("zhonghuan", "ZH-2.4a", ZH + "C: 查快件 / A: 您看怎么样,真的是今天到"),
    # the customer may say what he likes
    ("zhonghuan", "ZH-2.4a", ZH + "C: 喂,我晕,真是的,你怎么这样 / A: 请您稍等"),
    ("zhonghuan", "ZH-2.3", ZH + "C: 你说,你们在哪,你不知道吗 / A: 请您稍等"),
    ("counter", "TC-4.4x1", TC + "C: 我不知道在哪儿看 / A: 您到大厅看"),
    ("counter", "TC-4.4x2", TC + "C: 我老伴不清楚几点关门 / A: 十点关门"),
    ("counter", "TC-4.5x", TC + "C: 你没看见我忙着吗 / A: 好的,我马上就来办"),
    # 公司有规定 is the hotline's own script
    ("hotline", "GF-10a", GF + "C: 帮我找一下客服小李 / A: 对不起,公司有规定,上班时间不允许接听私人电话,请您下班后再与她联系 / C: 好"),
    # 我挂线了 is right, the threat is not
    ("zijin-400", "ZJ-7.2e", "A: 您好 / C: 没有了 / A: 感谢您的来电,再见 / W: 5 / A: 对不起,我挂线了"),
    ("taobao", "TB-O2x2", "A: 您好,请问有什么可以帮您 / C: 没事了 / A: 我挂线了,再见"),
    ("taobao", "TB-O4x1", "A: 您好,请问有什么可以帮您 / C: 没事了 / A: 我挂线了,再见"),
    ("hotline", "GF-03x", GF + "C: 没事了 / A: 我挂线了,再见"),
    # 让您久等了 on return, and in answer to a complaint
    ("hotline", "GF-22c", GF + "C: 查积分 / A: 请您稍等,好吗 / C: 好 / W: 30 / A: 对不起,让您久等了,您有三百分"),
    ("hotline", "GF-17a", GF + "C: 你动作怎么这么慢 / A: 对不起,让您久等了,我将尽快帮您处理 / C: 好"),
    # a call-back that reaches no one is an attempt in time
    ("zhonghuan", "ZH-4.2g4", LATER.format(POLITE) + CALLED),
    # the source's own slip: 你的 for 您的
    ("zhonghuan", "ZH-4.1m2", LOST % "你"),
    ("zhonghuan", "ZH-4.1m2", LOST % "您"),
    ("zhonghuan", "ZH-2.3", LOST % "您"),
    # either script
    ("counter", "TC-4.8d", TC + "C: 知道了,謝謝你 / A: 對不起,請別客氣"),
    ("counter", "TC-4.8d", TC + "C: 知道了,谢谢你 / A: 对不起,请别客气"),
]

WRONG = [
    ("zhonghuan", "ZH-4.2g7", LATER.format(CURT)),
    ("hotline", "GF-34x", GF + "C: 话费多少 / A: 三十元。喂,没事了吧,您挂电话吧 / C: 好"),
    ("hotline", "GF-21x", COMPLAINT.format("喂,没事了吧,您挂电话吧")),
    ("counter", "TC-4.4x2", TC + "C: 押金是多少 / A: 不清楚"),
    ("counter", "TC-4.4x1", TC + "C: 押金是多少 / A: 不知道"),
    ("hotline", "GF-19x", COMPLAINT.format("喂,这不关我的事,我不清楚,您挂电话吧")),
    ("hotline", "GF-20x", COMPLAINT.format("喂,我不清楚,您过两天再来电话吧")),
    ("zhonghuan", "ZH-2.4b", ZH + "C: 查快件 / A: 那,您的单号是多少"),
    ("zhonghuan", "ZH-2.4a", ZH + "C: 查快件 / A: 怎么这样,请您说单号"),
    ("zhonghuan", "ZH-2.4a", ZH + "C: 查快件 / A: 真是的,请您说单号"),
    ("zhonghuan", "ZH-4.2d4", ZH + "C: 为什么不能赔 / A: 这是公司规定"),
    ("taobao", "TB-O2x2", "A: 您好,请问有什么可以帮您 / W: 5 / A: 不说我挂线啦"),
    ("taobao", "TB-O4x1", "A: 您好,请问有什么可以帮您 / W: 5 / A: 再不说话我就挂了啊"),
    ("hotline", "GF-03x", GF + "W: 5 / A: 再不说话我就挂了啊"),
    ("zhonghuan", "ZH-2.3", ZH + "C: 查快件 / A: 你的单号给我,你说一下,你快点"),
    ("counter", "TC-4.5x", TC + "C: 我想預約上門 / A: 你沒看見我忙著嗎"),
]


@pytest.mark.parametrize(("name", "rule_id", "line"), RIGHT)
def test_near_misses_are_not_accused(name: str, rule_id: str, line: str) -> None:
    """Words that only resemble what is forbidden, or that another party says, keep the rule."""
    assert outcome(name, rule_id, line) == "pass"


@pytest.mark.parametrize(("name", "rule_id", "line"), WRONG)
def test_their_twins_are(name: str, rule_id: str, line: str) -> None:
    """The forbidden twin of each near miss breaks the rule."""
    assert outcome(name, rule_id, line) == "fail"


@pytest.mark.parametrize("words", ["你请提供您的单号", "为了不再增加你的经济损失,请您再发一份"])
def test_one_lone_ni_is_weak_evidence(words: str) -> None:
    """您 and 你 sound nearly alike: a single 你 convicts nobody."""
    assert outcome("zhonghuan", "ZH-2.3", ZH + f"C: 查快件 / A: {words}") in ("pass", "unsure")


@pytest.mark.parametrize("rule_id", ["GF-15a", "GF-17a"])
def test_a_return_is_no_answer_to_a_complaint(rule_id: str) -> None:
    """让您久等了 after a look-up brings no rule about complaints into play."""
    line = GF + "C: 查积分 / A: 请您稍等,好吗 / C: 好 / W: 30 / A: 对不起,让您久等了,您有三百分"
    assert outcome("hotline", rule_id, line) == "not_applicable"


def test_the_words_of_a_return_do_not_answer_a_late_reply() -> None:
    """让您久等了 alone is not the answer that a complaint about a late reply asks for."""
    line = ZJ + "C: 到现在都没人回复我 / A: 对不起,让您久等了 / C: 唉"
    assert outcome("zijin-400", "ZJ-9.4", line) == "fail"


@pytest.mark.parametrize(
    "words",
    [
        "每回打来都说给我登记,登完就没下文了 / A: 那我再给您登记 / C: 登记有个啥用嘛 / A: 走流程",
        "说好礼拜天师傅上门,从八点坐到中午,人没来 / A: 师傅忙吧 / C: 忙可以讲一声的呀",
    ],
)
def test_a_complaint_told_only_by_its_parts_leaves_its_rules_open(words: str) -> None:
    """What went wrong and a mood may be about something else: a person listens, nobody is convicted."""
    assert outcome("taobao", "TB-5c", f"A: 您好 / C: {words}") == "unsure"


@pytest.mark.parametrize("name", PACKS)
def test_what_people_read_and_what_examples_say_is_no_list_of_wordings(name: str) -> None:
    """``让您久等|等久了`` is how a pack is written, and nothing to say."""
    for rule in pack(name).rules:
        said = [u.text for lines in rule.examples.values() for line in lines for u in example_facts(line).transcript]
        assert not [text for text in (rule.title, rule.why, rule.say_instead, *said) if set("|{}") & set(text)], rule.id
