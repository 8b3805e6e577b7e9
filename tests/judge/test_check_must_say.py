"""``must_say``: said, not said, perhaps said, said by the wrong party, and doubtful sound."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, Scripted, doubt, mono, say, utterance

from voicemon.judge.asking import common_phrases
from voicemon.judge.judge import judge
from voicemon.judge.thresholds import Thresholds
from voicemon.records import Span

RULE = 'when: thanks, check: must_say, say: ["我会尽快"]'
SAID, UNSAID, ALIKE = (f"A: 您好 / C: 谢谢 / A: {x}" for x in ("好我会尽快", "好的再见", "好我会请快"))


@pytest.mark.parametrize(
    ("call", "outcome"),
    [(SAID, "pass"), (UNSAID, "fail"), (ALIKE, "unsure"), ("A: 您好", "not_applicable"), ("A: 我会尽快 / C: 谢谢 / A: 好", "fail"),
     ("C: 谢谢我会尽快 / A: 好", "fail")],
)  # fmt: skip
def test_outcomes(bench: Bench, call: str, outcome: str) -> None:
    """After the trigger, by the agent; words before it or of the customer do not satisfy; what sounds alike is unsure."""
    assert bench.outcome(RULE, call) == outcome


@pytest.mark.parametrize(("ratio", "outcome"), [(0.0, "pass"), (-5.0, "unsure"), (-20.0, "fail")])
def test_the_sound_decides_what_sounds_alike(bench: Bench, ratio: float, outcome: str) -> None:
    """Confirmed, open or denied."""
    assert bench.outcome(RULE, ALIKE, Scripted({"我会尽快": ratio})) == outcome


def test_a_doubtful_stretch_makes_it_unsure(bench: Bench) -> None:
    """In the window and of that party; elsewhere or of the other it changes nothing, nor where the words are said."""
    assert bench.outcome(RULE, doubt(say(UNSAID), 3.0, 4.0)) == "unsure"
    assert bench.outcome(RULE, doubt(say(UNSAID), 0.0, 1.0)) == "fail"
    assert bench.outcome(RULE, doubt(say(UNSAID), 3.0, 4.0, "customer")) == "fail"
    assert bench.outcome(RULE, doubt(say(SAID), 3.0, 4.0)) == "pass"


def test_voices_not_told_apart_are_not_checked(bench: Bench) -> None:
    """Nobody can be charged."""
    assert bench.outcome(RULE, mono(say(UNSAID))) == "not_checked"


def test_a_party_without_one_word_is_not_checked(bench: Bench) -> None:
    """Nobody knows what was left out of a call in which nothing of that party is heard."""
    opening = 'check: must_say, where: opening, say: ["您好"]'
    assert bench.outcome(opening, "C: 喂有人吗") == "not_checked"
    assert bench.outcome(opening.replace("opening", "call"), "C: 喂有人吗") == "not_checked"
    assert bench.outcome(opening, "A: 喂 / C: 有人吗") == "fail"


def test_a_perhaps_trigger_is_unsure_never_fail(bench: Bench) -> None:
    """With the inner reason."""
    verdict = bench.verdict(RULE.replace("thanks", "thanks_perhaps"), UNSAID)
    assert verdict.outcome == "unsure" and "我会尽快" in verdict.reason
    assert bench.outcome(RULE.replace("thanks", "thanks_perhaps"), SAID) == "pass"


def test_a_fail_says_what_where_and_what_was_expected(bench: Bench) -> None:
    """The trigger is where to listen; what is missing of a phrase is named."""
    verdict = bench.verdict('when: thanks, check: must_say, say: ["好的…我会尽快|尽快"]', UNSAID)
    assert (verdict.expected, verdict.reason) == ("好的…我会尽快", "the wording is incomplete: “我会尽快” is missing")
    missed = bench.verdict(RULE, "A: 您好 / C: 谢谢")
    assert (missed.outcome, missed.spans) == ("fail", ((1.4, 2.2),))


def test_each_asks_after_every_trigger(bench: Bench) -> None:
    """Without it one is enough."""
    call = "C: 谢谢 / A: 不客气 / C: 谢谢 / A: 再见"
    rule = 'when: thanks, check: must_say, say: ["不客气"], where: reply'
    assert bench.outcome(rule, call) == "pass"
    assert bench.outcome(rule + ", each: true", call) == "fail"
    assert bench.outcome(rule, "C: 谢谢 / A: 再见 / C: 谢谢 / A: 不客气") == "pass"


def test_without_each_the_first_trigger_tells_why_nothing_was_said(bench: Bench) -> None:
    """Only a saying after a later one changes that."""
    rule = 'when: thanks, check: must_say, say: ["不客气"], where: reply'
    missed = bench.verdict(rule, "C: 谢谢 / A: 再见 / C: 谢谢 / A: 好的 / C: 谢谢 / A: 没事")
    assert (missed.outcome, missed.spans) == ("fail", ((0.0, 0.8),))
    said = bench.verdict(rule, "C: 谢谢 / A: 再见 / C: 谢谢 / A: 不客气 / C: 谢谢 / A: 没事")
    assert (said.outcome, said.quote) == ("pass", "不客气")
    perhaps = bench.verdict(rule, "C: 谢谢 / A: 不可气 / C: 谢谢 / A: 好的")
    assert (perhaps.outcome, perhaps.quote) == ("unsure", "不可气")


@pytest.mark.parametrize("more", ["times: 2", 'unless: ["经理没空"]'])
def test_a_reason_names_words_and_no_list_of_the_pack(bench: Bench, more: str) -> None:
    """没有说“{help}” tells nobody what was missing."""
    verdict = bench.verdict(f'check: must_say, where: call, say: ["{{help}}"], {more}', "A: 经理没空", more='words:\n  help: "经理|主管"\n')
    assert verdict.outcome == "fail" and "经理" in verdict.reason and "{" not in verdict.reason


@pytest.mark.parametrize(("times", "outcome"), [(2, "pass"), (3, "fail")])
def test_times(bench: Bench, times: int, outcome: str) -> None:
    """So many sayings."""
    assert bench.outcome(f'check: must_say, say: ["喂"], times: {times}', "A: 喂喂") == outcome


def test_before_an_event(bench: Bench) -> None:
    """Said too late is not said."""
    rule = 'check: must_say, say: ["您好"], where: call, before: thanks'
    assert bench.outcome(rule, "A: 您好 / C: 谢谢") == "pass"
    assert bench.outcome(rule, "A: 喂 / C: 谢谢 / A: 您好") == "fail"
    assert bench.outcome(rule, "A: 喂 / A: 您好") == "pass"


@pytest.mark.parametrize("otherwise", ["fail", "unsure", "not_applicable"])
def test_otherwise(bench: Bench, otherwise: str) -> None:
    """What absence means is the pack's choice."""
    assert bench.outcome(f"{RULE}, otherwise: {otherwise}", UNSAID) == otherwise
    assert bench.outcome(f"{RULE}, where: reply, otherwise: {otherwise}", "A: 您好 / C: 谢谢") == otherwise


