"""Reviews by people: appeals are taken in, verdicts upheld or overturned. All is appended to the record, nothing replaced."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .errors import OutputError, SettingsError
from .known_standards import known_standards, standard_named
from .names import printable
from .overview import language_of, overview
from .pipeline import tell
from .records import OUTCOMES, CallReport, ReviewEntry
from .report.reviews import APPEAL, OVERTURN, UPHOLD
from .store import Store, check_is_out, existing, opened

APPEAL_FORMAT = "voicemon-appeal"
APPEAL_VERSION = 1
APPEAL_KEYS = ("format", "version", "call_id", "rule", "agent_id", "note")
MOST_FILE_BYTES = 20_000
MOST_NOTE_CHARACTERS = 2_000
MOST_NAME_CHARACTERS = 100
# What a person most likely means by overturning without saying more; of the others nobody can guess it.
OPPOSITES = {"fail": "pass", "hint": "pass", "pass": "fail"}


@dataclass(frozen=True)
class Decision:
    """What a supervisor decides: ``uphold`` or overturn (then ``outcome`` is what is right, ``None``: the opposite), by whom and why."""

    call_id: str
    rule: str
    uphold: bool
    by: str
    reason: str
    outcome: str | None = None


@dataclass(frozen=True)
class OpenPoint:
    """A verdict that waits for a person: an open appeal (``kind`` ``appeal``, with the agent's ``note``) or an ``unsure`` one."""

    kind: str
    call_id: str
    rule: str
    title: str
    outcome: str
    at_s: float | None
    by: str
    note: str


def add_appeal(file: Path, out: Path, standard: str | None = None, address: str | None = None) -> ReviewEntry:
    """Take an ``appeal-….json`` of an agent's page into OUT and write the reports of the call again.

    Raises :class:`SettingsError` for a file that is not exactly that, is about no verdict in OUT, is about another agent's call, or is in
    already; :class:`OutputError` when OUT cannot be written.
    """
    appeal = _read_appeal(file)
    with _opened(out, address, appeal["call_id"], appeal["rule"]) as case:
        if appeal["agent_id"] != (case.report["call"].get("agent_id") or "").strip():
            raise SettingsError(f"{printable(file)}: is by another agent than the one of call {printable(appeal['call_id'])}")
        note = appeal["note"].strip()
        known = ((case.verdict.get("review") or {}).get("history")) or []
        if any((e["kind"], e["text"]) == (APPEAL, note) for e in known):
            raise SettingsError(f"{printable(file)}: is in {printable(out)} already")
        entry = case.entry(APPEAL, appeal["agent_id"], note)
        case.record(entry, standard)
    return entry


def decide(out: Path, decision: Decision, standard: str | None = None, address: str | None = None) -> ReviewEntry:
    """Record a person's verdict beside the machine's and write the reports again. Raises as :func:`add_appeal` does."""
    by, reason = (_checked(value, what, most) for value, what, most in (
        (decision.by, "--by", MOST_NAME_CHARACTERS), (decision.reason, "--reason", MOST_NOTE_CHARACTERS)))
    with _opened(out, address, decision.call_id, decision.rule) as case:
        machine = case.verdict["outcome"]
        human = machine if decision.uphold else decision.outcome or OPPOSITES.get(machine)
        if human is None:
            raise SettingsError(f"{printable(decision.rule)} is {machine}: say what it is instead with --outcome pass, fail, …")
        if human not in OUTCOMES or decision.uphold != (human == machine) or decision.outcome not in (None, human):
            said = f"--outcome {printable(decision.outcome)}: the verdict is {machine}"
            raise SettingsError(f"{said}; use --uphold for the same, --overturn for another")
        entry = replace(case.entry(UPHOLD if decision.uphold else OVERTURN, by, reason), human_outcome=human)
        case.record(entry, standard)
    return entry


def open_points(out: Path, address: str | None = None) -> Iterator[OpenPoint]:
    """Open appeals and undecided ``unsure`` verdicts, by call; calls are read one at a time."""
    for call_id, report in existing(out, address).reports():
        for verdict in report.get("verdicts", ()):
            review = verdict.get("review") or {}
            appealed = review.get("status") == "appealed"
            if not appealed and (verdict["outcome"] != "unsure" or review):
                continue
            last = review["history"][-1] if appealed else {"by": "", "text": verdict["reason"]}
            at_s = verdict["spans"][0][0] if verdict["spans"] else None
            yield OpenPoint(APPEAL if appealed else "unsure", call_id, verdict["rule"], verdict.get("title") or "", verdict["outcome"],
                            at_s, last["by"], last["text"])


@dataclass(frozen=True)
class _Case:
    """One verdict in OUT, while OUT is locked."""

    store: Store
    report: Mapping[str, Any]
    verdict: Mapping[str, Any]

    def entry(self, kind: str, by: str, text: str) -> ReviewEntry:
        at = datetime.now(timezone.utc).isoformat(timespec="seconds")
        return ReviewEntry(self.report["call"]["id"], self.verdict["rule"], kind, by, at, text, self.verdict["outcome"])

    def record(self, entry: ReviewEntry, standard_name: str | None) -> None:
        """Append the entry, then write every report again that shows it. What could not be written later fails before."""
        standard = standard_named(standard_name or self.report["call"]["standard"])
        kept = _kept_report(self.store, entry.call_id)
        lang = language_of(self.store.out / f"calls/{entry.call_id}.html")
        self.store.add_review(entry)
        tell(self.store, kept, standard, lang)
        overview(self.store, known_standards(standard_name), lang)


@contextmanager
def _opened(out: Path, address: str | None, call_id: str, rule: str) -> Iterator[_Case]:
    """The verdict about ``rule`` in OUT."""
    check_is_out(out)
    with opened(out, address) as store:
        report = store.report(call_id)
        verdict = next((v for v in report.get("verdicts", ()) if v["rule"] == rule), None) if report else None
        if report is None or verdict is None:
            raise SettingsError(f"{printable(out)}: holds no verdict about rule {printable(rule)} of call {printable(call_id)}")
        yield _Case(store, report, verdict)


def _kept_report(store: Store, call_id: str) -> CallReport:
    facts, judged = store.load_facts(call_id), store.load_judged(call_id)
    if facts is None or judged is None:
        raise OutputError(f"{printable(store.out)}: the facts of {printable(call_id)} cannot be read; run voicemon run again first")
    return CallReport(facts, judged.standard, judged.standard_version, judged.verdicts, judged.score, judged.made_with)


def _read_appeal(file: Path) -> dict[str, str]:
    """The appeal, every field checked: exactly the keys of version 1, text without control characters, not too long."""
    name = printable(file)
    try:
        if file.stat().st_size > MOST_FILE_BYTES:
            raise SettingsError(f"{name}: is larger than {MOST_FILE_BYTES} bytes; an appeal is a small file saved by an agent's page")
        plain = json.loads(file.read_bytes().decode("utf-8"))
    except (OSError, ValueError, RecursionError) as err:
        raise SettingsError(f"{name}: cannot be read as JSON ({type(err).__name__}); give the appeal-….json of an agent's page") from err
    if not isinstance(plain, dict) or sorted(plain) != sorted(APPEAL_KEYS):
        raise SettingsError(f"{name}: is no appeal; it must have exactly {', '.join(APPEAL_KEYS)}")
    if plain["format"] != APPEAL_FORMAT or plain["version"] != APPEAL_VERSION or isinstance(plain["version"], bool):
        raise SettingsError(f"{name}: is not {APPEAL_FORMAT} version {APPEAL_VERSION}; save it again from a page of this voicemon")
    checked = {key: _checked(plain[key], f"{name}: {key}", MOST_NOTE_CHARACTERS) for key in ("call_id", "rule", "note")}
    return {**checked, "agent_id": _checked(plain["agent_id"], f"{name}: agent_id", MOST_NOTE_CHARACTERS)}


def _checked(value: Any, what: str, most: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"{what} must be text that is not empty")
    if len(value) > most:
        raise SettingsError(f"{what} is longer than {most} characters")
    # Controls, direction changes and lone surrogates could deceive whoever reads it; joiners are part of emoji.
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in "\n\t\u200c\u200d" for c in value):
        raise SettingsError(f"{what} holds control characters")
    return value.strip()
