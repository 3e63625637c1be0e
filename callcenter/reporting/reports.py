"""The figures of a span of days: about the line, never about one consultant.

Two statements, each along an index over the days that are asked for: the tickets by hour, language,
topic and outcome, which are then summed in whatever way a table wants, and the waits that ended.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Integer, Select, case, cast, extract, func, select, text, tuple_
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import WARSAW
from callcenter.reporting.proportions import Proportion
from models import Left, Outcome, Ticket, Topic, Waiting

Name = TypeVar("Name")

LONGEST = timedelta(days=366)
HOURS = 24
SOON_S = (20, 60)


@dataclass(frozen=True)
class Days:
    """From the first to the last day, both whole and in Warsaw."""

    first: date
    last: date

    @property
    def begins(self) -> datetime:
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The moment after the last one."""
        return _midnight(self.last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), WARSAW).astimezone(UTC)


def last_days(count: int, now: datetime) -> Days:
    """Today in Warsaw and the days before it, `count` in all."""
    today = now.astimezone(WARSAW).date()
    return Days(today - timedelta(days=count - 1), today)


class Ending(StrEnum):
    """How a call or its ticket ended. Each ticket has exactly one ending."""

    BY_LINE = "by_line"
    GUIDED = "guided"
    BY_AGENT = "by_agent"
    ANSWERED_LATER = "answered_later"
    LEFT_OPEN = "left_open"
    ABANDONED = "abandoned"
    INFORMED_OF_OUTAGE = "informed_of_outage"


IN_THE_CALL = (Ending.BY_LINE, Ending.GUIDED, Ending.BY_AGENT)
_ENDINGS = {
    Outcome.RESOLVED_BY_LINE: Ending.BY_LINE,
    Outcome.GUIDED: Ending.GUIDED,
    Outcome.LEFT_OPEN: Ending.LEFT_OPEN,
    Outcome.ABANDONED: Ending.ABANDONED,
    Outcome.INFORMED_OF_OUTAGE: Ending.INFORMED_OF_OUTAGE,
}


@dataclass(frozen=True)
class Group:
    """Some of the calls, by how they ended."""

    endings: Counter[Ending]

    @property
    def calls(self) -> int:
        return self.endings.total()

    @property
    def in_the_call(self) -> Proportion:
        """The calls that needed nothing more when the caller hung up."""
        return Proportion(sum(self.endings[ending] for ending in IN_THE_CALL), self.calls)

    def share(self, ending: Ending) -> Proportion:
        return Proportion(self.endings[ending], self.calls)


@dataclass(frozen=True)
class Waits:
    """The waits that have ended. Seconds are those of answered callers."""

    ended: int = 0
    answered: int = 0
    hung_up: int = 0
    within: Sequence[int] = (0,) * len(SOON_S)
    median_s: int | None = None
    nine_tenths_s: int | None = None

    def soon(self, place: int) -> Proportion:
        """Answered within SOON_S[place] seconds, of all who waited."""
        return Proportion(self.within[place], self.ended)

    @property
    def lost(self) -> Proportion:
        return Proportion(self.hung_up, self.ended)


@dataclass(frozen=True)
class Report:
    """The figures of the days. Calls that `last` and the `internal` ones are in no group."""

    all: Group
    by_hour: Sequence[Group]
    by_topic: Sequence[tuple[Topic | None, Group]]
    by_language: Sequence[tuple[str, Group]]
    last: int
    internal: int
    waits: Waits = field(default_factory=Waits)
    waits_by_language: Mapping[str, Waits] = field(default_factory=dict)

    @property
    def busiest(self) -> int:
        """The most calls that one hour of the day had."""
        return max(hour.calls for hour in self.by_hour)


@dataclass(frozen=True)
class _Cell:
    """The number of tickets with the same hour, language, topic and outcome."""

    hour: int
    language: str
    topic: Topic | None
    outcome: Outcome | None
    in_the_call: bool
    count: int

    @property
    def ending(self) -> Ending | None:
        """The ending; None for internal calls and calls that last."""
        if self.outcome is Outcome.RESOLVED_BY_AGENT:
            return Ending.BY_AGENT if self.in_the_call else Ending.ANSWERED_LATER
        return _ENDINGS.get(self.outcome) if self.outcome else None


