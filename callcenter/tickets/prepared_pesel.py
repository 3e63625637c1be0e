"""The PESEL that a caller typed at `2 3`, shown once to each person who handles the ticket.

It rests encrypted on the ticket. Each showing is written on the ticket. It is erased when the
ticket is finished.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from callcenter.privacy import encryption
from callcenter.tickets import notes
from callcenter.tickets.decisions import DecisionKind, lock
from models import Call, Conversation, Leg, Presence, Purpose, Status, Ticket, TicketNote
from models.call import FINAL

# Who only listens handles nothing.
HANDLES = (Purpose.TAKE, Purpose.HANDOVER, Purpose.CONSULT)
# What was said in a call may be told late: turns, states. So long a finished ticket keeps it.
LATE = timedelta(hours=1)
KEPT = timedelta(days=30)


def may_see(session: Session, ticket: Ticket, agent_id: int) -> bool:
    """Whether there is one, the ticket is open, and this person handles it and has not seen it."""
    return (
        ticket.pesel is not None
        and ticket.status is Status.OPEN
        and _handles(session, ticket, agent_id)
        and not _has_seen(session, ticket, agent_id)
    )


def show(session: Session, ticket: Ticket, agent_id: int, now: datetime) -> str | None:
    """The PESEL, and a note that this person saw it. None, and no note, for who may not."""
    lock(session, ticket)
    if not may_see(session, ticket, agent_id) or ticket.pesel is None:
        return None
    notes.add_note(session, ticket, agent_id, "", now, {"did": DecisionKind.SAW_PESEL.value})
    return encryption.unseal(ticket.pesel).decode()


def erase_overdue(session: Session, now: datetime) -> None:
    """Erase those of tickets that are finished, and those that nobody asked for in 30 days."""
    is_over = select(Call.id).where(Call.id == Ticket.call_id, Call.status.in_(FINAL)).exists()
    finished = (Ticket.status != Status.OPEN) & is_over & (Ticket.opened_at < now - LATE)
    overdue = or_(finished, Ticket.opened_at < now - KEPT)
    kept = update(Ticket).where(Ticket.pesel.is_not(None), overdue)
    session.execute(kept.values(pesel=None), execution_options={"synchronize_session": False})


def _handles(session: Session, ticket: Ticket, agent_id: int) -> bool:
    if ticket.assigned_to_id == agent_id:
        return True
    conversations = (
        select(Leg.id)
        .join(Conversation, Conversation.id == Leg.talk_id)
        .where(
            Conversation.ticket_id == ticket.id,
            Leg.agent_id == agent_id,
            Leg.purpose.in_(HANDLES),
            Leg.joined_at.is_not(None),
            Leg.ended_at.is_(None),
        )
    )
    wraps_up = select(Presence.agent_id).where(
        Presence.agent_id == agent_id, Presence.ticket_id == ticket.id
    )
    return session.scalar(select(or_(conversations.exists(), wraps_up.exists()))) is True


def _has_seen(session: Session, ticket: Ticket, agent_id: int) -> bool:
    seen = select(TicketNote.id).where(
        TicketNote.ticket_id == ticket.id,
        TicketNote.author_id == agent_id,
        TicketNote.change["did"].astext == DecisionKind.SAW_PESEL,
    )
    return session.scalar(seen.limit(1)) is not None
