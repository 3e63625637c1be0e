"""Dispatch: offers the caller who waited longest to the suitable consultant who was idle longest.

A consultant is suitable by language and topic. Unique indexes prevent double offers. Only one
dispatcher runs at a time. It never waits for a locked row: it skips it and looks again half a
second later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from callcenter.outbox.outbox import Task, enqueue
from callcenter.queue import call_control, callbacks, caller_leg, legs, presence
from models import (
    Agent,
    Away,
    Call,
    Callback,
    Conversation,
    Ended,
    Job,
    Leg,
    Presence,
    Purpose,
    State,
    Ticket,
    Waiting,
)
from models.call import FINAL

QUEUE = "consultants"
ONE_AT_A_TIME = 0x64657370  # the key of the dispatcher's advisory lock
# The carrier reports an unanswered call itself. After this time it has failed to do so.
OVERDUE = timedelta(seconds=legs.RINGS_S + 8)
RING_AGAIN_AFTER = timedelta(seconds=1)


@dataclass(frozen=True)
class Wanted:
    """A caller to serve: exactly one of `waiting` and `callback` is set; `since` sorts them."""

    since: datetime
    language: str
    topic: str | None
    waiting: Waiting | None = None
    callback: Callback | None = None


def dispatch(session: Session, now: datetime) -> int:
    """Make all possible offers; return their number."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(ONE_AT_A_TIME))):
        return 0
    _look_after_offers(session, now)
    free, made = list(_free(session, now)), 0
    if not free:
        return 0
    for wanted in sorted([*_callers(session), *_to_be_called(session, now)], key=_order):
        fit = (one for one in free if presence.is_suitable(one, wanted.language, wanted.topic))
        person = next(fit, None)
        if person is None:
            continue
        conversation = _conversation_of(session, wanted, now)
        legs.invite(session, conversation, Purpose.TAKE, now, agent_id=person.id)
        free.remove(person)
        made += 1
    return made


def _order(wanted: Wanted) -> tuple[datetime, int]:
    row = wanted.waiting or wanted.callback
    return wanted.since, row.id if row else 0


def _free(session: Session, now: datetime) -> Sequence[Agent]:
    """The consultants who can take a call, locked, longest idle first."""
    busy = select(Leg.id).where(Leg.agent_id == Agent.id, Leg.ended_at.is_(None))
    wanted = (
        select(Agent)
        .join(Presence, Presence.agent_id == Agent.id)
        .where(Presence.state == State.AVAILABLE, Agent.active, presence.is_there(now))
        .where(~busy.exists())
        .order_by(Presence.idle_since, Agent.id)
        .with_for_update(of=Presence, skip_locked=True)
    )
    return session.scalars(wanted).all()


def _callers(session: Session) -> list[Wanted]:
    """The waiting callers without an offer, locked with their calls."""
    offered = (
        select(Leg.id)
        .join(Conversation, Conversation.id == Leg.talk_id)
        .where(Conversation.waiting_id == Waiting.id, Leg.ended_at.is_(None))
    )
    over = select(Conversation.id).where(
        Conversation.waiting_id == Waiting.id,
        or_(Conversation.began_at.is_not(None), Conversation.ended_at.is_not(None)),
    )
    rows = session.scalars(
        select(Waiting)
        .join(Call, Call.id == Waiting.call_id)
        .where(Waiting.queue == QUEUE, Waiting.left_at.is_(None))
        .where(~offered.exists(), ~over.exists())
        .order_by(Waiting.since, Waiting.id)
        .with_for_update(of=[Waiting, Call], key_share=True, skip_locked=True)
    ).all()
    return [Wanted(row.since, row.language, row.topic, waiting=row) for row in rows]


