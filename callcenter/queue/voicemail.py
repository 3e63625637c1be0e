"""Records that a callback reached nobody, mostly because a voice mailbox answered.

The carrier could detect machines, for a fee a call and with seconds of silence before our first
words (docs/adr/0021). Instead the consultant who hears the mailbox reports it.
"""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from callcenter.queue import caller_leg, legs, presence
from callcenter.tickets import relations
from callcenter.tickets.decisions import NotPossibleError, Reason, lock
from models import Callback, Conversation, Leg, Presence, State, Ticket


def call_back_in_hand(session: Session, agent_id: int, ticket_id: int) -> Conversation | None:
    """The callback conversation about the ticket that the person is in or wraps up, or None."""
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
    """Record that the callback reached nobody, plan the next attempt, and end the conversation.

    `note` is written on the ticket, and the person's wrap-up ends. Raises NotPossibleError if the
    person handles no callback about the ticket, or if the ticket (or the one it was merged into) is
    finished.
    """
    lock(session, *sorted({ticket, relations.head_of(ticket)}, key=lambda each: each.id))
    if relations.is_settled(ticket):
        raise NotPossibleError(Reason.NOT_OPEN)
    conversation = _locked_call_back(session, agent_id, ticket.id)
    callback = session.get_one(Callback, conversation.callback_id, with_for_update=True)
    why = "voice-mail" if conversation.call and conversation.call.opening else "no-answer"
    if conversation.call:
        # Nobody heard our greeting, so nothing about the ticket may be spoken now.
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
