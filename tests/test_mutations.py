"""What is changed in a recording and which verdicts must flip, found from the verdicts alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from judge.builders import Bench, mono, say

from voicemon.audio.decode import Recording
from voicemon.judge.judge import judge
from voicemon.mutations import KINDS, Mutation, Original, later, without_words
from voicemon.records import Facts, Level, Reading, Span, SpeakingRate, Wait
from voicemon.settings import MUTATIONS

RATE_HZ = 8000
LINE = "A: 您好紫金 / C: 有货吗 / A: 有的您来看看 / C: 好 / A: 谢谢再见"
GREETING = 'check: must_say, say: ["您好"]'
LEVEL = "check: measure, path: level.agent.active_level_dbov, least: -36, tolerance: 0.5, error: 1"
SPEED = "check: measure, path: speaking_rate.agent.per_minute_of_turns, most: 160, tolerance_share: 0.02, error_share: 0.03"
ANSWER = "check: respond, when: asked, within_s: 5"
ASKED = '\n  asked: {kind: says, by: customer, says: ["有货吗"]}\n'


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def original(bench: Bench, rule: str, facts: Facts, **pack: Any) -> Original:
    standard = bench.standard(rule, **pack)
    samples = np.random.default_rng(1).normal(0, 200, (2, round(facts.call.duration_s * RATE_HZ))).astype(np.int16)
    recording = Recording(Path("x.wav"), "0" * 64, RATE_HZ, samples, "pcm_s16le")
    return Original(recording, facts, standard, {v.rule: v for v in judge(facts, standard)})


def mutate(kind: str, bench: Bench, rule: str, facts: Facts, **pack: Any) -> Mutation | None:
    return KINDS[kind](original(bench, rule, facts, **pack))


def measured(rate: float = 150.0, level: float = -24.0) -> Facts:
    facts = say(LINE)
    measures = replace(facts.measures, speaking_rate={"agent": SpeakingRate(per_minute_of_turns=rate)},
                       level={"agent": Level(active_level_dbov=level)})
    return replace(facts, measures=measures)


def test_every_kind_can_be_chosen_on_the_command_line() -> None:
    assert tuple(KINDS) == MUTATIONS


def test_the_words_that_kept_a_rule_are_silenced_on_the_agents_channel(bench: Bench) -> None:
    found = mutate("phrase", bench, GREETING, say(LINE))
    assert found is not None and [(t.rule, t.before, t.wanted) for t in found.targets] == [("R", "pass", "fail")]
    before = original(bench, GREETING, say(LINE)).recording.samples
    changed = np.flatnonzero(found.samples[0] != before[0]) / RATE_HZ
    hit = say(LINE).transcript[0]
    assert np.array_equal(found.samples[1], before[1])
    assert hit.start_s - 0.11 <= changed.min() and changed.max() <= hit.start_s + 0.8 + 0.11


@pytest.mark.parametrize(("rule", "line"), [
    (GREETING, "A: 您好紫金 / C: 有货吗 / A: 您好有的"),  # said again
    (GREETING + ", otherwise: unsure", LINE),
    (GREETING, "A: 喂 / C: 有货吗"),  # was not kept
    (GREETING + ", kept_when: thanks", "A: 您好紫金 / C: 谢谢 / A: 好"),
    ('check: must_say, when: greeted, say: ["您好"]', LINE),  # the words are the trigger too
    ('check: must_not_say, say: ["滚"]', LINE)])
def test_a_rule_that_may_be_kept_all_the_same_is_left_alone(bench: Bench, rule: str, line: str) -> None:
    events = '\n  greeted: {kind: says, by: agent, says: ["您好"]}\n'
    assert mutate("phrase", bench, rule, say(line), events=events) is None


def test_where_voices_are_not_told_apart_nothing_is_changed(bench: Bench) -> None:
    facts = mono(measured())
    assert [mutate(kind, bench, rule, facts, events=ASKED) for kind, rule in (
        ("phrase", GREETING), ("wait", ANSWER), ("rate", SPEED), ("level", LEVEL))] == [None] * 4


def test_a_wait_longer_than_the_limit_is_put_before_the_answer(bench: Bench) -> None:
    facts = say(LINE)
    question, answer = facts.transcript[1], facts.transcript[2]
    found = mutate("wait", bench, ANSWER, facts, events=ASKED)
    assert found is not None and found.targets[0].wanted == "fail"
    assert found.samples.shape[1] / RATE_HZ == pytest.approx(facts.call.duration_s + 8.0, abs=0.01)
    before = original(bench, ANSWER, facts, events=ASKED).recording.samples
    after_answer = round(answer.start_s * RATE_HZ)
    assert np.array_equal(found.samples[:, : round(question.end_s * RATE_HZ)], before[:, : round(question.end_s * RATE_HZ)])
    assert np.array_equal(found.samples[:, after_answer + 8 * RATE_HZ :], before[:, after_answer:])


def test_a_hold_that_was_short_enough_is_made_too_long(bench: Bench) -> None:
    facts = say("A: 请稍等 / W: 20 / A: 让您久等了")
    wait = next(w for w in facts.measures.waits if w.end_s - w.start_s > 10)
    facts = replace(facts, measures=replace(facts.measures, waits=(Wait("hold", wait.start_s, wait.end_s, True),)))
    found = mutate("wait", bench, "check: hold_gap, when: held, most_s: 60, otherwise: unsure", facts,
                   events="\n  held: {kind: hold, longer_s: 8}\n")
    assert found is not None and found.targets[0].wanted == "unsure"
    assert found.samples.shape[1] / RATE_HZ - facts.call.duration_s == pytest.approx(60 + 1 + 3 - 20, abs=1.0)


def test_times_of_the_sidecar_after_the_wait_come_later_and_a_mute_around_it_lasts_longer() -> None:
    side = {"mutes": [{"start_s": 5.0, "duration_s": 10.0}, {"start_s": 20.0, "duration_s": 1.0}], "transfers": [{"at_s": 2.0, "to": "x"}],
            "released_after_s": 1.0, "ring_s": 30.0}
    assert later(side, 8.0, 4.0) == {
        "mutes": [{"start_s": 5.0, "duration_s": 14.0}, {"start_s": 24.0, "duration_s": 1.0}], "transfers": [{"at_s": 2.0, "to": "x"}],
        "released_after_s": 1.0, "ring_s": 30.0}


def test_the_rate_is_raised_beyond_limit_tolerance_and_error_but_not_beyond_understanding(bench: Bench) -> None:
    found = mutate("rate", bench, SPEED, measured(150.0))
    assert found is not None and found.done == f"agent {1.15 * 160 / 0.95 / 150:.2f} times as fast"
    assert mutate("rate", bench, SPEED, measured(70.0)) is None


def test_the_level_is_lowered_below_limit_tolerance_and_error_but_not_below_hearing(bench: Bench) -> None:
    found = mutate("level", bench, LEVEL, measured(level=-24.0))
    assert found is not None and found.done == "agent 16.5 dB lower"
    assert mutate("level", bench, LEVEL.replace("-36", "-52"), measured(level=-24.0)) is None


def test_a_broken_rule_and_a_mere_indication_are_no_targets(bench: Bench) -> None:
    assert mutate("level", bench, LEVEL, measured(level=-50.0)) is None
    assert mutate("level", bench, LEVEL, measured(), evidence="proxy") is None


def test_readings_stay_in_step_with_the_words_that_are_left() -> None:
    facts = replace(say("A: 您好 / C: 有货吗 / A: 有的"), readings=(Reading(1.0, ("agent", "customer", "agent")),))
    first = facts.transcript[0]
    left = without_words(facts, [Span(first.start_s, first.end_s)])
    assert [u.text for u in left.transcript] == ["有货吗", "有的"] and left.readings[0].speakers == ("customer", "agent")


def test_facts_without_words_keep_everybody_elses() -> None:
    facts = say(LINE)
    first = facts.transcript[0]
    left = without_words(facts, [Span(first.start_s, facts.transcript[1].end_s)])
    assert "您好" not in "".join(u.text for u in left.transcript) and "有货吗" in "".join(u.text for u in left.transcript)
