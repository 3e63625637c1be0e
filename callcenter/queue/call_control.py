"""What people of the desk do with a conversation: hold, hand over, add a third, call back, listen.

Each function takes the session, writes rows and enqueues jobs. It raises NotPossibleError if the
action is not possible now.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from callcenter.actions import ActionResult, Case, action
from callcenter.queue import caller_leg, dropped_calls, legs, presence
from callcenter.tickets import relations
from models import (
    Agent,
    Away,
    Call,
    Callback,
    Consent,
    Conversation,
    Ended,
    Leg,
    Presence,
    Purpose,
    Role,
    State,
)


class NotPossibleError(ValueError):
    """The action is not possible now; the text is the key of a sentence."""


def own_leg(session: Session, agent_id: int) -> Leg | None:
    """The person's present leg, ringing or joined, with its conversation."""
    wanted = select(Leg).where(Leg.agent_id == agent_id, Leg.ended_at.is_(None))
    return session.scalars(wanted.options(joinedload(Leg.conversation))).one_or_none()


def _joined(session: Session, leg: Leg) -> Conversation:
    """Lock and return the leg's conversation; raises NotPossibleError if the leg is not in it."""
    now_so = legs.locked(session, leg.id)
    if now_so is None or now_so.ended_at or now_so.joined_at is None:
        raise NotPossibleError("not_in_a_talk")
    return now_so.conversation


def hold(session: Session, leg: Leg, on: bool, now: datetime) -> None:
    """Put the caller on hold, or end the hold."""
    legs.hold(session, _joined(session, leg), on, now)


def pause_recording(session: Session, leg: Leg, on: bool, now: datetime) -> None:
    """Pause or resume the recording, if the caller agreed to one."""
    conversation = _joined(session, leg)
    if conversation.call is None or conversation.call.recording is not Consent.AGREED:
        raise NotPossibleError("not_recorded")
    conversation.recording_paused = on
    legs.record(session, conversation, now)


def hand_over(session: Session, leg: Leg, to: int, conversation_first: bool, now: datetime) -> None:
    """Ring the consultant `to` for a hand-over, and put the caller on hold.

    With `conversation_first` the two consultants speak, until `complete` or `bring_back`. Without,
    this person leaves as soon as the other accepts.
    """
    conversation = _joined(session, leg)
    if _asked_by(conversation, leg):
        raise NotPossibleError("somebody_is_asked")
    purpose = Purpose.CONSULT if conversation_first else Purpose.HANDOVER
    _ask(session, conversation, purpose, to, leg.agent_id, now)
    legs.hold(session, conversation, True, now)


def _ask(
    session: Session,
    conversation: Conversation,
    purpose: Purpose,
    to: int,
    by_id: int | None,
    now: datetime,
) -> None:
    if to == by_id:
        raise NotPossibleError("yourself")
    found = session.execute(
        select(Agent, Presence)
        .join(Presence, Presence.agent_id == Agent.id)
        .where(Agent.id == to, Agent.active)
    ).one_or_none()
    if found is None or found[1].state in (State.ON_CALL, State.WRAPPING_UP):
        raise NotPossibleError("not_free")
    if found[1].state is State.AWAY and found[1].away in (Away.GONE, Away.SIGNED_OUT):
        raise NotPossibleError("not_there")
    _ring(session, conversation, purpose, to, by_id, now)


def _ring(
    session: Session,
    conversation: Conversation,
    purpose: Purpose,
    to: int,
    by_id: int | None,
    now: datetime,
) -> None:
    try:
        with session.begin_nested():
            legs.invite(session, conversation, purpose, now, agent_id=to, asked_by_id=by_id)
    except IntegrityError as taken:
        raise NotPossibleError("not_free") from taken


def _asked_by(conversation: Conversation, leg: Leg) -> list[Leg]:
    """The live legs that this person invited for a hand-over."""
    handing = (Purpose.CONSULT, Purpose.HANDOVER)
    return [
        other
        for other in legs.live(conversation)
        if other.asked_by_id == leg.agent_id and other.purpose in handing and other.id != leg.id
    ]


def complete(session: Session, leg: Leg, now: datetime) -> None:
    """Complete a hand-over: the consulted person keeps the caller, and this person leaves."""
    conversation = _joined(session, leg)
    told = [other for other in _asked_by(conversation, leg) if other.joined_at]
    if not told:
        raise NotPossibleError("nobody_came")
    for other in told:
        other.purpose = Purpose.HANDOVER
    legs.over(session, session.get_one(Leg, leg.id), Ended.LEFT, now)
    legs.hold(session, conversation, False, now)


