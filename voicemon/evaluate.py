"""Samples against their expected outcome: every outcome and every measure that ``NAME.expected.json`` names, and where they differ."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import SettingsError
from .expected import ENDING, read_expected
from .folder import Progress, RunResult, run
from .mutation_check import MutationCheck, check_mutations
from .names import shown_path
from .pipeline import Ear
from .report.as_junit import Case, Suite, junit_xml
from .report.as_markdown import summary_markdown
from .report.changes import Change, Snapshot, show, snapshot_of
from .settings import Settings
from .store import Store, existing

NOTHING: Any = object()


@dataclass(frozen=True)
class Comparison:
    """One expectation held against what was found; ``reason`` is the verdict's or why nothing was found."""

    call: str
    what: str
    expected: str
    found: str
    same: bool
    reason: str = ""


@dataclass(frozen=True)
class Evaluation:
    """All comparisons of a folder, in order of calls; ``snapshot`` is what was found in each call, to compare with another run.

    ``mutations``: the mutation check, where one was asked for.
    """

    comparisons: tuple[Comparison, ...]
    calls: int
    snapshot: Snapshot = field(default_factory=dict)
    mutations: MutationCheck | None = None

    @property
    def differences(self) -> tuple[Comparison, ...]:
        return tuple(c for c in self.comparisons if not c.same)

    @property
    def fine(self) -> bool:
        """Whether all is as expected and every verdict that had to flip did."""
        return not self.differences and not (self.mutations and self.mutations.stuck)

    def junit(self) -> str:
        """JUnit XML: a suite per call, a case per expectation; then a suite per mutated call, a case per verdict that must flip."""
        suites: dict[str, list[Case]] = {}
        for c in self.comparisons:
            failures = () if c.same else (f"expected {c.expected}, found {c.found}", *filter(None, (c.reason,)))
            suites.setdefault(c.call, []).append(Case(c.what, failures))
        for f in self.mutations.flips if self.mutations else ():
            failures = () if f.flipped else (f"must become {f.wanted}, is {f.after} ({f.done})", *filter(None, (f.reason,)))
            suites.setdefault(f"{f.call} mutated", []).append(Case(f"{f.kind}: {f.rule}", failures))
        return junit_xml(Suite(call, tuple(cases)) for call, cases in suites.items())

    def markdown(self, changed: Sequence[Change] | None = None) -> str:
        """Markdown for a comment under a pull request, less than 60 kB; ``changed``: since a baseline, where there is one."""
        rows = [(d.call, d.what, d.expected, d.found, d.reason) for d in self.differences]
        parts: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = [
            (f"{len(rows)} differences from what is expected", ("call", "what", "expected", "found", "reason"), rows)
        ]
        if changed is not None:
            lines = [(c.call, c.what, c.before, c.after) for c in changed]
            parts.append((f"{len(lines)} changes since the baseline", ("call", "what", "before", "after"), lines))
        if self.mutations is not None:
            parts.append((self.mutations.summary, self.mutations.columns, self.mutations.rows()))
        state = "as expected" if self.fine else "differs"
        return summary_markdown(f"voicemon evaluate: {state} ({self.calls} calls, {len(self.comparisons)} expectations)", parts)


def evaluate_folder(
    folder: Path, out: Path | None, settings: Settings, make_ear: Callable[[], Ear], progress: Progress, mutate: Sequence[str] = ()
) -> Evaluation:
    """Analyse ``folder`` (into ``out``, or a folder that is thrown away) and compare; ``mutate``: kinds of mutations to check too.

    Raises as :func:`voicemon.folder.run` does.
    """
    expected = {path: read_expected(path) for path in sorted(folder.rglob(f"*{ENDING}")) if not _hidden(path, folder)}
    if not expected:
        raise SettingsError(f"{folder}: holds no NAME{ENDING}, so there is nothing to compare with")
    with _output(out) as where:
        result = run([folder], where, settings, make_ear, progress)
        store = existing(where)
        calls = _calls_of(expected, store)
        comparisons = [c for path, wanted in expected.items() for c in _compare_call(path, wanted, calls.get(path), result, store)]
        snapshot = snapshot_of(report for _, report in store.reports())
        mutations = None
        if mutate:
            mutations = check_mutations(where, sorted(calls.values()), mutate, settings, make_ear, progress)
        store.database.close()
    return Evaluation(tuple(comparisons), len(expected), snapshot, mutations)


