"""Courtesies that a recogniser surely writes otherwise on a badly heard line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judge.builders import Bench, Scripted, phrase, say

from voicemon.judge.courtesies import courtesies
from voicemon.judge.dialogue import lay_out
from voicemon.judge.finder import ABSENT, MAYBE, SAID, Finder
from voicemon.judge.judge import judge
from voicemon.judge.thresholds import Thresholds, Weights
from voicemon.records import Facts, Level

ALL = (0.0, 1e9)
CALIBRATED = Thresholds(weights=Weights(ratio=1.3, similarity=11.0, alone=-0.45, bias=-7.9), accept=-1.2, reject=-3.0, accept_strictly=-0.3)
NOISY = frozenset(("agent",))
SORRY = "对不起"
REFUSAL = '\n  refuses: {kind: says, by: agent, says: ["不行"]}\n'


def finder(text: str, ratios: dict[str, float | None], noisy: frozenset[str] = NOISY) -> Finder:
    """Of a call in which an agent surely says ``text``, with log-ratios of the sound by phrase."""
    return Finder(lay_out(say(text)), CALIBRATED, Scripted(ratios), noisy)


def due(text: str, ratio: float | None, wanted: str = SORRY, noisy: frozenset[str] = NOISY) -> str:
    """State of a phrase that is due, with that log-ratio."""
    return finder(text, {wanted: ratio}, noisy).best_of("agent", (phrase(wanted),), ALL).state


def on_a_noisy_line(call: str) -> Facts:
    """The facts of a little call whose agent's line has much noise."""
    facts = say(call)
    level = Level(active_level_dbov=-26.0, snr_db=8.0)
    return replace(facts, measures=replace(facts.measures, level={"agent": level}))


def outcome(bench: Bench, rule: str, facts: Facts, ratio: float | None) -> str:
    """Of one rule, with that log-ratio of 对不起."""
    return judge(facts, bench.standard(rule, events=REFUSAL), Scripted({SORRY: ratio}), "en", CALIBRATED)[0].outcome


@pytest.mark.parametrize(("ratio", "state"), [(3.0, SAID), (-3.0, MAYBE), (-10.0, ABSENT), (None, ABSENT)])
def test_a_courtesy_that_opens_is_asked_about_though_other_words_are_sure(ratio: float | None, state: str) -> None:
    """最不行 was written with a confidence of 0.98 where 对不起 was said; the words hardly sound alike."""
    assert due("A: 最不行 / C: 嗯", ratio) == state


@pytest.mark.parametrize(
    ("text", "wanted", "noisy"),
    [
        ("A: 最不行", SORRY, frozenset[str]()),  # a quiet line: sure words are right
        ("A: 我看最不行", SORRY, NOISY),  # within a sentence
        ("A: 你看着办", SORRY, NOISY),  # nothing sounds alike
        ("A: 最不行", "对不住", NOISY),  # no courtesy of the list
    ],
)
def test_elsewhere_sure_words_hide_no_courtesy(text: str, wanted: str, noisy: frozenset[str]) -> None:
    """However much the sound would speak for it."""
    assert due(text, 9.0, wanted, noisy) == ABSENT


@pytest.mark.parametrize(("ratio", "expected"), [(3.0, "not_applicable"), (-3.0, "unsure"), (-10.0, "fail")])
def test_a_misheard_courtesy_sets_nothing_off(bench: Bench, ratio: float, expected: str) -> None:
    """不行 in 最不行, written for 对不起, is no refusal; where both are near it is left open."""
    rule = 'when: refuses, check: must_say, say: ["很遗憾"], where: call'
    assert outcome(bench, rule, on_a_noisy_line("A: 最不行，线路正在调整 / C: 嗯"), ratio) == expected


@pytest.mark.parametrize(("ratio", "expected"), [(3.0, "unsure"), (-10.0, "fail")])
def test_a_misheard_courtesy_is_no_forbidden_word(bench: Bench, ratio: float, expected: str) -> None:
    """Nor may it accuse by itself."""
    assert outcome(bench, 'check: must_not_say, say: ["不行"]', on_a_noisy_line("A: 最不行 / C: 嗯"), ratio) == expected


@pytest.mark.parametrize("text", ["A: 不行 / C: 嗯", "A: 这个不行 / C: 嗯", "A: 不行就是不行 / C: 嗯"])
def test_a_refusal_stays_one(bench: Bench, text: str) -> None:
    """Words that stand elsewhere, or are too unlike a courtesy, convict on a noisy line as before."""
    assert outcome(bench, 'check: must_not_say, say: ["不行"]', on_a_noisy_line(text), 9.0) == "fail"


@pytest.mark.parametrize(("rival", "found"), [(7.0, False), (1.0, True)])
def test_words_found_by_their_sound_must_beat_other_fixed_phrases(rival: float, found: bool) -> None:
    """充不懂 is written for 听不懂: 懂不懂 sounds more alike, but the sound prefers the other."""
    call = finder("A: 充不懂您说的话", {"懂不懂": 6.0, "听不懂": rival})
    assert bool(call.all_surely("agent", phrase("懂不懂"), ALL)) == found


def test_the_list_holds_fixed_phrases_of_three_characters_and_more() -> None:
    """Two syllables sound like too much."""
    listed = courtesies()
    assert set(listed) == {"opening", "anywhere"} and all(len(p) >= 3 for phrases in listed.values() for p in phrases)
