"""Jobs for conversations: ring, join, hold, record and release legs. Only workers import this.

Each job reads the rows first and may run twice. No row is locked while the carrier is asked,
because its webhooks write the same rows.
"""

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from callcenter import telephony
from callcenter.calls import call_log
from callcenter.outbox import outbox
from callcenter.outbox.outbox import Task
from callcenter.queue import caller_leg, legs
from callcenter.recordings import conversation_recordings, store
from callcenter.telephony import carrier_calls, carrier_recordings
from callcenter.telephony.carrier_recordings import RecordingState
from models import (
    Agent,
    Call,
    Callback,
    Consent,
    Conversation,
    Device,
    Ended,
    Leg,
    Recording,
    Waiting,
)

log = logging.getLogger(__name__)

CONNECTING = "consultant/connecting"
# How long a consultant waits while the carrier is too busy to call the client.
BUSY_AT_MOST = timedelta(seconds=20)


def ring_leg(session: Session, leg_id: int) -> None:
    """Job: ring the device of a person who is invited into a conversation, once."""
    leg = session.get_one(Leg, leg_id)
    if leg.ended_at or leg.call_sid:
        return
    to = _address(session, leg)
    sid = _rung_before(session, leg, to) or _ring(session, leg, to)
    if sid is None:
        return
    found = legs.locked(session, leg_id)
    if found and found.call_sid is None:
        found.call_sid = sid
        session.flush()
    if found and found.ended_at:
        carrier_calls.end(sid)


def _address(session: Session, leg: Leg) -> str:
    if leg.number:
        return leg.number
    agent = session.get_one(Agent, leg.agent_id)
    if agent.device is Device.BROWSER or not agent.address:
        return f"client:{agent.login}"
    return agent.address


def _rung_before(session: Session, leg: Leg, to: str) -> str | None:
    """The sid of a call that an earlier attempt placed without noting it; else None."""
    if not outbox.may_have_begun(session, Task.RING_LEG, leg.id):
        return None
    found = carrier_calls.find(to, leg.asked_at)
    taken = found and session.query(Leg.id).filter(Leg.call_sid == found.sid).first()
    return found.sid if found and not taken else None


def _ring(session: Session, leg: Leg, to: str) -> str | None:
    """The sid of the call; None if none was placed. The dispatcher retries a busy carrier."""
    here = f"/voice/desk/{leg.id}"
    try:
        return carrier_calls.place(to, f"{here}/answered", f"{here}/status", legs.RINGS_S)
    except telephony.TooManyError:
        return None
    except telephony.RefusedError as refusal:
        log.warning("leg %s was refused: %s", leg.id, refusal)
        if found := legs.locked(session, leg.id):
            legs.missed(session, found, Ended.FAILED, datetime.now(UTC))
        return None


def let_go(session: Session, leg_id: int) -> None:
    """Job: end the leg's call, whether it is ringing or answered."""
    leg = session.get_one(Leg, leg_id)
    if leg.call_sid:
        carrier_calls.end(leg.call_sid)


def join_caller(session: Session, talk_id: int) -> None:
    """Job: move the caller from the queue into the conference of the conversation."""
    conversation = session.get_one(Conversation, talk_id)
    if (
        conversation.call is None
        or conversation.waiting_id is None
        or conversation.call.status.is_final
    ):
        return
    if conversation.began_at is None:
        return  # the consultant has left again: the caller goes on waiting
    step = session.get_one(Waiting, conversation.waiting_id).step
    if call_log.turn_at(session, conversation.call, step) is None:
        before = call_log.turn_before(session, conversation.call, step)
        place = before.leads_to if before else CONNECTING
        carrier_calls.move(conversation.call.sid, _step(conversation.call, place, step))


def _step(call: Call, place: str, step: int) -> str:
    since = int(call.started_at.timestamp())
    return f"/voice/{call.language}/{place}?try=0&step={step}&since={since:x}"


def call_client(session: Session, talk_id: int) -> None:
    """Job: call the client who asked for a callback, now that a consultant is on the line.

    Raises TooManyError if the carrier is too busy and should be asked again.
    """
    conversation = session.get_one(Conversation, talk_id)
    if conversation.call_id or conversation.callback_id is None or conversation.began_at is None:
        return
    callback = session.get_one(Callback, conversation.callback_id)
    sid = _called_before(session, conversation, callback)
    if sid is None and conversation.ended_at:
        caller_leg.client_not_called(session, callback, datetime.now(UTC))
        return
    sid = sid or _call(session, conversation, callback)
    if sid is None:
        return
    caller_leg.client_call(session, legs.lock(session, talk_id), sid, datetime.now(UTC))
    if conversation.ended_at:
        carrier_calls.end(sid)


