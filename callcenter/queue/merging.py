"""Merges two tickets into one, and the callbacks requested in both."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.queue import callbacks
from callcenter.tickets.decisions import (
    Decider,
    DecisionKind,
    NotPossibleError,
    Reason,
    decision,
    lock,
)
from callcenter.tickets.handling import keep_open
from callcenter.tickets.relations import head_of
from models import Status, Ticket
from models.ticket import Kind


def merge(session: Session, ticket: Ticket, by: Decider, into: Ticket) -> Ticket:
    """Merge two tickets and return the older one, which stays; `by.version` is of `ticket`.

    If either is open, the result is open, with the earlier of the two due dates. Callbacks
    requested in both become one for each number. Raises Conflict, and NotPossibleError for the same
    ticket twice, a ticket whose call lasts, and an internal one.
    """
    one, other = head_of(ticket), head_of(into)
    if one.id == other.id:
        raise NotPossibleError(Reason.ITSELF)
    lock(session, *sorted((one, other), key=lambda each: each.id))
    _check(one, other)
    older, younger = sorted((one, other), key=lambda each: (each.opened_at, each.id))
    was_open, due_at = younger.status is Status.OPEN, younger.due_at
    seen = {ticket.id: by.version}
    _close(session, younger, replace(by, version=seen.get(younger.id)), older)
    taking_in = replace(by, version=seen.get(older.id), note="")
    with decision(session, older, DecisionKind.TOOK_IN, taking_in) as change:
        change["took_in"] = younger.number
        if was_open:
            _go_on(older, by.at, due_at)
    callbacks.call_once(session, older, by.agent_id, by.at)
    return older


def _check(*tickets: Ticket) -> None:
    if any(ticket.outcome is None for ticket in tickets):
        raise NotPossibleError(Reason.CALL_LASTS)
    if any(ticket.kind is Kind.INTERNAL for ticket in tickets):
        raise NotPossibleError(Reason.HOUSES_OWN)


def _close(session: Session, younger: Ticket, by: Decider, older: Ticket) -> None:
    """Close `younger`, and move it and the tickets merged into it under `older`."""
    with decision(session, younger, DecisionKind.MERGED, by):
        younger.merged_into = older
        younger.status, younger.due_at = Status.CLOSED, None
        # The PESEL moves to the ticket that stays.
        older.pesel, younger.pesel = older.pesel or younger.pesel, None
    for earlier in session.scalars(select(Ticket).where(Ticket.merged_into_id == younger.id)):
        earlier.merged_into = older
    session.flush()


def _go_on(older: Ticket, now: datetime, due_at: datetime | None) -> None:
    """Reopen `older` for what `younger` left open, with the earlier of the two due dates."""
    if older.status is not Status.OPEN:
        older.due_at = None
    known = [due for due in (older.due_at, due_at) if due]
    keep_open(older, now, min(known, default=None))
