"""The call log: a call is opened with the first ring, gets a turn for each answer, and is ended.

The carrier sends events twice, late or out of order. Each function leaves the same rows however
often and in whatever order it is called.
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
# Source: https://www.twilio.com/docs/voice/twiml/dial#timelimit (no call lasts longer)
LONGEST_CALL_S = 24 * 3600

# How far a call has come with each of the carrier's words; only the last rank is final.
_RANK = {CallStatus.QUEUED: 0, CallStatus.RINGING: 1, CallStatus.IN_PROGRESS: 2}
_FINAL_RANK = 3


@dataclass(frozen=True)
class StatusEvent:
    """The carrier's word on a call: `at` is when it came to be so, by the carrier's clock."""

    status: CallStatus
    sequence: int
    at: datetime
    duration_s: int | None = None

    @property
    def began_at(self) -> datetime:
        """When a call began of which only this event is known."""
        lasted = self.duration_s or 0 if self.status.is_final else 0
        return self.at - timedelta(seconds=min(lasted, LONGEST_CALL_S))


def open_call(session: Session, sid: str, caller: str, now: datetime) -> Call:
    """The call `sid`, locked for this transaction; opened with its ticket if it was not known."""
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
    """The outgoing call `sid`, locked; None when it is no call-back of ours.

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
    """Note the first words of the call; the carrier goes on with them."""
    call.opening = opening
    if not call.status.is_final:
        call.status = CallStatus.IN_PROGRESS
    session.flush()


def language_of(session: Session, caller: str, before: Call | None = None) -> str | None:
    """The language this number used last (`before` that call); None when there is none."""
    if not may_be_known(caller):
        return None
    last = select(Call.language).where(Call.caller == caller).order_by(Call.started_at.desc())
    if before:
        last = last.where(Call.id < before.id)
    return session.scalar(last.limit(1))


def may_be_known(caller: str) -> bool:
    """Whether `caller` is a person, not a word for a withheld or unusable number."""
    return is_number(caller) or ":" in caller


def turn_at(session: Session, call: Call, step: int) -> Turn | None:
    """The turn that the call already took at `step`.

    Ask after the call is locked, in a statement of its own: one that waited for the lock still
    sees the turns from before it.
    """
    return session.scalars(
        select(Turn).where(Turn.call_id == call.id, Turn.step == step)
    ).one_or_none()


def turn_before(session: Session, call: Call, step: int) -> Turn | None:
    """The last turn that the call took before `step`."""
    earlier = select(Turn).where(Turn.call_id == call.id, Turn.step < step)
    return session.scalars(earlier.order_by(Turn.step.desc()).limit(1)).one_or_none()


def last_turn(session: Session, call: Call) -> Turn | None:
    """The turn at the highest step of the call so far; None before the first answer."""
    turns = select(Turn).where(Turn.call_id == call.id)
    return session.scalars(turns.order_by(Turn.step.desc()).limit(1)).one_or_none()


def inputs(session: Session, call: Call, before: int) -> dict[str, Any]:
    """The inputs and findings of the call before the step `before`, the latest of each name."""
    earlier = select(Turn.says).where(Turn.call_id == call.id, Turn.step < before)
    known: dict[str, Any] = {}
    for says in session.scalars(earlier.order_by(Turn.step)):
        known |= says
    return known


def record_turn(session: Session, call: Call, turn: Turn) -> None:
    """Add `turn` to the call, and let the ticket follow it."""
    session.add(turn)
    session.flush()
    moves_the_ticket = turn.topic or turn.kind or turn.language != call.language
    if moves_the_ticket or call.status.is_final:
        lifecycle.settle(session, call)


def apply_status(session: Session, call: Call, event: StatusEvent) -> None:
    """Apply the carrier's status unless a later one was applied; a final status stays.

    Our own start of the call stays: an end is never before it, whatever the carrier's stamp says.
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
