"""JUnit XML of an evaluation: CI systems show which sample differs from its expected outcome."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

# Characters that XML 1.0 cannot hold at all, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Case:
    """One expectation, or all of one sample; each of ``failures`` says in words what differs."""

    name: str
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suite:
    """The cases of one sample or of one folder."""

    name: str
    cases: tuple[Case, ...]


def junit_xml(suites: Iterable[Suite]) -> str:
    """Return the suites as JUnit XML text with its declaration; a case fails when it has failures."""
    root = ElementTree.Element("testsuites", name="voicemon evaluate")
    every = tuple(suites)
    for suite in every:
        element = ElementTree.SubElement(
            root, "testsuite", name=_clean(suite.name), tests=str(len(suite.cases)), failures=str(_failing(suite)), errors="0"
        )
        for case in suite.cases:
            found = ElementTree.SubElement(element, "testcase", classname=_clean(suite.name), name=_clean(case.name))
            if case.failures:
                failure = ElementTree.SubElement(found, "failure", message=_clean(case.failures[0]))
                failure.text = _clean("\n".join(case.failures))
    root.set("tests", str(sum(len(s.cases) for s in every)))
    root.set("failures", str(sum(_failing(s) for s in every)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _failing(suite: Suite) -> int:
    return sum(bool(case.failures) for case in suite.cases)


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
