"""What nobody can read is not kept as if it had been written: no text field takes it for a text."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from sqlalchemy import select

from callcenter.calendar.deadlines import answer_due
from callcenter.tickets import handling, note_drafts
from callcenter.tickets.ticket_numbers import new_number
from models import Agent, Status, Ticket, TicketNote, Topic
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk

# NUL, which no row can hold; other control characters; and what takes up no place.
UNREADABLE = [
    "\0",
    "\x01\x1b\x7f",
    "\u200b\ufeff",
    " \0\r\n\t\x85\u2028",
    "\u3164\u2800\u034f\ufe0f",
]


@pytest.fixture
def number(signed_out: Desk) -> str:
    with transaction() as session:
        made = scenes.call(session)
        return scenes.ticket(session, made, new_number(), Status.OPEN, Topic.LOGIN_LOCKED).number


def _notes() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(TicketNote.text).order_by(TicketNote.id)))


def test_a_note_that_cannot_be_read_is_none(signed_out: Desk, number: str) -> None:
    signed_out.signs_in("ania")
    for text in UNREADABLE:
        refused = signed_out.post(
            f"/tickets/{number}", {"what": "note", "text": text, "version": "0"}
        )
        assert refused.status_code == 422
        assert 'href="#text"' in refused.text
        refused = signed_out.post(f"/desk/work/{number}/note", {"text": text})
        assert refused.status_code == 422
        assert 'href="#work-text"' in refused.text
    assert _notes() == []


def test_a_note_is_kept_without_what_cannot_be_read(signed_out: Desk, number: str) -> None:
    signed_out.signs_in("ania")
    typed = "\0 Zażółć\x07 gęślą\r\njaźń 👩\u200d🔧 \x1b"
    signed_out.post(f"/desk/work/{number}/note", {"text": typed})
    assert _notes() == ["Zażółć gęślą\njaźń 👩\u200d🔧"]


def test_a_name_that_cannot_be_read_is_none(signed_out: Desk) -> None:
    signed_out.signs_in("marek")
    with transaction() as session:
        ania = session.scalars(select(Agent).where(Agent.login == "ania")).one()
    person = {"role": "agent", "languages": "pl", "device": "browser"}
    for path, more in [
        ("/people/new", {"login": "olga", "password": "dość długie hasło"}),
        (f"/people/{ania.id}", {"active": "y"}),
    ]:
        for text in UNREADABLE:
            refused = signed_out.post(path, {**person, **more, "name": text})
            assert refused.status_code == 422
            assert 'href="#name"' in refused.text


LEFT_OPEN = {
    "topic": "about",
    "resolution": "other",
    "due": answer_due(datetime.now(UTC)).date().isoformat(),
}
FIELDS: list[tuple[str, str, dict[str, str]]] = [
    ("/people/new", "login", {"name": "Olga", "role": "agent", "languages": "pl"}),
    ("/people/me", "address", {"device": "sip"}),
    ("/people/me", "address", {"device": "number"}),
    ("/people/me", "device", {}),
    ("/tickets/find", "number", {}),
    ("/tickets/find", "caller", {}),
    ("/tickets/find", "day", {}),
    ("/tickets/find", "person", {}),
    ("/tickets/{}", "other", {"what": "merge", "version": "0"}),
    ("/tickets/{}", "due_on", {"what": "reopen", "version": "0"}),
    ("/tickets/{}", "assigned_to", {"what": "assign", "version": "0"}),
    ("/tickets/{}", "topic", {"what": "resolve", "version": "0"}),
    ("/tickets/{}", "resolution", {"what": "resolve", "topic": "about", "version": "0"}),
    ("/tickets/{}", "what", {"version": "0"}),
    ("/desk/work/{}/resolve", "topic", {"version": "0"}),
    ("/desk/work/{}/resolve", "resolution", {"topic": "about"}),
    ("/desk/work/{}/leave-open", "due", {"topic": "about", "resolution": "other"}),
    ("/desk/work/{}/leave-open", "to", LEFT_OPEN),
    ("/desk/work/{}/nobody-reached", "text", {}),
]


def test_no_field_takes_what_cannot_be_read(signed_out: Desk, number: str) -> None:
    for field, rest in [("login", {"password": "x"}), ("password", {"login": "ania"})]:
        for text in UNREADABLE:
            assert signed_out.post("/", {field: text, **rest}, page="/").status_code == 422
    signed_out.signs_in("marek")
    kept = _rows()
    for path, field, rest in FIELDS:
        for text in (*UNREADABLE, "a\0b"):
            answer = signed_out.post(path.format(number), {field: text, **rest})
            assert answer.status_code == 422, (path, field, text)
    assert _rows() == kept


def _rows() -> list[tuple[object, ...]]:
    """What people of the desk and the ticket are."""
    with transaction() as session:
        people = select(Agent.login, Agent.name, Agent.device, Agent.address)
        tickets = select(Ticket.number, Ticket.version, Ticket.status, Ticket.topic)
        return [tuple(row) for rows in (people, tickets) for row in session.execute(rows)]


ADDRESSES = [
    "/tickets/{}",
    "/tickets?status={}",
    "/tickets?day={}",
    "/tickets?person={}",
    "/tickets?after={}",
    "/tickets?caller_of={}",
    "/tickets?words={}",
    "/desk?ticket={}",
    "/desk/live?v={}",
    "/desk/work/{}",
    "/calls?after={}",
]


def test_no_address_is_a_fault(signed_out: Desk) -> None:
    signed_out.signs_in("marek")
    for path in ADDRESSES:
        for text in UNREADABLE:
            answer = signed_out.get(path.format(quote(text)))
            assert answer.status_code in (200, 404, 422), (path, text)


def test_what_was_typed_till_time_was_up_is_a_note_only_if_it_can_be_read(
    signed_out: Desk, number: str
) -> None:
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        ania = session.scalars(select(Agent).where(Agent.login == "ania")).one()
        ticket.in_hands_since = now = datetime.now(UTC)
        note_drafts.save_draft(session, ticket, ania.id, {"text": "\0\x01"}, 0, now)
        handling.out_of_time(session, ticket, ania.id, now)
    assert _notes() == []
