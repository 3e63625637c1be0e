"""Lists as files: one language throughout, real dates, and nothing that a spreadsheet would run."""

import csv
import io
import re
import zipfile
from datetime import UTC, datetime

import pytest

from callcenter.tickets import export
from callcenter.tickets.ticket_numbers import new_number
from models import Topic
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk

SUMMER = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)


@pytest.fixture
def number() -> str:
    number = new_number()
    with transaction() as session:
        made = scenes.call(session, caller="withheld", at=SUMMER)
        scenes.ticket(session, made, number).topic = Topic.LOGIN_LOCKED
    return number


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "pl",
            {"Temat": "zablokowane logowanie", "Język": "polski", "Dzwoniący": "numer zastrzeżony"},
        ),
        ("en", {"Topic": "log-in locked", "Language": "Polish", "Caller": "number withheld"}),
    ],
)
def test_head_and_values_are_in_the_readers_language(
    desk: Desk, number: str, language: str, words: dict[str, str]
) -> None:
    desk.post("/look", {"language": language, "back": "/tickets"})
    text = desk.get("/tickets/export.csv").data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert {name: row[name] for name in words} == words
    assert "2026-07-01 12:30" in row.values()
    assert not {*row.values()} & {"withheld", "login_locked", "pl", "True", "1"}


def test_a_workbook_is_ready_to_be_sorted(desk: Desk, number: str) -> None:
    with zipfile.ZipFile(io.BytesIO(desk.get("/tickets/export.xlsx").data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        named = book.read("xl/workbook.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert '<sheet name="Zgłoszenia"' in named
    assert 'ySplit="1"' in sheet
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:O2"' in sheet
    assert sheet.count("<col ") > 1
    assert "yyyy-mm-dd hh:mm" in styles
    opened = re.search(r'<c r="C2" s="\d+"><v>([\d.]+)</v>', sheet)
    assert opened
    # Days since 30 December 1899, at half past twelve in Warsaw.
    assert float(opened[1]) == pytest.approx(46204 + 12.5 / 24)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", " =1+1", "\n=1"])
def test_nothing_is_a_formula(cell: str) -> None:
    line = [cell] * len(export.COLUMNS)
    text = b"".join(export.as_csv(export.COLUMNS, [line])).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    assert all(value.startswith("'") for value in row.values())
    book = b"".join(export.as_xlsx(export.COLUMNS, [line], "a/b[c]: '*?\\" + "x" * 40))
    with zipfile.ZipFile(io.BytesIO(book)) as files:
        assert "<f>" not in files.read("xl/worksheets/sheet1.xml").decode()
