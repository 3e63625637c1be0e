"""SMS to callers: written down first, sent by a job, once for each ticket and purpose."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.callers import can_receive_sms
from callcenter.deeds import Case, Done, deed
from callcenter.outbox import Task, enqueue
from models import TextMessage, Ticket, Topic

TICKET_NUMBER = "ticket-number"
LINE_WORKS = "line-works"
_ADDRESS_OF = {
    Topic.BASIC_PASSWORD_FORGOTTEN: "address-basic",
    Topic.BOTH_PASSWORDS_FORGOTTEN: "address-both",
}


@deed(sent="", unavailable="")
def send_address(session: Session, case: Case) -> Done:
    """Deed: the address that belongs to the guidance just heard, by SMS."""
    purpose = _ADDRESS_OF.get(case.ticket.topic) if case.ticket.topic else None
    if purpose and write(session, case.ticket, purpose, case.now):
        return Done("sent")
    return Done("unavailable")


def write(session: Session, ticket: Ticket, purpose: str, now: datetime) -> bool:
    """Have the SMS `purpose` sent to the ticket's caller; False where none can be received."""
    if not can_receive_sms(ticket.caller):
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
