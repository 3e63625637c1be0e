"""The JSON interface: tickets and calls for other programs, with a bearer token.

An operation here is a function from a question to an answer (callcenter/answers.py); what stands
around it (token, role, question, transaction, JSON) is the same for all. Faults are problem
documents (RFC 9457).
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, g, request, url_for
from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from werkzeug.exceptions import (
    Forbidden,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    ServiceUnavailable,
    Unauthorized,
    UnprocessableEntity,
)

from callcenter import agents, announced, drafts, openapi, search, switchboard, words_search
from callcenter.announcement_answers import (
    AnnouncementAnswer,
    AnnouncementAsked,
    AnnouncementsAnswer,
    AnnouncementsAsked,
)
from callcenter.answers import (
    CallAnswer,
    CallsAnswer,
    CallsAsked,
    Fault,
    Problem,
    TicketAnswer,
    TicketFilters,
    TicketsAnswer,
    TicketsAsked,
    TicketsFound,
)
from callcenter.deadlines import span_of
from callcenter.drafts import AnnouncementError
from callcenter.openapi import Operation
from callcenter.search import Page, Place, Wanted
from callcenter.switchboard import Maker
from models import Agent, Announcement, ApiToken, Role, Ticket, Way
from models.session import DatabaseAway, transaction

ROOT = "/api/v1"
RANKS = {Role.AGENT: 1, Role.SUPERVISOR: 2}
OPERATIONS: list[Operation] = []

pages = Blueprint("api", __name__, url_prefix=ROOT)


class WrongFields(UnprocessableEntity):
    """A question with fields that cannot be accepted, each named."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.message}" for fault in faults))
        self.faults = faults


def register(app: Flask, settings: object) -> None:
    """Add the JSON interface to `app`; its addresses that are nowhere answer with problems too."""
    app.register_blueprint(pages)

    def nowhere() -> Response | None:
        fault = request.routing_exception
        if isinstance(fault, HTTPException) and request.path.startswith(f"{ROOT}/"):
            return _problem(fault)
        return None

    app.before_request(nowhere)


def _operation(
    method: str,
    path: str,
    *,
    asks: type[BaseModel] | None = None,
    answers: type[BaseModel],
    least: Role = Role.AGENT,
    status: int = 200,
) -> Callable[[Callable[..., BaseModel]], Callable[..., BaseModel]]:
    """Serve the function at `path` to tokens with at least the role `least`, and describe it."""

    def add(function: Callable[..., BaseModel]) -> Callable[..., BaseModel]:
        operation = Operation(method, path, function, asks, answers, least, status)

        def view(**named: str) -> Response:
            return _perform(operation, named)

        pages.add_url_rule(path, function.__name__, view, methods=[method])
        OPERATIONS.append(operation)
        return function

    return add


def _perform(operation: Operation, named: dict[str, str]) -> Response:
    with transaction() as session:
        g.token = allow(session, _bearer(), operation.least)
        if operation.asks:
            answer = operation.function(session, _question(operation.asks), **named)
        else:
            answer = operation.function(session, **named)
    return Response(answer.model_dump_json(), operation.status, content_type="application/json")


def _bearer() -> str:
    given = request.authorization
    return given.token or "" if given and given.type == "bearer" else ""


def allow(session: Session, bearer: str, least: Role) -> ApiToken:
    """The token. Raises Unauthorized for an unknown one, Forbidden for one of too little right."""
    token = agents.token_role(session, bearer)
    if token is None:
        raise Unauthorized("Send a known token: Authorization: Bearer …")
    if RANKS[token.role] < RANKS[least]:
        raise Forbidden(f"This needs the role {least}.")
    return token


def _question(asks: type[BaseModel]) -> BaseModel:
    asked: Any = (
        request.args.to_dict() if request.method == "GET" else request.get_json(silent=True)
    )
    if not isinstance(asked, dict):
        raise WrongFields(Fault(field="body", message="The body must be a JSON object."))
    try:
        return asks.model_validate(asked)
    except ValidationError as fault:
        raise WrongFields(
            *(
                Fault(field=".".join(map(str, each["loc"])) or "body", message=each["msg"])
                for each in fault.errors()
            )
        ) from fault


@_operation("GET", "/tickets", asks=TicketsAsked, answers=TicketsAnswer)
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
    kept = asked.model_dump(mode="json", exclude_defaults=True, exclude={"after"})
    return _tickets(page, kept)


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
        return words_search.unsealed(words)
    except ValueError as fault:
        told = "Ask for words with POST /tickets/find"
        raise WrongFields(Fault(field="words", message=told)) from fault


def _tickets(page: Page[Ticket], kept: dict[str, Any]) -> TicketsAnswer:
    items = [TicketAnswer.of(ticket) for ticket in page.items]
    return TicketsAnswer(items=items, next=_next("api.list_tickets", page.next, kept))


def _next(endpoint: str, place: Place | None, kept: dict[str, Any]) -> str | None:
    return url_for(endpoint, **kept, after=str(place)) if place else None


