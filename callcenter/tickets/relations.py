"""Tickets that belong together: one is about another, or was merged into it."""

from sqlalchemy.orm import Session

from callcenter.tickets.decisions import Decider, DecisionKind, NotPossibleError, Reason, decision
from models import Status, Ticket


def relate(session: Session, ticket: Ticket, by: Decider, to: Ticket | None) -> None:
    """Tie the ticket to the one it is about (where that was merged, the one that stays)."""
    to = head_of(to) if to else None
    if to and to.id == ticket.id:
        raise NotPossibleError(Reason.ITSELF)
    with decision(session, ticket, DecisionKind.RELATED, by):
        ticket.related_to = to


def head_of(ticket: Ticket) -> Ticket:
    """The ticket where the matter is worked on: itself, unless it was merged into another."""
    return ticket.merged_into or ticket


def is_settled(ticket: Ticket) -> bool:
    """Whether somebody of the desk finished the matter, be it on the ticket it was merged into."""
    head = head_of(ticket)
    return head.in_hands_since is not None and head.status is not Status.OPEN