def report(session: Session, days: Days) -> Report:
    """The figures of the calls that came, and of the waits that ended, on these days."""
    cells = [_Cell(*row) for row in session.execute(tickets_query(days))]
    waits = dict(_waits(*row) for row in session.execute(waits_query(days)))
    hours = _groups(cells, lambda cell: cell.hour)
    return Report(
        all=_group(cells),
        by_hour=[hours.get(hour, Group(Counter())) for hour in range(HOURS)],
        by_topic=_most_first(_groups(cells, lambda cell: cell.topic)),
        by_language=_most_first(_groups(cells, lambda cell: cell.language)),
        last=sum(cell.count for cell in cells if cell.outcome is None),
        internal=sum(cell.count for cell in cells if cell.outcome is Outcome.INTERNAL),
        waits=waits.pop(None, Waits()),
        waits_by_language={language: each for language, each in waits.items() if language},
    )


def waits_of(session: Session, days: Days) -> Waits:
    """The waits that ended on these days, in all languages."""
    return dict(_waits(*row) for row in session.execute(waits_query(days))).get(None, Waits())


def tickets_query(days: Days) -> Select[*tuple[Any, ...]]:
    """How many tickets there are of each hour, language, topic and outcome."""
    hour = cast(extract("hour", func.timezone(str(WARSAW), Ticket.opened_at)), Integer)
    kinds = (hour, Ticket.language, Ticket.topic, Ticket.outcome, Ticket.resolved_during_call)
    within = (Ticket.opened_at >= days.begins, Ticket.opened_at < days.ends)
    # By place: the hour is a sum of its own in the list and in the grouping otherwise.
    return select(*kinds, func.count()).where(*within).group_by(*map(text, "12345"))


def waits_query(days: Days) -> Select[*tuple[Any, ...]]:
    """The waits of each language, and of all of them (language None): columns as `_waits` has."""
    answered = Waiting.how == Left.BRIDGED
    waited = extract("epoch", Waiting.left_at - Waiting.since)
    of_answered = case((answered, waited))
    return (
        select(
            Waiting.language,
            func.count(),
            func.count().filter(answered),
            func.count().filter(Waiting.how == Left.HANGUP),
            *(func.count().filter(of_answered <= s) for s in SOON_S),
            func.percentile_cont(0.5).within_group(of_answered),
            func.percentile_cont(0.9).within_group(of_answered),
        )
        .where(Waiting.left_at >= days.begins, Waiting.left_at < days.ends)
        .group_by(func.grouping_sets(tuple_(), Waiting.language))
    )


def _waits(
    language: str | None,
    ended: int,
    answered: int,
    hung_up: int,
    within_20: int,
    within_60: int,
    median: float | None,
    nine_tenths: float | None,
) -> tuple[str | None, Waits]:
    seconds = (None if each is None else round(each) for each in (median, nine_tenths))
    return language, Waits(ended, answered, hung_up, (within_20, within_60), *seconds)


def _group(cells: Iterable[_Cell]) -> Group:
    endings: Counter[Ending] = Counter()
    for cell in cells:
        if cell.ending:
            endings[cell.ending] += cell.count
    return Group(endings)


def _groups(cells: Iterable[_Cell], name: Callable[[_Cell], Name]) -> dict[Name, Group]:
    found: dict[Name, list[_Cell]] = {}
    for cell in cells:
        found.setdefault(name(cell), []).append(cell)
    return {named: _group(of_it) for named, of_it in found.items()}


def _most_first(groups: dict[Name, Group]) -> list[tuple[Name, Group]]:
    """Those with most calls first; those without any are left out."""
    called = [(name, group) for name, group in groups.items() if group.calls]
    return sorted(called, key=lambda each: each[1].calls, reverse=True)
