"""What the telephone system knows of a call: ``NAME.json`` beside the recording, or its row in ``calls.csv``.

Every field is optional. A wrong type is refused with file and field; an unknown field is kept and reported. No field is ever
used as a path: a standard is a plain name, ids are made safe where a file is named after them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from .call_table import check_link, table_row
from .errors import SidecarError
from .names import printable
from .records import Measures, Span

MAX_BYTES = 1 << 20
LONGEST_TEXT = 4000
LONGEST_S = 86_400.0  # a day; a larger figure is a fault of whatever wrote it, and must not convict anybody
MOST = 10_000
DEEPEST = 32  # fields go to other processes and into reports, whose writers give up at some hundreds
FIRST_YEAR, LAST_YEAR = 1990, 2100  # other years are what programs write for "not known": 0001, 1601, 1970, 9999
SLACK_S = 1.0  # speech edges and telephone clocks are not exact: less than this is no contradiction

Check = Callable[[Any], str | None]
"""Says what a value should have been, or ``None`` when it is right."""


def text(value: Any) -> str | None:
    return None if isinstance(value, str) and len(value) <= LONGEST_TEXT else f"text of at most {LONGEST_TEXT} characters"


def flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "true or false"


def seconds(value: Any) -> str | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_S
    return None if good else f"a number from 0 to {LONGEST_S:.0f}"


def whole(value: Any) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST
    return None if good else f"a whole number from 0 to {MOST}"


def moment(value: Any) -> str | None:
    """An ISO 8601 time such as ``2026-03-12T10:15:00+08:00``."""
    if isinstance(value, str):
        try:
            if FIRST_YEAR <= datetime.fromisoformat(value.replace("Z", "+00:00")).year <= LAST_YEAR:
                return None
        except ValueError:
            pass
    return f"a time from {FIRST_YEAR} to {LAST_YEAR} such as 2026-03-12T10:15:00+08:00, or null where it is not known"


def day(value: Any) -> str | None:
    if isinstance(value, str):
        try:
            found = date.fromisoformat(value)
            if FIRST_YEAR <= found.year <= LAST_YEAR and value == found.isoformat():  # dates are compared as they are written
                return None
        except ValueError:
            pass
    return f"a date from {FIRST_YEAR} to {LAST_YEAR} such as 2026-05-01, or null where it is not known"


def plain_name(value: Any) -> str | None:
    good = isinstance(value, str) and 0 < len(value) <= 100 and not set("/\\\0") & set(value) and not value.startswith(".")
    return None if good else "the name of a standard (no path)"


def anything(value: Any) -> str | None:
    return None


def one_of(*names: str) -> Check:
    return lambda value: None if isinstance(value, str) and value in names else "one of " + ", ".join(names)


def either(*checks: Check) -> Check:
    def check(value: Any) -> str | None:
        answers = [c(value) for c in checks]
        return None if None in answers else " or ".join(str(a) for a in answers)
    return check


def record(needed: Iterable[str] = (), **fields: Check) -> Check:
    """An object; its unknown fields are kept as they are, ``null`` means not known."""
    def check(value: Any) -> str | None:
        if not isinstance(value, dict):
            return "an object {…}"
        for name in needed:
            if value.get(name) is None:
                return f"an object with the field {name!r}"
        for name, inner in fields.items():
            wrong = inner(value[name]) if value.get(name) is not None else None
            if wrong:
                return f"an object whose {name!r} is {wrong}"
        return None
    return check


def list_of(inner: Check) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, list):
            return "a list [...]"
        wrong = next((w for w in map(inner, value) if w), None)
        return f"a list in which each is {wrong}" if wrong else None
    return check


_STRETCH = list_of(record(("start_s", "duration_s"), start_s=seconds, duration_s=seconds))
_LATER = list_of(record(at=moment, to=text, by=text, result=either(text, flag)))
_PARCEL = record(status=text, note=text, branch=text)
_TEXTS = either(text, list_of(text))

FIELDS: Mapping[str, Check] = {
    "standard": plain_name, "direction": one_of("inbound", "outbound"), "started_at": moment, "agent_id": text,
    "agent_name": text, "agent_channel": one_of("left", "right"),
    "ring_count": whole, "ring_s": seconds, "queue_wait_s": seconds, "answered_by": one_of("person", "machine", "nobody"),
    "in_working_hours": flag,
    "released_by": one_of("agent", "customer"), "released_after_s": seconds,
    "mutes": _STRETCH, "holds": _STRETCH, "transfers": list_of(record(at_s=seconds, to=text)),
    "caller_number": text, "customer_name": text, "known_customer": record(surname=text, title=text),
    "callbacks": _LATER,
    "callback_of": record(promised_within_min=seconds, made_after_min=seconds, result=either(flag, text)),
    "follow_ups": list_of(record(promise=text, at=moment)),
    "follow_up_of": record(problem_solved_at=moment, made_after_days=seconds),
    "problem_solved": flag, "forwarded": anything, "escalations": list_of(record(at=moment, to=text)), "error_flagged": flag,
    "register": list_of(record(name=text, phone=text, reason=text, category=text, solution=text, promises=_TEXTS,
                               time=text, text=text)),
    "complaint_class": one_of("simple", "complex"), "handled_by": text, "archived": flag,
    "equipment_fault": record((), **{"from": moment, "until": moment}),
    "festival_notice": list_of(record((), **{"name": text, "from": day, "to": day})),
    "parcel": _PARCEL, "parcels": list_of(_PARCEL),
}

# What a cell of calls.csv is turned into before the same checks are made.
_NUMBERS = frozenset({"ring_count", "ring_s", "queue_wait_s", "released_after_s"})
_FLAGS = frozenset(name for name, check in FIELDS.items() if check in (flag, anything))
_TRUE, _FALSE = frozenset({"true", "yes", "1", "是"}), frozenset({"false", "no", "0", "否"})


def read_sidecar(recording: Path) -> Mapping[str, Any]:
    """Return the checked sidecar of a recording, empty when there is none; ``NAME.json`` wins over the row in ``calls.csv``.

    Raises :class:`SidecarError` naming the file and the field.
    """
    fields = dict(_from_table(recording))
    if has_sidecar(recording):
        beside = recording.with_suffix(".json")
        fields.update(check_fields(_load_json(beside), str(beside)))
    return fields


def has_sidecar(recording: Path) -> bool:
    """Whether ``NAME.json`` is there. Of a name that ends at the system's limit there can be none."""
    try:
        return recording.with_suffix(".json").is_file()
    except OSError:
        return False


