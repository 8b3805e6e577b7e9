"""Events: what triggers rules. Here the detector types that packs fill with data; those that every call has are in ``built_in_events``.

A detector type is one entry of :data:`DETECTORS`: the options it takes and a function ``(context, options) -> When``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..records import AGENT, PARTIES
from .answers import NO, PERHAPS, YES, Occurrence, When
from .bursts import BURSTS_OPTIONS, NOTICE_OPTIONS, detect_bursts, detect_notice
from .calendar import festival_on
from .context import MISSING, Context, unknown
from .exceptions import about_others, excepted, in_its_turn
from .finder import SAID, Found
from .holds import HOLD_KINDS, OwnTime, hold_episodes
from .marks import RECORD_OPTIONS, SPEECH_OPTIONS, detect_record, detect_speech, in_doubt, repeats_other, sayings, stands_alone
from .schema import Option, Where
from .turns import IGNORED_OPTIONS, TURN_OPTIONS, detect_ignored, detect_turns
from .windows import EDGE_S, ENDLESS_S


@dataclass(frozen=True)
class Detector:
    """An event type: its options and how it is detected."""

    options: Mapping[str, Option]
    detect: Callable[[Context, Mapping[str, Any]], When]


def _says(context: Context, options: Mapping[str, Any]) -> When:
    if not context.speakers_known:
        return unknown("speakers_unknown")
    start_s, end_s, sure = 0.0, ENDLESS_S, not options["weak"]
    if options["after"] is not None:
        earlier = context.holds(options["after"])
        if earlier.state not in (YES, PERHAPS) or not earlier.anchors:
            return When(NO) if earlier.state in (NO, YES, PERHAPS) else earlier
        sure = sure and earlier.state == YES
        start_s = _turn_end_s(context, options["by"], earlier.anchors[0])
    window = context.window(options["by"], options["where"])
    if window is None:
        return When(NO)
    window = (max(start_s, window[0]), min(end_s, window[1]))
    found = [
        Occurrence(f.start_s, f.end_s, sure and _is_sure(context, options, f), f.hits[0].quote)
        for phrase in options["says"]
        for f in sayings(context, options, phrase, window)
        if not _excluded(context, options, f)
    ]
    return When.of(tuple(sorted(found, key=lambda o: o.start_s)))


def _is_sure(context: Context, options: Mapping[str, Any], found: Found) -> bool:
    """Whether what was found was surely said and, where something must stand beside it, surely means the event."""
    if found.state != SAID or in_doubt(context, options["by"], found):
        return False
    return not options["beside"] or in_its_turn(context, options["by"], found, options["beside"])


def _turn_end_s(context: Context, speaker: str, occurrence: Occurrence) -> float:
    """End of the turn an occurrence lies in: what follows in the same breath is not "after" it."""
    turn = context.window(speaker, Where("turn"), occurrence)
    return max(occurrence.end_s, turn[1] - EDGE_S) if turn else occurrence.end_s


def _excluded(context: Context, options: Mapping[str, Any], found: Any) -> bool:
    """Whether what was found is no saying of the event: part of something else, not alone in its turn, or no news."""
    speaker, spare = options["by"], options["spare_characters"]
    if excepted(context, speaker, found, options["unless"], options["unless_turn"]):
        return True
    if options["others"] and about_others(context, speaker, found, options["others"], options["ours"]):
        return True
    if spare is not None and not stands_alone(context, speaker, found, spare):
        return True
    if context.finder.courtesy_instead(speaker, found) == SAID:
        return True
    return bool(options["news"]) and repeats_other(context, speaker, found)


def _wait(context: Context, options: Mapping[str, Any]) -> When:
    kinds, longer_s = options["kinds"], options["longer_s"]
    waits = (w for w in context.facts.measures.waits if w.kind in kinds and w.end_s - w.start_s > longer_s)
    return When.of(tuple(Occurrence(w.start_s, w.end_s) for w in waits))


def _hold(context: Context, options: Mapping[str, Any]) -> When:
    if not context.speakers_known:
        return unknown("speakers_unknown")
    own_time = OwnTime(options["own_time"], options["takes_time"], options["checks_back"])
    episodes = hold_episodes(context, options["joined_by"], options["longer_s"], options["kinds"], own_time)
    if options["before"] is not None:
        limit = context.holds(options["before"])
        if limit.anchors:
            episodes = [e for e in episodes if e.start_s < limit.anchors[-1].start_s]
    if options["after"] is not None:
        first = context.holds(options["after"])
        episodes = [e for e in episodes if first.anchors and e.start_s >= first.anchors[0].start_s]
    return When.of(tuple(episodes))


def _measure(context: Context, options: Mapping[str, Any]) -> When:
    value, reason = context.measure(options["path"])
    if value is None:
        return unknown("measure_unknown", measure=options["path"], why=reason)
    below, above = options["below"], options["above"]
    return When(YES if (below is None or value < below) and (above is None or value > above) else NO)


def _sidecar(context: Context, options: Mapping[str, Any]) -> When:
    value = context.sidecar(options["field"])
    if value is MISSING:
        assumed = {"yes": True, "no": False}.get(options["if_missing"])
        return When.state_of(assumed, "sidecar_lacks", field=options["field"])
    if options["given"]:
        return When(YES)
    if options["empty"] is not None:
        return When(YES if (not value) == options["empty"] else NO)
    if options["contains"] is not None:
        return When(YES if options["contains"] in str(value) else NO)
    if options["above"] is not None or options["below"] is not None:
        above, below = options["above"], options["below"]
        if not isinstance(value, int | float):
            return unknown("record_no_number", field=options["field"])
        return When(YES if (above is None or value > above) and (below is None or value < below) else NO)
    wanted = options["is"] if isinstance(options["is"], tuple) else (options["is"],)
    values = value if isinstance(value, list) else [value]
    return When(YES if any(v in wanted for v in values) else NO)


def _clock(context: Context, options: Mapping[str, Any]) -> When:
    moment = context.local_start(by_clock=True)
    if isinstance(moment, When):
        return moment
    hours = moment.hour + moment.minute / 60
    return When(YES if options["from_h"] <= hours < options["to_h"] else NO)


def _festival(context: Context, options: Mapping[str, Any]) -> When:
    moment = context.local_start()
    if isinstance(moment, When):
        return moment
    return When(YES if festival_on(moment.date()) in options["names"] else NO)


def _long_turn(context: Context, options: Mapping[str, Any]) -> When:
    if not context.speakers_known:
        return unknown("speakers_unknown")
    speaker, since_s = options["by"], -1.0
    if options["after"] is not None:
        earlier = context.holds(options["after"])
        if not earlier.anchors:
            return When(NO)
        since_s = earlier.anchors[0].end_s
    turns = [Occurrence(x.start_s, x.end_s) for x in context.dialogue.of(speaker) if len(x.text) >= options["least_characters"]]
    return When.of(tuple(t for t in turns if t.start_s > since_s and not _mentions(context, speaker, options["unless"], t)))


def _turn_level(context: Context, options: Mapping[str, Any]) -> When:
    """Turns of a party that are fainter (or louder) than a limit and long enough to be measured."""
    level = context.facts.measures.level.get(options["by"])
    if level is None or not context.speakers_known:
        return unknown("speakers_unknown")
    below, above = options["below"], options["above"]
    return When.of(
        tuple(
            Occurrence(t.start_s, t.end_s)
            for t in level.turns
            if t.end_s - t.start_s >= options["least_s"]
            and (below is None or t.level_dbov < below)
            and (above is None or t.level_dbov > above)
        )
    )


def _mentions(context: Context, speaker: str, phrases: tuple[Any, ...], turn: Occurrence) -> bool:
    window = (turn.start_s - EDGE_S, turn.end_s + EDGE_S)
    return bool(phrases) and context.finder.best_of(speaker, phrases, window, fuzzy=False).state == SAID


def _condition(context: Context, options: Mapping[str, Any]) -> When:
    answer: When = context.holds(options["condition"])
    if options["first"] and answer.anchors:
        return When(answer.state, answer.anchors[:1], answer.reason, answer.args)
    return answer


_PARTY = Option("choice", default=AGENT, choices=PARTIES)
DETECTORS: dict[str, Detector] = {
    "says": Detector(
        {
            "by": Option("choice", required=True, choices=PARTIES),
            "says": Option("phrases", required=True),
            "unless": Option("phrases", default=()),
            "unless_turn": Option("phrases", default=()),
            "beside": Option("phrases", default=()),
            "others": Option("phrases", default=()),
            "ours": Option("phrases", default=()),
            "where": Option("where", default=Where("call")),
            "after": Option("condition"),
            "weak": Option("flag", default=False),
            "fuzzy": Option("flag", default=False),
            "spare_characters": Option("number"),
            "news": Option("flag", default=False),
            "in_one_turn": Option("flag", default=False),
        },
        _says,
    ),
    "wait": Detector(
        {"kinds": Option("texts", required=True), "longer_s": Option("number", default=2.0)},
        _wait,
    ),
    "hold": Detector(
        {
            "longer_s": Option("number", required=True),
            "joined_by": Option("phrases", default=()),
            "own_time": Option("phrases", default=()),
            "takes_time": Option("phrases", default=()),
            "checks_back": Option("phrases", default=()),
            "kinds": Option("texts", default=HOLD_KINDS),
            "before": Option("condition"),
            "after": Option("condition"),
        },
        _hold,
    ),
    "measure": Detector(
        {"path": Option("measure", required=True), "below": Option("number"), "above": Option("number")}, _measure
    ),
    "sidecar": Detector(
        {
            "field": Option("text", required=True),
            "is": Option("value"),
            "given": Option("flag", default=False),
            "empty": Option("flag"),
            "contains": Option("text"),
            "above": Option("number"),
            "below": Option("number"),
            "if_missing": Option("choice", default="unknown", choices=("yes", "no", "unknown")),
        },
        _sidecar,
    ),
    "clock": Detector({"from_h": Option("number", required=True), "to_h": Option("number", required=True)}, _clock),
    "bursts": Detector(BURSTS_OPTIONS, detect_bursts),
    "notice": Detector(NOTICE_OPTIONS, detect_notice),
    "speech": Detector(SPEECH_OPTIONS, detect_speech),
    "record": Detector(RECORD_OPTIONS, detect_record),
    "turn": Detector(TURN_OPTIONS, detect_turns),
    "ignored": Detector(IGNORED_OPTIONS, detect_ignored),
    "festival": Detector({"names": Option("texts", required=True)}, _festival),
    "long_turn": Detector(
        {
            "by": _PARTY,
            "least_characters": Option("number", required=True),
            "after": Option("condition"),
            "unless": Option("phrases", default=()),
        },
        _long_turn,
    ),
    "turn_level": Detector(
        {
            "by": Option("choice", required=True, choices=PARTIES),
            "below": Option("number"),
            "above": Option("number"),
            "least_s": Option("number", default=1.0),
        },
        _turn_level,
    ),
    "condition": Detector(
        {"condition": Option("condition", required=True), "first": Option("flag", default=False)}, _condition
    ),
}
