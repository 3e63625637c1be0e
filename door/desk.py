"""What the telephones of the desk ask: consultants' own, and those of clients who are called back.

With the database away they are let go: without rows nobody knows who is meant.
"""

import logging
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from door import performing, posted
from door.answers import Answer, heard, spoken
from door.posted import Form
from ivr import deskside, twiml
from ivr.twiml import Line
from models.session import DatabaseAway, transaction

log = logging.getLogger(__name__)


def to_desk(line: Line, leg_id: int, what: str, form: Form) -> Answer:
    """What a consultant's telephone hears; unasked, nothing."""
    sid, now = posted.call_sid(form), datetime.now(UTC)
    try:
        with transaction(performing.DATABASE_S) as session:
            document = _of_leg(session, line, leg_id, what, sid, form, now)
    except DatabaseAway as fault:
        document = _let_go(fault)
    return _answer("desk", document)


def _of_leg(
    session: Session, line: Line, leg_id: int, what: str, sid: str, form: Form, now: datetime
) -> str | None:
    match what:
        case "answered":
            return deskside.answered(session, line, leg_id, sid, now)
        case "choice":
            return deskside.choice(session, line, leg_id, sid, posted.digits(form), now)
        case "over":
            return deskside.over(session, leg_id, now)
        case "status" if event := posted.status_event(form, now):
            deskside.status(session, leg_id, sid, event.status, now)
    return None


def to_client(line: Line, talk_id: int, what: str, form: Form) -> Answer:
    """What a client hears whom the desk calls back."""
    sid, now = posted.call_sid(form), datetime.now(UTC)
    try:
        with transaction(performing.DATABASE_S) as session:
            document = _of_talk(session, line, talk_id, what, sid, form, now)
    except DatabaseAway as fault:
        document = _let_go(fault)
    return _answer("client", document)


def _of_talk(
    session: Session, line: Line, talk_id: int, what: str, sid: str, form: Form, now: datetime
) -> str | None:
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


def _let_go(fault: DatabaseAway) -> str:
    log.warning("the desk's telephones are let go: the database is away (%s)", fault)
    return twiml.hang_up()


def _answer(by: str, document: str | None) -> Answer:
    return heard(by) if document is None else spoken(by, document)
