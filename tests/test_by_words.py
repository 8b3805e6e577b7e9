"""One channel with voices too alike: words and speech by party, and what is not sure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voicemon.by_words import SharedOut, share_out
from voicemon.records import AGENT, CUSTOMER, AuditMark, Measures, Ring, Span, SpeakingRate, Utterance, Word
from voicemon.spans import total_s
from voicemon.speech.attribution import breath_groups, changes_party
from voicemon.speech.engine import Transcription

LINES = ("您好,中环国际,很高兴为您服务,请问有什么可以帮助您的吗", "你好我想查一下我的快递到哪了", "请您提供一下运单号", "七七二零一九四五",
         "谢谢您,请您稍等,您的快件正在派送当中")


def said(*lines: str, every_s: float = 3.0) -> tuple[Utterance, ...]:
    """Utterances of two seconds."""
    return tuple(Utterance("mono", every_s * i, every_s * i + 2.0, text, 0.9) for i, text in enumerate(lines))


def test_words_and_speech_go_to_the_party_that_said_them() -> None:
    heard = Transcription(said(*LINES), (AuditMark("loop", 1.0, 2.0, "mono"),))
    found = share_out(heard, [Span(3.0 * i, 3.0 * i + 2.0) for i in range(5)])
    assert found is not None and found.margin > 0.9
    assert [u.text for u in found.heard[AGENT].utterances] == [LINES[0], LINES[2], LINES[4]]
    assert found.speech[CUSTOMER] == (Span(3.0, 5.0), Span(9.0, 11.0))
    assert [m.kind for m in found.heard["unknown"].audit] == ["loop"], "a mark is anybody's"
    assert all(len(r.speakers) == 5 for r in found.readings)


def test_speech_is_somebodys_only_near_to_his_words() -> None:
    found = share_out(Transcription(said(*LINES), ()), [*(Span(3.0 * i, 3.0 * i + 2.0) for i in range(5)), Span(2.1, 2.2), Span(2.4, 2.6)])
    assert found is not None and found.speech["unknown"] == (Span(2.4, 2.6),) and Span(2.1, 2.2) in found.speech[AGENT]


def test_speech_without_words_is_nobodys() -> None:
    found = share_out(Transcription(said(*LINES), ()), [Span(3.0 * i, 3.0 * i + 2.0) for i in range(5)] + [Span(20.0, 21.0)])
    assert found is not None and found.speech["unknown"] == (Span(20.0, 21.0),)
    assert total_s(found.speech[AGENT]) == pytest.approx(6.0) and total_s(found.speech[CUSTOMER]) == pytest.approx(4.0)


@pytest.mark.parametrize("lines", [("您好",), ("您好请讲", "好的"), ("您好请问有什么", "我查我的快递"), ()])
def test_a_few_words_do_not_tell(lines: tuple[str, ...]) -> None:
    assert share_out(Transcription(said(*lines), ()), [Span(0.0, 2.0)]) is None


def test_an_announcement_is_not_shared_out() -> None:
    heard = Transcription(said("您好,欢迎致电中环国际", "很高兴为您服务", "请问有什么可以帮助您的吗"), ())
    assert share_out(heard, [Span(0.0, 8.0)]) is None


def test_a_channel_that_is_silent_while_the_other_party_speaks_is_not_shared_out() -> None:
    assert share_out(Transcription(said(*LINES, every_s=3.4), ()), [Span(0.0, 2.0)]) is not None
    assert share_out(Transcription(said(*LINES, every_s=7.0), ()), [Span(0.0, 2.0)]) is None


def test_what_is_not_sure_is_nobodys_and_read_both_ways() -> None:
    found = share_out(Transcription(said(*LINES, "嗯", "嗯", "嗯嗯"), ()), [Span(3.0 * i, 3.0 * i + 2.0) for i in range(8)])
    assert found is not None and found.heard["unknown"].utterances
    assert len({r.speakers for r in found.readings}) > 1


@pytest.mark.parametrize(("nobodys", "nobodys_s", "agent", "customer"), [
    ("", 0.5, True, True),
    ("好" * 12, 3.0, True, False),
    ("好" * 24, 3.0, False, False),
    ("好" * 4, 3.0, False, False),
    ("好" * 28, 7.0, False, False),
])
def test_a_rate_is_told_only_where_it_does_not_hang_on_speech_in_doubt(nobodys: str, nobodys_s: float, agent: bool, customer: bool) -> None:
    rates = {party: SpeakingRate(24, 6.0, 6.0, 240.0, 240.0) for party in (AGENT, CUSTOMER)}
    speech = {AGENT: (Span(0.0, 6.0),), CUSTOMER: (Span(6.0, 8.0),), "unknown": (Span(10.0, 10.0 + nobodys_s),)}
    lines = {AGENT: "您" * 24, CUSTOMER: "我" * 8, "unknown": nobodys}
    shared = SharedOut({who: Transcription(said(line), ()) for who, line in lines.items()}, speech, (), 0.9)
    told = shared.without_doubtful_rates(Measures(rates, {}, Ring(), (), (), {})).speaking_rate
    assert (told[AGENT].per_minute_of_turns is not None, told[CUSTOMER].per_minute_of_turns is not None) == (agent, customer)
    assert (told[AGENT].reason is None, told[CUSTOMER].reason is None) == (agent, customer)


def words(*texts: str, pause_s: float) -> Utterance:
    timed = tuple(Word(t, i * (1.0 + pause_s), i * (1.0 + pause_s) + 1.0, 0.9) for i, t in enumerate(texts))
    return Utterance("mono", 0.0, timed[-1].end_s, "".join(texts), 0.9, timed)


def test_an_utterance_in_which_an_answer_follows_at_once_changes_party() -> None:
    assert changes_party(words("请问有什么", "可以帮助您", "你好我想查一下", "我的快递", pause_s=0.2))
    assert not changes_party(words("请您提供一下", "运单号", pause_s=0.2))
    assert not changes_party(words("请问有什么可以帮助您", "你好我想查一下我的快递", pause_s=0.0)), "nowhere to cut"


def test_breath_groups_keep_their_words_and_times() -> None:
    groups = breath_groups(words("您好,", "请讲", "好", pause_s=0.1))
    assert [g.text for g in groups] == ["您好,", "请讲好"] and groups[1].start_s == pytest.approx(1.1)
    assert len(breath_groups(words("您好", "请讲", pause_s=0.0))) == 1


def test_where_people_answer_at_once_every_utterance_is_cut_finely() -> None:
    tight = words("请问有什么可以帮助您", "你好我想查一下我的快递", "我等了三天", pause_s=0.2)
    later = replace(words("请您提供一下", "运单号", pause_s=0.2), start_s=5.0)
    found = share_out(Transcription((tight, later), ()), [Span(0.0, 4.0)])
    assert found is not None and {len(r.speakers) for r in found.readings} == {5}


def test_long_words_without_a_pause_may_be_both_parties_and_are_read_as_either() -> None:
    long = Utterance("mono", 20.0, 33.0, "请问还有什么可以帮您没有了谢谢那好再见", 0.9)
    found = share_out(Transcription((*said(*LINES), long), ()), [Span(0.0, 33.0)])
    assert found is not None and {r.speakers[-1] for r in found.readings} == {AGENT, CUSTOMER}
    assert found.heard["unknown"].utterances[-1].text == long.text
    assert any(m.kind == "unclear_voice" and m.start_s < 20.0 and m.end_s > 33.0 for m in found.heard["unknown"].audit)


def test_long_words_with_short_pauses_are_cut_there() -> None:
    script = ("您好中环国际", "很高兴为您服务", "请问有什么", "可以帮助您的吗", "请您提供一下运单号", "我会尽快为您查询")
    one_party = words(*script, *["请稍等"] * 6, pause_s=0.2)
    found = share_out(Transcription((one_party, *said("你好我想查一下我的快递到哪了")), ()), [Span(0.0, 15.0)])
    assert found is not None and len(found.readings[0].speakers) == 13
    assert not found.heard["unknown"].audit


def test_talk_of_another_kind_is_not_shared_out() -> None:
    news = ("国务院发展研究中心市场经济研究所副所长", "房地产开发投资增速持续回落", "一线城市土地成交溢价率上升", "记者从有关部门获悉",
            "央行宣布下调金融机构存款准备金率", "多家上市公司披露年度业绩预告")
    assert share_out(Transcription(said(*LINES[:2]), ()), [Span(0.0, 12.0)]) is not None
    assert share_out(Transcription(said(*LINES[:2], *news * 2), ()), [Span(0.0, 12.0)]) is None


SILENT = ("您好中环国际,很高兴为您服务,请问有什么可以帮助您的吗", "您好,请问有什么可以帮助您的吗",
          "对不起,您的电话没有声音,请您换一部电话再打来,再见")


def silent_call(*spans: Span, lines: tuple[str, ...] = SILENT) -> SharedOut | None:
    """Lines with pauses of 4 s between them; speech besides theirs."""
    return share_out(Transcription(said(*lines, every_s=6.0), ()), [*(Span(6.0 * i, 6.0 * i + 2.0) for i in range(len(lines))), *spans])


def test_an_agent_whom_nobody_answers_has_said_everything() -> None:
    found = silent_call()
    assert found is not None and [r.speakers for r in found.readings] == [(AGENT,) * 3] and found.readings[0].share == 1.0
    assert len(found.heard[AGENT].utterances) == 3 and not found.heard[CUSTOMER].utterances
    assert found.speech[CUSTOMER] == found.speech["unknown"] == () and "nobody" in found.note


@pytest.mark.parametrize(("spans", "shared"), [((Span(4.0, 4.3),), True), ((Span(4.0, 5.0),), False)])
def test_speech_without_words_on_a_silent_line_may_be_somebodys(spans: tuple[Span, ...], shared: bool) -> None:
    assert (silent_call(*spans) is not None) == shared


def test_who_asks_for_service_on_a_silent_line_is_no_agent() -> None:
    assert silent_call(lines=("喂你好我想查一下我的快递到哪了", "喂我的快递到哪了怎么不说话")) is None


def test_a_customers_words_on_a_silent_line_are_not_the_agents() -> None:
    assert silent_call(lines=(SILENT[0], "我想查一下我的快递到哪了有什么可以帮我的", SILENT[2])) is None
