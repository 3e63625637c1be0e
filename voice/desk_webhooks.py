"""Webhooks of the desk's legs: consultants' telephones, and clients who are called back.

While the database is away these legs are ended, because only rows know whose they are. A client who
is about to join a conversation is let in.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from callcenter.queue import legs
from ivr import desk_legs, twiml
from ivr.line import Line
from models.session import DatabaseAway, transaction
from voice import execution, request_parsing
from voice.request_parsing import Form
from voice.responses import Answer, heard, spoken

log = logging.getLogger(__name__)


def to_desk(line: Line, leg_id: int, what: str, form: Form) -> Answer:
    """The answer for a leg of the desk: a document, or the confirmation of an event."""
    sid, now = request_parsing.call_sid(form), datetime.now(UTC)
    event = request_parsing.status_event(form, now)

    def document(session: Session) -> str | None:
        match what:
            case "answered":
                return desk_legs.answered(session, line, leg_id, sid, now)
            case "choice":
                return desk_legs.choice(
                    session, line, leg_id, sid, request_parsing.digits(form), now
                )
            case "over":
                call_is_over = event is not None and event.status.is_final
                return desk_legs.over(session, leg_id, call_is_over, now)
            case "status" if event:
                desk_legs.status(session, leg_id, sid, event.status, now)
        return None

    return _answered("desk", document, twiml.hang_up())


def to_client(line: Line, talk_id: int, what: str, query: str, form: Form) -> Answer:
    """The answer to a client's telephone; a client who is about to join is let in without rows."""
    room = request_parsing.room(query) if what == "consent" else ""
    away = desk_legs.client_joins_unlogged(line, talk_id, room) if room else twiml.hang_up()
    sid, now = request_parsing.call_sid(form), datetime.now(UTC)

    def document(session: Session) -> str | None:
        if not legs.is_known(session, talk_id):
            return None if what == "status" else twiml.hang_up()
        match what:
            case "greeting":
                return desk_legs.client_greeting(session, line, talk_id, sid, now)
            case "consent":
                return desk_legs.client_consents(
                    session, line, talk_id, request_parsing.digits(form), now
                )
            case "after":
                return desk_legs.client_after(session, line, talk_id, now)
            case "status" if event := request_parsing.status_event(form, now):
                desk_legs.client_status(session, talk_id, sid, event, now)
        return None

    return _answered("client", document, away)


def _answered(by: str, document: Callable[[Session], str | None], away: str) -> Answer:
    try:
        with transaction(execution.DATABASE_S) as session:
            said = document(session)
    except DatabaseAway as fault:
        log.warning("the desk's telephones are let go: the database is away (%s)", fault)
        said = away
    return heard(by) if said is None else spoken(by, said)
