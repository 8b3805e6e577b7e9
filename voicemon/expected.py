"""What is expected of a call, ``NAME.expected.json``: read strictly, since a slip would be an expectation that nothing can disappoint.

``{"must_be": {rule: [outcomes]}, "must_not_be": {rule: [outcomes]}, "values": {path: {"value": v, "tolerance": t}},
"waits": [{"start_s", "end_s", "tolerance_s"}]}``; a path such as ``measures.ring.count`` leads through the call report.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .errors import SettingsError
from .names import printable
from .records import OUTCOMES

ENDING = ".expected.json"
SECTIONS = ("must_be", "must_not_be", "values", "waits")
WAIT_KEYS = ("start_s", "end_s", "tolerance_s")


def read_expected(path: Path) -> Mapping[str, Any]:
    """The expectations in a file. Raises :class:`SettingsError` naming the file and every fault."""
    try:
        expected = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as err:
        raise SettingsError(f"{printable(path)}: is no JSON that can be read ({printable(err)})") from err
    if not isinstance(expected, dict):
        raise SettingsError(f"{printable(path)}: is no object; an expected file has {', '.join(SECTIONS)}")
    faults = [fault for section, wanted in expected.items() for fault in _faults(section, wanted)]
    if faults:
        raise SettingsError(f"{printable(path)}: {printable('; '.join(faults))}")
    return expected


def _faults(section: str, wanted: Any) -> Iterator[str]:
    if section not in SECTIONS:
        yield f"unknown {section}; an expected file has {', '.join(SECTIONS)}"
    elif section == "waits":
        if not isinstance(wanted, list) or not all(_is_wait(wait) for wait in wanted):
            yield f"waits must be a list of {{{', '.join(WAIT_KEYS)}}}, each a number"
    elif not isinstance(wanted, dict):
        yield f"{section} must be an object"
    elif section == "values":
        wrong = (name for name, value in wanted.items() if not _is_value(value))
        yield from (f"values: {name} must have a value and may have a tolerance, a number" for name in wrong)
    else:
        wrong = (rule for rule, outcomes in wanted.items() if not _are_outcomes(outcomes))
        yield from (f"{section}: {rule} must be a list of {', '.join(OUTCOMES)}" for rule in wrong)


def _are_outcomes(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(v, str) and v in OUTCOMES for v in value)


def _is_value(value: Any) -> bool:
    return isinstance(value, dict) and "value" in value and set(value) <= {"value", "tolerance"} and _is_number(value.get("tolerance", 0))


def _is_wait(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == set(WAIT_KEYS) and all(map(_is_number, value.values()))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
