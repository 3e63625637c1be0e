"""Finds who handles a ticket now: in conversation with its caller, or in wrap-up.

Somebody else may also decide about the ticket, but is warned first.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Agent, Conversation, Leg, Presence, Purpose, State, Ticket

# Legs with other purposes listen or help; their people do not handle the ticket.
OWN = (Purpose.TAKE, Purpose.HANDOVER, Purpose.CONSULT)


def of_others(session: Session, ticket: Ticket, agent_id: int) -> list[str]:
    """The names of the ticket's handlers, in order; none if `agent_id` is one of them."""
    talking = (
        select(Leg.agent_id)
        .join(Conversation, Conversation.id == Leg.talk_id)
        .where(Conversation.ticket_id == ticket.id, Leg.purpose.in_(OWN))
        .where(Leg.joined_at.is_not(None), Leg.ended_at.is_(None), Leg.agent_id.is_not(None))
    )
    wrapping_up = select(Presence.agent_id).where(
        Presence.ticket_id == ticket.id, Presence.state == State.WRAPPING_UP
    )
    wanted = select(Agent.id, Agent.name).where(Agent.id.in_(talking.union(wrapping_up)))
    found = session.execute(wanted.order_by(Agent.name, Agent.id)).all()
    return [] if agent_id in {id_ for id_, _name in found} else [name for _id, name in found]


def in_conversation(session: Session, agent_id: int) -> Ticket | None:
    """The ticket of the conversation that the person is in, as a handler or not."""
    wanted = (
        select(Ticket)
        .join(Conversation, Conversation.ticket_id == Ticket.id)
        .join(Leg, Leg.talk_id == Conversation.id)
        .where(Leg.agent_id == agent_id, Leg.joined_at.is_not(None), Leg.ended_at.is_(None))
    )
    return session.scalars(wanted.limit(1)).one_or_none()
