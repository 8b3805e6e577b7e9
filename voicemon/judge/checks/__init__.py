"""Check types by name. A new type is one file and one line here; everything else about a rule is data."""

from . import address, bursts, drawl, form, manner, measure, must_not_say, must_say, order, pace, records, respond, silence, turn_only
from .base import Check

CHECKS: dict[str, Check] = {
    "must_say": must_say.CHECK,
    "must_not_say": must_not_say.CHECK,
    "turn_only": turn_only.CHECK,
    "turn_start": manner.TURN_START,
    "respond": respond.CHECK,
    "count": manner.COUNT,
    "address": address.CHECK,
    "read_back": manner.READ_BACK,
    "interruptions": manner.INTERRUPTIONS,
    "pause": silence.PAUSE,
    "hold_gap": silence.HOLD_GAP,
    "measure": measure.MEASURE,
    "level_change": measure.LEVEL_CHANGE,
    "release": records.RELEASE,
    "sidecar": records.SIDECAR,
    "register": records.REGISTER,
    "callback": records.CALLBACK,
    "pace": pace.CHECK,
    "said_first": order.SAID_FIRST,
    "asks_and_waits": order.ASKS_AND_WAITS,
    "turn_end": form.TURN_END,
    "meets": form.MEETS,
    "burst_gap": bursts.BURST_GAP,
    "drawl": drawl.CHECK,
}
__all__ = ["CHECKS", "Check"]
