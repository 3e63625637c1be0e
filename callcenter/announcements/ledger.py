"""The outage ledger: who heard an announcement and when, who asked for a call, what became of it.

A request counts for every announcement that its call heard, also when a changed announcement has
taken it over.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import WARSAW
from callcenter.reporting.proportions import Proportion
from callcenter.tickets.paging import PAGE, Page, Place
from callcenter.tickets.search import tickets_of
from models import Announcement, Call, Callback, Hearing, Reached, Ticket

MOST_BARS = 16
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WIDTHS = (
    *(MINUTE * n for n in (1, 5, 10, 15, 30)),
    *(HOUR * n for n in (1, 2, 3, 6, 12)),
    *(DAY * n for n in (1, 2, 7, 28)),
)


class Stage(StrEnum):
    """How far a request to be called has come."""

    WAITING = "waiting"
    CALLING = "calling"
    TOLD = "told"
    TEXTED = "texted"
    UNREACHED = "unreached"
    BY_CONSULTANT = "by_consultant"


@dataclass(frozen=True)
class Counts:
    """`calls` heard the announcement, from so many `numbers` that are known."""

    calls: int
    numbers: int
    stages: Counter[Stage]

    @property
    def asked(self) -> Proportion:
        return Proportion(self.stages.total(), self.calls)

    def share(self, stage: Stage) -> Proportion:
        """Of those who asked."""
        return Proportion(self.stages[stage], self.stages.total())


@dataclass(frozen=True)
class Bar:
    """So many calls heard it from `start` on, for the chart's width of time."""

    start: datetime
    count: int


@dataclass(frozen=True)
class Chart:
    """When it was heard: bars of one `width` without a gap."""

    width: timedelta
    bars: Sequence[Bar]

    @property
    def highest(self) -> int:
        return max((bar.count for bar in self.bars), default=0)


@dataclass(frozen=True)
class Line:
    """One call of the ledger."""

    at: datetime
    call: Call
    ticket: Ticket | None
    stage: Stage | None


def counts(session: Session, made: Announcement) -> Counts:
    """The figures of the announcement."""
    known = Call.caller.like("+%") | Call.caller.like("%:%")
    figures = select(func.count(), func.count(Call.caller.distinct()).filter(known))
    heard = figures.where(Hearing.announcement_id == made.id, Hearing.call_id == Call.id)
    calls, numbers = session.execute(heard).one()
    asked = select(Callback).where(
        Callback.announcement_id.is_not(None), Callback.ticket_id.in_(_tickets_that_heard(made))
    )
    return Counts(calls, numbers, Counter(map(stage_of, session.scalars(asked))))


def _tickets_that_heard(made: Announcement) -> Select[int]:
    heard = select(Hearing.call_id).where(Hearing.announcement_id == made.id)
    return select(Ticket.id).where(Ticket.call_id.in_(heard))


def stage_of(asked: Callback) -> Stage:
    """How far the request has come."""
    if asked.done_at:
        by_the_line = asked.outcome in (Reached.TOLD, Reached.TEXTED)
        return Stage(asked.outcome) if asked.outcome and by_the_line else Stage.BY_CONSULTANT
    if asked.outcome is Reached.UNREACHED:
        return Stage.UNREACHED
    return Stage.CALLING if asked.attempts else Stage.WAITING


def chart(session: Session, made: Announcement) -> Chart | None:
    """When the announcement was heard; None when it never was."""
    of_it = Hearing.announcement_id == made.id
    first = session.scalar(select(func.min(Hearing.at)).where(of_it))
    last = session.scalar(select(func.max(Hearing.at)).where(of_it))
    if first is None or last is None:
        return None
    width = _width(last - first)
    origin = _origin(first, width)
    start = func.date_bin(width, Hearing.at, origin)
    rows = session.execute(select(start, func.count()).where(of_it).group_by(start))
    heard = {begun.astimezone(UTC): count for begun, count in rows}
    bars = [origin + width * n for n in range((last - origin) // width + 1)]
    return Chart(width, [Bar(begun, heard.get(begun, 0)) for begun in bars])


def _width(span: timedelta) -> timedelta:
    """The least of the usual widths with which no more than MOST_BARS are needed."""
    fitting = (width for width in WIDTHS if span / width <= MOST_BARS - 1)
    return next(fitting, WIDTHS[-1] * (1 + span // (WIDTHS[-1] * (MOST_BARS - 1))))


def _origin(first: datetime, width: timedelta) -> datetime:
    """Where the first bar begins: a whole number of widths after midnight in Warsaw."""
    midnight = datetime.combine(first.astimezone(WARSAW).date(), time(), WARSAW).astimezone(UTC)
    return midnight + (first - midnight) // width * width


def lines(
    session: Session, made: Announcement, after: Place | None = None, size: int = PAGE
) -> Page[Line]:
    """The calls that heard it, the latest first; `after` is the `next` of the page before."""
    query = (
        select(Hearing, Call)
        .join(Call, Call.id == Hearing.call_id)
        .where(Hearing.announcement_id == made.id)
        .order_by(Hearing.at.desc(), Hearing.id.desc())
        .limit(size + 1)
    )
    if after:
        query = query.where(tuple_(Hearing.at, Hearing.id) < (after.at, after.id))
    rows = [(hearing, call) for hearing, call in session.execute(query)]
    tickets = tickets_of(session, [call for _, call in rows[:size]])
    stages = _stages(session, tickets.values())
    items = [_line(hearing, call, tickets.get(call.id), stages) for hearing, call in rows[:size]]
    last = rows[size - 1][0] if len(rows) > size else None
    return Page(items, Place(last.at, last.id) if last else None)


def _stages(session: Session, tickets: Iterable[Ticket]) -> dict[int, Stage]:
    """How far the requests of these tickets have come, by the ticket's id."""
    ids = {ticket.id for ticket in tickets}
    asked = select(Callback).where(
        Callback.ticket_id.in_(ids), Callback.announcement_id.is_not(None)
    )
    return {one.ticket_id: stage_of(one) for one in session.scalars(asked)}


def _line(hearing: Hearing, call: Call, ticket: Ticket | None, stages: dict[int, Stage]) -> Line:
    return Line(hearing.at, call, ticket, stages.get(ticket.id) if ticket else None)
