"""The store of recordings: fetched from the carrier when complete, and stored encrypted.

It holds callers' messages, conversations with the desk, and supervisors' announcements, which also
become sounds.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.outbox.dispatch_signal import signal_dispatch
from callcenter.outbox.outbox import Task, enqueue
from callcenter.privacy import encryption
from callcenter.recordings import sounds
from models import Call, Conversation, Recording, RecordingStatus
from words.facts import FACTS

UNFINISHED = frozenset({RecordingStatus.IN_PROGRESS, RecordingStatus.PAUSED})
GONE = frozenset(
    {
        RecordingStatus.ABSENT,
        RecordingStatus.DISCARDED,
        RecordingStatus.LOST,
        RecordingStatus.ERASED,
    }
)
_folders: list[Path] = []


def bind(home: Path) -> None:
    """Keep recordings in `home` in this process."""
    _folders[:] = [home / "recordings"]


@dataclass(frozen=True)
class RecordingEvent:
    """The carrier's report on a recording: status, length in seconds, time.

    `talk_id` is set for a conversation, which only its participants may hear.
    """

    sid: str
    status: str
    duration_s: int | None
    now: datetime
    talk_id: int | None = None


def apply_event(session: Session, call: Call, heard: RecordingEvent) -> Recording:
    """Apply the recording's status. "Completed" is final, and starts the job that fetches it."""
    recording = get_or_open(session, call, heard.sid, heard.now, heard.talk_id)
    is_settled = recording.status in (
        RecordingStatus.COMPLETED,
        RecordingStatus.DISCARDED,
        RecordingStatus.LOST,
        RecordingStatus.ERASED,
    )
    if not is_settled and heard.status != RecordingStatus.IN_PROGRESS:
        recording.status, recording.duration_s = heard.status, heard.duration_s
        if heard.status == RecordingStatus.COMPLETED:
            days = FACTS.talk_kept_days if recording.talk_id else FACTS.kept_days
            recording.kept_until = heard.now + timedelta(days=days)
            enqueue(session, Task.FETCH_RECORDING, recording.id, heard.now)
    session.flush()
    return recording


def get_or_open(
    session: Session, call: Call, sid: str, now: datetime, talk_id: int | None = None
) -> Recording:
    """The recording `sid`, locked; an unknown one is created for `call` (and `talk_id`)."""
    of_call = talk_id and session.scalar(
        select(Conversation.id).where(Conversation.id == talk_id, Conversation.call_id == call.id)
    )
    row = {
        "sid": sid,
        "call_id": call.id,
        "status": RecordingStatus.IN_PROGRESS,
        "made_at": now,
        "talk_id": of_call or None,
    }
    session.execute(insert(Recording).values(row).on_conflict_do_nothing(index_elements=["sid"]))
    return session.scalars(select(Recording).where(Recording.sid == sid).with_for_update()).one()


def note_carrier_state(
    session: Session, call: Call, sid: str, state: str, now: datetime, talk_id: int
) -> None:
    """Record the state in which the carrier keeps the recording of a conversation."""
    recording = get_or_open(session, call, sid, now, talk_id)
    if recording.status in UNFINISHED and state in UNFINISHED:
        recording.status = state
    signal_dispatch(session)


def for_announcement(session: Session, call: Call, sid: str, now: datetime) -> Recording | None:
    """The recording `sid` of `call`, locked and marked as an announcement.

    It becomes a sound as soon as it is fetched. None if it belongs to another call or a
    conversation.
    """
    recording = get_or_open(session, call, sid, now)
    if recording.call_id != call.id or recording.talk_id:
        return None
    if not recording.is_announcement:
        recording.is_announcement = True
        if recording.file:
            # It was fetched before its purpose was known.
            enqueue(session, Task.FETCH_RECORDING, recording.id, now)
        session.flush()
    return recording


def make_sound(recording: Recording) -> None:
    """Make a sound of the recording, once, if it is an announcement and is fetched."""
    if not recording.is_announcement or recording.sound or recording.unfit:
        return
    if heard := sound_of(recording):
        try:
            recording.sound = sounds.keep(heard)
        except sounds.SoundError as fault:
            recording.unfit = fault.reason


def discard(session: Session, recording: Recording) -> None:
    """Discard the recording; one that is still on its way will not be stored."""
    if recording.file:
        (_folders[0] / recording.file).unlink(missing_ok=True)
    if recording.sound:
        sounds.discard(session, recording.sound)
    recording.status, recording.file, recording.sound = RecordingStatus.DISCARDED, None, None


def erase_overdue(session: Session, now: datetime) -> None:
    """Request the erasure of every recording whose time, as announced to callers, is over."""
    overdue = select(Recording).where(Recording.kept_until <= now).with_for_update(skip_locked=True)
    for recording in session.scalars(overdue.limit(100)):
        recording.kept_until = None
        enqueue(session, Task.ERASE_RECORDING, recording.id, now)


def erase(session: Session, recording: Recording) -> None:
    """Erase the sound from this machine; the row stays.

    A sound that an announcement plays is kept: it belongs to the announcement.
    """
    if recording.file:
        (_folders[0] / recording.file).unlink(missing_ok=True)
    if recording.sound:
        sounds.discard(session, recording.sound)
    recording.status, recording.file = RecordingStatus.ERASED, None


def keep(sid: str, sound: bytes) -> str:
    """Store the sound encrypted in the home; return the name of its file."""
    folder = _folders[0]
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{sid}.wav.sealed"
    unfinished = folder / f".{name}"
    unfinished.write_bytes(encryption.seal(sound))
    unfinished.replace(folder / name)
    return name


def sound_of(recording: Recording) -> bytes | None:
    """The decrypted WAV; None if it is not stored (any more)."""
    file = _folders[0] / recording.file if recording.file else None
    return encryption.unseal(file.read_bytes()) if file and file.exists() else None
