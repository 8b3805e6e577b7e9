"""The clock and the calendar of a call: local time with its zone, and China's public festivals (lunar ones included)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from lunar_python import Solar

_SOLAR = {(1, 1): "new_year", (5, 1): "labour_day", (10, 1): "national_day", (12, 25): "christmas"}
_LUNAR = {(1, 1): "spring_festival", (5, 5): "dragon_boat", (8, 15): "mid_autumn"}


def local_time(started_at: str | None) -> datetime | None:
    """The call's start time from ISO 8601, in the zone it is written in; ``None`` if it is not given or not a time."""
    if not started_at:
        return None
    try:
        return datetime.fromisoformat(started_at.replace("Z", "+00:00"))
    except ValueError:
        return None


def is_utc(moment: datetime) -> bool:
    """Whether a time is written in UTC: what a program stored, which says nothing about the clock where the call was taken."""
    return moment.utcoffset() == timedelta(0)


def has_clock(started_at: str) -> bool:
    """Whether a time of day is given, and not a date alone."""
    return len(started_at) > len("2026-03-12")


def festival_on(day: date) -> str | None:
    """Name of the festival on that day, or ``None``: new_year, spring_festival, labour_day, dragon_boat, mid_autumn, national_day."""
    solar = _SOLAR.get((day.month, day.day))
    if solar:
        return solar
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return _LUNAR.get((lunar.getMonth(), lunar.getDay()))  # a leap month is negative
