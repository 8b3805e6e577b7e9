"""Samples against their expected outcome: every outcome and every measure that ``NAME.expected.json`` names, and where they differ.

An expected file is ``{"must_be": {rule: [outcomes]}, "must_not_be": {rule: [outcomes]}, "values": {path: {"value": v, "tolerance": t}},
"waits": [{"start_s", "end_s", "tolerance_s"}]}``; a path such as ``measures.ring.count`` leads through the call report.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import SettingsError
from .folder import Progress, RunResult, run
from .mutation_check import MutationCheck, check_mutations
from .pipeline import Ear
from .report.as_junit import Case, Suite, junit_xml
from .report.as_markdown import summary_markdown
from .report.changes import Change, Snapshot, show, snapshot_of
from .settings import Settings
from .store import Store, existing

ENDING = ".expected.json"
SECTIONS = ("must_be", "must_not_be", "values", "waits")


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
    expected = {path: _read_expected(path) for path in sorted(folder.rglob(f"*{ENDING}")) if not _hidden(path, folder)}
    if not expected:
        raise SettingsError(f"{folder}: holds no NAME{ENDING}, so there is nothing to compare with")
    with _output(out) as where:
        result = run([folder], where, settings, make_ear, progress)
        store = existing(where)
        comparisons = [c for path, wanted in expected.items() for c in _compare_call(path, wanted, result, store)]
        snapshot = snapshot_of(report for _, report in store.reports())
        mutations = None
        if mutate:
            calls = [i for i, report in store.reports() if any(_is_of(path, report) for path in expected)]
            mutations = check_mutations(where, calls, mutate, settings, make_ear, progress)
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
        yield Comparison(call, path, f"{show(value)}{margin}", show(found), _same(value, found, tolerance), reason)
    waits = report["measures"]["waits"]
    for wait in expected.get("waits") or ():
        yield _compare_wait(call, wait, waits)


def _compare_call(path: Path, expected: Mapping[str, Any], result: RunResult, store: Store) -> Iterator[Comparison]:
    name = path.name[: -len(ENDING)]
    for _, report in store.reports():
        if _is_of(path, report):
            yield from compare(name, expected, report)
            return
    failed = [f.reason for f in result.failed if Path(f.path).stem == name]
    yield Comparison(name, "call", "a report", "none", False, failed[0] if failed else "no recording of that name")


def _is_of(path: Path, report: Mapping[str, Any]) -> bool:
    """Whether a call report is of the recording beside the expected file ``path``."""
    recording = Path(report["call"]["path"])
    return recording.stem == path.name[: -len(ENDING)] and recording.parent == path.parent.absolute()


def _compare_wait(call: str, wanted: Mapping[str, float], waits: list[Mapping[str, Any]]) -> Comparison:
    def error_s(wait: Mapping[str, Any]) -> float:
        return max(abs(wait["start_s"] - wanted["start_s"]), abs(wait["end_s"] - wanted["end_s"]))
    nearest = min(waits, key=error_s, default=None)
    expected = f"{wanted['start_s']:.1f}–{wanted['end_s']:.1f} s"
    found = f"{nearest['start_s']:.1f}–{nearest['end_s']:.1f} s" if nearest else "no wait"
    return Comparison(call, f"wait at {wanted['start_s']:.1f} s", f"{expected} ± {wanted['tolerance_s']:g}", found,
                      nearest is not None and error_s(nearest) <= wanted["tolerance_s"])


def _look_up(report: Mapping[str, Any], path: str) -> tuple[Any, str]:
    """The value at ``path`` and the ``reason`` beside it."""
    here: Any = report
    reason = ""
    for part in path.split("."):
        if not isinstance(here, dict) or part not in here:
            return None, f"the report has no {path}"
        reason = here.get("reason") or ""
        here = here[part]
    return here, reason


def _same(wanted: Any, found: Any, tolerance: float) -> bool:
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (wanted, found))
    return abs(found - wanted) <= tolerance if numbers else bool(wanted == found)


def _read_expected(path: Path) -> Mapping[str, Any]:
    try:
        expected = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise SettingsError(f"{path}: is no JSON that can be read ({err})") from err
    unknown = sorted(set(expected) - set(SECTIONS)) if isinstance(expected, dict) else ["no object"]
    if unknown:
        raise SettingsError(f"{path}: unknown {', '.join(unknown)}; an expected file has {', '.join(SECTIONS)}")
    return dict(expected)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


@contextmanager
def _output(out: Path | None) -> Iterator[Path]:
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="voicemon-") as temporary:
        yield Path(temporary) / "reports"
