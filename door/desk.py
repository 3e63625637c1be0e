"""What the telephones of the desk ask: consultants' own, and those of clients who are called back.

With the database away they are let go: without rows nobody knows who is meant. But a client who is
on the way into a talk is let in.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from door import performing, posted
from door.answers import Answer, heard, spoken
from door.posted import Form
from ivr import deskside, twiml
from ivr.line import Line
from models.session import DatabaseAway, transaction

log = logging.getLogger(__name__)


def to_desk(line: Line, leg_id: int, what: str, form: Form) -> Answer:
    """What a consultant's telephone hears; unasked, nothing."""
    sid, now = posted.call_sid(form), datetime.now(UTC)
    event = posted.status_event(form, now)

    def document(session: Session) -> str | None:
        match what:
            case "answered":
                return deskside.answered(session, line, leg_id, sid, now)
            case "choice":
                return deskside.choice(session, line, leg_id, sid, posted.digits(form), now)
            case "over":
                call_is_over = event is not None and event.status.is_final
                return deskside.over(session, leg_id, call_is_over, now)
            case "status" if event:
                deskside.status(session, leg_id, sid, event.status, now)
        return None

    return _answered("desk", document, twiml.hang_up())


def to_client(line: Line, talk_id: int, what: str, query: str, form: Form) -> Answer:
    """What a client hears whom the desk calls back; who is on the way in gets there unread."""
    room = posted.room(query) if what == "consent" else ""
    away = deskside.client_joins_unlogged(line, talk_id, room) if room else twiml.hang_up()
    sid, now = posted.call_sid(form), datetime.now(UTC)

    def document(session: Session) -> str | None:
        match what:
            case "greeting":
                return deskside.client_greeting(session, line, talk_id, sid, now)
            case "consent":
                return deskside.client_consents(session, line, talk_id, posted.digits(form), now)
            case "after":
                return deskside.client_after(session, line, talk_id, now)
            case "status" if event := posted.status_event(form, now):
                deskside.client_status(session, talk_id, sid, event, now)
        return None

    return _answered("client", document, away)


def _answered(by: str, document: Callable[[Session], str | None], away: str) -> Answer:
    try:
        with transaction(performing.DATABASE_S) as session:
            said = document(session)
    except DatabaseAway as fault:
        log.warning("the desk's telephones are let go: the database is away (%s)", fault)
        said = away
    return heard(by) if said is None else spoken(by, said)
