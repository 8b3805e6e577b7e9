"""Triggers that are nearly written, on a line that is heard well."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, Scripted, phrase, say
from judge.doubted import ALL, CALIBRATED, HARDLY, SURELY, customer_says, found

from voicemon.judge.dialogue import lay_out
from voicemon.judge.finder import SAID, Finder
from voicemon.judge.judge import judge
from voicemon.speech.confusions import Confusions, pair
from voicemon.speech.pinyin import syllables


@pytest.mark.parametrize(
    ("text", "doubted", "wanted"),
    [
        ("你们老是爱大不理", "大", "爱搭不理"),  # the same sound
        ("刚才我闪门大楼", "闪楼", "嗓门大了"),  # one part of a syllable differs
        ("我被太度太差气的", "太", "态度太差"),
        ("害我摆跑一趟", "摆", "害我白"),  # three syllables: the same but for the tones
    ],
)
def test_what_is_nearly_written_is_found_where_the_sound_surely_agrees(text: str, doubted: str, wanted: str) -> None:
    """Never by half: what the sound does not surely agree with, or cannot be asked about, sets nothing off, not even perhaps."""
    assert [f.state for f in found(text, doubted, wanted)] == [SAID]
    assert not found(text, doubted, wanted, HARDLY)
    assert not found(text, doubted, wanted, None)


@pytest.mark.parametrize(
    ("text", "doubted", "wanted"),
    [
        ("你们老是爱它不理", "", "爱搭不理"),  # the recogniser was sure of what it wrote
        ("您一定给我发黑色", "", "给我发个"),
        ("爱嗒卜理", "嗒卜", "爱搭不理"),  # no two characters together as in the wording
        ("姥艾答不理", "姥艾答", "老爱搭不理"),  # more than half is written otherwise
        ("怎么回数", "数", "怎么回事吗"),  # more syllables than are written
        ("帮我订位", "位", "帮我定货"),  # 位 sounds nothing like 货
        ("为您大声一点", "为您", "喂你大声"),  # a polite word is never taken for the other one
        ("说话太冲", "冲", "太重"),  # two syllables are part of too many words
        ("话说朋友", "朋", "话说重"),  # of three syllables nearly all must sound the same
    ],
)
def test_other_words_are_not_asked_about(text: str, doubted: str, wanted: str) -> None:
    """However much the sound would speak for them."""
    assert not found(text, doubted, wanted, 20.0)


def test_what_the_model_often_writes_for_it_is_asked_about_too() -> None:
    """心不见 sounds too little like 听不见 for three syllables; of a model that is known to write 心 for 听 it is worth asking."""
    counts = {pair(*syllables(both)): times for both, times in (("听心", 30), ("听听", 70), ("心心", 60), ("不不", 90), ("见见", 90))}
    assert not found("我心不见", "心", "听不见")
    assert [f.state for f in found("我心不见", "心", "听不见", limits=replace(CALIBRATED, confusions=Confusions(counts)))] == [SAID]


@pytest.mark.parametrize(
    ("text", "doubted", "wanted", "ratio", "is_found"),
    [
        ("您好请问还有什么可以帮听", "您好请问听", "您好请问还有什么可以帮您", -5.0, False),
        ("您好请问还有什么可以帮听", "您好请问听", "您好请问还有什么可以帮您", -3.0, True),
        ("您好非常感谢您的来店谢谢", "您好非常店", "您好非常感谢您的来电谢谢", -5.0, True),  # sounds the same: told by the words beside
    ],
)
def test_much_that_is_alike_does_not_hide_what_the_sound_denies(text: str, doubted: str, wanted: str, ratio: float, is_found: bool) -> None:
    """The log-ratio is of the whole wording: in a long one eleven right characters outweigh a wrong one."""
    assert bool(found(text, doubted, wanted, ratio)) == is_found


def test_a_wording_does_not_reach_across_the_other_partys_words() -> None:
    """爱 of one turn and 大不理 of the next are no 爱搭不理."""
    facts = say("C: 我爱 / A: 您请说 / C: 大不理")
    unsure = tuple(replace(u, words=tuple(replace(w, confidence=0.5) for w in u.words)) for u in facts.transcript)
    looking = Finder(lay_out(replace(facts, transcript=unsure)), CALIBRATED, Scripted({"爱搭不理": 20.0}))
    assert not looking.all_surely("customer", phrase("爱搭不理"), ALL)


def test_one_part_of_a_wording_with_wildcards_may_be_nearly_written() -> None:
    """That part alone is asked about, the others must be written; of less than four syllables none."""
    wanted = "你们{any:0-3}爱搭不理"
    hits = found("你们老是爱大不理的", "大", wanted, asked="爱搭不理")
    assert [f.hits[0].quote for f in hits] == ["你们老是爱大不理"]
    assert not found("他们老是爱大不理的", "大", wanted, asked="爱搭不理")
    assert not found("你们老是害我摆跑", "摆", "你们{any:0-3}害我白", asked="害我白")


def test_every_saying_is_found_once() -> None:
    """Written right, and before and after it nearly."""
    hits = found("爱大不理爱搭不理爱打不理", "大打", "爱搭不理")
    assert [f.hits[0].quote for f in hits] == ["爱大不理", "爱搭不理", "爱打不理"]


@pytest.mark.parametrize(("confidence", "expected"), [(0.5, "fail"), (0.95, "not_applicable")])
def test_a_rule_is_set_off_by_a_complaint_that_was_misspelt(bench: Bench, confidence: float, expected: str) -> None:
    """An agent who is complained of has to apologise."""
    complains = '\n  complains: {kind: says, by: customer, says: ["爱搭不理"]}\n'
    rule = bench.standard('when: complains, check: must_say, say: ["对不起"], where: call', events=complains)
    facts = customer_says("你们老是爱它不理", "它", confidence)
    assert judge(facts, rule, Scripted({"爱搭不理": SURELY}), "en", CALIBRATED)[0].outcome == expected
