"""How long a caller will wait, as far as it can be told."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.queue import presence
from models import Agent, Conversation, Left, Leg, Presence, Purpose, State, Ticket, Waiting

# How long a call takes is read from the last half hour; a quiet line looks further back.
LOOK_BACKS = (timedelta(minutes=30), timedelta(hours=4), timedelta(days=7), timedelta(days=28))
# Fewer calls than these tell nothing of the next.
FEWEST = 3
LONGEST_WRAP_UP = timedelta(minutes=5)
WORKING = (State.AVAILABLE, State.ON_CALL, State.WRAPPING_UP)


def minutes(session: Session, mine: Waiting, place: int, now: datetime) -> int | None:
    """Until somebody answers the caller at `place`: 0 is at once, None is not known.

    How long others lately waited says nothing once people sit down or go home. But each of those
    who are signed in and could take this call becomes free about once in the time for which a call
    keeps one of them busy; so the place, less those who are free already, times that time, shared
    by all of them. Callers ahead whom only others could take are counted too: it is better to be
    answered sooner than told.

    Nothing is told where nobody is there, or where the last four weeks had fewer than three calls.
    """
    states = _who_could_come(session, mine, now)
    if not states:
        return None
    ahead = place - states.count(State.AVAILABLE)
    if ahead <= 0:
        return 0
    busy = _handling_time(session, mine.queue, now)
    return math.ceil(ahead * busy / len(states) / timedelta(minutes=1)) if busy else None


def _who_could_come(session: Session, mine: Waiting, now: datetime) -> Sequence[State]:
    """What each of those does who are at work, speak the language and know the topic."""
    at_work = (
        select(Agent, Presence.state)
        .join(Presence, Presence.agent_id == Agent.id)
        .where(Agent.active, Presence.state.in_(WORKING), presence.is_there(now))
    )
    return [
        state
        for person, state in session.execute(at_work)
        if presence.is_suitable(person, mine.language, mine.topic)
    ]


def _handling_time(session: Session, queue: str, now: datetime) -> timedelta | None:
    """The average handling time of the latest period that had enough calls."""
    averages = (_average(session, queue, now - look_back, now) for look_back in LOOK_BACKS)
    return next((average for average in averages if average), None)


def _average(session: Session, queue: str, since: datetime, now: datetime) -> timedelta | None:
    """For how long a call kept somebody busy, conversation and wrap-up together.

    Conversations that go on count with what they have taken, but not as calls: else long ones,
    which are seldom over within the half hour, would be forgotten.
    """
    until = func.coalesce(Leg.ended_at, now)
    written = func.least(func.greatest(Ticket.in_hands_since, until), until + LONGEST_WRAP_UP)
    taken = (
        select(func.sum(written - Leg.joined_at), func.count(Leg.ended_at))
        .join(Conversation, Conversation.id == Leg.talk_id)
        .join(Ticket, Ticket.id == Conversation.ticket_id)
        .join(Waiting, Waiting.id == Conversation.waiting_id)
        .where(Waiting.queue == queue, Waiting.how == Left.BRIDGED)
        .where(Waiting.left_at >= since, Waiting.left_at <= now)
        .where(Leg.purpose.in_((Purpose.TAKE, Purpose.HANDOVER)), Leg.joined_at.is_not(None))
    )
    in_all, calls = session.execute(taken).one()
    return in_all / calls if calls >= FEWEST else None