def compare(call: str, expected: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[Comparison]:
    """Every expectation about one call held against its call report (the JSON as it is written)."""
    verdicts = {v["rule"]: v for v in report["verdicts"]}
    for section, wanted in (("must_be", True), ("must_not_be", False)):
        for rule, outcomes in (expected.get(section) or {}).items():
            verdict = verdicts.get(rule) or {"outcome": "no verdict", "reason": ""}
            named = " or ".join(outcomes)
            same = bool(verdicts.get(rule)) and (verdict["outcome"] in outcomes) == wanted
            yield Comparison(call, rule, named if wanted else f"not {named}", verdict["outcome"], same, verdict["reason"])
    for path, wanted_value in (expected.get("values") or {}).items():
        found, reason = _look_up(report, path)
        value, tolerance = wanted_value["value"], wanted_value.get("tolerance", 0.0)
        margin = f" ± {tolerance:g}" if tolerance else ""
        same = found is not NOTHING and _same(value, found, tolerance)
        yield Comparison(call, path, f"{show(value)}{margin}", "nothing" if found is NOTHING else show(found), same, reason)
    waits = report["measures"]["waits"]
    for wait in expected.get("waits") or ():
        yield _compare_wait(call, wait, waits)


def _calls_of(expected: Iterable[Path], store: Store) -> dict[Path, str]:
    """The id of the call that each expected file is about."""
    files = {_place(path): path for path in expected}
    calls: dict[Path, str] = {}
    for call_id, report in store.reports():
        file = files.get(_place_of(report["call"]["path"]))
        if file is not None:
            calls.setdefault(file, call_id)
    return calls


def _compare_call(
    path: Path, expected: Mapping[str, Any], call_id: str | None, result: RunResult, store: Store
) -> Iterator[Comparison]:
    name = path.name[: -len(ENDING)]
    report = None if call_id is None else store.report(call_id)
    if report is not None:
        yield from compare(name, expected, report)
    else:
        yield Comparison(name, "call", "a report", "none", False, _why_none(_place(path), result, store))


def _why_none(place: str, result: RunResult, store: Store) -> str:
    """Why the recording at ``place`` has no report: it failed now or before, or is a copy of another."""
    for call in (*result.failed, *store.failures()):
        if _place_of(call.path) == place:
            return call.reason
    same_as = next((call_id for path, call_id in result.duplicates.items() if _place_of(path) == place), None)
    return f"holds the same audio as {same_as}, which was analysed" if same_as else "no recording of that name"


def _place(expected: Path) -> str:
    """Folder and name without the ending: what an expected file has in common with its recording."""
    return os.path.abspath(shown_path(expected))[: -len(ENDING)]


def _place_of(recording: str) -> str:
    return os.path.splitext(os.path.abspath(recording))[0]


def _compare_wait(call: str, wanted: Mapping[str, float], waits: list[Mapping[str, Any]]) -> Comparison:
    def error_s(wait: Mapping[str, Any]) -> float:
        return max(abs(wait["start_s"] - wanted["start_s"]), abs(wait["end_s"] - wanted["end_s"]))
    nearest = min(waits, key=error_s, default=None)
    expected = f"{wanted['start_s']:.1f}–{wanted['end_s']:.1f} s"
    found = f"{nearest['start_s']:.1f}–{nearest['end_s']:.1f} s" if nearest else "no wait"
    return Comparison(call, f"wait at {wanted['start_s']:.1f} s", f"{expected} ± {wanted['tolerance_s']:g}", found,
                      nearest is not None and error_s(nearest) <= wanted["tolerance_s"])


def _look_up(report: Mapping[str, Any], path: str) -> tuple[Any, str]:
    """The value at ``path`` (:data:`NOTHING` where the report has no such path) and the ``reason`` beside it."""
    here: Any = report
    reason = ""
    for part in path.split("."):
        if not isinstance(here, dict) or part not in here:
            return NOTHING, f"the report has no {path}"
        reason = here.get("reason") or ""
        here = here[part]
    return here, reason


def _same(wanted: Any, found: Any, tolerance: float) -> bool:
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (wanted, found))
    return abs(found - wanted) <= tolerance if numbers else bool(wanted == found)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


@contextmanager
def _output(out: Path | None) -> Iterator[Path]:
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="voicemon-") as temporary:
        yield Path(temporary) / "reports"
