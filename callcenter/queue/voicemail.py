"""A call-back by which nobody was reached, though something picked up: a voice mailbox, mostly.

The carrier would tell machines from people, at a price a call and with seconds of silence before
our first word (docs/adr/0021): whoever hears the mailbox says so instead.
"""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from callcenter.queue import caller_leg, legs, presence
from callcenter.tickets import relations
from callcenter.tickets.decisions import NotPossibleError, Reason, lock
from models import Callback, Conversation, Leg, Presence, State, Ticket


def call_back_in_hand(session: Session, agent_id: int, ticket_id: int) -> Conversation | None:
    """The call-back about the ticket in which the person is, or which they are wrapping up."""
    wraps_up = (Presence.state == State.WRAPPING_UP) & (Presence.ticket_id == ticket_id)
    last = (
        select(Conversation)
        .join(Leg, Leg.talk_id == Conversation.id)
        .join(Presence, Presence.agent_id == Leg.agent_id)
        .where(
            Leg.agent_id == agent_id,
            Leg.joined_at.is_not(None),
            Conversation.ticket_id == ticket_id,
        )
        .where(or_(Leg.ended_at.is_(None), wraps_up))
        .order_by(Leg.id.desc())
        .limit(1)
    )
    conversation = session.scalars(last).one_or_none()
    return conversation if conversation and conversation.callback_id else None


def nobody_reached(
    session: Session, ticket: Ticket, agent_id: int, note: str, now: datetime
) -> Callback:
    """The attempt counts as one that nobody answered, and the call is over for all who are in it.

    It may have been merged meanwhile: what counts is how the matter stands. Raises NotPossibleError
    where the person has no such call-back in hand, or the matter is settled already.
    """
    lock(session, *sorted({ticket, relations.head_of(ticket)}, key=lambda each: each.id))
    if relations.is_settled(ticket):
        raise NotPossibleError(Reason.NOT_OPEN)
    conversation = _locked_call_back(session, agent_id, ticket.id)
    callback = session.get_one(Callback, conversation.callback_id, with_for_update=True)
    why = "voice-mail" if conversation.call and conversation.call.opening else "no-answer"
    if conversation.call:
        # Nobody heard our greeting: nothing of the ticket is spoken after it.
        conversation.call.opening = {}
    callback.done_at = None
    caller_leg.client_unreached(session, callback, why, now, agent_id, note)
    legs.end(session, conversation, now)
    presence.finished(session, agent_id, now)
    return callback


def _locked_call_back(session: Session, agent_id: int, ticket_id: int) -> Conversation:
    if conversation := call_back_in_hand(session, agent_id, ticket_id):
        legs.lock(session, conversation.id)
        conversation = call_back_in_hand(session, agent_id, ticket_id)
    if conversation is None:
        raise NotPossibleError(Reason.NO_CALL_BACK)
    return conversation
