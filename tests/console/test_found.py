"""The one search box: every way in which people know a ticket, and why it was found."""

import re
from urllib.parse import unquote

import pytest
from sqlalchemy import select, text

from callcenter.tickets import notes
from callcenter.tickets.ticket_numbers import new_number
from models import Agent, Ticket, Topic
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk


@pytest.fixture
def number(signed_out: Desk) -> str:
    """Jan's ticket: about an error, with Ania, and with a note."""
    number = new_number()
    with transaction() as session:
        ania = session.scalars(select(Agent).where(Agent.login == "ania")).one()
        ticket = scenes.ticket(session, scenes.call(session), number)
        ticket.topic, ticket.assigned_to_id = Topic.EMAIL_CHANGE_BOTH_FORGOTTEN, ania.id
        notes.add_note(session, ticket, None, "Żółta faktura", scenes.MONDAY)
    return number


def searched(desk: Desk, typed: str) -> str:
    """The page that a search leads to."""
    answer = desk.post("/tickets/find", {"anything": typed})
    assert answer.status_code == 303
    assert typed not in unquote(answer.location)
    return desk.get(answer.location).text


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("hasła zapomniane", "Temat:"),
        ("HASLA zapom", "Temat:"),
        ("both passwords", "Temat:"),
        ("ania", "Zgłoszeniem zajmuje się"),
    ],
)
def test_it_is_found_by_topic_and_by_person_in_either_language(
    desk: Desk, number: str, typed: str, why: str
) -> None:
    page = searched(desk, typed)
    assert why in page
    assert f'href="/tickets/{number}"' in page


@pytest.mark.parametrize(("start", "end"), [(0, 4), (3, 7), (5, 9), (0, 8), (1, 9)])
def test_it_is_found_by_a_part_of_its_number(desk: Desk, number: str, start: int, end: int) -> None:
    for way in ("{}", "nr {}.", "#{}"):
        page = searched(desk, way.format(number[start:end]))
        assert "W numerze zgłoszenia jest" in page
        assert f'href="/tickets/{number}"' in page


def test_words_and_a_caller_lead_to_their_lists(desk: Desk, number: str) -> None:
    for typed, query in (("zolta fakt", "words="), ("501 234 567", f"caller_of={number}")):
        answer = desk.post("/tickets/find", {"anything": typed})
        assert answer.location.startswith(f"/tickets?{query}")
        assert f'href="/tickets/{number}"' in desk.get(answer.location).text


@pytest.mark.parametrize(("login", "finds"), [("ania", False), ("marek", True)])
def test_only_a_supervisor_finds_by_a_part_of_a_callers_number(
    signed_out: Desk, number: str, login: str, finds: bool
) -> None:
    signed_out.signs_in(login)
    page = searched(signed_out, "1 234 56")
    assert ("W numerze dzwoniącego jest" in page) is finds
    assert (f'href="/tickets/{number}"' in page) is finds


def test_every_ticket_is_found_by_its_number_whatever_telephone_it_looks_like(desk: Desk) -> None:
    numbers = [new_number() for _ in range(40)]
    with transaction() as session:
        for number in numbers:
            scenes.ticket(session, scenes.call(session), number)
    for number in numbers:
        answer = desk.post("/tickets/find", {"anything": number})
        assert answer.location == f"/tickets/{number}"


@pytest.mark.parametrize("typed", ["123", "zzzzz", "99999", "ab"])
def test_what_finds_nothing_says_so(desk: Desk, number: str, typed: str) -> None:
    if typed in number:
        return
    assert "Nic nie znaleziono" in searched(desk, typed) or "Żadne zgłoszenie" in searched(
        desk, typed
    )


def test_an_address_that_was_not_sealed_here_is_nowhere(desk: Desk) -> None:
    assert desk.get("/found/x").status_code == 404


def test_a_part_goes_along_the_index(number: str) -> None:
    asked = "SELECT id FROM tickets WHERE digit_runs(number::text) @> ARRAY['1234']"
    with transaction() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = " ".join(session.scalars(text(f"EXPLAIN {asked}")))
        assert session.query(Ticket).count() == 1
    assert re.search("ix_tickets_number_runs", plan)
