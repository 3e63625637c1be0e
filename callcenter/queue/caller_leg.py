"""The caller's leg of a conversation: called, joined, returned to the queue, ended.

callcenter.queue.legs has the desk's legs, and the order in which rows are locked.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.queue import callbacks, legs
from callcenter.tickets import notes, relations
from models import Call, Callback, CallStatus, Conversation, Outcome, Waiting

MOST_ATTEMPTS = 3
CALL_AGAIN_AFTER = timedelta(minutes=5)
NOT_CALLED_AGAIN_AFTER = timedelta(seconds=30)


def client_call(
    session: Session, conversation: Conversation, sid: str, now: datetime
) -> Call | None:
    """Lock and return the outgoing call `sid` as the conversation's call to the client.

    Records the call if the conversation has none yet. None if it has another call.
    """
    if conversation.call_id:
        call = session.get_one(Call, conversation.call_id, with_for_update=True)
        return call if call.sid == sid else None
    callback = session.get_one(Callback, conversation.callback_id)
    callbacks.note_call(session, callback, sid, now)
    call = session.scalars(select(Call).where(Call.sid == sid).with_for_update()).one()
    conversation.call_id = call.id
    session.flush()
    session.expire(conversation, ["call"])
    return call


def client_came(session: Session, conversation: Conversation, call: Call, now: datetime) -> None:
    """Record that the client answered the callback, and complete it; once for each call."""
    if call.opening:
        return
    call.opening = {
        "leads_to": "consultant/talking",
        "language": call.language,
        "spoken": [],
        "says": {},
        "topic": None,
        "credit": Outcome.LEFT_OPEN,
    }
    call.status = CallStatus.IN_PROGRESS
    callback = session.get_one(Callback, conversation.callback_id, with_for_update=True)
    callback.done_at = now
    session.flush()


def now_talking(session: Session, call: Call) -> Conversation | None:
    """The call's conversation that was accepted and is not over; None if there is none."""
    began = select(Conversation).where(
        Conversation.call_id == call.id,
        Conversation.began_at.is_not(None),
        Conversation.ended_at.is_(None),
    )
    return session.scalars(began.limit(1)).one_or_none()


def is_given_back(session: Session, call: Call) -> bool:
    """Whether a consultant accepted this caller, but left before the caller joined.

    The call must be locked. This locks its conversations, so that nobody accepts or leaves
    meanwhile.
    """
    of_call = select(Conversation.id).where(
        Conversation.call_id == call.id, Conversation.ended_at.is_(None)
    )
    conversations = [legs.lock(session, talk_id) for talk_id in session.scalars(of_call).all()]
    return any(
        conversation.waiting_id
        and conversation.began_at is None
        and any(leg.joined_at for leg in conversation.legs)
        for conversation in conversations
    )


def wait_in(session: Session, call: Call, step: int) -> None:
    """Move the waiting caller to the document of `step`, and rename the conference for it."""
    of_call = select(Conversation).where(
        Conversation.call_id == call.id, Conversation.waiting_id.is_not(None)
    )
    for conversation in session.scalars(of_call.where(Conversation.ended_at.is_(None))).all():
        waiting = session.get_one(Waiting, conversation.waiting_id, with_for_update=True)
        waiting.step = step
        conversation.room = legs.room_of(waiting, call.sid)
    session.flush()


def last_of(session: Session, call: Call) -> Conversation | None:
    """The call's last conversation that a consultant accepted; None if there is none."""
    began = select(Conversation).where(
        Conversation.call_id == call.id, Conversation.began_at.is_not(None)
    )
    return session.scalars(began.order_by(Conversation.id.desc()).limit(1)).one_or_none()


def caller_left(session: Session, call: Call, now: datetime) -> None:
    """End the call's conversations, because the caller hung up or left the queue.

    The call must be locked.
    """
    of_call = select(Conversation.id).where(
        Conversation.call_id == call.id, Conversation.ended_at.is_(None)
    )
    for talk_id in session.scalars(of_call).all():
        conversation = legs.lock(session, talk_id)
        legs.end(session, conversation, now)
        if conversation.callback_id:
            _called_back(session, conversation, call, now)


def _called_back(session: Session, conversation: Conversation, call: Call, now: datetime) -> None:
    """After an outgoing call that nobody answered, plan the next attempt."""
    callback = session.get_one(Callback, conversation.callback_id, with_for_update=True)
    if callback.done_at or call.opening:
        return
    told = "busy" if call.status.value == "busy" else "no-answer"
    client_unreached(session, callback, told, now)


def client_unreached(
    session: Session,
    callback: Callback,
    why: str,
    now: datetime,
    by_id: int | None = None,
    note: str = "",
) -> None:
    """Note on the ticket why the client was not reached, and plan the next attempt, if any."""
    ticket = relations.head_of(callback.ticket)
    notes.add_note(session, ticket, by_id, note, now, {"call_back": why})
    callback.next_try_at = now + CALL_AGAIN_AFTER if callback.attempts < MOST_ATTEMPTS else None
    session.flush()


def client_not_called(
    session: Session, callback: Callback, now: datetime, why: str | None = None
) -> None:
    """Plan the call again soon: nothing rang at the client, so the attempt does not count.

    If a consultant was waiting for it, `why` is noted on the ticket.
    """
    session.refresh(callback, with_for_update=True)
    callback.attempts = max(0, callback.attempts - 1)
    callback.next_try_at = now + NOT_CALLED_AGAIN_AFTER
    if why:
        ticket = relations.head_of(callback.ticket)
        notes.add_note(session, ticket, None, "", now, {"call_back": why})
    session.flush()
