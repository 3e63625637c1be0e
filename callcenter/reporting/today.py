"""Figures that the desk shows a person between calls: queue, answering times, own tickets."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import Due, span_of
from callcenter.reporting import reports
from callcenter.reporting.proportions import Proportion
from models import Conversation, Leg, Purpose, Status, Ticket, Waiting

TAKEN = (Purpose.TAKE, Purpose.HANDOVER)


@dataclass(frozen=True)
class Day:
    """The figures of today.

    `waiting` counts the callers without a conversation, and `longest_since` is when the first of
    them began to wait. `soon` is the proportion of today's waits that were answered within 20
    seconds. `late` and `due_today` count this person's open tickets, and `taken` this person's
    conversations since midnight.
    """

    waiting: int
    longest_since: datetime | None
    soon: Proportion
    late: int
    due_today: int
    taken: int


def day_of(session: Session, agent_id: int, now: datetime) -> Day:
    """Today's figures of the desk and of the person `agent_id`; a day is a day in Warsaw."""
    today = reports.last_days(1, now)
    waiting, longest = session.execute(_waiting_now()).one()
    late, due_today = (_due(session, agent_id, due, now) for due in (Due.LATE, Due.TODAY))
    took = select(func.count(Leg.talk_id.distinct())).where(
        Leg.agent_id == agent_id, Leg.joined_at >= today.begins, Leg.purpose.in_(TAKEN)
    )
    soon = reports.waits_of(session, today).soon(reports.SOON_S.index(20))
    return Day(waiting, longest, soon, late, due_today, session.scalar(took) or 0)


def _waiting_now() -> Select[int, datetime | None]:
    return (
        select(func.count(Waiting.id), func.min(Waiting.since))
        .outerjoin(
            Conversation, (Conversation.waiting_id == Waiting.id) & Conversation.ended_at.is_(None)
        )
        .where(Waiting.left_at.is_(None), Conversation.began_at.is_(None))
    )


def _due(session: Session, agent_id: int, due: Due, now: datetime) -> int:
    span = span_of(due, now)
    mine = (
        select(func.count(Ticket.id))
        .where(Ticket.assigned_to_id == agent_id, Ticket.status == Status.OPEN)
        .where(Ticket.due_at < span.ends_at)
    )
    if span.starts_at:
        mine = mine.where(Ticket.due_at >= span.starts_at)
    return session.scalar(mine) or 0