@_operation("POST", "/tickets/find", asks=TicketsFound, answers=TicketsAnswer)
def find_tickets(session: Session, asked: TicketsFound) -> TicketsAnswer:
    """Tickets of a caller, or by words of their notes. Posted: neither may stand in an address."""
    if not asked.caller and not asked.words:
        raise WrongFields(Fault(field="caller", message="Give a caller, or words, or both"))
    caller = search.caller_written(asked.caller) if asked.caller else None
    if asked.caller and caller is None:
        raise WrongFields(Fault(field="caller", message="This is no telephone number or address"))
    wanted = replace(_wanted(session, asked), caller=caller, words=asked.words)
    page = search.find_tickets(session, wanted)
    kept = asked.model_dump(mode="json", exclude_defaults=True, exclude={"caller", "words"})
    if caller and page.items:
        kept["caller_of"] = page.items[0].number
    if asked.words:
        kept["words"] = words_search.sealed(asked.words)
    return _tickets(page, kept)


@_operation("GET", "/tickets/<number>", answers=TicketAnswer)
def get_ticket(session: Session, number: str) -> TicketAnswer:
    """One ticket, by its number."""
    ticket = search.ticket_by_number(session, number)
    if ticket is None:
        raise NotFound("There is no ticket with this number.")
    return TicketAnswer.of(ticket)


@_operation("GET", "/calls", asks=CallsAsked, answers=CallsAnswer)
def list_calls(session: Session, asked: CallsAsked) -> CallsAnswer:
    """Calls with their turns, the newest first."""
    page = search.find_calls(session, asked.place, asked.limit, sid=asked.sid, turns=True)
    tickets = search.tickets_of(session, page.items)
    kept = asked.model_dump(mode="json", exclude_defaults=True, exclude={"after"})
    return CallsAnswer(
        items=[CallAnswer.of(call, tickets.get(call.id)) for call in page.items],
        next=_next("api.list_calls", page.next, kept),
    )


@_operation(
    "POST",
    "/announcements",
    asks=AnnouncementAsked,
    answers=AnnouncementAnswer,
    least=Role.SUPERVISOR,
    status=201,
)
def make_announcement(session: Session, asked: AnnouncementAsked) -> AnnouncementAnswer:
    """Announce an outage or maintenance: callers hear it from the next second of its windows on."""
    now = datetime.now(UTC)
    try:
        notice = drafts.prepare(asked.wanted(now), now)
    except AnnouncementError as fault:
        raise WrongFields(Fault(field=fault.field, message=fault.reason)) from fault
    return _announcements(session, [switchboard.announce(session, notice, _maker())], now)[0]


def _maker() -> Maker:
    return Maker(Way.API, name=g.token.name)


def _announcements(
    session: Session, rows: Sequence[Announcement], now: datetime
) -> list[AnnouncementAnswer]:
    heard = announced.heard(session, rows)
    notices = [switchboard.notice_of(made) for made in rows]
    return [AnnouncementAnswer.of(notice, now, heard[notice.uid]) for notice in notices]


@_operation("GET", "/announcements", asks=AnnouncementsAsked, answers=AnnouncementsAnswer)
def list_announcements(session: Session, asked: AnnouncementsAsked) -> AnnouncementsAnswer:
    """Announcements, the newest first."""
    now = datetime.now(UTC)
    page = announced.find(session, now, asked.state, asked.place, asked.limit)
    kept = asked.model_dump(mode="json", exclude_defaults=True, exclude={"after"})
    return AnnouncementsAnswer(
        items=_announcements(session, page.items, now),
        next=_next("api.list_announcements", page.next, kept),
    )


@_operation("GET", "/announcements/<uid>", answers=AnnouncementAnswer)
def get_announcement(session: Session, uid: str) -> AnnouncementAnswer:
    """One announcement."""
    return _announcements(session, [_known(session, uid)], datetime.now(UTC))[0]


def _known(session: Session, uid: str) -> Announcement:
    try:
        return switchboard.of_uid(session, uid.replace("\0", ""))
    except NoResultFound as fault:
        raise NotFound("There is no announcement with this id.") from fault


@_operation("DELETE", "/announcements/<uid>", answers=AnnouncementAnswer, least=Role.SUPERVISOR)
def end_announcement(session: Session, uid: str) -> AnnouncementAnswer:
    """End the announcement now; it stays in the history. One that was ended stays as it was."""
    now = datetime.now(UTC)
    _known(session, uid)
    return _announcements(session, [switchboard.end(session, uid, _maker(), now)], now)[0]


@pages.get("/openapi.json")
def description() -> Response:
    """This interface, described; anybody may read it."""
    return Response(_description(), content_type="application/json")


@cache
def _description() -> str:
    return json.dumps(openapi.describe(OPERATIONS, ROOT))


@pages.errorhandler(HTTPException)
def _problem(fault: HTTPException) -> Response:
    status = fault.code or 500
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=fault.description or "",
        errors=fault.faults if isinstance(fault, WrongFields) else (),
    )
    answer = Response(problem.model_dump_json(), status, content_type="application/problem+json")
    if isinstance(fault, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(fault.valid_methods or ())
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="centrala"'
    return answer


@pages.errorhandler(OperationalError)
@pages.errorhandler(InterfaceError)
@pages.errorhandler(PoolTimeout)
@pages.errorhandler(DatabaseAway)
def _without_database(_fault: Exception) -> Response:
    return _problem(ServiceUnavailable("The database does not answer."))


@pages.after_request
def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