def test_by_the_customer(bench: Bench) -> None:
    """The other party may be meant."""
    assert bench.outcome('check: must_say, say: ["谢谢"], by: customer', "A: 谢谢 / C: 好") == "fail"
    assert bench.outcome('check: must_say, say: ["谢谢"], by: customer', "A: 好 / C: 谢谢") == "pass"


def test_a_misheard_saying_counts_beside_an_exact_one(bench: Bench) -> None:
    """Asked for twice, it was said twice, and the first time misspelt; without the sound that is open."""
    call = "A: 柚什么可以帮您 / C: 嗯 / A: 有什么可以帮您"
    rule = 'check: must_say, say: ["有什么可以帮您"], times: 2, where: call'
    assert bench.outcome(rule, call, Scripted({"有什么可以帮您": 9.0})) == "pass"
    assert bench.outcome(rule, call) == "unsure"
    assert bench.outcome(rule, call, Scripted({"有什么可以帮您": -40.0})) == "fail"


@pytest.mark.parametrize(
    ("words", "outcome"),
    [("经理没空理您", "fail"), ("请经理跟您谈", "pass"), ("经理没空我请经理明天打给您", "pass"), ("别的事我不管", "fail"),
     ("经理眉空理您", "unsure"), ("经理眉空我请经理明天打给您", "pass")],
)
def test_what_is_part_of_an_exception_is_not_said(bench: Bench, words: str, outcome: str) -> None:
    """A superior who has no time is not offered; one who is offered in the same breath is.

    What only sounds like the exception does not accuse.
    """
    rule = 'when: thanks, check: must_say, say: ["经理"], unless: ["经理没空"]'
    assert bench.outcome(rule, f"A: 您好 / C: 谢谢 / A: {words}") == outcome


@pytest.mark.parametrize("words", ["好的再见", "请挂机前"], ids=["nothing", "excepted"])
@pytest.mark.parametrize(("confidence", "outcome"), [(0.95, "fail"), (0.45, "pass")])
def test_an_exception_leaves_doubtful_words_to_be_asked_about(bench: Bench, words: str, confidence: float, outcome: str) -> None:
    """What is excepted was not said: then doubtful words after it are asked about, as they are where nothing was found at all."""
    call, later = say(f"A: 您好 / C: 谢谢 / A: {words}"), utterance("agent", 6.0, "那 当 然")
    guessed = replace(later, words=tuple(replace(w, confidence=confidence) for w in later.words))
    facts = replace(call, transcript=(*call.transcript, guessed), speech={**call.speech, "agent": (*call.speech["agent"], Span(6.0, 7.2))})
    rule = 'when: thanks, check: must_say, say: ["请挂机"], unless: ["请挂机前"]'
    heard = Scripted({**dict.fromkeys(common_phrases(3), -20.0), "请挂机": 2.0 if confidence < 0.5 else -20.0})
    assert judge(facts, bench.standard(rule), heard, "en", Thresholds())[0].outcome == outcome
