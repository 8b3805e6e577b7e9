"""What the sound will say, foretold by what is written, and what it is therefore not asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, Scripted, phrase, say

from voicemon.judge.context import Context
from voicemon.judge.dialogue import lay_out
from voicemon.judge.finder import ABSENT, SAID, Finder
from voicemon.judge.foretelling import Foretelling, log_odds_of_others
from voicemon.judge.thresholds import Thresholds
from voicemon.phrase_limits import phrase_thresholds
from voicemon.records import Facts, Utterance, Word
from voicemon.speech.verifier import NO_SOUND

ALL = (0.0, 1e9)
NOISY = frozenset(("agent",))


def heard(text: str, confidence: float) -> Facts:
    """A call in which the agent says ``text`` and the recogniser is so sure of each character."""
    words = tuple(Word(c, 0.4 * k, 0.4 * (k + 1), confidence) for k, c in enumerate(text))
    return say("C: 嗯", transcript=(Utterance("agent", 0.0, 0.4 * len(text), text, confidence, words),))


def shipped() -> Thresholds:
    """Limits of the model that is shipped with them."""
    return phrase_thresholds(replace(say("A: 您好"), hearing={"model": "base"}))


def asked(text: str, confidence: float, wanted: str, noisy: frozenset[str] = frozenset(), **changes: None) -> tuple[str, set[str]]:
    """The state of ``wanted``, to which the sound would agree, and what the sound was asked."""
    sound = Scripted({wanted: 6.0})
    finder = Finder(lay_out(heard(text, confidence)), replace(shipped(), **changes), sound, noisy)
    return finder.best_of("agent", (phrase(wanted),), ALL).state, {question[5] for question in sound.asked if question[0] != NO_SOUND}


def test_the_surer_the_words_and_the_less_alike_the_lower_the_log_odds() -> None:
    """Both what the model confuses and what it leaves to other words count; long phrases by the syllable."""
    line = Foretelling(bias=2.4, misheard=1.3, others=0.95, margin=3.0)
    assert line.log_odds(2, -8.0, (0.9, 0.9)) < line.log_odds(2, -2.0, (0.9, 0.9)) < line.log_odds(2, -2.0, (0.5, 0.9))
    assert line.below(-2.7, 2, -8.0, (0.99, 0.99)) and not line.below(-2.7, 2, -2.0, (0.99, 0.99))
    assert not line.below(-9.0, 2, -8.0, (0.99, 0.99))


@pytest.mark.parametrize(("confidence", "least", "most"), [((1.0, 1.0), -7.0, -6.8), ((0.5,), -0.01, 0.01), ((0.0, 0.0), 18.0, 19.0)])
def test_what_other_words_may_have_been_is_always_a_number(confidence: tuple[float, ...], least: float, most: float) -> None:
    """Also of words that the recogniser was wholly sure of, or not at all."""
    assert least <= log_odds_of_others(confidence) <= most


def test_the_sound_is_not_asked_for_what_it_will_deny() -> None:
    """您还有其他问题吗 holds no 是吗: of 题 the recogniser was sure, and it does not write it for 是."""
    assert asked("您还有其他问题吗", 0.97, "是吗") == (ABSENT, set())
    assert asked("您还有其他问题吗", 0.97, "是吗", foretelling=None) == (SAID, {"是吗"})


@pytest.mark.parametrize(("text", "confidence", "wanted"), [("请收等", 0.97, "请稍等"), ("您好请问您是炉女是吗", 0.5, "失误")])
def test_it_is_asked_where_it_may_agree(text: str, confidence: float, wanted: str) -> None:
    """What the model often writes so, and words that it was not sure of."""
    assert asked(text, confidence, wanted) == (SAID, {wanted})
    assert asked("您好请问您是炉女是吗", 0.99, "失误") == (ABSENT, set())


def test_on_a_noisy_line_nothing_is_foretold() -> None:
    """There the recogniser is sure of wrong words too."""
    assert asked("您还有其他问题吗", 0.97, "是吗", NOISY) == (SAID, {"是吗"})


@pytest.mark.parametrize(("bias", "found"), [(2.4, True), (-9.0, False)])
def test_a_trigger_is_not_asked_for_where_the_sound_will_hardly_agree_surely(bias: float, found: bool) -> None:
    """怎么回数 is asked about for 怎么回事, but where a line foretells too little."""
    sound = Scripted({"怎么回事": 6.0})
    limits = replace(shipped(), foretelling=Foretelling(bias, 1.3, 0.95, 3.0))
    finder = Finder(lay_out(heard("三十九码怎么回数", 0.8)), limits, sound)
    assert bool(finder.all_surely("agent", phrase("怎么回事"), ALL)) == bool(sound.asked) == found


def test_limits_without_a_line_foretell_nothing() -> None:
    """Those of a model that was calibrated before, or never."""
    assert Thresholds().foretelling is None


def test_events_that_name_each_other_are_looked_at_without_sound_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve, each naming the one before twice: with what another event rules out, and nothing is asked for it."""
    events = '\n  e0: {kind: says, by: customer, says: ["我要投诉"], fuzzy: true}'
    for k in range(1, 13):
        events += f'\n  e{k}: {{kind: condition, condition: "e{k - 1} and (e{k - 1} or recorded)"}}'
    looked: list[str] = []
    detect = Context._detect
    monkeypatch.setattr(Context, "_detect", lambda self, name: looked.append(name) or detect(self, name))  # type: ignore[func-returns-value]
    sound = Scripted({"我要投诉": 9.0})
    call, said = "A: 嗯 / C: 我要头诉", 'check: must_say, say: ["您好"]'
    assert bench.outcome(f"when: e12 and price, {said}", call, sound, events=events) == "not_applicable"
    assert not sound.asked and len(looked) < 100
    assert bench.outcome(f"when: e12, {said}", call, sound, events=events) == "fail" and sound.asked
