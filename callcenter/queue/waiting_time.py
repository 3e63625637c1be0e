"""Estimates how long a caller will wait."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.queue import presence
from models import Agent, Conversation, Left, Leg, Presence, Purpose, State, Ticket, Waiting

# Handling times come from the last half hour; on a quiet line from longer periods.
LOOK_BACKS = (timedelta(minutes=30), timedelta(hours=4), timedelta(days=7), timedelta(days=28))
# Fewer calls than this are no basis for an estimate.
FEWEST = 3
LONGEST_WRAP_UP = timedelta(minutes=5)
WORKING = (State.AVAILABLE, State.ON_CALL, State.WRAPPING_UP)


def minutes(session: Session, mine: Waiting, place: int, now: datetime) -> int | None:
    """The minutes until the caller at `place` is answered: 0 is at once, None is not known.

    Past waiting times mislead as soon as consultants come or go, so the estimate uses handling
    times. Each suitable consultant at work becomes free about once in an average handling time. The
    estimate is the place, minus the consultants who are free already, times the handling time,
    divided by the number of suitable consultants. Callers ahead count even if only other
    consultants suit them: being answered early is better than late.

    None if no consultant is at work, or if the last four weeks had fewer than three calls.
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
    """The states of the consultants at work who speak the language and know the topic."""
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
    """The average time that a call keeps a consultant busy, in conversation and wrap-up.

    A running conversation adds its time so far, but does not count as a call. Otherwise long
    conversations, which rarely end within the half hour, would be left out.
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
