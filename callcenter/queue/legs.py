"""The legs of a conversation: invited, accepted, missed, ended.

Nothing here contacts the carrier. Each function writes rows and enqueues jobs
(callcenter.jobs.ringing), and the jobs read the rows again. Lock a conversation before changing it.
Rows are always locked in this order: ticket, call, conversation, leg, presence. The caller's own
leg is in callcenter.queue.caller_leg.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.outbox.dispatch_signal import signal_dispatch
from callcenter.outbox.outbox import Task, enqueue
from callcenter.queue import positions, presence
from callcenter.tickets.decisions import decided_since
from models import Away, Callback, Consent, Conversation, Ended, Left, Leg, Purpose, Turn, Waiting

RINGS_S = 20
# A listener does not keep a conversation alive and has nothing to wrap up.
LISTENING = frozenset({Purpose.LISTEN, Purpose.WHISPER})
_WRAPS_UP = frozenset({Purpose.TAKE, Purpose.HANDOVER})


def is_known(session: Session, talk_id: int) -> bool:
    """Whether the conversation exists; its id comes from an address, so it may be wrong."""
    return session.get(Conversation, talk_id) is not None


def lock(session: Session, talk_id: int) -> Conversation:
    """Lock the conversation until the transaction ends, and reload its legs."""
    wanted = select(Conversation).where(Conversation.id == talk_id).with_for_update(of=Conversation)
    conversation = session.scalars(wanted.execution_options(populate_existing=True)).one()
    session.expire(conversation, ["legs"])
    return conversation


def locked(session: Session, leg_id: int) -> Leg | None:
    """The leg, with its conversation locked; None if it does not exist."""
    talk_id = session.scalar(select(Leg.talk_id).where(Leg.id == leg_id))
    if talk_id is None:
        return None
    conversation = lock(session, talk_id)
    leg = session.get_one(Leg, leg_id, populate_existing=True)
    leg.conversation = conversation
    return leg


def room_of(waiting: Waiting, sid: str) -> str:
    """The name of the conference. The caller's document computes the same name without a query."""
    return f"{sid}-{waiting.step}"


def live(conversation: Conversation) -> list[Leg]:
    """The legs that are not over: joined or still ringing."""
    return [leg for leg in conversation.legs if leg.ended_at is None]


def in_it(conversation: Conversation) -> list[Leg]:
    """The joined legs that speak with the caller, in the order of their invitations."""
    return [leg for leg in live(conversation) if leg.joined_at and leg.purpose not in LISTENING]


def invite(
    session: Session,
    conversation: Conversation,
    purpose: Purpose,
    now: datetime,
    *,
    agent_id: int | None = None,
    number: str | None = None,
    asked_by_id: int | None = None,
) -> Leg:
    """Add a leg and ring it: a person (`agent_id`) or an outside `number`.

    Raises IntegrityError if the person has another live leg, or the conversation another offer.
    """
    leg = Leg(
        conversation=conversation,
        agent_id=agent_id,
        number=number,
        purpose=purpose,
        asked_by_id=asked_by_id,
        asked_at=now,
    )
    session.add(leg)
    session.flush()
    enqueue(session, Task.RING_LEG, leg.id, now)
    if number:
        record(session, conversation, now)
    return leg


def accepted(session: Session, leg: Leg, sid: str, now: datetime) -> bool:
    """Join the leg to its conversation; False if either has ended, or `sid` is another call."""
    conversation = leg.conversation
    if leg.call_sid is None:
        leg.call_sid = sid
    if leg.ended_at or conversation.ended_at or leg.call_sid != sid:
        return False
    if leg.joined_at:
        return True
    leg.answered_at = leg.answered_at or now
    leg.joined_at = now
    if leg.agent_id:
        presence.on_call(session, leg.agent_id, now)
    if leg.purpose is Purpose.TAKE:
        _begin(session, conversation, now)
    if leg.purpose is Purpose.HANDOVER and leg.asked_by_id:
        _take_over(session, conversation, leg.asked_by_id, now)
    session.flush()
    return True


def _begin(session: Session, conversation: Conversation, now: datetime) -> None:
    conversation.began_at = conversation.began_at or now
    if conversation.waiting_id and conversation.call:
        positions.leave(session, conversation.call, Left.BRIDGED, now)
        enqueue(session, Task.JOIN_CALLER, conversation.id, now)
    elif conversation.callback_id:
        callback = session.get_one(Callback, conversation.callback_id, with_for_update=True)
        callback.attempts += 1
        callback.next_try_at = None
        enqueue(session, Task.CALL_CLIENT, conversation.id, now)


def _take_over(session: Session, conversation: Conversation, from_id: int, now: datetime) -> None:
    """The person who handed over without a consultation leaves, and the caller is off hold."""
    for other in in_it(conversation):
        if other.agent_id == from_id:
            release(session, other, Ended.LEFT, now)
    hold(session, conversation, False, now)


def hold(session: Session, conversation: Conversation, on: bool, now: datetime) -> None:
    """Put the caller on hold, or end the hold."""
    if conversation.is_held is not on:
        conversation.is_held = on
        enqueue(session, Task.HOLD_CALLER, conversation.id, now)
        record(session, conversation, now)


