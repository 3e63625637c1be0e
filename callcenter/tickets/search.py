"""Finds tickets and calls, one page at a time.

The time for a page does not depend on the number of rows. A page is found by the place where the
one before it ended; no OFFSET is used, and matches are never counted. Every filter has an index in
the order of the page (models/ticket.py). `bench/search.py` measures each combination.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    false,
    func,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Session, selectinload

from callcenter.calendar.deadlines import Span
from callcenter.callers.identity import UNUSABLE, WITHHELD, parse_caller
from callcenter.tickets import full_text
from callcenter.tickets.paging import NEVER, PAGE, Page, Place, hours_of
from callcenter.tickets.ticket_numbers import written
from models import Call, Callback, Kind, Status, Ticket, TicketWords, Topic

WORDS = {
    "zastrzeżony": WITHHELD,
    "numer zastrzeżony": WITHHELD,
    "withheld": WITHHELD,
    "number withheld": WITHHELD,
    "nieczytelny": UNUSABLE,
    "nieczytelny numer": UNUSABLE,
    "unusable": UNUSABLE,
    "unusable number": UNUSABLE,
}


class Sort(StrEnum):
    """What a list of tickets is ordered by, and which end comes first."""

    NEWEST = "-opened"
    OLDEST = "opened"
    DUE_SOON = "due"
    DUE_LATE = "-due"
    CHANGED = "-changed"
    UNCHANGED = "changed"

    @property
    def falls(self) -> bool:
        """Whether the order is descending."""
        return self.value.startswith("-")


@dataclass(frozen=True)
class Wanted:
    """The filters of a ticket list; None means no filter. `day` is a day in Warsaw.

    Each of the `words` must begin some word of the ticket's notes. `due` selects the open tickets
    with a due date in that span, and sorts by due date unless `sort` is set.
    """

    caller: str | None = None
    status: Status | None = None
    topic: Topic | None = None
    kind: Kind | None = None
    language: str | None = None
    day: date | None = None
    call_sid: str | None = None
    assigned_to: int | None = None
    words: str | None = None
    due: Span | None = None
    sort: Sort | None = None

    @property
    def order(self) -> Sort:
        return self.sort or (Sort.DUE_SOON if self.due else Sort.NEWEST)


def find_tickets(
    session: Session, wanted: Wanted, after: Place | None = None, size: int = PAGE
) -> Page[Ticket]:
    """A page of the tickets that match, in `wanted.order`; `after` is `next` of the page before."""
    rows = session.scalars(tickets_query(wanted, after, size)).all()
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], _place(wanted, last) if last else None)


def _place(wanted: Wanted, last: Ticket) -> Place:
    if wanted.order in (Sort.DUE_SOON, Sort.DUE_LATE):
        return Place(last.due_at or NEVER, last.id)
    by_change = wanted.order in (Sort.CHANGED, Sort.UNCHANGED)
    return Place(last.changed_at if by_change else last.opened_at, last.id)


def tickets_query(wanted: Wanted, after: Place | None, size: int | None) -> Select[Ticket]:
    """The query for a page of tickets, with their related rows.

    It asks for one row more than `size`, which tells whether another page follows. `size` None
    asks for all rows.
    """
    limit = size + 1 if size else None
    if wanted.words is not None and not full_text.words_in(wanted.words):
        # Text without letters and digits matches no ticket.
        query = select(Ticket).where(false())
    elif wanted.due or wanted.order is not Sort.NEWEST:
        query = _sorted_query(wanted, after)
    elif wanted.words:
        query = _words_query(wanted, wanted.words, after, limit)
    else:
        query = select(Ticket).where(*_conditions(wanted), *_behind(after))
        query = query.order_by(Ticket.opened_at.desc(), Ticket.id.desc())
    together = (Ticket.call, Ticket.related_to, Ticket.merged_into, Ticket.assigned_to)
    return query.limit(limit).options(*(selectinload(each) for each in together))


def _behind(after: Place | None) -> list[ColumnElement[bool]]:
    return [tuple_(Ticket.opened_at, Ticket.id) < (after.at, after.id)] if after else []


def _sorted_query(wanted: Wanted, after: Place | None) -> Select[Ticket]:
    query = select(Ticket).where(*_conditions(wanted), *_due_within(wanted.due))
    if wanted.words and full_text.words_in(wanted.words):
        query = query.join(TicketWords, TicketWords.ticket_id == Ticket.id).where(
            full_text.has_words(full_text.asked(wanted.words), func.week_of(TicketWords.opened_at))
        )
    by = _ordered_by(wanted)
    if after:
        here, last = tuple_(by, Ticket.id), (after.at, after.id)
        query = query.where(here < last if wanted.order.falls else here > last)
    ends = (by, Ticket.id)
    return query.order_by(*(each.desc() if wanted.order.falls else each for each in ends))


def _ordered_by(wanted: Wanted) -> SQLColumnExpression[Any]:
    """The column to sort by. A ticket without a due date counts as due at NEVER."""
    if wanted.order in (Sort.DUE_SOON, Sort.DUE_LATE):
        return Ticket.due_at if wanted.due else func.coalesce(Ticket.due_at, NEVER)
    by_change = wanted.order in (Sort.CHANGED, Sort.UNCHANGED)
    return Ticket.changed_at if by_change else Ticket.opened_at


def _due_within(due: Span | None) -> list[ColumnElement[bool]]:
    if due is None:
        return []
    found = [Ticket.status == Status.OPEN, Ticket.due_at.is_not(None), Ticket.due_at < due.ends_at]
    return [*found, Ticket.due_at >= due.starts_at] if due.starts_at else found


def _words_query(
    wanted: Wanted, words: str, after: Place | None, limit: int | None
) -> Select[Ticket]:
    asked = full_text.asked(
        words,
        status=wanted.status,
        topic=wanted.topic,
        kind=wanted.kind,
        language=wanted.language,
        assigned=wanted.assigned_to,
        caller=full_text.caller_mark(wanted.caller),
    )
    starts, ends = hours_of(wanted.day) if wanted.day else (None, None)
    inside = []
    if starts and ends:
        inside += [TicketWords.opened_at >= starts, TicketWords.opened_at < ends]
    if after:
        ends = min(ends, after.at) if ends else after.at
        here = tuple_(TicketWords.opened_at, TicketWords.ticket_id)
        inside.append(here < (after.at, after.id))
    weeks, found = full_text.ids_in_weeks(asked, starts, ends, limit, *inside)
    page = (
        select(found.c.ticket_id, found.c.opened_at)
        .select_from(weeks.join(found, true()))
        .limit(limit)
        .subquery("page")
    )
    query = select(Ticket).join(page, page.c.ticket_id == Ticket.id)
    if wanted.call_sid is not None:
        query = query.where(*_conditions(Wanted(call_sid=wanted.call_sid)))
    # Sort by the columns of `page`. With those of Ticket, a generic plan reads all tickets.
    return query.order_by(page.c.opened_at.desc(), page.c.ticket_id.desc())


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    same = {
        Ticket.caller: wanted.caller,
        Ticket.status: wanted.status,
        Ticket.topic: wanted.topic,
        Ticket.kind: wanted.kind,
        Ticket.language: wanted.language,
        Ticket.assigned_to_id: wanted.assigned_to,
    }
    conditions = [column == value for column, value in same.items() if value is not None]
    if wanted.call_sid is not None:
        of_sid = select(Call.id).where(Call.sid == wanted.call_sid)
        conditions.append(Ticket.call_id == of_sid.scalar_subquery())
    if wanted.day:
        starts, ends = hours_of(wanted.day)
        conditions += [Ticket.opened_at >= starts, Ticket.opened_at < ends]
    return conditions


def ticket_by_number(session: Session, number: str) -> Ticket | None:
    """The ticket with this number, in any notation that `ticket_numbers.written` reads, or None."""
    digits = written(number)
    return session.scalar(select(Ticket).where(Ticket.number == digits)) if digits else None


def latest_of_caller(session: Session, caller: str) -> Ticket | None:
    """The newest ticket of a caller. URLs name the caller by its number, never by telephone."""
    found = find_tickets(session, Wanted(caller=caller), size=1).items
    return found[0] if found else None


def of_caller(session: Session, caller: str, limit: int) -> list[Ticket]:
    """At most `limit` tickets of the caller: the open ones, then the others, each newest first.

    Open ones come first, because a call is probably about one of them. The list is empty for a
    withheld or unusable number, which does not identify a caller.
    """
    if caller in (WITHHELD, UNUSABLE) or limit < 1:
        return []
    open_ = find_tickets(session, Wanted(caller=caller, status=Status.OPEN), size=limit).items
    newest = find_tickets(session, Wanted(caller=caller), size=limit).items
    others = [ticket for ticket in newest if ticket.status is not Status.OPEN]
    return [*open_, *others][:limit]


def caller_written(text: str) -> str | None:
    """Parse a typed caller into the form that rows keep; None if it is no caller.

    A number without a country code is Polish. WORDS has the names of withheld and unusable numbers.
    """
    text = " ".join(text.split())
    word = text.casefold()
    if word in WORDS:
        return WORDS[word]
    caller = parse_caller(text) if word and text.isprintable() else UNUSABLE
    return None if caller == UNUSABLE else caller


def find_calls(
    session: Session,
    after: Place | None = None,
    size: int = PAGE,
    *,
    sid: str | None = None,
    turns: bool = False,
) -> Page[Call]:
    """A page of calls, the newest first, or the call with this `sid`.

    `after` is the `next` of the page before. `turns` loads the turns of all calls of the page, with
    one more query.
    """
    query = select(Call).order_by(Call.started_at.desc(), Call.id.desc()).limit(size + 1)
    if turns:
        query = query.options(selectinload(Call.turns))
    if sid is not None:
        query = query.where(Call.sid == sid)
    if after:
        query = query.where(tuple_(Call.started_at, Call.id) < (after.at, after.id))
    rows = session.scalars(query).all()
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], Place(last.started_at, last.id) if last else None)


def tickets_of(session: Session, calls: Sequence[Call]) -> dict[int, Ticket]:
    """The ticket of each call, by the call's id.

    An outgoing call has the ticket whose callback it serves.
    """
    inbound = [call.id for call in calls if call.callback_id is None]
    rows = session.scalars(select(Ticket).where(Ticket.call_id.in_(inbound)))
    found = {ticket.call_id: ticket for ticket in rows}
    if ours := [call for call in calls if call.callback_id]:
        wanted = Callback.id.in_({call.callback_id for call in ours})
        pairs = select(Callback.id, Ticket).join(Ticket, Ticket.id == Callback.ticket_id)
        asked = dict(session.execute(pairs.where(wanted)).tuples().all())
        found |= {call.id: asked[call.callback_id] for call in ours if call.callback_id}
    return found
