"""SMS to callers: each is a row first, is sent by a job, and leaves once a ticket and purpose."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.actions import ActionResult, Case, action
from callcenter.outbound import dial_policy
from callcenter.outbound.dial_policy import Service
from callcenter.outbox.outbox import Task, enqueue
from models import TextMessage, Ticket, Topic

TICKET_NUMBER = "ticket-number"
LINE_WORKS = "line-works"
ANSWERED = "answered"
_ADDRESS_OF = {
    Topic.BASIC_PASSWORD_FORGOTTEN: "address-basic",
    Topic.BOTH_PASSWORDS_FORGOTTEN: "address-both",
}


@action(sent="", unavailable="")
def send_address(session: Session, case: Case) -> ActionResult:
    """Action: send the address that belongs to the guidance just heard, by SMS."""
    purpose = _ADDRESS_OF.get(case.ticket.topic) if case.ticket.topic else None
    if purpose and write(session, case.ticket, purpose, case.now):
        return ActionResult("sent")
    return ActionResult("unavailable")


def write(session: Session, ticket: Ticket, purpose: str, now: datetime) -> bool:
    """Request the SMS `purpose` to the ticket's caller; False if none may be sent.

    An SMS that was requested before is sent once, and counts once against the limits.
    """
    asked = select(TextMessage.id).where(
        TextMessage.ticket_id == ticket.id, TextMessage.purpose == purpose
    )
    if session.scalar(asked):
        return True
    if not dial_policy.reserve(session, Service.TEXT, ticket.caller, now):
        return False
    row = {
        "ticket_id": ticket.id,
        "purpose": purpose,
        "number": ticket.caller,
        "language": ticket.language,
        "asked_at": now,
    }
    written = insert(TextMessage).values(row).on_conflict_do_nothing().returning(TextMessage.id)
    if text_id := session.scalar(written):
        enqueue(session, Task.SEND_TEXT, text_id, now)
    return True


def write_answered(session: Session, ticket: Ticket, now: datetime) -> bool:
    """Tell the caller that the ticket is answered, once for each answer (it may be reopened).

    The second SMS has the purpose `answered.2`; the part before the dot names its words.
    """
    before = select(func.count()).where(
        TextMessage.ticket_id == ticket.id, TextMessage.purpose.startswith(ANSWERED)
    )
    count = session.scalar(before) or 0
    return write(session, ticket, f"{ANSWERED}.{count + 1}" if count else ANSWERED, now)
