"""How pages of announcements show days and times."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask
from flask_babel import format_date, get_locale

import words
from callcenter.announcements.board import board
from callcenter.announcements.notices import Notice, Period
from callcenter.calendar.deadlines import WARSAW
from callcenter.console.switchboard import outage_labels


def teach(app: Flask) -> None:
    """Give the templates of `app` these filters, and what callers hear now."""
    app.jinja_env.filters.update(day_of=day_of, times=times, times_of=times_of, clock=clock)
    app.context_processor(_told_now)


def day_of(day: date) -> str:
    """A day without a time, in the page's language."""
    return str(format_date(day, "d MMM y"))


def times(notice: Notice) -> str:
    """When the announcement is on, in the words of the page's language."""
    return times_of(notice.periods)


def times_of(periods: Sequence[Period]) -> str:
    """The same of its periods alone."""
    spans = [(period.starts_at, period.ends_at) for period in periods]
    return words.when(str(get_locale()), spans, date.min)


def clock(moment: str) -> str:
    """HH:MM in Warsaw of an ISO time; nothing of what is none."""
    try:
        return f"{datetime.fromisoformat(moment).astimezone(WARSAW):%H:%M}"
    except (ValueError, OverflowError):
        return ""


def _told_now() -> dict[str, Any]:
    """What callers hear now stands on every page of the desk."""
    return {"told_now": board().on_now(datetime.now(UTC)), "outage": outage_labels}
