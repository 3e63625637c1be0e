"""Working days and last moments, as they are counted in Warsaw."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from holidays import HolidayBase

from words.facts import FACTS

WARSAW = ZoneInfo("Europe/Warsaw")


@cache
def _polish_holidays() -> HolidayBase:
    return holidays.country_holidays("PL")


# What lies further ahead was mistyped.
FURTHEST = timedelta(days=3653)


def is_working_day(day: date) -> bool:
    """Monday to Friday except Polish public holidays."""
    return day.weekday() < 5 and day not in _polish_holidays()


def end_of_day(day: date) -> datetime:
    """23:59:59 in Warsaw on `day`, in UTC."""
    return datetime.combine(day, time(23, 59, 59), WARSAW).astimezone(UTC)


def answer_due(opened_at: datetime) -> datetime:
    """The end of the last working day on which a ticket opened at `opened_at` is answered."""
    return working_days_later(opened_at, FACTS.working_days)


def working_days_later(moment: datetime, days: int) -> datetime:
    """The end of the working day that comes so many after the day of `moment` in Warsaw."""
    day = moment.astimezone(WARSAW).date()
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return end_of_day(day)


def complaint_due(answered_at: datetime) -> datetime:
    """The end of the last calendar day on which an answer can be complained about."""
    day = answered_at.astimezone(WARSAW).date() + timedelta(days=FACTS.complaint_days)
    return end_of_day(day)


def spoken_day(moment: datetime) -> str:
    """The day of `moment` in Warsaw, as words/ takes it: YYYY-MM-DD."""
    return moment.astimezone(WARSAW).date().isoformat()


@dataclass(frozen=True)
class Span:
    """From a moment (None: from the beginning of all) until before another."""

    starts_at: datetime | None
    ends_at: datetime


class Due(StrEnum):
    """The boards of the desk: no ticket is on two of them."""

    LATE = "late"
    TODAY = "today"
    WEEK = "week"


def span_of(due: Due, now: datetime) -> Span:
    """When a ticket on this board is due; `week` is the five working days after today."""
    tomorrow = end_of_day(now.astimezone(WARSAW).date()) + timedelta(seconds=1)
    return {
        Due.LATE: Span(None, now),
        Due.TODAY: Span(now, tomorrow),
        Due.WEEK: Span(tomorrow, working_days_later(now, 5) + timedelta(seconds=1)),
    }[due]
