"""The call log: opens a call when it rings, adds a turn for each answer, and ends the call.

The carrier sends events twice, late or out of order. Every function here leaves the same rows
however often and in whatever order it is called.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.announcements import outage_callbacks
from callcenter.announcements.outage_callbacks import Attempt
from callcenter.callers.identity import is_number
from callcenter.queue import callbacks, caller_leg, positions
from callcenter.tickets import lifecycle
from models import Call, CallStatus, Left, Turn

FIRST_LANGUAGE = "pl"
# The carrier ends longer calls. Source: https://www.twilio.com/docs/voice/twiml/dial#timelimit
LONGEST_CALL_S = 24 * 3600

# The order of the carrier's statuses; all others are final.
_RANK = {CallStatus.QUEUED: 0, CallStatus.RINGING: 1, CallStatus.IN_PROGRESS: 2}
_FINAL_RANK = 3


@dataclass(frozen=True)
class StatusEvent:
    """The carrier's status of a call; `at` is the time of the change, by the carrier's clock."""

    status: CallStatus
    sequence: int
    at: datetime
    duration_s: int | None = None

    @property
    def began_at(self) -> datetime:
        """The start of a call of which only this event is known."""
        lasted = self.duration_s or 0 if self.status.is_final else 0
        return self.at - timedelta(seconds=min(lasted, LONGEST_CALL_S))


def open_call(session: Session, sid: str, caller: str, now: datetime) -> Call:
    """The call `sid`, locked for this transaction. A new call is opened with its ticket."""
    known = select(Call).where(Call.sid == sid).with_for_update()
    if call := session.scalars(known).one_or_none():
        return call
    row = {
        "sid": sid,
        "caller": caller,
        "language": language_of(session, caller) or FIRST_LANGUAGE,
        "status": CallStatus.RINGING,
        "status_sequence": -1,
        "started_at": now,
        "opening": {},
    }
    new = insert(Call).values(row).on_conflict_do_nothing(index_elements=["sid"])
    opened = session.scalar(new.returning(Call.id)) is not None
    call = session.scalars(known).one()
    if opened:
        lifecycle.open_ticket(session, call)
    return call


def outgoing_call(
    session: Session, sid: str, attempt: Attempt | None, now: datetime
) -> Call | None:
    """The outgoing call `sid`, locked; None if it is no callback of ours.

    Its `caller` is the number that was called, and it opens no ticket.
    """
    ours = select(Call).where(Call.sid == sid, Call.callback_id.is_not(None)).with_for_update()
    if call := session.scalars(ours).one_or_none():
        return call
    callback = outage_callbacks.of_call(session, sid, attempt, now)
    if callback is None:
        return None
    callbacks.note_call(session, callback, sid, now)
    return session.scalars(ours).one_or_none()


def answered(session: Session, call: Call, opening: dict[str, Any]) -> None:
    """Store the first words of the call and mark it as answered."""
    call.opening = opening
    if not call.status.is_final:
        call.status = CallStatus.IN_PROGRESS
    session.flush()


def language_of(session: Session, caller: str, before: Call | None = None) -> str | None:
    """The language that this number used last, before the call `before`; None if there is none."""
    if not may_be_known(caller):
        return None
    last = select(Call.language).where(Call.caller == caller).order_by(Call.started_at.desc())
    if before:
        last = last.where(Call.id < before.id)
    return session.scalar(last.limit(1))


def may_be_known(caller: str) -> bool:
    """Whether `caller` identifies somebody: it is not the word for a withheld or unusable one."""
    return is_number(caller) or ":" in caller


def turn_at(session: Session, call: Call, step: int) -> Turn | None:
    """The turn that the call already took at `step`, or None.

    Call this after locking the call, as a separate statement: a statement that waited for the lock
    still sees the turns from before it.
    """
    return session.scalars(
        select(Turn).where(Turn.call_id == call.id, Turn.step == step)
    ).one_or_none()


def turn_before(session: Session, call: Call, step: int) -> Turn | None:
    """The last turn of the call before `step`."""
    earlier = select(Turn).where(Turn.call_id == call.id, Turn.step < step)
    return session.scalars(earlier.order_by(Turn.step.desc()).limit(1)).one_or_none()


def last_turn(session: Session, call: Call) -> Turn | None:
    """The turn at the highest step of the call; None before the first answer."""
    turns = select(Turn).where(Turn.call_id == call.id)
    return session.scalars(turns.order_by(Turn.step.desc()).limit(1)).one_or_none()


def inputs(session: Session, call: Call, before: int) -> dict[str, Any]:
    """What was typed and found before the step `before`; the latest value of each name."""
    earlier = select(Turn.says).where(Turn.call_id == call.id, Turn.step < before)
    known: dict[str, Any] = {}
    for says in session.scalars(earlier.order_by(Turn.step)):
        known |= says
    return known


def record_turn(session: Session, call: Call, turn: Turn) -> None:
    """Add `turn` to the call, and update the ticket from it."""
    session.add(turn)
    session.flush()
    moves_the_ticket = turn.topic or turn.kind or turn.language != call.language
    if moves_the_ticket or call.status.is_final:
        lifecycle.settle(session, call)


def apply_status(session: Session, call: Call, event: StatusEvent) -> None:
    """Apply the carrier's status, unless a later one was applied; a final status stays.

    Our own start time of the call stays. The end is never before it, whatever the carrier's time
    says.
    """
    if call.status.is_final or _rank(event.status) < _rank(call.status):
        return
    call.status = event.status
    call.status_sequence = max(call.status_sequence, event.sequence)
    if event.status.is_final:
        ended_at = max(event.at, call.started_at)
        call.ended_at, call.duration_s = ended_at, event.duration_s
        caller_leg.caller_left(session, call, ended_at)
        positions.leave(session, call, Left.HANGUP, ended_at)
        if call.callback_id:
            outage_callbacks.note_ended(session, call, ended_at)
        lifecycle.settle(session, call)


def _rank(status: CallStatus) -> int:
    return _RANK.get(status, _FINAL_RANK)
