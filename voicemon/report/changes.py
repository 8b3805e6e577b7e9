"""Two runs side by side: which verdicts, scores and measures are not what they were."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SettingsError

Snapshot = Mapping[str, Mapping[str, str]]
"""Call id -> what (a rule's id, ``score`` or the path of a measure) -> its value as it is shown."""

MEASURES = "measures."
MOST_LINE_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class Change:
    """``before`` or ``after`` is ``–`` where the run had no such call, rule or measure."""

    call: str
    what: str
    before: str
    after: str


def snapshot_of(reports: Iterable[Mapping[str, Any]]) -> Snapshot:
    """Everything that can change, from call reports as they are written."""
    return {report["call"]["id"]: dict(_values(report)) for report in reports}


def read_snapshot(old: Path) -> Snapshot:
    """The snapshot of an earlier OUT, or of a ``verdicts.jsonl`` (which knows no measures).

    Raises :class:`~voicemon.errors.SettingsError` when there is nothing there or it is not what voicemon writes.
    """
    try:
        if old.is_dir():
            found = snapshot_of(json.loads(path.read_text(encoding="utf-8")) for path in sorted((old / "calls").glob("*.json")))
        else:
            with old.open(encoding="utf-8") as lines:
                found = _from_lines(lines)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise SettingsError(f"{old}: is neither an OUT of voicemon nor its verdicts.jsonl ({type(err).__name__}: {err})") from err
    if not found:
        raise SettingsError(f"{old}: holds no finished calls to compare with; give the OUT of an earlier run or its verdicts.jsonl")
    return found


def changes(old: Snapshot, new: Snapshot) -> tuple[Change, ...]:
    """What differs, by call: verdicts and scores first, then measures. Measures are left out where ``old`` holds none at all."""
    measured = any(what.startswith(MEASURES) for values in old.values() for what in values)
    found = []
    for call in sorted({*old, *new}):
        before, after = old.get(call), new.get(call)
        if before is None or after is None:
            found.append(Change(call, "call", "–" if before is None else "there", "–" if after is None else "there"))
            continue
        for what in dict.fromkeys((*before, *after)):
            pair = before.get(what, "–"), after.get(what, "–")
            if pair[0] != pair[1] and (measured or not what.startswith(MEASURES)):
                found.append(Change(call, what, *pair))
    return tuple(found)


def show(value: Any) -> str:
    """A value with four significant digits: what differs by less is the same."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _from_lines(lines: Iterable[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        if not line.strip():
            continue
        verdict = json.loads(line[:MOST_LINE_CHARACTERS])
        values = found.setdefault(verdict["call_id"], {"score": _score(verdict["score"], verdict["score_low"], verdict["score_high"])})
        values[verdict["rule"]] = verdict["outcome"]
    return found


def _values(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    score = report["score"]
    yield "score", _score(score.get("value"), score.get("low"), score.get("high"))
    for verdict in report["verdicts"]:
        yield verdict["rule"], verdict["outcome"]
    yield from _figures(report["measures"], MEASURES.rstrip("."))


def _score(value: float | None, low: float | None, high: float | None) -> str:
    """The point, and the range where it is open."""
    if low is None or high is None:
        return show(value)
    return show(float(low)) if abs(high - low) < 0.05 else f"{float(low):.4g}–{float(high):.4g}"


def _figures(found: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every number below ``path``; of a list how many there are and, where they last, how long in all."""
    if isinstance(found, Mapping):
        for name, value in found.items():
            if name != "reason":
                yield from _figures(value, f"{path}.{name}")
    elif isinstance(found, list):
        yield f"{path}.count", str(len(found))
        lasting = [item for item in found if isinstance(item, Mapping) and "start_s" in item and "end_s" in item]
        if lasting:
            yield f"{path}.total_s", show(float(sum(item["end_s"] - item["start_s"] for item in lasting)))
    else:
        yield path, show(found)
