"""Finding tickets: what is typed, which day it is in Warsaw, page after page."""

import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from callcenter.calendar.deadlines import Due, span_of
from callcenter.people import tokens
from callcenter.tickets import notes, paging, search
from callcenter.tickets.full_text import words_in
from callcenter.tickets.paging import Place
from callcenter.tickets.search import Wanted
from callcenter.tickets.ticket_numbers import new_number
from models import Role, Status, Ticket, Topic
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("501 234 567", "+48501234567"),
        ("+48501234567", "+48501234567"),
        ("+48 501-234-567", "+48501234567"),
        ("+380 50 123 45 67", "+380501234567"),
        ("22 307 00 00", "+48223070000"),
        ("sip:jan@urzad.example.org", "sip:jan@urzad.example.org"),
        ("client:jan", "client:jan"),
        ("zastrzeżony", "withheld"),
        ("anonymous", "withheld"),
        ("nieczytelny", "unusable"),
        ("Jan Kowalski", None),
        ("12", None),
        ("", None),
        ("client:\0", None),
    ],
)
def test_a_caller_as_people_type_one(typed: str, kept: str | None) -> None:
    assert search.caller_written(typed) == kept


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-11-23", 24), ("2026-03-29", 23), ("2026-10-25", 25)]
)
def test_a_day_is_a_day_in_warsaw(day: str, hours: int) -> None:
    starts, ends = paging.hours_of(date.fromisoformat(day))
    assert ends - starts == timedelta(hours=hours)


def test_midnight_in_warsaw_is_not_midnight_in_utc() -> None:
    assert paging.hours_of(date(2026, 7, 1))[0] == datetime(2026, 6, 30, 22, tzinfo=UTC)


@given(
    microseconds=st.integers(0, paging.LAST_MICROSECOND),
    id_=st.integers(0, paging.LAST_ID),
)
def test_a_place_is_read_as_it_was_written(microseconds: int, id_: int) -> None:
    place = Place(paging.EPOCH + timedelta(microseconds=microseconds), id_)
    assert Place.read(str(place)) == place


@pytest.mark.parametrize("text", ["", "1", "1.", ".1", "-1.1", "1.1.1", "9" * 20 + ".1", "١.١"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="place"):
        Place.read(text)


def test_each_ticket_stands_on_one_page(database: Engine) -> None:
    with transaction() as session:
        for hour in range(7):
            for _same_time in range(3):
                made = scenes.call(session, at=scenes.MONDAY + timedelta(hours=hour))
                scenes.ticket(session, made, new_number())
        seen: list[Ticket] = []
        after = None
        while True:
            page = search.find_tickets(session, Wanted(), after, size=4)
            seen += page.items
            after = page.next
            if after is None:
                break
    assert len({ticket.id for ticket in seen}) == len(seen) == 21
    assert seen == sorted(seen, key=lambda ticket: (ticket.opened_at, ticket.id), reverse=True)


def test_filters_narrow_together(database: Engine) -> None:
    with transaction() as session:
        ours = scenes.ticket(
            session, scenes.call(session, language="uk"), new_number(), Status.OPEN
        )
        scenes.ticket(session, scenes.call(session), new_number(), Status.OPEN)
        scenes.ticket(session, scenes.call(session, language="uk"), new_number(), Status.CLOSED)
        wanted = Wanted(
            caller=scenes.JAN,
            status=Status.OPEN,
            topic=Topic.BASIC_PASSWORD_FORGOTTEN,
            kind=ours.kind,
            language="uk",
            day=date(2026, 11, 23),
            call_sid=ours.call.sid,
        )
        assert search.find_tickets(session, wanted).items == [ours]
        elsewhere = Wanted(language="uk", day=date(2026, 11, 22))
        assert search.find_tickets(session, elsewhere).items == []


@pytest.fixture
def noted(database: Engine) -> dict[str, str]:
    """The numbers of two tickets by what their notes speak of."""
    with transaction() as session:
        old = scenes.ticket(session, scenes.call(session), new_number(), Status.OPEN)
        notes.add_note(session, old, None, "Zażółć gęślą jaźń: ŻÓŁĆ, faktura-VAT", scenes.MONDAY)
        notes.add_note(session, old, None, "PESEL 44051401359", scenes.MONDAY)
        later = scenes.MONDAY + timedelta(days=60)
        new = scenes.ticket(session, scenes.call(session, scenes.OLENA, later, "uk"), new_number())
        notes.add_note(session, new, None, "Żółta зʼясувати ЗВЕРНЕННЯ 12%_&'|!", later)
        return {"old": old.number, "new": new.number}


def _found(words: str, **more: Any) -> list[str]:
    with transaction() as session:
        page = search.find_tickets(session, Wanted(words=words, **more))
        return [ticket.number for ticket in page.items]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("zolc", ["old"]),
        ("ŻÓŁ", ["new", "old"]),
        ("zol gesla", ["old"]),
        ("vat", ["old"]),
        ("faktura-vat", ["old"]),
        ("olc", []),
        ("звернен", ["new"]),
        ("12 zolta", ["new"]),
        ("зʼясув", ["new"]),
        ("ʼясувати", ["new"]),
        ("44051401359", []),
        ("'); DROP TABLE tickets; --", []),
        ("zol & ! | ' \\\\ : * %", ["new", "old"]),
    ],
)
def test_words_are_found_as_people_type_them(
    noted: dict[str, str], words: str, found: list[str]
) -> None:
    assert _found(words) == [noted[each] for each in found]


