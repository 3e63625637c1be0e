"""Who wants to be called back, by a consultant or when an outage is over."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from callcenter import outage_calls, queue
from callcenter.board import board
from callcenter.callers import can_be_called
from callcenter.changes import something_changed
from callcenter.deeds import Case, Done, deed
from models import Announcement, Callback, Scope, Status, Ticket


def _kept_for_later(now: datetime) -> Done:
    """What is told while the database is away: the wish lies in the spool until it is back."""
    return Done("kept", {"line_out": "yes" if _outages(now) else "no"})


@deed(_kept_for_later, kept="line_out", unavailable="")
def ask_for_callback(session: Session, case: Case) -> Done:
    """Deed: keep the caller's place and have them called back, once however often asked.

    While the line itself is out, nobody can: then it is a call for when the outage is over.
    """
    if not can_be_called(case.ticket.caller):
        return Done("unavailable")
    outage_id = _outage_on(session, case)
    _note(session, case, outage_id, None if outage_id else queue.waits_since(session, case.call))
    return Done("kept", {"line_out": "yes" if outage_id else "no"})


@deed(lambda _now: Done("kept"), kept="", over="", unavailable="")
def ask_for_call_after_outage(session: Session, case: Case) -> Done:
    """Deed: have the caller called when the outage is over; one request a number and outage."""
    if not can_be_called(case.ticket.caller):
        return Done("unavailable")
    outage_id = _outage_on(session, case)
    _note(session, case, outage_id)
    return Done("kept" if outage_id else "over")


def _outage_on(session: Session, case: Case) -> int | None:
    """The announcement that says that the line is out now; None when none does.

    A wish that comes late, out of the spool, may be about one that has left the board.
    """
    on_board = select(Announcement.id).where(Announcement.uid.in_(_outages(case.now)[:1]))
    return session.scalar(on_board) or outage_calls.outage_at(session, case.now)


def _outages(now: datetime) -> list[str]:
    return [one.uid for one in board().on_now(now) if one.scope is Scope.SWITCHBOARD]


def matter_is_open() -> ColumnElement[bool]:
    """Whether the ticket of a call-back, or the one it was merged into, is still open."""
    matter = aliased(Ticket)
    of_it = matter.id == func.coalesce(Ticket.merged_into_id, Ticket.id)
    return select(matter.id).where(of_it, matter.status == Status.OPEN).exists()


def _note(
    session: Session,
    case: Case,
    announcement_id: int | None,
    waited_since: datetime | None = None,
) -> None:
    wish = {
        "ticket_id": case.ticket.id,
        "number": case.ticket.caller,
        "language": case.call.language,
        "announcement_id": announcement_id,
        "asked_at": case.now,
        "waited_since": waited_since,
        "attempts": 0,
    }
    session.execute(insert(Callback).values(wish).on_conflict_do_nothing())
    something_changed(session)
