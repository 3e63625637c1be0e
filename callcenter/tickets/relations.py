"""Tickets that belong together: one is about another, or two are the same matter."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.queue import callbacks
from callcenter.tickets.decisions import By, Did, NotPossibleError, Reason, decision, lock
from callcenter.tickets.handling import keep_open
from models import Status, Ticket
from models.ticket import Kind


def relate(session: Session, ticket: Ticket, by: By, to: Ticket | None) -> None:
    """Tie the ticket to the one it is about (where that was merged, the one that stays)."""
    to = head_of(to) if to else None
    if to and to.id == ticket.id:
        raise NotPossibleError(Reason.ITSELF)
    with decision(session, ticket, Did.RELATED, by):
        ticket.related_to = to


def merge(session: Session, ticket: Ticket, by: By, into: Ticket) -> Ticket:
    """Make the two one matter, and return the older, which stays; `by` is upon `ticket`.

    If anything of the matter is still open, the older is, by the earliest day that was promised.
    Who asked in both to be called back is called once.
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
    with decision(session, older, Did.TOOK_IN, taking_in) as change:
        change["took_in"] = younger.number
        if was_open:
            _go_on(older, by.at, due_at)
    callbacks.call_once(session, older, by.agent_id, by.at)
    return older


def head_of(ticket: Ticket) -> Ticket:
    """The ticket where the matter is worked on: itself, unless it was merged into another."""
    return ticket.merged_into or ticket


def is_settled(ticket: Ticket) -> bool:
    """Whether somebody of the desk finished the matter, be it on the ticket it was merged into."""
    head = head_of(ticket)
    return head.in_hands_since is not None and head.status is not Status.OPEN


def _check(*tickets: Ticket) -> None:
    if any(ticket.outcome is None for ticket in tickets):
        raise NotPossibleError(Reason.CALL_LASTS)
    if any(ticket.kind is Kind.INTERNAL for ticket in tickets):
        raise NotPossibleError(Reason.HOUSES_OWN)


def _close(session: Session, younger: Ticket, by: By, older: Ticket) -> None:
    """It, and what was merged into it before, is the older one's matter from now on."""
    with decision(session, younger, Did.MERGED, by):
        younger.merged_into = older
        younger.status, younger.due_at = Status.CLOSED, None
        # The PESEL goes where the matter is worked on.
        older.pesel, younger.pesel = older.pesel or younger.pesel, None
    for earlier in session.scalars(select(Ticket).where(Ticket.merged_into_id == younger.id)):
        earlier.merged_into = older
    session.flush()


def _go_on(older: Ticket, now: datetime, due_at: datetime | None) -> None:
    """What the younger left open is open in the older, by the earlier of the two days."""
    if older.status is not Status.OPEN:
        older.due_at = None
    known = [due for due in (older.due_at, due_at) if due]
    keep_open(older, now, min(known, default=None))
