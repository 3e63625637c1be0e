"""What programs may read of the log: tickets and calls."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from callcenter.api.paging import next_page, repeated
from callcenter.api.problems import WrongFields
from callcenter.api.schemas import (
    CallAnswer,
    CallsAnswer,
    CallsAsked,
    Fault,
    TicketAnswer,
    TicketFilters,
    TicketsAnswer,
    TicketsAsked,
    TicketsFound,
)
from callcenter.calendar.deadlines import span_of
from callcenter.tickets import full_text, search
from callcenter.tickets.paging import Page
from callcenter.tickets.search import Wanted
from models import Agent, Ticket


def list_tickets(session: Session, asked: TicketsAsked) -> TicketsAnswer:
    """Tickets, the newest first."""
    caller = None
    if asked.caller_of:
        ticket = search.ticket_by_number(session, asked.caller_of)
        if ticket is None:
            raise WrongFields(Fault(field="caller_of", message="There is no such ticket"))
        caller = ticket.caller
    wanted = replace(_wanted(session, asked), caller=caller, call_sid=asked.call_sid)
    if asked.words:
        wanted = replace(wanted, words=_unsealed(asked.words))
    page = search.find_tickets(session, wanted, asked.place, asked.limit)
    return _tickets(page, repeated(asked))


def _wanted(session: Session, asked: TicketFilters) -> Wanted:
    return Wanted(
        status=asked.status,
        topic=asked.topic,
        kind=asked.kind,
        language=asked.language,
        day=asked.day,
        due=span_of(asked.due, datetime.now(UTC)) if asked.due else None,
        assigned_to=_person(session, asked.assigned_to) if asked.assigned_to else None,
    )


def _person(session: Session, login: str) -> int:
    known = select(Agent.id).where(Agent.login == login.replace("\0", ""))
    if (found := session.scalar(known)) is None:
        raise WrongFields(Fault(field="assigned_to", message="Nobody has this login"))
    return found


def _unsealed(words: str) -> str:
    try:
        return full_text.unsealed(words)
    except ValueError as fault:
        told = "Ask for words with POST /tickets/find"
        raise WrongFields(Fault(field="words", message=told)) from fault


def _tickets(page: Page[Ticket], kept: dict[str, Any]) -> TicketsAnswer:
    items = [TicketAnswer.of(ticket) for ticket in page.items]
    return TicketsAnswer(items=items, next=next_page("list_tickets", page.next, kept))


def find_tickets(session: Session, asked: TicketsFound) -> TicketsAnswer:
    """Tickets of a caller, or by words of their notes. Posted: neither may stand in an address."""
    if not asked.caller and not asked.words:
        raise WrongFields(Fault(field="caller", message="Give a caller, or words, or both"))
    if asked.words is not None and (why := full_text.unasked(asked.words)):
        raise WrongFields(Fault(field="words", message=why))
    caller = search.caller_written(asked.caller) if asked.caller else None
    if asked.caller and caller is None:
        raise WrongFields(Fault(field="caller", message="This is no telephone number or address"))
    wanted = replace(_wanted(session, asked), caller=caller, words=asked.words)
    page = search.find_tickets(session, wanted)
    kept = repeated(asked, "caller", "words")
    if caller and page.items:
        kept["caller_of"] = page.items[0].number
    if asked.words:
        kept["words"] = full_text.sealed(asked.words)
    return _tickets(page, kept)


def get_ticket(session: Session, number: str) -> TicketAnswer:
    """One ticket, by its number."""
    ticket = search.ticket_by_number(session, number)
    if ticket is None:
        raise NotFound("There is no ticket with this number.")
    return TicketAnswer.of(ticket)


def list_calls(session: Session, asked: CallsAsked) -> CallsAnswer:
    """Calls with their turns, the newest first."""
    page = search.find_calls(session, asked.place, asked.limit, sid=asked.sid, turns=True)
    tickets = search.tickets_of(session, page.items)
    return CallsAnswer(
        items=[CallAnswer.of(call, tickets.get(call.id)) for call in page.items],
        next=next_page("list_calls", page.next, repeated(asked)),
    )