def _to_be_called(session: Session, now: datetime) -> list[Wanted]:
    """The callbacks that a consultant should make now."""
    under_way = (
        select(Leg.id)
        .join(Conversation, Conversation.id == Leg.talk_id)
        .where(Conversation.callback_id == Callback.id, Leg.ended_at.is_(None))
    )
    talking = select(Conversation.id).where(
        Conversation.callback_id == Callback.id,
        Conversation.began_at.is_not(None),
        Conversation.ended_at.is_(None),
    )
    rows = session.execute(
        select(Callback, Ticket.topic)
        .join(Ticket, Ticket.id == Callback.ticket_id)
        .join(Call, Call.id == Ticket.call_id)
        # A caller who still hears our goodbye is not called yet.
        .where(Call.status.in_(FINAL))
        .where(Callback.announcement_id.is_(None), Callback.done_at.is_(None))
        .where(Callback.waited_since.is_not(None), Callback.attempts < caller_leg.MOST_ATTEMPTS)
        .where(or_(Callback.next_try_at.is_(None), Callback.next_try_at <= now))
        .where(~under_way.exists(), ~talking.exists(), callbacks.matter_is_open())
        .order_by(Callback.waited_since, Callback.id)
        .with_for_update(of=Callback, skip_locked=True)
    ).all()
    return [
        Wanted(row.waited_since, row.language, topic, callback=row)
        for row, topic in rows
        if row.waited_since
    ]


def _conversation_of(session: Session, wanted: Wanted, now: datetime) -> Conversation:
    if wanted.callback:
        return call_control.for_callback(session, wanted.callback, now)
    assert wanted.waiting is not None  # noqa: S101 - one of the two is there
    waiting = wanted.waiting
    known = select(Conversation).where(Conversation.waiting_id == waiting.id)
    if conversation := session.scalars(known).one_or_none():
        return conversation
    call = session.get_one(Call, waiting.call_id)
    ticket_id = session.scalars(select(Ticket.id).where(Ticket.call_id == call.id)).one_or_none()
    if ticket_id is None and call.callback_id:
        ticket_id = session.get_one(Callback, call.callback_id).ticket_id
    conversation = Conversation(
        room=legs.room_of(waiting, call.sid),
        ticket_id=ticket_id,
        call_id=call.id,
        waiting_id=waiting.id,
        made_at=now,
    )
    session.add(conversation)
    session.flush()
    return conversation


def _look_after_offers(session: Session, now: datetime) -> None:
    """End offers that were not answered, that never rang, or whose person is away now."""
    ringing = select(Leg).where(Leg.ended_at.is_(None), Leg.joined_at.is_(None))
    for leg in session.scalars(ringing).all():
        if leg.asked_at < now - OVERDUE:
            _give_up(session, leg.id, Ended.UNANSWERED, now)
        elif leg.purpose is Purpose.TAKE and leg.answered_at is None and _is_away(session, leg):
            _give_up(session, leg.id, Ended.WITHDRAWN, now)
        elif leg.call_sid is None and leg.asked_at < now - RING_AGAIN_AFTER:
            _ring_again(session, leg, now)


def _is_away(session: Session, leg: Leg) -> bool:
    """Whether the person went away after the offer.

    For a callback, being away before the offer does not count: an absent person may make one by
    hand.
    """
    if leg.agent_id is None:
        return False
    mine = session.get(Presence, leg.agent_id, populate_existing=True)
    if mine is None or mine.state is not State.AWAY or mine.away is Away.GONE:
        return False
    return leg.conversation.callback_id is None or mine.since > leg.asked_at


def _give_up(session: Session, leg_id: int, how: Ended, now: datetime) -> None:
    free = select(Conversation.id).join(Leg).where(Leg.id == leg_id)
    if session.scalar(free.with_for_update(of=Conversation, skip_locked=True)) is None:
        return  # another transaction is changing it
    leg = legs.locked(session, leg_id)
    if leg is not None:
        legs.missed(session, leg, how, now)


def _ring_again(session: Session, leg: Leg, now: datetime) -> None:
    """Request the ring again, if its job is done and nothing rang (the carrier was too busy)."""
    undone = select(Job.id).where(
        Job.function == Task.RING_LEG, Job.argument == leg.id, Job.done_at.is_(None)
    )
    if session.scalar(undone.limit(1)) is None:
        enqueue(session, Task.RING_LEG, leg.id, now)
