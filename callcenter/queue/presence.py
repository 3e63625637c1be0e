"""Presence: who can be offered a call. People choose it, and their calls change it.

Rows of different tables are always locked in this order: ticket, call, conversation, leg, presence.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.outbox.dispatch_signal import signal_dispatch
from callcenter.tickets import handling
from models import Agent, Away, Device, Leg, Presence, State, Ticket

# Browsers ask every one to two seconds; a hidden tab is slowed down by its browser.
GONE_AFTER = timedelta(seconds=15)
WARNING = timedelta(seconds=20)
MOST_EXTENSIONS = 20
_lengths = [timedelta(seconds=90)]


def bind(wrap_up_seconds: int) -> None:
    """Set the length of a wrap-up in this process, in seconds."""
    _lengths[:] = [timedelta(seconds=wrap_up_seconds)]


def of(session: Session, agent_id: int) -> Presence:
    """The person's row; it is created as away ("gone") for a person without one."""
    if found := session.get(Presence, agent_id):
        return found
    return _locked(session, agent_id)


def _locked(session: Session, agent_id: int) -> Presence:
    wanted = select(Presence).where(Presence.agent_id == agent_id).with_for_update()
    wanted = wanted.execution_options(populate_existing=True)
    if found := session.scalars(wanted).one_or_none():
        return found
    now = datetime.now(UTC)
    row = {"agent_id": agent_id, "state": State.AWAY, "away": Away.GONE}
    new = insert(Presence).values({**row, "since": now, "idle_since": now, "extended": 0})
    session.execute(new.on_conflict_do_nothing())
    return session.scalars(wanted).one()


def be_available(session: Session, agent_id: int, now: datetime) -> None:
    """Make the person available now, or after the present call and its wrap-up."""
    mine = _locked(session, agent_id)
    mine.seen_at = now
    if mine.state is State.AWAY:
        _enter(mine, State.AVAILABLE, now)
        signal_dispatch(session)
    else:
        mine.wish = None


def be_away(session: Session, agent_id: int, reason: Away, now: datetime) -> None:
    """Set the person away now, or after the present call and its wrap-up."""
    mine = _locked(session, agent_id)
    if mine.state in (State.ON_CALL, State.WRAPPING_UP):
        mine.wish = reason
        return
    if mine.state is not State.AWAY or mine.away is not reason:
        _enter(mine, State.AWAY, now, reason)
    signal_dispatch(session)


def _enter(mine: Presence, state: State, now: datetime, away: Away | None = None) -> None:
    mine.state, mine.away, mine.since = state, away, now
    mine.wish = mine.ticket_id = mine.wrap_up_until = None
    mine.extended = 0


def seen(session: Session, agent_id: int, now: datetime) -> None:
    """Record a sign of life of the browser. A person who is away as "gone" stays away."""
    lately = or_(Presence.seen_at.is_(None), Presence.seen_at < now - timedelta(seconds=1))
    session.execute(
        update(Presence).where(Presence.agent_id == agent_id, lately).values(seen_at=now)
    )


def on_call(session: Session, agent_id: int, now: datetime) -> None:
    """Set the person on a call."""
    mine = _locked(session, agent_id)
    if mine.state is not State.ON_CALL:
        wish = mine.away if mine.state is State.AWAY else mine.wish
        _enter(mine, State.ON_CALL, now)
        mine.wish = wish


def call_over(session: Session, agent_id: int, ticket_id: int | None, now: datetime) -> None:
    """Record that the person left a conversation; `ticket_id`, if given, needs wrap-up."""
    mine = _locked(session, agent_id)
    if mine.state is not State.ON_CALL:
        return
    mine.idle_since = now
    if ticket_id is None:
        _free(session, mine, now)
        return
    wish = mine.wish
    _enter(mine, State.WRAPPING_UP, now)
    mine.wish, mine.ticket_id, mine.wrap_up_until = wish, ticket_id, now + _lengths[0]


def _free(session: Session, mine: Presence, now: datetime) -> None:
    wish = mine.wish
    _enter(mine, State.AWAY if wish else State.AVAILABLE, now, wish)
    signal_dispatch(session)


def missed(session: Session, agent_id: int, reason: Away, now: datetime) -> None:
    """Record that an offered call was not taken; the person is set away."""
    mine = _locked(session, agent_id)
    mine.idle_since = now
    if mine.state is State.AVAILABLE:
        _enter(mine, State.AWAY, now, reason)


def lost_call(session: Session, agent_id: int, ticket_id: int, reason: Away, now: datetime) -> None:
    """End the wrap-up after a dropped call, and set the person away with `reason`.

    The draft becomes a note. If the person had chosen to be away afterwards, that reason is used.
    """
    mine = _locked(session, agent_id)
    if mine.state is State.WRAPPING_UP and mine.ticket_id == ticket_id:
        handling.call_lost(session, session.get_one(Ticket, ticket_id), agent_id, now)
        _enter(mine, State.AWAY, now, mine.wish or reason)
        signal_dispatch(session)


def extend(session: Session, agent_id: int, now: datetime) -> None:
    """Extend the wrap-up by its usual length, a limited number of times."""
    mine = _locked(session, agent_id)
    if mine.state is State.WRAPPING_UP and mine.extended < MOST_EXTENSIONS:
        mine.wrap_up_until = max(mine.wrap_up_until or now, now) + _lengths[0]
        mine.extended += 1


def finished(session: Session, agent_id: int, now: datetime) -> None:
    """End the wrap-up: the person is available, or away if that was chosen meanwhile."""
    mine = _locked(session, agent_id)
    if mine.state is State.WRAPPING_UP:
        _free(session, mine, now)


def follow_up(session: Session, now: datetime) -> None:
    """Set people with closed browsers away, and end overdue wrap-ups."""
    for agent_id in session.scalars(_gone(now)).all():
        be_away(session, agent_id, Away.GONE, now)
    for agent_id, ticket_id in session.execute(_out_of_time(now)).all():
        if ticket_id:
            ticket = session.get_one(Ticket, ticket_id, with_for_update=True)
            handling.out_of_time(session, ticket, agent_id, now)
        mine = _locked(session, agent_id)
        if mine.state is State.WRAPPING_UP and mine.wrap_up_until and mine.wrap_up_until <= now:
            _free(session, mine, now)


def is_there(now: datetime) -> ColumnElement[bool]:
    """The SQL condition that a person's device can ring; a browser must have been seen lately."""
    return or_(Agent.device != Device.BROWSER, Presence.seen_at >= now - GONE_AFTER)


def is_suitable(person: Agent, language: str, topic: str | None) -> bool:
    """Whether this person takes calls in `language` about `topic`.

    A person without topics takes all topics; a call without a topic suits everybody.
    """
    return language in person.languages and (
        not person.topics or topic is None or topic in person.topics
    )


def _gone(now: datetime) -> Select[int]:
    ringing = select(Leg.id).where(Leg.agent_id == Presence.agent_id, Leg.ended_at.is_(None))
    return (
        select(Presence.agent_id)
        .join(Agent, Agent.id == Presence.agent_id)
        .where(Presence.state == State.AVAILABLE, ~ringing.exists(), ~is_there(now))
    )


def _out_of_time(now: datetime) -> Select[int, int | None]:
    return select(Presence.agent_id, Presence.ticket_id).where(
        Presence.state == State.WRAPPING_UP, Presence.wrap_up_until <= now
    )