def record(session: Session, conversation: Conversation, now: datetime) -> None:
    """Request that the recording is started, paused or stopped, if the caller agreed to one."""
    if conversation.call and conversation.call.recording is Consent.AGREED:
        enqueue(session, Task.RECORD_CONVERSATION, conversation.id, now)


def missed(session: Session, leg: Leg, how: Ended, now: datetime) -> None:
    """End a leg that did not join; set its person away unless the offer was withdrawn."""
    if leg.ended_at or leg.joined_at:
        return
    release(session, leg, how, now)
    if leg.agent_id and how is not Ended.WITHDRAWN:
        reason = Away.DECLINED if how is Ended.DECLINED else Away.UNANSWERED
        presence.missed(session, leg.agent_id, reason, now)
    _see_to_conversation(session, leg.conversation, now)


def over(
    session: Session, leg: Leg, how: Ended, now: datetime, *, joined: Ended = Ended.LEFT
) -> None:
    """Record the end of the leg's call: as `how` if it never joined, else as `joined`."""
    if leg.ended_at:
        return
    if leg.joined_at is None:
        missed(session, leg, how, now)
        return
    was_heard = _was_heard(session, leg.conversation)
    release(session, leg, joined, now)
    if leg.agent_id and leg.conversation.waiting_id and not was_heard:
        presence.missed(session, leg.agent_id, Away.DECLINED, now)
    _see_to_conversation(session, leg.conversation, now)


def release(session: Session, leg: Leg, how: Ended, now: datetime) -> None:
    """End the leg, in our rows and at the carrier."""
    if leg.ended_at:
        return
    leg.ended_at, leg.how = now, how
    session.flush()
    enqueue(session, Task.LET_GO, leg.id, now)
    if leg.number:
        record(session, leg.conversation, now)
    signal_dispatch(session)
    if leg.joined_at and leg.agent_id:
        if leg.conversation.ended_at is None:
            _leave_to_those_asked(session, leg, now)
        ticket_id = leg.conversation.ticket_id if _wraps_up(session, leg) else None
        presence.call_over(session, leg.agent_id, ticket_id, now)


def _leave_to_those_asked(session: Session, leg: Leg, now: datetime) -> None:
    """Make the people whom this person consulted take over the caller."""
    asked = [
        other
        for other in live(leg.conversation)
        if other.purpose is Purpose.CONSULT and other.asked_by_id == leg.agent_id
    ]
    for other in asked:
        other.purpose = Purpose.HANDOVER
    if any(other.joined_at for other in asked):
        hold(session, leg.conversation, False, now)


def _wraps_up(session: Session, leg: Leg) -> bool:
    """Whether the person still owes a decision about the ticket."""
    if leg.purpose not in _WRAPS_UP or not _was_heard(session, leg.conversation):
        return False
    return not decided_since(session, leg.conversation.ticket_id, leg.agent_id, leg.joined_at)


def _was_heard(session: Session, conversation: Conversation) -> bool:
    """Whether the consultant could have heard the caller.

    A client whom we called may not have answered. A waiting caller may not be connected yet.
    """
    if conversation.callback_id:
        return bool(conversation.call and conversation.call.opening)
    if conversation.waiting_id is None:
        return True
    came = select(Turn.id).join(Waiting, Waiting.call_id == Turn.call_id)
    came = came.where(Waiting.id == conversation.waiting_id, Turn.step == Waiting.step)
    return session.scalar(came) is not None


def _see_to_conversation(session: Session, conversation: Conversation, now: datetime) -> None:
    """Without a live take or handover leg: pass the caller on, end the conversation, or requeue."""
    if conversation.began_at is None or any(leg.purpose in _WRAPS_UP for leg in live(conversation)):
        return
    if remaining := [leg for leg in in_it(conversation) if leg.agent_id]:
        _leave_to(session, remaining[0], now)
    elif _was_heard(session, conversation) or conversation.callback_id:
        end(session, conversation, now)
    else:
        _give_back(session, conversation, now)


def _leave_to(session: Session, leg: Leg, now: datetime) -> None:
    """A third person who remains takes over the caller and the ticket."""
    leg.purpose = Purpose.HANDOVER
    hold(session, leg.conversation, False, now)
    signal_dispatch(session)


def _give_back(session: Session, conversation: Conversation, now: datetime) -> None:
    """The consultant left before the caller joined: the caller keeps the place in the queue."""
    conversation.began_at, conversation.is_held = None, False
    for leg in live(conversation):
        release(session, leg, Ended.LEFT if leg.joined_at else Ended.WITHDRAWN, now)
    positions.keep_waiting(session, conversation.waiting_id)
    session.flush()
    signal_dispatch(session)


def end(session: Session, conversation: Conversation, now: datetime) -> None:
    """End the conversation and all its legs; the caller goes on in the script."""
    if conversation.ended_at:
        return
    conversation.ended_at, conversation.is_held = now, False
    for leg in live(conversation):
        release(session, leg, Ended.LEFT if leg.joined_at else Ended.WITHDRAWN, now)
    if conversation.began_at:
        enqueue(session, Task.END_CONVERSATION, conversation.id, now)
        record(session, conversation, now)
    session.flush()