def _called_before(session: Session, conversation: Conversation, callback: Callback) -> str | None:
    """The sid of a call that an earlier attempt placed for this conversation; else None."""
    if conversation.began_at is None or not outbox.may_have_begun(
        session, Task.CALL_CLIENT, conversation.id
    ):
        return None
    found = carrier_calls.find(callback.number, conversation.began_at)
    if found is None:
        return None
    noted = (
        select(Call.id)
        .outerjoin(Conversation, Conversation.call_id == Call.id)
        .where(Call.sid == found.sid)
    )
    is_anothers = or_(
        Conversation.id != conversation.id, Call.callback_id.is_distinct_from(callback.id)
    )
    return None if session.scalar(noted.where(is_anothers).limit(1)) else found.sid


def _call(session: Session, conversation: Conversation, callback: Callback) -> str | None:
    """The sid of the call; None if it cannot be placed, which ends the conversation."""
    here = f"/voice/desk/client/{conversation.id}"
    try:
        return carrier_calls.place(callback.number, f"{here}/greeting", f"{here}/status")
    except telephony.TooManyError:
        now = datetime.now(UTC)
        if conversation.began_at and now - conversation.began_at < BUSY_AT_MOST:
            raise
        legs.end(session, legs.lock(session, conversation.id), now)
        caller_leg.client_not_called(session, callback, now, "failed")
    except telephony.RefusedError as refusal:
        log.warning("the call of call-back %s was refused: %s", callback.id, refusal)
        now = datetime.now(UTC)
        caller_leg.client_unreached(session, callback, "refused", now)
        legs.end(session, legs.lock(session, conversation.id), now)
    return None


def hold_caller(session: Session, talk_id: int) -> None:
    """Job: let the carrier play music to the caller or end it, as the rows say."""
    conversation = session.get_one(Conversation, talk_id)
    if conversation.ended_at is None and conversation.call:
        carrier_calls.hold(conversation.room, conversation.call.sid, conversation.is_held)


def record_conversation(session: Session, talk_id: int) -> None:
    """Job: let the carrier start, pause or stop the recording of the conversation, as the rows say.

    The caller's leg is recorded: it stays while legs of the desk come and go, and it does not hear
    whispers. One worker at a time handles a conversation, or the carrier would start a second
    recording.
    """
    call = session.get_one(Conversation, talk_id).call
    if call is None or call.recording is not Consent.AGREED:
        return
    key = func.hashtextextended(f"record_talk:{call.sid}", 0)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    conversation = session.get_one(Conversation, talk_id, populate_existing=True)
    wanted = _wanted(conversation)
    known = session.scalars(select(Recording).where(Recording.talk_id == talk_id)).first()
    sid = known.sid if known else _begun_before(session, call)
    if sid and not (known and known.status == wanted) and not call.status.is_final:
        carrier_recordings.keep(call.sid, sid, wanted)
    if not sid and wanted == "in-progress" and _is_heard(session, conversation):
        _stop_earlier(session, call)
        sid = carrier_recordings.begin(call.sid, f"/voice/recording?talk={talk_id}")
    if sid:
        store.note_carrier_state(session, call, sid, wanted, datetime.now(UTC), talk_id)


def _begun_before(session: Session, call: Call) -> str | None:
    """The recording that an earlier attempt started for this conversation without noting it."""
    known = set(session.scalars(select(Recording.sid).where(Recording.call_id == call.id)))
    return next((sid for sid in carrier_recordings.of_call(call.sid) if sid not in known), None)


def _stop_earlier(session: Session, call: Call) -> None:
    """Stop recordings of earlier conversations in this call: they would record this one too."""
    earlier = select(Recording.sid).where(
        Recording.call_id == call.id,
        Recording.talk_id.is_not(None),
        Recording.status.in_(store.UNFINISHED),
    )
    for sid in session.scalars(earlier).all():
        carrier_recordings.keep(call.sid, sid, "stopped")


def _is_heard(session: Session, conversation: Conversation) -> bool:
    """Whether the caller has left the queue and is connected with the desk."""
    if conversation.call is None or conversation.call.status.is_final:
        return False
    if conversation.waiting_id is None:
        return bool(conversation.call.opening)
    step = session.get_one(Waiting, conversation.waiting_id).step
    return call_log.turn_at(session, conversation.call, step) is not None


def _wanted(conversation: Conversation) -> RecordingState:
    if conversation.ended_at:
        return "stopped"
    return "paused" if conversation_recordings.must_pause(conversation) else "in-progress"


def end_conversation(session: Session, talk_id: int) -> None:
    """Job: move a caller to the next step of the script when nobody of the desk is left."""
    conversation = session.get_one(Conversation, talk_id)
    call = conversation.call
    if call is None or call.status.is_final:
        return
    if conversation.callback_id:
        path = f"/voice/desk/client/{conversation.id}/after" if call.opening else None
        carrier_calls.move(call.sid, path) if path else carrier_calls.end(call.sid)
        return
    waiting = session.get_one(Waiting, conversation.waiting_id)
    led = call_log.turn_at(session, call, waiting.step)
    if led and call_log.turn_at(session, call, waiting.step + 2) is None:
        carrier_calls.move(call.sid, _step(call, led.leads_to, waiting.step + 2))
