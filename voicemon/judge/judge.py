"""Judging a call: every rule of the standard gets exactly one verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ..heard_reasons import in_words
from ..records import Facts, Verdict
from ..serial import shipped_yaml
from .answers import NO, PERHAPS, UNKNOWN, YES, Answer
from .checks import CHECKS
from .context import Context
from .finder import PhraseVerifier
from .phrases import for_reader
from .readings import judge_by_readings
from .standard import Rule, Standard
from .thresholds import Thresholds


def judge(
    facts: Facts,
    standard: Standard,
    verifier: PhraseVerifier | None = None,
    lang: str = "zh",
    thresholds: Thresholds | None = None,
) -> tuple[Verdict, ...]:
    """Judge one call against one standard; verdicts come in the order of the standard's rules.

    ``verifier`` answers questions about the sound; without one, places that only sound alike stay ``unsure``. One that is
    :class:`~voicemon.judge.asking.Counting` and had no answer for a rule convicts nobody by it. ``lang`` (``zh`` or ``en``) is the
    language of the reasons. Facts that have readings are judged by each of them (:mod:`.readings`).
    """
    if facts.readings:
        return judge_by_readings(facts, lambda read: judge(read, standard, verifier, lang, thresholds),
                                 lambda reason: reason_text("speaker_by_words", {"inner": reason}, lang))
    context = Context(facts, standard, verifier, thresholds)
    return tuple(_verdict(rule, _asked(context, rule), lang) for rule in standard.rules)


def _asked(context: Context, rule: Rule) -> Answer:
    """The answer about a rule; a ``fail`` that might have been none, had the sound still been there, is ``unsure``."""
    before = context.unanswered
    answer = _answer(context, rule)
    if answer.outcome == "fail" and context.unanswered > before:
        return replace(answer, outcome="unsure", reason="sound_gone", args={"inner": (answer.reason, answer.args)})
    return answer


def _answer(context: Context, rule: Rule) -> Answer:
    check = CHECKS[rule.check]
    if check.by_words and not context.speakers_known:
        return Answer("not_checked", "speakers_unknown")
    if check.by_words and context.answered_by_machine:
        return Answer("not_applicable", "answered_by_machine")
    when = context.holds(rule.when)
    if when.state == NO:
        return Answer("not_applicable", "no_trigger")
    if when.state == UNKNOWN:
        return Answer("not_checked", when.reason, when.args)
    answer = check.judge(context, rule.options, when)
    if answer.outcome in ("fail", "unsure") and rule.kept_when is not None:
        kept = context.holds(rule.kept_when)
        if kept.state == YES:
            return Answer("pass", "kept_otherwise", {}, tuple((a.start_s, a.end_s) for a in kept.anchors[:1]))
        if kept.state == UNKNOWN and answer.outcome == "fail":
            return Answer("not_checked", kept.reason, kept.args)
        if kept.state == PERHAPS and answer.outcome == "fail":
            spans = tuple((a.start_s, a.end_s) for a in kept.anchors[:1])
            return Answer("unsure", "perhaps_kept_otherwise", {}, spans or answer.spans, answer.quote, answer.expected)
    if when.state == PERHAPS and answer.outcome == "fail":
        spans = tuple((a.start_s, a.end_s) for a in when.anchors[:1])
        return Answer("unsure", "perhaps_trigger", {"inner": (answer.reason, answer.args)}, spans or answer.spans, answer.quote)
    return answer


def _verdict(rule: Rule, answer: Answer, lang: str) -> Verdict:
    outcome = answer.outcome
    if rule.evidence == "proxy" and outcome in ("fail", "unsure"):
        outcome = "hint"
    expected = rule.say_instead or for_reader(answer.expected)
    return Verdict(
        rule=rule.id,
        outcome=outcome,
        evidence=rule.evidence,
        reason=reason_text(answer.reason, answer.args, lang),
        spans=tuple((round(max(0.0, a), 3), round(max(0.0, b), 3)) for a, b in answer.spans),
        quote=answer.quote,
        expected=expected if outcome in ("fail", "unsure", "hint") else "",
    )


def reason_text(key: str, args: Mapping[str, Any], lang: str) -> str:
    """The reason ``key`` in words."""
    shown = {k: _NAMED[k](v, lang) if k in _NAMED else _in_words(v, lang) for k, v in args.items()}
    text = reasons()[key][lang]
    if "{limits}" in text:
        given = [args.get("least") is not None, args.get("most") is not None]
        which = {(True, False): "limits_least", (False, True): "limits_most"}.get((given[0], given[1]), "limits_between")
        shown["limits"] = reasons()[which][lang].format_map(shown)
    return text.format_map(shown)


def _field_name(field: str, lang: str) -> str:
    """A sidecar field in words with its own name behind: who reads the reason knows it in words, who fills it by name."""
    named = reasons().get(f"field.{field}") or reasons().get(f"field.{field.partition('.')[0]}")
    return f"{named[lang]}{': ' if lang == 'en' else ':'}{field}" if named else field


def _measure_name(path: str, lang: str) -> str:
    named = reasons().get(f"measure.{path}") or reasons().get(f"measure.{path.partition('.')[0]}")
    return named[lang] if named else path


def _cause(why: str, lang: str) -> str:
    """What hearing wrote of a measure that it could not take, in the language of the verdict."""
    return f"{': ' if lang == 'en' else ':'}{for_reader(in_words(why, lang))}" if why else ""


_NAMED: Mapping[str, Callable[[str, str], str]] = {"field": _field_name, "measure": _measure_name, "why": _cause}


def _in_words(value: Any, lang: str) -> str:
    """An argument of a reason: another reason as ``(key, args)``, a list of names of the table, or a plain value."""
    if isinstance(value, tuple):
        return reason_text(value[0], value[1], lang)
    if isinstance(value, list):
        return {"zh": "、", "en": ", "}[lang].join(reasons()[n][lang] if n in reasons() else n.rpartition(".")[2] for n in value)
    return _shown(value)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else for_reader(str(value))


@lru_cache(maxsize=1)
def reasons() -> dict[str, dict[str, str]]:
    """The table of reasons, key → language → text with ``{name}`` places."""
    text = files("voicemon.judge").joinpath("reasons.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = shipped_yaml(text)
    return loaded
