"""Triggers that are written with other characters of the same sound."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, Scripted, phrase, say
from judge.doubted import ALL, CALIBRATED, HARDLY, SURELY, customer_says, found

from voicemon.judge.dialogue import lay_out
from voicemon.judge.finder import SAID, Finder
from voicemon.judge.judge import judge


@pytest.mark.parametrize(
    ("text", "doubted", "wanted", "meant"),
    [
        ("上海话我听误懂", "误", "听勿懂", "听勿懂"),  # no two characters together as in the wording
        ("想招你们是场部谈谈", "招是", "找{any:0-2}市场部", "找你们市场部"),  # short literals beside a wildcard
        ("麻烦帮我教一下你们那儿的人", "", "帮我叫{any:0-2}你们", "帮我叫一下你们"),  # four syllables and more: however sure it was
        ("你们老是哀搭不里", "哀里", "爱搭不理", "爱搭不理"),  # tones differ
        ("帮我定一间蒸的", "蒸", "定一间真的", "定一间真的"),  # nearly the same final
    ],
)
def test_what_sounds_the_same_is_found_where_the_sound_surely_agrees(text: str, doubted: str, wanted: str, meant: str) -> None:
    """The whole place is asked about, as it would then be written; what the sound denies or cannot tell sets nothing off."""
    hits = found(text, doubted, wanted, SURELY, meant)
    assert [f.state for f in hits] == [SAID] and len(hits[0].hits[0].quote) == len(meant)
    assert not found(text, doubted, wanted, HARDLY, meant)
    assert not found(text, doubted, wanted, None, meant)


@pytest.mark.parametrize(
    ("text", "doubted", "wanted"),
    [
        ("上海话我听误懂", "", "听勿懂"),  # the recogniser was sure of what it wrote
        ("我大错电化了", "", "打错电话"),  # twice
        ("我骂人", "骂", "我妈"),  # two syllables are part of too many words
        ("听务董", "务董", "听勿懂"),  # more than half is written otherwise
        ("他们老是哀搭不里", "哀里", "你们{any:0-3}爱搭不理"),  # its other part is not said
        ("你们老是最后哀搭不里", "哀里", "你们{any:0-3}爱搭不理"),  # too far apart
    ],
)
def test_other_words_are_not_taken_for_it(text: str, doubted: str, wanted: str) -> None:
    """However much the sound would speak for them."""
    looking = Finder(lay_out(customer_says(text, doubted)), CALIBRATED, Always(20.0))
    assert not looking.all_surely("customer", phrase(wanted), ALL)


class Always(Scripted):
    """The same log-ratio for whatever is asked."""

    def __init__(self, ratio: float) -> None:
        super().__init__({})
        self._always = ratio

    def log_ratio(self, *asked: object) -> float:
        return self._always


@pytest.mark.parametrize(("ratio", "is_found"), [(-3.0, False), (-2.0, True)])
def test_three_syllables_that_sound_the_same_are_told_by_the_words_around(ratio: float, is_found: bool) -> None:
    """你好，帮我 is no 你好棒: what is likelier beside these words is what the log-ratio of the same sound tells."""
    assert bool(found("你好帮我查一下", "帮", "你{any:0-1}好棒", ratio, "你好棒")) == is_found


def test_a_wording_does_not_reach_across_the_other_partys_words() -> None:
    facts = say("C: 我听 / A: 您请说 / C: 误懂")
    unsure = tuple(replace(u, words=tuple(replace(w, confidence=0.5) for w in u.words)) for u in facts.transcript)
    looking = Finder(lay_out(replace(facts, transcript=unsure)), CALIBRATED, Always(20.0))
    assert not looking.all_surely("customer", phrase("听勿懂"), ALL)


@pytest.mark.parametrize(("confidence", "expected"), [(0.5, "fail"), (0.95, "not_applicable")])
def test_a_rule_is_set_off_by_it(bench: Bench, confidence: float, expected: str) -> None:
    """An agent who is not understood has to apologise."""
    lost = '\n  lost: {kind: says, by: customer, says: ["听勿懂"]}\n'
    rule = bench.standard('when: lost, check: must_say, say: ["对不起"], where: call', events=lost)
    facts = customer_says("上海话我听误懂", "误", confidence)
    assert judge(facts, rule, Scripted({"听勿懂": SURELY}), "en", CALIBRATED)[0].outcome == expected
