"""What the telephones of the desk ask: consultants' own, and those of clients who are called back.

With the database away they are let go: without rows nobody knows who is meant.
"""

import logging
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from door import performing, posted
from ivr import deskside, twiml
from ivr.twiml import Line
from models.session import DatabaseAway, transaction

log = logging.getLogger(__name__)


def add_to(voice: Blueprint, line: Line) -> None:
    """The addresses under /voice/desk."""

    @voice.post("/desk/<int:leg_id>/<what>")
    def desk(leg_id: int, what: str) -> Response:
        return _at_the_desk(line, leg_id, what)

    @voice.post("/desk/client/<int:talk_id>/<what>")
    def client(talk_id: int, what: str) -> Response:
        return _at_the_client(line, talk_id, what)

    @voice.errorhandler(DatabaseAway)
    def away(fault: DatabaseAway) -> Response:
        log.warning("the desk's telephones are let go: the database is away (%s)", fault)
        return _xml(twiml.hang_up())


def _at_the_desk(line: Line, leg_id: int, what: str) -> Response:
    """What a consultant's telephone hears; unasked, nothing."""
    sid, now = posted.call_sid(request.form), datetime.now(UTC)
    digits = posted.digits(request.form)
    with transaction(performing.DATABASE_S) as session:
        match what:
            case "answered":
                return _xml(deskside.answered(session, line, leg_id, sid, now))
            case "choice":
                return _xml(deskside.choice(session, line, leg_id, sid, digits, now))
            case "over":
                return _xml(deskside.over(session, leg_id, now))
            case "status" if event := posted.status_event(request.form, now):
                deskside.status(session, leg_id, sid, event.status, now)
    return Response(status=204)


def _at_the_client(line: Line, talk_id: int, what: str) -> Response:
    """What a client hears whom the desk calls back."""
    sid, now = posted.call_sid(request.form), datetime.now(UTC)
    with transaction(performing.DATABASE_S) as session:
        match what:
            case "greeting":
                return _xml(deskside.client_greeting(session, line, talk_id, sid, now))
            case "consent":
                digits = posted.digits(request.form)
                return _xml(deskside.client_consents(session, line, talk_id, digits, now))
            case "after":
                return _xml(deskside.client_after(session, line, talk_id, now))
            case "status" if event := posted.status_event(request.form, now):
                deskside.client_status(session, talk_id, sid, event, now)
    return Response(status=204)


def _xml(document: str) -> Response:
    return Response(document, content_type="text/xml; charset=utf-8")
