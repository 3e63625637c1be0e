"""Deciding on the page of a ticket, finding it by its words, and taking the list along."""

import io
import re
import tracemalloc
import zipfile
from html import unescape

import pytest
from sqlalchemy import select

from callcenter.calendar.deadlines import end_of_day
from callcenter.tickets import export, handling, note_drafts, notes
from callcenter.tickets.decisions import Decider
from callcenter.tickets.ticket_numbers import new_number
from models import Agent, Status, TextMessage, Ticket, Topic
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk


@pytest.fixture
def number() -> str:
    """The number of an open ticket of Jan's about an error."""
    number = new_number()
    with transaction() as session:
        scenes.ticket(session, scenes.call(session), number, Status.OPEN, Topic.ERROR_REPORT)
    return number


def _ticket(number: str) -> Ticket:
    with transaction() as session:
        return session.scalars(select(Ticket).where(Ticket.number == number)).one()


def _decides(desk: Desk, number: str, what: str, **more: str) -> tuple[int, str]:
    fields = {"what": what, "version": "0", "topic": "error_report", "resolution": "no_fault"}
    answer = desk.post(f"/tickets/{number}", fields | more)
    return answer.status_code, answer.text


def test_ania_answers_and_the_caller_is_told(desk: Desk, number: str) -> None:
    status, _page = _decides(desk, number, "resolve", text="Działa.", text_wanted="y")
    assert status == 303
    ticket = _ticket(number)
    assert (ticket.status, ticket.resolution) == (Status.RESOLVED, "no_fault")
    with transaction() as session:
        assert session.scalars(select(TextMessage.purpose)).all() == ["answered"]
    page = desk.get(f"/tickets/{number}").text
    for expected in ("Działa.", "odpowiedź", "otwarte → rozwiązane", "działa prawidłowo"):
        assert expected in page


def test_what_somebody_else_did_meanwhile_is_named_and_nothing_typed_is_lost(
    desk: Desk, number: str
) -> None:
    with transaction() as session:
        marek = session.scalars(select(Agent).where(Agent.login == "marek")).one()
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        handling.assign(session, ticket, Decider(marek.id, scenes.MONDAY), marek.id)
    status, page = _decides(desk, number, "resolve", text="zażółć gęślą jaźń")
    assert status == 409
    assert "Ktoś w międzyczasie zmienił" in page
    assert "<strong>Marek Wiśniewski</strong>" in page
    assert ">\r\nzażółć gęślą jaźń</textarea>" in page
    assert 'name="version" type="hidden" value="1"' in page
    assert _ticket(number).status is Status.OPEN
    assert _decides(desk, number, "resolve", version="1")[0] == 303


def test_what_was_typed_before_is_there_again(desk: Desk, number: str) -> None:
    with transaction() as session:
        ania = session.scalars(select(Agent).where(Agent.login == "ania")).one()
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        typed = {"text": "zacz", "resolution": "another_way"}
        note_drafts.save_draft(session, ticket, ania.id, typed, 0, scenes.MONDAY)
    page = desk.get(f"/tickets/{number}").text
    assert "zacz</textarea>" in page
    assert 'selected value="another_way"' in page


def test_left_open_until_another_working_day_with_somebody(desk: Desk, number: str) -> None:
    with transaction() as session:
        marek_id = session.scalars(select(Agent.id).where(Agent.login == "marek")).one()
    more = {"due_on": "2031-12-23", "assigned_to": str(marek_id), "resolution": "needs_caller"}
    assert _decides(desk, number, "keep_open", **more)[0] == 303
    ticket = _ticket(number)
    assert ticket.due_at
    assert ticket.due_at == end_of_day(ticket.due_at.date())
    assert ticket.assigned_to_id == marek_id


