"""Announcements as entries of the board: on, coming or over at a moment."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from models import Scope

MOST_AT_ONCE = 2
State = Literal["coming", "on", "over"]


_URGENCY = {Scope.SWITCHBOARD: 0, Scope.SERVICE: 1}


@dataclass(frozen=True)
class Period:
    """From when to when, in UTC; no `ends_at`: the end is not known."""

    starts_at: datetime
    ends_at: datetime | None = None

    def covers(self, now: datetime) -> bool:
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True)
class Notice:
    """An announcement as a call needs it: its words in each language, and when they are on.

    One whose date was changed names the announcement that it `replaces`, and the periods that were
    told `before`. `by` is who put it on the board while it could not be saved.
    """

    uid: str
    scope: Scope
    text: Mapping[str, str]
    periods: tuple[Period, ...]
    sounds: Mapping[str, str] = field(default_factory=dict)
    template: str | None = None
    made_at: datetime | None = None
    ended_at: datetime | None = None
    replaces: str | None = None
    before: tuple[Period, ...] = ()
    unsaved: bool = False
    by: str | None = None

    def state(self, now: datetime) -> State:
        if self.ended_at is not None and self.ended_at <= now:
            return "over"
        if any(period.covers(now) for period in self.periods):
            return "on"
        return "coming" if any(period.starts_at > now for period in self.periods) else "over"

    def period(self, now: datetime) -> Period:
        """The period that matters at `now`: the current one, else the next, else the last."""
        on = [period for period in self.periods if period.covers(now)]
        ahead = [period for period in self.periods if period.starts_at > now]
        if on:
            return max(on, key=_start)
        return min(ahead, key=_start, default=self.periods[-1])

    @property
    def fact(self) -> tuple[Scope, str]:
        """The fact that it tells. Callers hear only one announcement of each fact."""
        return self.scope, " ".join(self.text["pl"].split()).casefold()

    @property
    def over_at(self) -> datetime | None:
        """When it was, or will be, over; None while its end is not known."""
        ends = [period.ends_at for period in self.periods]
        last = None if None in ends else max(end for end in ends if end)
        return min((end for end in (self.ended_at, last) if end), default=None)


def _start(period: Period) -> datetime:
    return period.starts_at


def on_now(notices: Iterable[Notice], now: datetime) -> tuple[Notice, ...]:
    """What callers hear at `now`: the most urgent first, at most two, no fact twice."""
    return facts_on(notices, now)[:MOST_AT_ONCE]


def facts_on(notices: Iterable[Notice], now: datetime) -> tuple[Notice, ...]:
    """All that is on at `now`, no fact twice.

    The line comes before the service; of one scope the one that began last is the news, and of two
    that began together the one that was made last.
    """
    on = [notice for notice in notices if notice.state(now) == "on"]
    on.sort(key=lambda notice: (_began(notice, now), _made(notice)), reverse=True)
    on.sort(key=lambda notice: _URGENCY[notice.scope])
    told: dict[tuple[Scope, str], Notice] = {}
    for notice in on:
        told.setdefault(notice.fact, notice)
    return tuple(told.values())


def _began(notice: Notice, now: datetime) -> datetime:
    return notice.period(now).starts_at


def _made(notice: Notice) -> datetime:
    return notice.made_at or datetime.min.replace(tzinfo=UTC)


def to_json(notice: Notice) -> dict[str, Any]:
    """The notice as JSON holds it."""
    plain = asdict(notice)
    for name in _PERIODS:
        plain[name] = [[_iso(p.starts_at), _iso(p.ends_at)] for p in getattr(notice, name)]
    return plain | {name: _iso(getattr(notice, name)) for name in _MOMENTS}


def from_json(plain: dict[str, Any]) -> Notice:
    """The notice of `to_json`. Raises ValueError, KeyError or TypeError for anything else."""
    text = {str(language): str(words) for language, words in dict(plain["text"]).items()}
    moments = {name: _moment(plain.get(name)) for name in _MOMENTS}
    periods = {name: tuple(map(_period, plain.get(name, ()))) for name in _PERIODS}
    if "pl" not in text or not periods["periods"]:
        raise ValueError("an announcement has Polish words and a period")
    given = {**plain, "scope": Scope(plain["scope"]), "text": text, **moments, **periods}
    return Notice(**given)


_PERIODS = ("periods", "before")


_MOMENTS = ("made_at", "ended_at")


def _period(pair: list[str | None]) -> Period:
    start, end = map(_moment, pair)
    if start is None:
        raise ValueError("a period starts")
    return Period(start, end)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
