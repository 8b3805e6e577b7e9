"""Small calls, small packs and a scripted recogniser for the tests of judging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from voicemon.judge.context import Context
from voicemon.judge.examples import example_facts
from voicemon.judge.judge import judge
from voicemon.judge.loader import load_standard
from voicemon.judge.phrases import Phrase, compile_phrase
from voicemon.judge.standard import Standard
from voicemon.records import AuditMark, Facts, Roles, Utterance, Verdict, Word

EVENTS = """
  thanks: {kind: says, by: customer, says: ["谢谢"]}
  thanks_perhaps: {kind: says, by: customer, says: ["谢谢"], weak: true}
  price: {kind: says, by: customer, says: ["多少钱"]}
  recorded: {kind: sidecar, field: recorded, is: true}
  recorded_or_not: {kind: sidecar, field: recorded, is: true, if_missing: no}
"""


def say(line: str, **changes: Any) -> Facts:
    """The facts of a little call (``A: 您好 / C: 谢谢``: 0.4 s a character, 0.6 s between turns), with fields replaced."""
    return replace(example_facts(line), **changes)


def doubt(facts: Facts, start_s: float, end_s: float, speaker: str = "agent") -> Facts:
    """``facts`` with a stretch in which the speaker's words cannot be trusted."""
    return replace(facts, audit=(*facts.audit, AuditMark("speech_without_words", start_s, end_s, speaker)))


def mono(facts: Facts) -> Facts:
    """``facts`` of a recording in which the voices are not told apart."""
    roles = Roles(None, None, "unknown", 0.0, "one channel")
    return replace(facts, roles=roles, transcript=tuple(replace(u, speaker="unknown") for u in facts.transcript), speech={})


def utterance(speaker: str, start_s: float, words: str, end_s: float | None = None) -> Utterance:
    """An utterance whose words (parted by spaces) are spread evenly over its time (0.4 s a character)."""
    pieces = words.split()
    end_s = start_s + 0.4 * len("".join(pieces)) if end_s is None else end_s
    step_s = (end_s - start_s) / max(1, len(pieces))
    timed = tuple(Word(w, start_s + k * step_s, start_s + (k + 1) * step_s, 0.9) for k, w in enumerate(pieces))
    return Utterance(speaker, start_s, end_s, "".join(pieces), 0.9, timed)


def phrase(written: str, **words: str) -> Phrase:
    """A compiled phrase."""
    return compile_phrase(written, words)


def write_pack(folder: Path, rules: str, events: str = "", more: str = "", name: str = "small.yaml") -> Path:
    """Write a pack with the events above, ``events`` besides, and the YAML lines ``rules`` of its rules."""
    text = f'name: small\ntitle: "small"\nversion: "1"\n{more}\nevents:{EVENTS}{events}\nrules:\n{rules}\n'
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rule_line(options: str, rule_id: str = "R", evidence: str = "direct") -> str:
    """A rule in one line, its check and options in YAML's flow style."""
    return f'- {{id: {rule_id}, title: t, quote: q, evidence: {evidence}, {options}, examples: {{fires: [], quiet: ["A: 您好"]}}}}'


@dataclass(frozen=True)
class Bench:
    """A folder for packs; judges one rule on one call."""

    folder: Path

    def standard(self, options: str, events: str = "", evidence: str = "direct", more: str = "") -> Standard:
        return load_standard(write_pack(self.folder, rule_line(options, evidence=evidence), events, more))

    def verdict(self, options: str, call: str | Facts, verifier: Any = None, **pack: str) -> Verdict:
        facts = say(call) if isinstance(call, str) else call
        return judge(facts, self.standard(options, **pack), verifier, lang="en")[0]

    def outcome(self, options: str, call: str | Facts, verifier: Any = None, **pack: str) -> str:
        return self.verdict(options, call, verifier, **pack).outcome

    def context(self, call: str | Facts, events: str = "", more: str = "") -> Context:
        facts = say(call) if isinstance(call, str) else call
        return Context(facts, self.standard('check: must_say, say: ["您好"]', events=events, more=more))


@dataclass(frozen=True)
class Scripted:
    """A recogniser that answers by script: log-ratio by phrase, ``None`` for all others. Remembers what it was asked."""

    ratios: Mapping[str, float | None]
    asked: list[tuple[str, float, float, str, str, str, str]] = field(default_factory=list)

    def log_ratio(self, party: str, start_s: float, end_s: float, before: str, heard: str, phrase: str, after: str = "") -> float | None:
        self.asked.append((party, start_s, end_s, before, heard, phrase, after))
        return self.ratios.get(phrase)
