"""Jobs that use the carrier's REST interface. Only workers import this module."""

import logging
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

import words
from callcenter import telephony
from callcenter.announcements import outage_callbacks
from callcenter.calendar.deadlines import answer_due, complaint_due, spoken_day
from callcenter.outbound import text_messages
from callcenter.outbox import outbox
from callcenter.outbox.outbox import Task
from callcenter.recordings import store
from callcenter.telephony import carrier_recordings, carrier_texts
from models import Recording, RecordingStatus, TextMessage, Ticket

log = logging.getLogger(__name__)


def send_text(session: Session, text_id: int) -> None:
    """Job: send the SMS, once. If the carrier refuses it, the refusal is kept and not retried."""
    unsent = select(TextMessage).where(TextMessage.id == text_id, TextMessage.sid.is_(None))
    text = session.scalars(unsent.with_for_update()).one_or_none()
    if text is None or text.refused:
        return
    ticket = session.get_one(Ticket, text.ticket_id)
    body = _body(text, ticket)
    try:
        text.sid = _sent_before(session, text, body) or carrier_texts.send(text.number, body)
        text.sent_at = datetime.now(UTC)
    except telephony.RefusedError as refusal:
        text.refused = str(refusal)[:200]
        log.warning("SMS %s was refused: %s", text.id, refusal)
    if text.purpose == text_messages.LINE_WORKS:
        outage_callbacks.note_texted(session, text, datetime.now(UTC))


def _sent_before(session: Session, text: TextMessage, body: str) -> str | None:
    """The sid of the SMS if an earlier attempt sent it without noting so; else None."""
    if not outbox.may_have_begun(session, Task.SEND_TEXT, text.id):
        return None
    found = carrier_texts.find(text.number, body, text.asked_at)
    noted = set(session.scalars(select(TextMessage.sid).where(TextMessage.sid.in_(found))))
    return next((sid for sid in found if sid not in noted), None)


def _body(text: TextMessage, ticket: Ticket) -> str:
    message = f"sms-{text.purpose.partition('.')[0]}"
    due = spoken_day(ticket.due_at or answer_due(ticket.opened_at))
    last = spoken_day(complaint_due(ticket.answered_at or text.asked_at))
    return words.say(text.language, message, number=ticket.number, due=due, last=last)


def erase_recording(session: Session, recording_id: int) -> None:
    """Job: erase the sound here, whatever the carrier answers, and at the carrier."""
    recording = session.get_one(Recording, recording_id, with_for_update=True)
    store.erase(session, recording)
    carrier_recordings.erase(recording.sid)


def fetch_recording(session: Session, recording_id: int) -> None:
    """Job: fetch the sound from the carrier by its sid, and store it encrypted.

    The recording is locked again after the download, because a supervisor may have requested or
    discarded it meanwhile. A recording that the carrier no longer has is marked as lost; that the
    caller left a message stays true.
    """
    recording = session.get_one(Recording, recording_id)
    fetched = None if recording.file else carrier_recordings.fetch_sound(recording.sid)
    session.refresh(recording, with_for_update=True)
    if recording.status in (RecordingStatus.DISCARDED, RecordingStatus.ERASED):
        return
    if fetched:
        recording.file = store.keep(recording.sid, fetched)
    elif not recording.file:
        recording.status = RecordingStatus.LOST
    store.make_sound(recording)
