"""Finding tickets: what is typed, which day it is in Warsaw, page after page."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from callcenter import search
from callcenter.search import Place, Wanted
from callcenter.ticket_numbers import new_number
from models import Status, Ticket, Topic
from models.session import transaction
from tests.console import scenes


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
    starts, ends = search.hours_of(date.fromisoformat(day))
    assert ends - starts == timedelta(hours=hours)


def test_midnight_in_warsaw_is_not_midnight_in_utc() -> None:
    assert search.hours_of(date(2026, 7, 1))[0] == datetime(2026, 6, 30, 22, tzinfo=UTC)


@given(
    microseconds=st.integers(0, search.LAST_MICROSECOND),
    id_=st.integers(0, search.LAST_ID),
)
def test_a_place_is_read_as_it_was_written(microseconds: int, id_: int) -> None:
    place = Place(search.EPOCH + timedelta(microseconds=microseconds), id_)
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