def bring_back(session: Session, leg: Leg, now: datetime) -> None:
    """Cancel a hand-over: the consulted person leaves, and the caller is off hold."""
    conversation = _joined(session, leg)
    for other in _asked_by(conversation, leg):
        legs.release(session, other, Ended.LEFT if other.joined_at else Ended.WITHDRAWN, now)
    legs.hold(session, conversation, False, now)


def add_third(session: Session, leg: Leg, to: int | str, now: datetime) -> None:
    """Invite another person of the desk, or an outside number, into the conversation."""
    conversation = _joined(session, leg)
    if isinstance(to, int):
        _ask(session, conversation, Purpose.THIRD, to, leg.agent_id, now)
    else:
        legs.invite(session, conversation, Purpose.THIRD, now, number=to, asked_by_id=leg.agent_id)


def leave(session: Session, leg: Leg, now: datetime) -> None:
    """End this person's leg; the conversation ends if nobody of the desk remains."""
    if found := legs.locked(session, leg.id):
        legs.over(session, found, Ended.DECLINED, now)


def decline(session: Session, leg: Leg, now: datetime) -> None:
    """Decline the ringing call."""
    if found := legs.locked(session, leg.id):
        legs.missed(session, found, Ended.DECLINED, now)


def supervise(session: Session, agent_id: int, talk_id: int, how: Purpose, now: datetime) -> None:
    """Listen to a conversation, whisper to its consultant, or join it."""
    agent = session.get_one(Agent, agent_id)
    if agent.role is not Role.SUPERVISOR:
        raise NotPossibleError("not_allowed")
    _must_have_finished(session, agent_id)
    conversation = legs.lock(session, talk_id)
    if conversation.ended_at or not any(leg.agent_id for leg in legs.in_it(conversation)):
        raise NotPossibleError("talk_is_over")
    _ring(session, conversation, how, agent_id, None, now)


def _must_have_finished(session: Session, agent_id: int) -> None:
    """Raise NotPossibleError while the person is wrapping up: a new call would end the wrap-up."""
    if presence.of(session, agent_id).state is State.WRAPPING_UP:
        raise NotPossibleError("finish_first")


def call_back_now(session: Session, agent_id: int, callback_id: int, now: datetime) -> None:
    """Make a callback by hand: this person is rung first, then the client."""
    wanted = select(Callback).where(Callback.id == callback_id).with_for_update()
    callback = session.scalars(wanted).one()
    if callback.done_at:
        raise NotPossibleError("called_back_already")
    _must_have_finished(session, agent_id)
    conversation = for_callback(session, callback, now)
    if legs.live(conversation):
        raise NotPossibleError("called_back_already")
    _ring(session, conversation, Purpose.TAKE, agent_id, None, now)


def for_callback(session: Session, callback: Callback, now: datetime) -> Conversation:
    """The callback's conversation that has not ended, or a new one.

    A new one belongs to the callback's ticket, or to the one it was merged into.
    """
    unended = select(Conversation).where(
        Conversation.callback_id == callback.id, Conversation.ended_at.is_(None)
    )
    if conversation := session.scalars(unended.limit(1)).one_or_none():
        return conversation
    conversation = Conversation(
        room=f"back-{callback.id}-{int(now.timestamp() * 1000)}",
        ticket_id=relations.head_of(callback.ticket).id,
        callback_id=callback.id,
        made_at=now,
    )
    session.add(conversation)
    session.flush()
    return conversation


@action(resolved="", lost="", open="")
def how_it_ended(session: Session, case: Case) -> ActionResult:
    """Action: how the call's last conversation ended.

    `lost`: it was dropped, and the caller goes on waiting in the same place. Else `resolved` if a
    person finished the ticket, or `open`.
    """
    conversation = caller_leg.last_of(session, case.call)
    if conversation and dropped_calls.requeue(session, conversation, case.now):
        return ActionResult("lost")
    return ActionResult("resolved" if relations.is_settled(case.ticket) else "open")


def has_begun(session: Session, call: Call) -> bool:
    """Whether the caller is in a conversation that a consultant accepted."""
    return caller_leg.now_talking(session, call) is not None
