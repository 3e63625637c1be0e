"""Actions on tickets that a caller's keys ask for: look up, complain, keep open, store a PESEL."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.actions import ActionResult, Case, action
from callcenter.calendar.deadlines import answer_due, complaint_due, spoken_day
from callcenter.outbound import text_messages
from callcenter.privacy import encryption
from models import (
    Status,
    Ticket,
)


@action(lambda _now: ActionResult("noted"), noted="")
def note_pesel(session: Session, case: Case) -> ActionResult:
    """Action: store the typed PESEL on the ticket, encrypted, for the consultant."""
    if case.secret is None:
        return ActionResult("unavailable")
    case.ticket.pesel = encryption.seal(case.secret.encode())
    return ActionResult("noted")


@action(found="number state date", missing="")
def look_up(session: Session, case: Case) -> ActionResult:
    """Action: tell the status and the date of the typed ticket, and nothing personal.

    The date is the due date of an open ticket, else the day on which it was finished.
    """
    ticket = _typed(session, case)
    if ticket is None:
        return ActionResult("missing")
    state = {"number": case.said["ticket"], "state": ticket.status.value, "date": _day_told(ticket)}
    return ActionResult("found", state)


def _day_told(ticket: Ticket) -> str:
    if ticket.status is Status.OPEN:
        return spoken_day(ticket.due_at or answer_due(ticket.opened_at))
    return spoken_day(ticket.resolved_at or ticket.answered_at or ticket.opened_at)


@action(allowed="", still_open="date", too_late="date", unavailable="")
def may_object(session: Session, case: Case) -> ActionResult:
    """Action: whether a complaint about the typed ticket is possible now.

    `still_open` has the due date, `too_late` the last day for a complaint. `unavailable`: the typed
    number belongs to no ticket.
    """
    ticket = _typed(session, case)
    if ticket is None:
        return ActionResult("unavailable")
    if ticket.status is Status.OPEN:
        return ActionResult("still_open", {"date": _day_told(ticket)})
    last_moment = complaint_due(ticket.answered_at or ticket.opened_at)
    if case.now > last_moment:
        return ActionResult("too_late", {"date": spoken_day(last_moment)})
    return ActionResult("allowed")


def _typed(session: Session, case: Case) -> Ticket | None:
    """The ticket with the typed number, or the ticket it was merged into; None if there is none."""
    number = case.said.get("ticket")
    typed = session.scalars(select(Ticket).where(Ticket.number == number)).one_or_none()
    return (typed.merged_into or typed) if typed else None


@action(kept="number due sms")
def keep_open(session: Session, case: Case) -> ActionResult:
    """Action: tell the number of a ticket that stays open, and send it by SMS where possible.

    The status is not set here: the verdict on the turns sets it when the call ends.
    """
    sms = text_messages.write(session, case.ticket, text_messages.TICKET_NUMBER, case.now)
    due: datetime = answer_due(case.ticket.opened_at)
    told = {"number": case.ticket.number, "due": spoken_day(due), "sms": "yes" if sms else "no"}
    return ActionResult("kept", told)
