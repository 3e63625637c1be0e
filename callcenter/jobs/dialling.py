"""Places our outgoing calls, one call for each attempt. Only workers import this module."""

import logging
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from callcenter import telephony
from callcenter.announcements import outage_callbacks
from callcenter.announcements.outage_callbacks import Attempt
from callcenter.calls import call_log
from callcenter.calls.call_log import StatusEvent
from callcenter.outbox import outbox
from callcenter.outbox.outbox import Task
from callcenter.telephony import carrier_calls
from callcenter.telephony.carrier_calls import Dialled
from models import Callback, CallStatus

log = logging.getLogger(__name__)


def place_call(session: Session, callback_id: int) -> None:
    """Job: place the call of the attempt that was written down, once.

    After an attempt that died or got no answer, the carrier is first asked for the call. No row is
    locked while the carrier is asked, because its webhooks write the same rows.
    """
    callback = session.get_one(Callback, callback_id)
    since = callback.trying_since
    if callback.attempts == 0 or callback.next_try_at or since is None:
        return
    attempt, now = Attempt(callback.id, callback.attempts), datetime.now(UTC)
    if callback.call_sid or outbox.may_have_begun(session, Task.PLACE_CALL, callback.id):
        found = _placed_before(callback, since)
        if found:
            _catch_up(session, attempt, found, now)
            return
    if callback.outcome or callback.done_at or callback.call_sid:
        return
    if outage_callbacks.line_is_out(session, now):
        outage_callbacks.note_not_placed(session, attempt, now)
        return
    _dial(session, callback, attempt, now)


def _placed_before(callback: Callback, since: datetime) -> Dialled | None:
    if callback.call_sid:
        return carrier_calls.fetch(callback.call_sid)
    return carrier_calls.find(callback.number, since)


def _catch_up(session: Session, attempt: Attempt, found: Dialled, now: datetime) -> None:
    """Apply what the carrier says of the call, as its webhooks would have done."""
    outage_callbacks.note_placed(session, attempt, found.sid, now)
    call = call_log.outgoing_call(session, found.sid, attempt, now)
    status = CallStatus(found.status)
    if call is not None and status.is_final:
        event = StatusEvent(status, call.status_sequence, found.ended_at or now, found.duration_s)
        call_log.apply_status(session, call, event)


def _dial(session: Session, callback: Callback, attempt: Attempt, now: datetime) -> None:
    try:
        sid = carrier_calls.place(
            callback.number,
            f"/voice/{callback.language}/over/greeting?callback={attempt}",
            f"/voice/status?callback={attempt}",
        )
    except telephony.TooManyError:
        outage_callbacks.note_not_placed(session, attempt, now)
    except telephony.RefusedError as refusal:
        log.warning("the call of call-back %s was refused: %s", callback.id, refusal)
        outage_callbacks.note_refused(session, attempt, now)
    else:
        outage_callbacks.note_placed(session, attempt, sid, now)