@pytest.mark.parametrize(
    ("what", "more", "said"),
    [
        ("note", {}, "Najpierw wpisz treść notatki."),
        ("keep_open", {"due_on": "2031-12-24"}, "To nie jest dzień roboczy."),
        ("keep_open", {"due_on": "2020-12-23"}, "Ten dzień już minął."),
        ("resolve", {"resolution": "unlocked"}, "nie pasuje do tematu"),
        ("resolve", {"topic": "x"}, "Wybierz temat."),
        ("merge", {"other": "123"}, "Nie ma zgłoszenia o tym numerze."),
        ("reopen", {}, "To zgłoszenie jest już otwarte."),
        ("assign", {"assigned_to": "999"}, "Wybierz kogoś z zespołu."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(
    desk: Desk, number: str, what: str, more: dict[str, str], said: str
) -> None:
    text = "" if what == "note" else "zostaje"
    status, page = _decides(desk, number, what, **{"text": text, **more})
    assert (status, said in page, text in page) == (422, True, True)
    assert _ticket(number).version == 0


def test_merged_tickets_say_so_and_are_found_under_the_older(desk: Desk, number: str) -> None:
    with transaction() as session:
        later = scenes.call(session, at=scenes.MONDAY.replace(hour=12))
        younger = scenes.ticket(session, later, new_number()).number
    assert _decides(desk, younger, "merge", other=number)[0] == 303
    assert f'href="/tickets/{number}"' in desk.get(f"/tickets/{younger}").text
    assert f'href="/tickets/{younger}"' in desk.get(f"/tickets/{number}").text
    assert desk.post("/tickets/find", {"number": younger}).location == f"/tickets/{number}"
    assert "→ połączone z" in desk.get("/tickets").text


def test_mine_are_those_that_are_with_me(desk: Desk, number: str) -> None:
    page = desk.get("/tickets")
    mine = re.search(r'href="(/tickets\?[^"]*person=[^"]*)"', page.text)
    assert mine
    address = unescape(mine[1])
    assert f'/tickets/{number}"' not in desk.get(address).text
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        ania = session.scalars(select(Agent.id).where(Agent.login == "ania")).one()
        handling.assign(session, ticket, Decider(ania, scenes.MONDAY), ania)
    found = desk.get(address)
    assert f'/tickets/{number}"' in found.text
    assert 'aria-current="page"' in found.text
    filtered = desk.post("/tickets/find", {"person": str(ania), "status": "open"})
    assert filtered.headers["Location"].endswith(f"/tickets?status=open&person={ania}")
    assert desk.get("/tickets?person=0").status_code == 200
    assert desk.get("/tickets?person=ania").status_code == 422
    assert number in desk.get(f"/tickets/export.csv?person={ania}").text
    assert number not in desk.get("/tickets/export.csv?person=0").text


def test_words_are_searched_without_standing_in_the_address(desk: Desk, number: str) -> None:
    with transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        notes.add_note(session, ticket, None, "Pan Żółkiewski prosi o fakturę", scenes.MONDAY)
    answer = desk.post("/tickets/find", {"words": "zolkiew faktur", "status": "open"})
    assert "zolk" not in answer.location
    page = desk.get(answer.location).text
    assert f'href="/tickets/{number}"' in page
    assert 'value="zolkiew faktur"' in page
    assert desk.get("/tickets?words=x").status_code == 404


def test_the_boards_are_addresses(desk: Desk, number: str) -> None:
    _decides(desk, number, "keep_open", due_on="2031-12-23")
    with transaction() as session:
        session.scalars(select(Ticket)).one().due_at = scenes.MONDAY.replace(year=2020)
    assert f'href="/tickets/{number}"' in desk.get("/tickets?due=late").text
    for board in ("today", "week"):
        assert "Nic tu nie czeka" in desk.get(f"/tickets?due={board}").text


def test_a_list_is_taken_along_masked_for_consultants(
    signed_out: Desk, number: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    signed_out.signs_in("ania")
    text = signed_out.get("/tickets/export.csv?status=open").data.decode("utf-8-sig")
    head, line = text.splitlines()
    assert head.startswith("Zgłoszenie;Stan;")
    assert line.split(";")[:2] == [number, "otwarte"]
    assert "501234567" not in text
    assert "exported as csv by ania, narrowed by ['status']" in caplog.text
    with zipfile.ZipFile(io.BytesIO(signed_out.get("/tickets/export.xlsx").data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert number in sheet


def test_supervisors_get_whole_numbers_and_nobody_a_formula(signed_out: Desk, number: str) -> None:
    signed_out.signs_in("marek")
    assert ";'+48501234567;" in signed_out.get("/tickets/export.csv").text
    assert b"".join(export.as_csv(["a"], [["=1+1"]])).endswith(b"'=1+1\r\n")


@pytest.mark.parametrize("write", [export.as_csv, export.as_xlsx])
def test_a_long_list_takes_little_memory(write: object) -> None:
    lines = ([str(row)] * len(export.COLUMNS) for row in range(25_000))
    tracemalloc.start()
    for _piece in write(export.COLUMNS, lines):  # type: ignore[operator]
        pass
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # All of it in memory would be five times as much.
    assert most < 4 * 1024 * 1024
