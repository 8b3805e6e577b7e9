"""The page of one call: what is wrong first, then the picture of the call, its measures, its verdicts and its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import serial
from ..judge.standard import Standard
from ..records import OUTCOMES, CallReport
from . import gauges
from .media import ENVELOPE_FULL_SCALE, Media
from .rate_view import rate_chart
from .reasons import with_reasons_in
from .render import Written, number, page
from .reviewed import as_reviewed
from .reviews import OVERTURN, standing
from .targets import targets_of
from .texts import texts
from .timeline import Timeline, timeline_of
from .transcript_view import Line, lines_of
from .verdict_view import arithmetic, groups_of, views_of

HEADLINES = 6
LIBRARIES = ("wavesurfer",)


def call_page(report: CallReport, standard: Standard, media: Media, lang: str = "zh") -> str:
    """Return the page as one self-contained HTML text; nothing in it is fetched but the recording beside it.

    Raises :class:`~voicemon.errors.SettingsError` for a language that is not known, ``ValueError`` on NaN.
    """
    t, report = texts(lang), with_reasons_in(report, lang)
    views = views_of(report, standard, t)
    lines = lines_of(report, views, t)
    timeline = timeline_of(report, views, media, t)
    missed, to_hear = ([v for v in views if v.standing == outcome] for outcome in ("fail", "unsure"))
    context: dict[str, Any] = {
        "report": report,
        "facts": report.facts,
        "call": report.facts.call,
        "standard": standard,
        "media": media,
        "roles_line": _roles_line(report, t),
        "score": _score_line(report, t),
        "sum": arithmetic(report, standard),
        "counts": {o: sum(v.outcome == o for v in views) for o in OUTCOMES},
        "headlines": missed[:HEADLINES],
        "n_missed": len(missed),
        "to_hear": to_hear[: max(0, HEADLINES - len(missed))],
        "n_open": len(to_hear),
        "reviewed": _reviewed(report, standard, t),
        "groups": groups_of(views, t),
        "timeline": timeline,
        "lines": lines,
        "made_with": _flat(report),
        **_gauges(report, standard, t),
    }
    return page("call", lang, _script_data(report, lines, timeline, t), context, LIBRARIES)


def _gauges(report: CallReport, standard: Standard, t: Mapping[str, str]) -> dict[str, Any]:
    facts, targets = report.facts, targets_of(standard)
    outcomes = {v.rule: v.outcome for v in report.verdicts}
    return {
        "targets": targets,
        "rate_target": gauges.band_words(targets.rate_per_minute, "", t),
        "level_target": gauges.band_words(targets.level_dbov, " dBov", t),
        "rates": gauges.rate_gauges(facts, targets, outcomes, t),
        "level": gauges.level_gauge(facts, targets, outcomes, t),
        "qualities": gauges.quality_rows(facts, t),
        "dots": gauges.level_dots(facts, targets),
        "rate_chart": rate_chart(facts, targets, t),
        "ring_told": gauges.told_by(outcomes, targets.ring_count),
        "pips": gauges.ring_pips(facts, targets),
        "ring": facts.measures.ring,
        "wait": gauges.longest_wait(facts),
        "waits_line": gauges.waits_line(facts, t),
    }


def _score_line(report: CallReport, t: Mapping[str, str]) -> dict[str, Any]:
    """The score as it may be said: a point where nothing is open, else a range, else nothing with its reason."""
    score = report.score
    low = score.low if score.low is not None else score.value
    high = score.high if score.high is not None else score.value
    if low is None or high is None:
        return {"text": "–", "note": score.reason or t["nothing_judged"], "low": 0, "high": 0, "known": False}
    if round(low, 1) == round(high, 1):
        return {"text": number(low), "note": t["score_exact"], "low": low, "high": high, "known": True}
    note = t["score_range"].format(low=number(low), high=number(high))
    return {"text": f"{number(low, 0)}–{number(high, 0)}", "note": note, "low": low, "high": high, "known": True}


def _reviewed(report: CallReport, standard: Standard, t: Mapping[str, str]) -> dict[str, Any] | None:
    """The score after review with its sum, and how many decisions it rests on; ``None`` where nobody has decided."""
    found = as_reviewed(report, standard)
    if found is None:
        return None
    decided = [kind for entries in report.reviews.values() if (kind := (standing(entries) or {}).get("decision"))]
    note = t["reviewed_note"].format(n=len(decided), overturned=decided.count(OVERTURN))
    return {"score": _score_line(found, t), "sum": arithmetic(found, standard), "fatal": found.score.fatal, "note": note}


def _roles_line(report: CallReport, t: Mapping[str, str]) -> str:
    roles = report.facts.roles
    if roles.agent is None or roles.customer is None:
        return t["roles_unknown"] + (f" ({roles.reason})" if roles.reason else "")
    return t["roles_found"].format(
        agent=t.get(f"channel_{roles.agent}", roles.agent),
        customer=t.get(f"channel_{roles.customer}", roles.customer),
        method=t.get(f"method_{roles.method}", roles.method),
        margin=f"{100 * roles.margin:.0f} %",
    )


def _flat(report: CallReport) -> list[tuple[str, str]]:
    """What the report was made with, one line each; settings as JSON."""
    made = {"standard_version": report.standard_version, **report.made_with}
    return [(str(k), v if isinstance(v, str) else serial.dumps(serial.to_plain(v))) for k, v in made.items()]


def _numbers(peaks: Sequence[int]) -> str:
    """Numbers from -255 to 255 as JSON: of thousands, each is written out once."""
    return "[" + ",".join(map(_WRITTEN.__getitem__, peaks)) + "]"


_WRITTEN = [str(n) for n in (*range(ENVELOPE_FULL_SCALE + 1), *range(-ENVELOPE_FULL_SCALE, 0))]  # negative ones are found from its end


def _script_data(report: CallReport, lines: tuple[Line, ...], timeline: Timeline, t: Mapping[str, str]) -> dict[str, Any]:
    return {
        "lanes": Written("[" + ",".join(_numbers(lane.peaks) for lane in timeline.lanes) + "]"),
        "duration_s": report.facts.call.duration_s,
        "lines": [[i, line.start_s, line.end_s] for i, line in enumerate(lines) if line.kind == "utterance"],
        "texts": {key: t[key] for key in ("play", "pause", "audio_error")},
    }
