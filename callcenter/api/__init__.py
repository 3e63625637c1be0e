"""The JSON interface: tickets, calls and announcements for other programs, with a bearer token.

An operation is a function from a question to an answer (callcenter/api/schemas.py); its docstring
is what the description says of it. What stands around it is the same for all. Faults are problem
documents (RFC 9457).

May import: announcements, calendar, callers, outbox, people, tickets, models.
"""

import json
from functools import cache

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from callcenter.api import announcements, log, openapi, problems, serving
from callcenter.api.announcement_schemas import (
    AnnouncementAnswer,
    AnnouncementAsked,
    AnnouncementsAnswer,
    AnnouncementsAsked,
)
from callcenter.api.openapi import Operation
from callcenter.api.schemas import (
    CallsAnswer,
    CallsAsked,
    TicketAnswer,
    TicketsAnswer,
    TicketsAsked,
    TicketsFound,
)
from models import TokenScope

ROOT = "/api/v1"
OPERATIONS = (
    Operation("GET", "/tickets", log.list_tickets, TicketsAsked, TicketsAnswer),
    Operation("POST", "/tickets/find", log.find_tickets, TicketsFound, TicketsAnswer),
    Operation("GET", "/tickets/<number>", log.get_ticket, None, TicketAnswer),
    Operation("GET", "/calls", log.list_calls, CallsAsked, CallsAnswer),
    Operation(
        "POST",
        "/announcements",
        announcements.make_announcement,
        AnnouncementAsked,
        AnnouncementAnswer,
        scope=TokenScope.ANNOUNCE,
        status=201,
    ),
    Operation(
        "GET",
        "/announcements",
        announcements.list_announcements,
        AnnouncementsAsked,
        AnnouncementsAnswer,
    ),
    Operation(
        "GET", "/announcements/<uid>", announcements.get_announcement, None, AnnouncementAnswer
    ),
    Operation(
        "DELETE",
        "/announcements/<uid>",
        announcements.end_announcement,
        None,
        AnnouncementAnswer,
        scope=TokenScope.ANNOUNCE,
    ),
)


def register(app: Flask, settings: object) -> None:
    """Add the JSON interface to `app`; its addresses that are nowhere answer with problems too."""
    pages = Blueprint("api", __name__, url_prefix=ROOT)
    for operation in OPERATIONS:
        view = serving.view_of(operation)
        pages.add_url_rule(operation.path, operation.name, view, methods=[operation.method])
    pages.add_url_rule("/openapi.json", "description", description)
    pages.after_request(_private)
    problems.tell(pages)
    app.register_blueprint(pages)
    app.before_request(_nowhere)


def description() -> Response:
    """This interface, described; anybody may read it."""
    return Response(_description(), content_type="application/json")


@cache
def _description() -> str:
    return json.dumps(openapi.describe(OPERATIONS, ROOT))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _nowhere() -> Response | None:
    fault = request.routing_exception
    if isinstance(fault, HTTPException) and request.path.startswith(f"{ROOT}/"):
        return problems.problem(fault)
    return None
