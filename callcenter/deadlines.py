"""Working days and last moments, as they are counted in Warsaw."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from holidays import HolidayBase

from words.facts import FACTS

WARSAW = ZoneInfo("Europe/Warsaw")


@cache
def _polish_holidays() -> HolidayBase:
    return holidays.country_holidays("PL")


def is_working_day(day: date) -> bool:
    """Monday to Friday except Polish public holidays."""
    return day.weekday() < 5 and day not in _polish_holidays()


def end_of_day(day: date) -> datetime:
    """23:59:59 in Warsaw on `day`, in UTC."""
    return datetime.combine(day, time(23, 59, 59), WARSAW).astimezone(UTC)


def answer_due(opened_at: datetime) -> datetime:
    """The end of the last working day on which a ticket opened at `opened_at` is answered."""
    day, left = opened_at.astimezone(WARSAW).date(), FACTS.working_days
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return end_of_day(day)


def complaint_due(answered_at: datetime) -> datetime:
    """The end of the last calendar day on which an answer can be complained about."""
    day = answered_at.astimezone(WARSAW).date() + timedelta(days=FACTS.complaint_days)
    return end_of_day(day)


def spoken_day(moment: datetime) -> str:
    """The day of `moment` in Warsaw, as words/ takes it: YYYY-MM-DD."""
    return moment.astimezone(WARSAW).date().isoformat()
