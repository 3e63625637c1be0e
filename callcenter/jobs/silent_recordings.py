"""Finds recordings of which the carrier reports nothing more. For workers and the scheduler.

If the last status of a recording is lost, it would stay "in progress" and never be fetched.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.outbox.outbox import Task, enqueue, requested_since
from callcenter.recordings import store
from callcenter.recordings.store import UNFINISHED, RecordingEvent
from callcenter.telephony import carrier_recordings
from callcenter.telephony.carrier_recordings import CarrierRecording
from callcenter.tickets import lifecycle
from models import Call, Conversation, Recording, RecordingStatus

log = logging.getLogger(__name__)

_found = Counter(
    "centrala_sweep_recordings", "Recordings of whose end only the carrier told when it was asked."
)

# Longer than any message and the time that the carrier needs to make its file.
SILENCE = timedelta(minutes=5)


def enqueue_checks(session: Session, now: datetime) -> None:
    """Request a check of each recording that has been in progress for longer than `SILENCE`."""
    is_over = Recording.talk_id.is_(None) | (Conversation.ended_at < now - SILENCE)
    silent = (
        select(Recording.id)
        .outerjoin(Conversation, Conversation.id == Recording.talk_id)
        .where(
            Recording.status.in_(UNFINISHED),
            Recording.made_at < now - SILENCE,
            is_over,
            ~requested_since(Task.ASK_ABOUT_RECORDING, Recording.id, now - SILENCE),
        )
    )
    for recording_id in session.scalars(silent).all():
        enqueue(session, Task.ASK_ABOUT_RECORDING, recording_id, now)


def check(session: Session, recording_id: int) -> None:
    """Job: apply the carrier's status of the recording; one that it does not know is lost.

    No row is locked while the carrier is asked, because its webhooks write the same rows.
    """
    recording = session.get_one(Recording, recording_id)
    if recording.status not in UNFINISHED:
        return
    found = carrier_recordings.fetch(recording.sid)
    call = session.get_one(Call, recording.call_id, with_for_update=True)
    session.refresh(recording)
    if recording.status not in UNFINISHED:
        return
    status, duration_s = (found.status, found.duration_s) if found else (RecordingStatus.LOST, None)
    if status in (RecordingStatus.COMPLETED, RecordingStatus.ABSENT, RecordingStatus.LOST):
        event = RecordingEvent(recording.sid, status, duration_s, datetime.now(UTC))
        _hear(session, call, event)
    elif recording.talk_id:
        # The conversation is over, but the carrier was not told to stop.
        enqueue(session, Task.RECORD_CONVERSATION, recording.talk_id, datetime.now(UTC))


def reconcile(session: Session, listed: Sequence[CarrierRecording], now: datetime) -> None:
    """Open the listed messages that were never reported to us."""
    sids = [found.sid for found in listed]
    known = set(session.scalars(select(Recording.sid).where(Recording.sid.in_(sids))))
    for found in listed:
        if found.sid in known or found.status not in (
            RecordingStatus.COMPLETED,
            RecordingStatus.ABSENT,
        ):
            continue
        if found.made_at > now - SILENCE:
            continue
        ours = select(Call).where(Call.sid == found.call_sid).with_for_update()
        if call := session.scalars(ours).one_or_none():
            _hear(session, call, RecordingEvent(found.sid, found.status, found.duration_s, now))


def _hear(session: Session, call: Call, event: RecordingEvent) -> None:
    log.warning("nobody told the end of the recording %s of %s", event.sid, call.sid)
    _found.inc()
    store.apply_event(session, call, event)
    if call.status.is_final:
        lifecycle.settle(session, call)
