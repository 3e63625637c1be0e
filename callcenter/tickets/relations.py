"""Relations of tickets: a ticket is about another one, or was merged into it."""

from sqlalchemy.orm import Session

from callcenter.tickets.decisions import Decider, DecisionKind, NotPossibleError, Reason, decision
from models import Status, Ticket


def relate(session: Session, ticket: Ticket, by: Decider, to: Ticket | None) -> None:
    """Relate the ticket to `to`, the ticket it is about; None removes the relation.

    If `to` was merged, the ticket it was merged into is taken. Raises Conflict and
    NotPossibleError.
    """
    to = head_of(to) if to else None
    if to and to.id == ticket.id:
        raise NotPossibleError(Reason.ITSELF)
    with decision(session, ticket, DecisionKind.RELATED, by):
        ticket.related_to = to


def head_of(ticket: Ticket) -> Ticket:
    """The ticket on which people work: the one it was merged into, else `ticket` itself."""
    return ticket.merged_into or ticket


def is_settled(ticket: Ticket) -> bool:
    """Whether a person of the desk finished the ticket, or the one it was merged into."""
    head = head_of(ticket)
    return head.in_hands_since is not None and head.status is not Status.OPEN
