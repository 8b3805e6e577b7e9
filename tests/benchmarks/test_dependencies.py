"""Looking up known vulnerabilities: what could not be looked up never passes for clean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dependencies
import pytest
from dependencies import CLEAN, UNKNOWN, VULNERABLE, Audited, audit, told


def asked(advisories: tuple[str, ...] | None) -> Callable[[Mapping[str, str]], list[Audited]]:
    return lambda libraries: [Audited(name, version, advisories, "not found") for name, version in libraries.items()]


def no_page(name: str) -> Mapping[str, Any]:
    raise OSError("no network")


def page(version: str, *ids: str, withdrawn: str | None = None) -> Callable[[str], Mapping[str, Any]]:
    return lambda name: {"info": {"version": version}, "vulnerabilities": [{"id": i, "withdrawn": withdrawn} for i in ids]}


@pytest.mark.parametrize(("advisories", "newest", "status"), [
    ((), no_page, CLEAN),
    (("PYSEC-1",), no_page, VULNERABLE),
    (None, no_page, UNKNOWN),
    (None, page("1.0"), CLEAN),
    (None, page("1.0", "PYSEC-1"), VULNERABLE),
    (None, page("1.0", "PYSEC-1", withdrawn="2026-01-01"), CLEAN),
    (None, page("2.0"), UNKNOWN),
    (None, lambda name: {"info": {"version": "1.0"}}, UNKNOWN),
], ids=["clean", "found", "unreachable", "newest-clean", "newest-found", "withdrawn", "newer", "no-list"])
def test_only_an_answer_counts_as_clean(advisories: tuple[str, ...] | None, newest: Any, status: int, capsys: Any) -> None:
    assert told(audit({"lib": "1.0"}, asked(advisories), newest)) == status
    assert ("advisories unreachable" in capsys.readouterr().out) == (status == UNKNOWN)


def test_one_vulnerable_library_outweighs_those_nobody_knows() -> None:
    assert told([Audited("a", "1", None), Audited("b", "1", ("PYSEC-1",))]) == VULNERABLE


def test_nothing_looked_up_is_not_clean() -> None:
    assert told([]) == UNKNOWN


def test_an_explained_advisory_is_passed_over_and_printed(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(dependencies, "EXPLAINED", {"PYSEC-1": "that function is not used"})
    assert told([Audited("a", "1", ("PYSEC-1",))]) == CLEAN
    assert "that function is not used" in capsys.readouterr().out


def test_every_requirement_that_is_installed_is_looked_up() -> None:
    names = {name.lower().replace("_", "-") for name in dependencies.installed()}
    assert {"numpy", "av", "pyyaml", "jinja2", "pytest"} <= names
