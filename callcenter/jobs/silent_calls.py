"""Finds calls of which the carrier reports nothing more. Only workers and the scheduler import it.

If the end of a call is never reported, the call stays open in the log, its ticket gets no outcome,
and its caller stays at the head of the queue. A call that the carrier still lists as ringing after
the silence, or as up for hours, is ended in the log: nobody is in it any more.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from prometheus_client import Counter
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from callcenter.callers.identity import parse_caller
from callcenter.calls import call_log
from callcenter.calls.call_log import StatusEvent
from callcenter.outbox.outbox import Task, enqueue, requested_since
from callcenter.telephony import carrier_calls
from callcenter.telephony.carrier_calls import Dialled, Rung
from models import Call, CallStatus, Turn
from models.call import FINAL

log = logging.getLogger(__name__)

_found = Counter("centrala_sweep_calls", "Calls that only the carrier's list told of.", ["how"])
for _how in ("opened", "ended"):
    _found.labels(_how)  # creates the counter with value 0

# Longer than a caller waits without a step. For a long conversation the check finds nothing.
SILENCE = timedelta(minutes=6)
# The first webhook of a call may be delayed by this much.
GRACE = timedelta(minutes=1)
LOOKED_BACK = timedelta(hours=1)
# The carrier's limit of a call, unless the account has another.
LONGEST = timedelta(hours=4)
UNDER_WAY = tuple(status for status in CallStatus if status not in FINAL)


def enqueue_checks(session: Session, now: datetime) -> None:
    """Request a check of each call that has been silent for `SILENCE`."""
    for call_id in session.scalars(_silent(now)).all():
        enqueue(session, Task.ASK_ABOUT_CALL, call_id, now)


def _silent(now: datetime) -> Select[int]:
    stepped = select(Turn.id).where(Turn.call_id == Call.id, Turn.at > now - SILENCE)
    return select(Call.id).where(
        Call.status.in_(UNDER_WAY),
        Call.started_at < now - SILENCE,
        ~stepped.exists(),
        ~requested_since(Task.ASK_ABOUT_CALL, Call.id, now - SILENCE),
    )


def check(session: Session, call_id: int) -> None:
    """Job: end the call in the log if the carrier says that it is over or does not know it.

    No row is locked while the carrier is asked, because its webhooks write the same rows.
    """
    call = session.get_one(Call, call_id)
    found, now = carrier_calls.fetch(call.sid), datetime.now(UTC)
    session.refresh(call, with_for_update=True)
    event = _event(call, found, now)
    if event.status.is_final and not call.status.is_final:
        log.warning("nobody told the end of %s: is the status callback set?", call.sid)
        call_log.apply_status(session, call, event)
    elif not event.status.is_final and _is_too_long(call, event.status, now):
        enqueue(session, Task.END_CALL, call.id, now)


def _is_too_long(call: Call, status: CallStatus, now: datetime) -> bool:
    """Whether nobody can be in the call any more. A call that rings now has rung for `SILENCE`."""
    rings = status in (CallStatus.QUEUED, CallStatus.RINGING)
    return call.started_at < now - (SILENCE if rings else LONGEST)


def end_call(session: Session, call_id: int) -> None:
    """Job: end the call at the carrier, which reports the end. A call that is over stays so."""
    call = session.get_one(Call, call_id)
    if not call.status.is_final:
        log.warning("%s rang or lasted too long and is ended", call.sid)
        carrier_calls.end(call.sid)


def _event(call: Call, found: Dialled | None, now: datetime) -> StatusEvent:
    if found is None:
        return StatusEvent(CallStatus.COMPLETED, call.status_sequence, now)
    ended_at, status = found.ended_at or now, CallStatus(found.status)
    return StatusEvent(status, call.status_sequence, ended_at, found.duration_s)


def reconcile(session: Session, listed: Sequence[Rung], now: datetime) -> tuple[int, int]:
    """Open listed calls that never reached us, and end those that are over; counts of both."""
    opened = ended = 0
    sids = [rung.dialled.sid for rung in listed]
    known = set(session.scalars(select(Call.sid).where(Call.sid.in_(sids))))
    up = set(session.scalars(select(Call.sid).where(Call.status.in_(UNDER_WAY))))
    for rung in listed:
        is_new = rung.dialled.sid not in known
        if rung.started_at > now - GRACE or not (is_new or rung.dialled.sid in up):
            continue
        caller = parse_caller(rung.caller)
        call = call_log.open_call(session, rung.dialled.sid, caller, rung.started_at)
        event = _event(call, rung.dialled, now)
        ends = event.status.is_final and not call.status.is_final
        if ends:
            call_log.apply_status(session, call, event)
        opened, ended = opened + is_new, ended + (ends and not is_new)
    _found.labels("opened").inc(opened)
    _found.labels("ended").inc(ended)
    return opened, ended
