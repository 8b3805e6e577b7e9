"""Examples beside rules: little calls built from a line, judged, and reported where they answer wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest
from judge.builders import write_pack

from voicemon.errors import PackError
from voicemon.judge.examples import example_facts, run_examples
from voicemon.judge.loader import load_standard


def test_speech_takes_its_time() -> None:
    """0.4 s a character, 0.6 s between turns, on the speaker's side."""
    facts = example_facts("A: 您好 / C: 15号")
    assert [(u.speaker, round(u.start_s, 2), round(u.end_s, 2)) for u in facts.transcript] == [("agent", 0.0, 0.8), ("customer", 1.4, 2.6)]
    assert [len(facts.speech[p]) for p in ("agent", "customer")] == [1, 1] and facts.call.duration_s == pytest.approx(2.6)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("C: 喂 / W: 9 / A: 您好", "response"), ("C: 喂 / A: 稍等 / W: 9 / A: 您好", "hold"), ("A: 您好 / C: 喂 / W: 9 / C: 喂", "dead_air"),  # noqa: E501
        ("A: 您好 / W: 9 / A: 喂", "silent_line"), ("A: 您好 / C: 喂 / W: 9", "closing"),
    ],
)  # fmt: skip
def test_waits_have_the_kind_of_their_place(line: str, kind: str) -> None:
    """By who speaks before and after; shorter than two seconds is none."""
    assert [w.kind for w in example_facts(line).measures.waits] == [kind]
    assert example_facts(line.replace("W: 9", "W: 1.9")).measures.waits == ()


def test_cuts_levels_drawls_direction_and_time() -> None:
    """The other parts."""
    facts = example_facts("out / at: 2026-01-01T09:00:00+08:00 / C: 我想问 / CUT: 等等 / A: [-40]好～～")
    (cut,) = facts.measures.interruptions
    assert (cut.by, cut.start_s, cut.backchannel) == ("agent", pytest.approx(0.2), False)
    assert (facts.call.direction, facts.call.started_at) == ("outbound", "2026-01-01T09:00:00+08:00")
    assert facts.measures.level["agent"].turns[-1].level_dbov == -40.0
    assert facts.transcript[-1].end_s - facts.transcript[-1].start_s == pytest.approx(1.4)


def test_sidecar_fields_and_measures() -> None:
    """As JSON, by dotted path."""
    facts = example_facts('S: a.b = [1, "x"] / M: level.agent.snr_db = 3.5 / M: ring.count = null / A: 您好')
    assert facts.sidecar == {"a.b": [1, "x"]} and facts.measures.level["agent"].snr_db == 3.5 and facts.measures.ring.count is None


@pytest.mark.parametrize("line", ["B: 您好", "您好", "S: a = yes", "M: ring.count = many"])
def test_what_cannot_be_read_is_refused(line: str) -> None:
    """With the part that is wrong."""
    with pytest.raises(PackError) as refused:
        example_facts(line)
    assert "example: " in str(refused.value)


def test_examples_that_answer_wrongly_are_listed(tmp_path: Path) -> None:
    """Both kinds; unsure is wrong in both; none means all are right."""
    rule = '- {id: R, title: t, quote: q, evidence: direct, check: must_say, when: thanks, say: ["不客气"], examples: {fires: [%s], quiet: [%s]}}'  # noqa: E501
    good = load_standard(write_pack(tmp_path, rule % ('"C: 谢谢 / A: 好"', '"C: 谢谢 / A: 不客气", "C: 好"')))
    assert run_examples(good) == ()
    bad = load_standard(write_pack(tmp_path, rule % ('"C: 谢谢 / A: 不客气"', '"C: 谢谢 / A: 好", "C: 谢谢 / A: 不可气"')))
    wrong = run_examples(bad)
    assert [w.split(": ")[1] for w in wrong] == ["fires", "quiet", "quiet"]
    assert "gave pass" in wrong[0] and "gave fail" in wrong[1] and "gave unsure" in wrong[2] and "R (line " in wrong[0]


def test_a_hint_counts_as_firing(tmp_path: Path) -> None:
    """Proxy rules cannot fail."""
    rule = (
        '- {id: R, title: t, quote: q, evidence: proxy, check: must_say, say: ["您好"], examples: {fires: ["A: 喂"], quiet: ["A: 您好"]}}'
    )
    assert run_examples(load_standard(write_pack(tmp_path, rule))) == ()