def test_no_letter_breaks_the_question(database: Engine) -> None:
    words = {word for point in range(sys.maxunicode) for word in words_in(chr(point))}
    breaks = text(
        "SELECT word FROM unnest(CAST(:words AS text[])) AS word WHERE unaccent(word) ~ :signs"
    )
    with transaction() as session:
        given = {"words": sorted(words), "signs": r"['\\%]"}
        assert session.scalars(breaks, given).all() == []


def test_words_and_filters_narrow_together_and_follow_the_ticket(noted: dict[str, str]) -> None:
    assert _found("zol", status=Status.OPEN) == [noted["old"]]
    assert _found("zol", language="uk") == [noted["new"]]
    assert _found("zol", caller=scenes.JAN) == [noted["old"]]
    assert _found("zol", caller="withheld") == []
    assert _found("zol", day=date(2026, 11, 23)) == [noted["old"]]
    assert _found("zol", day=date(2026, 11, 24)) == []
    with transaction() as session:
        ticket = search.ticket_by_number(session, noted["old"])
        assert ticket
        ticket.status, ticket.assigned_to_id = Status.CLOSED, scenes.ania(session).id
        ania_id = ticket.assigned_to_id
    assert _found("zol", status=Status.OPEN) == []
    assert _found("zol", status=Status.CLOSED, assigned_to=ania_id) == [noted["old"]]


def test_pages_of_words_hold_each_ticket_once(database: Engine) -> None:
    with transaction() as session:
        for day in range(0, 60, 4):
            at = scenes.MONDAY + timedelta(days=day // 8 * 8)
            ticket = scenes.ticket(session, scenes.call(session, at=at), new_number())
            notes.add_note(session, ticket, None, "słowo", at)
        seen: list[Ticket] = []
        after = None
        while True:
            page = search.find_tickets(session, Wanted(words="slowo"), after, size=4)
            seen += page.items
            after = page.next
            if after is None:
                break
    assert len({ticket.id for ticket in seen}) == len(seen) == 15
    assert seen == sorted(seen, key=lambda ticket: (ticket.opened_at, ticket.id), reverse=True)


def test_each_open_ticket_is_on_one_board_the_most_urgent_first(database: Engine) -> None:
    now = datetime(2026, 12, 22, 12, tzinfo=UTC)  # a Tuesday; 24 to 26 December are free
    dues = {
        "late": now - timedelta(hours=1),
        "today": now + timedelta(hours=2),
        "tomorrow": now + timedelta(days=1),
        "after New Year": datetime(2027, 1, 4, 12, tzinfo=UTC),
    }
    with transaction() as session:
        for due_at in dues.values():
            ticket = scenes.ticket(session, scenes.call(session), new_number(), Status.OPEN)
            ticket.due_at = due_at
        boards = {
            due: search.find_tickets(session, Wanted(due=span_of(due, now))).items for due in Due
        }
        listed = {due: [ticket.due_at for ticket in boards[due]] for due in Due}
    assert listed == {
        Due.LATE: [dues["late"]],
        Due.TODAY: [dues["today"]],
        Due.WEEK: [dues["tomorrow"]],
    }
    assert span_of(Due.WEEK, now).ends_at == datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize("words", ["!!!", "🙂", "   ", "%", "\0", "' & |", "\u200b", "\u0301"])
def test_what_has_no_letter_is_no_search_for_everything(
    noted: dict[str, str], client: FlaskClient, words: str
) -> None:
    assert _found(words) == []
    with transaction() as session:
        span = span_of(Due.LATE, datetime.now(UTC))
        assert search.find_tickets(session, Wanted(words=words, due=span)).items == []
        token = tokens.create_token(session, "tests", Role.AGENT)
        scenes.ania(session)
    headers = {"Authorization": f"Bearer {token}"}
    for more in ({}, {"caller": scenes.JAN}, {"status": "open"}):
        body = {"words": words, **more}
        answer = client.post("/api/v1/tickets/find", json=body, headers=headers)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["field"] == "words"  # type: ignore[index]
    desk = Desk(client)
    desk.signs_in("ania")
    for box in ("anything", "words"):
        refused = desk.post("/tickets/find", {box: words})
        assert refused.status_code == 422
        assert 'href="#words"' in refused.text


def test_every_word_is_asked(noted: dict[str, str], client: FlaskClient) -> None:
    many = [f"slowo{letter}" for letter in "abcdefghijklmno"]
    with transaction() as session:
        ticket = search.ticket_by_number(session, noted["new"])
        assert ticket
        notes.add_note(session, ticket, None, " ".join(many), datetime.now(UTC))
        token = tokens.create_token(session, "tests", Role.AGENT)
    assert _found(" ".join(many)) == [noted["new"]]
    assert _found(" ".join([*many, "niematakiego"])) == []
    body = {"words": " ".join(f"s{number}" for number in range(17))}
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post("/api/v1/tickets/find", json=body, headers=headers)
    assert (answer.status_code, "16" in answer.text) == (422, True)
