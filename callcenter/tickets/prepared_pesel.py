"""The PESEL that a caller typed after the keys 2 and 3, for the person who handles the ticket.

It is stored encrypted on the ticket. Each handler sees it once, and a note records that. It is
erased when the ticket is finished.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from callcenter.privacy import encryption
from callcenter.tickets import notes
from callcenter.tickets.decisions import DecisionKind, lock
from models import Call, Conversation, Leg, Presence, Purpose, Status, Ticket, TicketNote
from models.call import FINAL

# Legs with these purposes handle the ticket; listeners do not.
HANDLES = (Purpose.TAKE, Purpose.HANDOVER, Purpose.CONSULT)
# Turns and call states may arrive late, so a PESEL is kept this long after its ticket opened.
LATE = timedelta(hours=1)
# No ticket keeps a PESEL longer.
KEPT = timedelta(days=30)


def may_see(session: Session, ticket: Ticket, agent_id: int) -> bool:
    """Whether the open ticket has a PESEL that this person, who handles it, has not seen yet."""
    return (
        ticket.pesel is not None
        and ticket.status is Status.OPEN
        and _handles(session, ticket, agent_id)
        and not _has_seen(session, ticket, agent_id)
    )


def show(session: Session, ticket: Ticket, agent_id: int, now: datetime) -> str | None:
    """Return the PESEL and write a note that this person saw it.

    For a person who may not see it, return None and write nothing.
    """
    lock(session, ticket)
    if not may_see(session, ticket, agent_id) or ticket.pesel is None:
        return None
    notes.add_note(session, ticket, agent_id, "", now, {"did": DecisionKind.SAW_PESEL.value})
    return encryption.unseal(ticket.pesel).decode()


def erase_overdue(session: Session, now: datetime) -> None:
    """Erase the PESELs of finished tickets, and of all tickets that opened over 30 days ago."""
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