def check_fields(fields: Any, source: str) -> dict[str, Any]:
    """Return ``fields`` unchanged when each known one has the right type; raises :class:`SidecarError` with every fault."""
    if not isinstance(fields, dict):
        raise SidecarError(f"{printable(source)}: a sidecar is one object {{…}} with the fields of docs/report.md")
    faults = []
    for name, value in fields.items():
        expected = FIELDS[name](value) if name in FIELDS and value is not None else None
        if expected:
            faults.append(f"field {name!r} should be {expected}")
    if faults:
        raise SidecarError(f"{printable(source)}: {'; '.join(faults)}")
    return fields


def unknown_fields(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Names in a sidecar that no rule and no measure knows, in order."""
    return tuple(sorted(name for name in fields if name not in FIELDS))


def contradictions(
    sidecar: Mapping[str, Any], measures: Measures, speech: Mapping[str, Sequence[Span]], duration_s: float
) -> tuple[str, ...]:
    """Where the sidecar says other than the sound, in words for the reader. Nothing is corrected by it."""
    notes = []
    rings, ring = sidecar.get("ring_count"), measures.ring
    if ring.source == "recording" and rings is not None and rings != ring.count:
        notes.append(f"the sidecar says {rings} rings, the recording holds {ring.count}")
    last_word_s = max((s.end_s for spans in speech.values() for s in spans), default=None)
    released_after_s = sidecar.get("released_after_s")
    if last_word_s is not None and released_after_s is not None and last_word_s + released_after_s > duration_s + SLACK_S:
        notes.append(f"the sidecar says the line was released {released_after_s:g} s after the last word (at {last_word_s:.1f} s), "
                     f"but the recording ends at {duration_s:.1f} s")
    for name in ("mutes", "holds"):
        for stretch in sidecar.get(name) or ():
            end_s = stretch["start_s"] + stretch["duration_s"]
            if end_s > duration_s + SLACK_S:
                notes.append(f"the sidecar's {name} hold a stretch to {end_s:.1f} s, after the recording's end at {duration_s:.1f} s")
    for transfer in sidecar.get("transfers") or ():
        if (transfer.get("at_s") or 0.0) > duration_s + SLACK_S:
            notes.append(f"the sidecar's transfer at {transfer['at_s']:.1f} s is after the recording's end at {duration_s:.1f} s")
    return tuple(notes)


def _load_json(path: Path) -> Any:
    check_link(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SidecarError(f"{printable(path)}: over {MAX_BYTES} bytes, that is no sidecar")
        raw = path.read_bytes().decode("utf-8-sig")
        plain = json.loads(raw, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite)
        if _depth(plain) > DEEPEST:
            raise SidecarError(f"{printable(path)}: nested too deeply")
        return plain
    except OSError as err:
        raise SidecarError(f"{printable(path)}: cannot be read ({err.strerror})") from err
    except UnicodeDecodeError as err:
        raise SidecarError(f"{printable(path)}: not UTF-8; save it as UTF-8") from err
    except RecursionError as err:
        raise SidecarError(f"{printable(path)}: nested too deeply") from err
    except ValueError as err:
        raise SidecarError(f"{printable(path)}: not JSON ({printable(err)})") from err


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("the same field twice")
    return dict(pairs)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def _depth(plain: Any) -> int:
    """How many objects and lists are inside one another."""
    depth, level = 0, [plain]
    while level := [value for value in level if isinstance(value, dict | list)]:
        depth += 1
        level = [inner for value in level for inner in (value.values() if isinstance(value, dict) else value)]
    return depth


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError("a number is too large")
    return value


def _from_table(recording: Path) -> Mapping[str, Any]:
    found = table_row(recording, FIELDS)
    if found is None:
        return {}
    cells, source = found
    return check_fields({name: _cell(name, value) for name, value in cells.items()}, source)


def _cell(name: str, value: str) -> Any:
    """A cell as the type its field has; what cannot be turned stays text, and the check refuses it by name."""
    if name in _FLAGS and value.casefold() in _TRUE | _FALSE:
        return value.casefold() in _TRUE
    if name in _NUMBERS:
        try:
            number = float(value)
        except ValueError:
            return value
        return int(number) if number.is_integer() else number
    return value
