"""SMS to callers: written down first, sent by a job, once for each ticket and purpose."""

import logging
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

import words
from callcenter import telephony
from callcenter.callers import can_receive_sms
from callcenter.deadlines import answer_due, spoken_day
from callcenter.deeds import Case, Done, deed
from callcenter.outbox import Task, enqueue
from models import TextMessage, Ticket, Topic

log = logging.getLogger(__name__)

TICKET_NUMBER = "ticket-number"
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


def deliver(session: Session, text_id: int) -> None:
    """Job: hand the SMS to the carrier. A refusal is written down and is not tried again."""
    unsent = select(TextMessage).where(TextMessage.id == text_id, TextMessage.sid.is_(None))
    text = session.scalars(unsent.with_for_update()).one_or_none()
    if text is None or text.refused:
        return
    ticket = session.get_one(Ticket, text.ticket_id)
    try:
        text.sid = telephony.send_text(text.number, _body(text, ticket))
        text.sent_at = datetime.now(UTC)
    except telephony.RefusedError as refusal:
        text.refused = str(refusal)[:200]
        log.warning("SMS %s was refused: %s", text.id, refusal)


def _body(text: TextMessage, ticket: Ticket) -> str:
    message = f"sms-{text.purpose}"
    due = spoken_day(ticket.due_at or answer_due(ticket.opened_at))
    return words.say(text.language, message, number=ticket.number, due=due)
