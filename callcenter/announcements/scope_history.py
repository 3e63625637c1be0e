"""The last ninety days of a scope, day by day: how long each day was it out, or in maintenance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from callcenter.announcements.notices import Notice, Period
from callcenter.calendar.deadlines import WARSAW
from callcenter.tickets.paging import hours_of
from models import Scope, Template

DAYS = 90


@dataclass(frozen=True)
class Day:
    """A day in Warsaw, and the minutes of it that were an outage or maintenance."""

    day: date
    outage: int
    maintenance: int


def actual_times(notice: Notice) -> tuple[Period, ...]:
    """When it was really on: shortened if it was ended early, empty if it was cancelled."""
    end = notice.ended_at
    if end is None:
        return notice.periods
    began = [period for period in notice.periods if period.starts_at < end]
    return tuple(Period(p.starts_at, min(p.ends_at or end, end)) for p in began)


def days(notices: Iterable[Notice], scope: Scope, now: datetime) -> Sequence[Day]:
    """The days up to today, the oldest first. Two announcements of one minute count it once."""
    outages: list[Period] = []
    maintenance: list[Period] = []
    for notice in notices:
        if notice.scope is scope:
            planned = notice.template == Template.MAINTENANCE
            (maintenance if planned else outages).extend(actual_times(notice))
    today = now.astimezone(WARSAW).date()
    return [
        Day(day, _minutes(outages, day, now), _minutes(maintenance, day, now))
        for day in (today - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1))
    ]


def _minutes(periods: Iterable[Period], day: date, now: datetime) -> int:
    """The minutes of the day that the periods cover. A minute counts once it has begun."""
    first, last = hours_of(day)
    last = min(last, now)
    reached, seconds = first, 0.0
    for period in sorted(periods, key=lambda each: each.starts_at):
        start, end = max(period.starts_at, reached), min(period.ends_at or last, last)
        if end > start:
            seconds += (end - start).total_seconds()
            reached = end
    return -int(-seconds // 60)
