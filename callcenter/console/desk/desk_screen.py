"""Reads what one person's desk shows: queue, own call and ticket, team, callbacks, due tickets.

The page polls every second or two. Each poll computes only `version`, mostly one statement over the
few rows that are open now. The screen is read again only if the version has changed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, text
from sqlalchemy.orm import Session, contains_eager, joinedload

from callcenter.announcements.board import board
from callcenter.announcements.notices import Notice
from callcenter.callers import caller_cards
from callcenter.console.desk.screen_parts import Mate, Matter, Other, Screen, Waiter
from callcenter.console.layout import band
from callcenter.console.tickets.transcript import transcript
from callcenter.outbound import dial_policy
from callcenter.queue import call_control, callbacks, presence
from callcenter.recordings import conversation_recordings
from callcenter.reporting.today import day_of
from callcenter.tickets import notes, prepared_pesel, search
from models import (
    Agent,
    Call,
    Callback,
    Conversation,
    Leg,
    Presence,
    Role,
    State,
    Status,
    Ticket,
    Waiting,
)

AT_MOST = 20
EARLIER = 8
OFFERED = (Conversation.waiting_id == Waiting.id) & Conversation.ended_at.is_(None)


def screen(session: Session, agent_id: int, now: datetime, beside: Ticket | None = None) -> Screen:
    """The screen of `agent_id`; `beside` is the ticket to show without a call or a wrap-up."""
    me = session.get_one(Agent, agent_id)
    mine = presence.of(session, agent_id)
    leg = call_control.own_leg(session, agent_id)
    team = _team(session)
    names = {mate.agent.id: mate.agent.name for mate in team}
    on = board().on_now(now)
    ticket = _in_hand(session, leg, mine) or beside
    return Screen(
        now=now,
        me=me,
        presence=mine,
        leg=leg,
        matter=_matter(session, agent_id, ticket, on) if ticket else None,
        others=_others(leg, names),
        asked_by=names.get(leg.asked_by_id or 0) if leg else None,
        recording=conversation_recordings.standing(session, leg.conversation) if leg else None,
        waiting=_waiting(session),
        team=team,
        callbacks=_callbacks(session),
        due=_due(session),
        with_me=() if ticket else _with(session, agent_id),
        refused=_refused(session, me, now),
        announcements=on,
        day=None if ticket else day_of(session, agent_id, now),
    )


def _refused(session: Session, me: Agent, now: datetime) -> Mapping[tuple[str, str], int]:
    """For supervisors, how many calls and SMS the dial policy refused today; else empty."""
    is_asked = me.role is Role.SUPERVISOR
    return dial_policy.refused_today(session, now) if is_asked else {}


def _in_hand(session: Session, leg: Leg | None, mine: Presence) -> Ticket | None:
    if leg is not None:
        return session.get_one(Ticket, leg.conversation.ticket_id)
    wraps_up = mine.state is State.WRAPPING_UP and mine.ticket_id
    return session.get_one(Ticket, mine.ticket_id) if wraps_up else None


def _matter(session: Session, agent_id: int, ticket: Ticket, on: Sequence[Notice]) -> Matter:
    call = session.get_one(Call, ticket.call_id)
    found = search.of_caller(session, ticket.caller, EARLIER + 1)
    of_call = select(Waiting).where(Waiting.call_id == call.id).order_by(Waiting.id.desc())
    return Matter(
        ticket=ticket,
        call=call,
        lines=transcript(session, call),
        announcements=on,
        earlier=[other for other in found if other.id != ticket.id][:EARLIER],
        written=notes.notes_of(session, ticket),
        waited=session.scalars(of_call.limit(1)).one_or_none(),
        may_see_pesel=prepared_pesel.may_see(session, ticket, agent_id),
        card=caller_cards.card_of(session, ticket.caller),
    )


def _others(leg: Leg | None, names: dict[int, str]) -> list[Other]:
    if leg is None:
        return []
    live = [other for other in leg.conversation.legs if other.ended_at is None and other is not leg]
    return [Other(one, names.get(one.agent_id or 0) or one.number or "") for one in live]


def _waiting(session: Session) -> list[Waiter]:
    """The waiting callers without a conversation, the longest waiting first, at most AT_MOST."""
    query = (
        select(Waiting, Call, Ticket, Agent.name)
        .join(Call, Call.id == Waiting.call_id)
        .outerjoin(Ticket, Ticket.call_id == Call.id)
        .outerjoin(Conversation, OFFERED)
        .outerjoin(Leg, (Leg.talk_id == Conversation.id) & Leg.ended_at.is_(None))
        .outerjoin(Agent, Agent.id == Leg.agent_id)
        .where(Waiting.left_at.is_(None), Conversation.began_at.is_(None))
        .order_by(Waiting.since, Waiting.id)
        .limit(AT_MOST)
    )
    return [Waiter(*found) for found in session.execute(query)]


def _team(session: Session) -> list[Mate]:
    """Every active person, by name, so that the rows on the page keep their order."""
    query = (
        select(Agent, Presence, Leg)
        .outerjoin(Presence, Presence.agent_id == Agent.id)
        .outerjoin(Leg, (Leg.agent_id == Agent.id) & Leg.ended_at.is_(None))
        .outerjoin(Leg.conversation)
        .options(contains_eager(Leg.conversation).joinedload(Conversation.ticket))
        .where(Agent.active)
        .order_by(Agent.name, Agent.id)
    )
    return [Mate(*found) for found in session.execute(query)]


def _callbacks(session: Session) -> list[tuple[Callback, Ticket]]:
    query = (
        select(Callback, Ticket)
        .join(Ticket, Ticket.id == Callback.ticket_id)
        .where(Callback.done_at.is_(None))
        .where(Callback.announcement_id.is_not(None) | callbacks.matter_is_open())
        .order_by(Callback.asked_at)
        .limit(AT_MOST)
    )
    return [(callback, ticket) for callback, ticket in session.execute(query)]


def _due(session: Session) -> list[Ticket]:
    query = (
        select(Ticket)
        .where(Ticket.status == Status.OPEN, Ticket.due_at.is_not(None))
        .options(joinedload(Ticket.call))
        .order_by(Ticket.due_at)
        .limit(AT_MOST)
    )
    return list(session.scalars(query))


def _with(session: Session, agent_id: int) -> list[Ticket]:
    """The open tickets assigned to a person, the soonest due first."""
    query = (
        select(Ticket)
        .where(Ticket.status == Status.OPEN, Ticket.due_at.is_not(None))
        .where(Ticket.assigned_to_id == agent_id)
        .order_by(Ticket.due_at, Ticket.id)
        .limit(AT_MOST)
    )
    return list(session.scalars(query))


# Each line reads only the few rows that are open now. `seen_at` is left out: polls change it.
NOW = text("""
SELECT concat_ws('|',
  (SELECT array_agg(w.id ORDER BY w.id) FROM waiting w WHERE w.left_at IS NULL),
  (SELECT array_agg((t.id, t.is_held, t.recording_paused, t.began_at, t.call_id, k.version,
                     (SELECT max(r.status) FROM recordings r WHERE r.talk_id = t.id)) ORDER BY t.id)
     FROM talks t JOIN tickets k ON k.id = t.ticket_id WHERE t.ended_at IS NULL),
  (SELECT array_agg((l.id, l.agent_id, l.answered_at, l.joined_at) ORDER BY l.id)
     FROM legs l JOIN talks t ON t.id = l.talk_id
    WHERE l.ended_at IS NULL AND t.ended_at IS NULL),
  (SELECT array_agg((a.id, a.name, a.device, a.languages, p.state, p.away, p.since, p.wish)
     ORDER BY a.id) FROM agents a LEFT JOIN presences p ON p.agent_id = a.id WHERE a.active),
  (SELECT (p.ticket_id, p.wrap_up_until, p.extended) FROM presences p WHERE p.agent_id = :agent),
  (SELECT array_agg(c.id ORDER BY c.id) FROM callbacks c WHERE c.done_at IS NULL),
  (SELECT array_agg((d.id, d.version, d.due_at < :now) ORDER BY d.due_at, d.id)
     FROM (SELECT id, version, due_at FROM tickets WHERE status = 'open' AND due_at IS NOT NULL
           ORDER BY due_at, id LIMIT :most) d),
  (SELECT array_agg((d.id, d.version, d.due_at < :now) ORDER BY d.due_at, d.id)
     FROM (SELECT id, version, due_at FROM tickets
           WHERE status = 'open' AND due_at IS NOT NULL AND assigned_to_id = :agent
           ORDER BY due_at, id LIMIT :most) d),
  (SELECT (k.version, k.topic, k.status, k.related_to_id,
           (SELECT max(n.id) FROM ticket_notes n WHERE n.ticket_id = k.id),
           (SELECT max(u.id) FROM turns u WHERE u.call_id = k.call_id),
           (SELECT c.version FROM caller_cards c WHERE c.caller = k.caller))
     FROM tickets k WHERE k.id = :ticket),
  (CAST(:now AS timestamptz) AT TIME ZONE 'Europe/Warsaw')::date)
""")


def version(session: Session, agent_id: int, now: datetime, beside: Ticket | None = None) -> str:
    """A version that changes whenever the screen of `agent_id` changes."""
    in_hand = session.scalar(
        select(Conversation.ticket_id)
        .join(Leg, Leg.talk_id == Conversation.id)
        .where(Leg.agent_id == agent_id, Leg.ended_at.is_(None))
    )
    mine = presence.of(session, agent_id).ticket_id
    ticket_id = in_hand or mine or (beside.id if beside else None)
    given = {"agent": agent_id, "now": now, "most": AT_MOST, "ticket": ticket_id}
    rows = session.scalar(NOW, given)
    refused = sorted(dial_policy.refused_today(session, now).items())
    heard = [notice.uid for notice in board().on_now(now)]
    return sha256(f"{rows}{refused}{heard}{band.version()}".encode()).hexdigest()[:16]
