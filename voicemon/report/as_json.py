"""The call report as JSON: the fixed names of ``docs/report.md``, and a few keys more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from .. import serial
from ..judge.standard import Rule, Standard
from ..records import PARTIES, CallReport, Level, LineQuality, SpeakingRate, Tone, Verdict
from .render import writable
from .reviewed import reviewed_score
from .reviews import standing
from .texts import texts

SCHEMA_VERSION = 1
RING_FIGURES = ("count", "start_s", "answer_s", "ring_to_answer_s")


def call_json(report: CallReport, standard: Standard | None = None, lang: str = "zh") -> dict[str, Any]:
    """Return ``report`` as plain JSON values under the names of ``docs/report.md``; with ``standard``, verdicts carry their titles.

    A measure that is not known is ``None`` with a ``reason`` beside it. Raises ``ValueError`` on NaN or infinity.
    """
    return dict(json.loads(call_text(report, standard, lang)))


def call_text(report: CallReport, standard: Standard | None = None, lang: str = "zh") -> str:
    """:func:`call_json` as text, Chinese as it is."""
    return values_and_text(report, standard, lang)[1]


def values_and_text(report: CallReport, standard: Standard | None, lang: str) -> tuple[Mapping[str, Any], str]:
    """The same, and the values it is the text of, only to be read: parts of ``report`` may be among them."""
    plain = _plain(report, standard, lang)
    text = serial.dumps_by_line(plain) + "\n"
    if (clean := writable(text)) != text:  # a broken name: what is told of it elsewhere must be what can be written
        return json.loads(clean), clean
    return plain, text


def _plain(report: CallReport, standard: Standard | None, lang: str) -> dict[str, Any]:
    facts, rules = report.facts, {rule.id: rule for rule in reversed(standard.rules)} if standard else {}
    return {
        "schema_version": SCHEMA_VERSION,
        "call": {**serial.to_plain(facts.call), "standard": report.standard},
        "roles": serial.to_plain(facts.roles),
        "transcript": serial.to_plain(facts.transcript),
        "transcript_audit": serial.to_plain(facts.audit),
        "measures": _measures(report, texts(lang)["not_measured"]),
        "verdicts": [{**_verdict(v, rules.get(v.rule)), "review": standing(report.reviews.get(v.rule, ()))} for v in report.verdicts],
        "score": serial.to_plain(report.score),
        "score_reviewed": reviewed_score(report, standard),
        "made_with": {"standard_version": report.standard_version, **serial.to_plain(dict(report.made_with))},
        "notes": list(facts.notes),
        "redactions": serial.to_plain(facts.redactions),
        "sidecar": serial.to_plain(dict(facts.sidecar)),
    }


def _verdict(verdict: Verdict, rule: Rule | None) -> dict[str, Any]:
    plain: dict[str, Any] = serial.to_plain(verdict)
    if rule is not None:
        plain = {**plain, "title": rule.title, "weight": rule.weight, "fatal": rule.fatal}
    return plain


def _measures(report: CallReport, not_measured: str) -> dict[str, Any]:
    measures = report.facts.measures
    plain: dict[str, Any] = serial.to_plain(measures)
    plain["speaking_rate"] = _per_party(plain["speaking_rate"], SpeakingRate, not_measured)
    plain["level"] = _per_party(plain["level"], Level, not_measured)
    plain["line_quality"] = _per_party(plain["line_quality"], LineQuality, not_measured)
    plain["tone"] = _per_party(plain["tone"], Tone, not_measured)
    plain["ring"] = _with_reason(plain["ring"], RING_FIGURES, not_measured)
    return plain


def _per_party(found: Mapping[str, Any], kind: type[Any], not_measured: str) -> dict[str, Any]:
    """Both parties, always: one that was not measured has every figure ``None`` and a reason."""
    parties = list(dict.fromkeys((*PARTIES, *found)))
    figures = [f.name for f in fields(kind) if f.name not in ("reason", "turns")]
    return {p: _with_reason(found.get(p, serial.to_plain(kind())), figures, not_measured) for p in parties}


def _with_reason(values: Mapping[str, Any], figures: Any, not_measured: str) -> dict[str, Any]:
    unknown = any(values.get(name) is None for name in figures)
    return {**values, "reason": values.get("reason") or (not_measured if unknown else None)}
