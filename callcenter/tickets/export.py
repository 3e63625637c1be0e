"""A filtered list of tickets as a file: row by row from the server, never all of it in memory.

A file leaves the house, so consultants get callers' numbers masked; supervisors get them whole
(ADR 48). Notes stay on the pages. The words for codes are the reader's: who asks for a file gives
them (`say`).
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO

import xlsxwriter
from sqlalchemy.orm import Session

from callcenter.calendar.deadlines import WARSAW
from callcenter.callers.identity import masked
from callcenter.tickets.search import Wanted, tickets_query
from models import Agent, Ticket

FETCHED = 500
PIECE = 64 * 1024
MOST_XLSX_ROWS = 1_048_575  # of a sheet, without its head
BOM = "\ufeff"
# Of a column, in characters; the head of each has room for the arrow of its filter.
WIDTHS = {"caller": 20, "topic": 34, "kind": 26, "outcome": 24, "resolution": 34, "assigned_to": 24}
WIDTH = 16
FOR_ARROW = 3
# What a spreadsheet would take for a formula. Source: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "number",
    "status",
    "opened_at",
    "caller",
    "topic",
    "kind",
    "language",
    "outcome",
    "resolution",
    "assigned_to",
    "resolved_during_call",
    "resolved_at",
    "due_at",
    "related_to",
    "merged_into",
)


Cell = str | datetime
# The reader's word for a value of a column.
Say = Callable[[str, object], str]


def rows(session: Session, wanted: Wanted, whole_numbers: bool, say: Say) -> Iterator[list[Cell]]:
    """The cells of each ticket, in the order of COLUMNS, newest first, as they are read.

    A time is Warsaw's, without its zone: spreadsheets know none.
    """
    query = tickets_query(wanted, None, None).execution_options(yield_per=FETCHED)
    for ticket in session.scalars(query):
        yield [_cell(ticket, name, whole_numbers, say) for name in COLUMNS]
        session.expunge(ticket)


def _cell(ticket: Ticket, name: str, whole_numbers: bool, say: Say) -> Cell:
    value = getattr(ticket, name)
    if name == "caller":
        return say(name, ticket.caller if whole_numbers else masked(ticket.caller))
    if value is None:
        return ""
    if isinstance(value, Ticket):
        return value.number
    if isinstance(value, Agent):
        return value.name
    if isinstance(value, datetime):
        return value.astimezone(WARSAW).replace(tzinfo=None, microsecond=0)
    return say(name, value)


def as_csv(
    head: Sequence[str], lines: Iterable[Sequence[Cell]], _title: str = ""
) -> Iterator[bytes]:
    """For Excel as it is set up in Poland: UTF-8 with its mark, semicolons, no formulas."""
    kept = io.StringIO()
    writer = csv.writer(kept, delimiter=";", lineterminator="\r\n")
    kept.write(BOM)
    writer.writerow(head)
    for line in lines:
        writer.writerow([_harmless(cell) for cell in line])
        if kept.tell() > PIECE:
            yield _taken(kept)
    yield _taken(kept)


def _harmless(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return f"'{cell}" if cell.lstrip().startswith(FORMULA) else cell


def _taken(kept: io.StringIO) -> bytes:
    text = kept.getvalue()
    kept.seek(0)
    kept.truncate()
    return text.encode()


def as_xlsx(
    head: Sequence[str], lines: Iterable[Sequence[Cell]], title: str = "Centrala"
) -> Iterator[bytes]:
    """A workbook, written row by row to the disk and then sent in pieces.

    Times are dates of the spreadsheet, everything else is text, so no cell is a formula. `title`
    names its sheet.
    """
    with TemporaryFile() as file:
        _write_xlsx(file, head, lines, title)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _write_xlsx(
    file: IO[bytes], head: Sequence[str], lines: Iterable[Sequence[Cell]], title: str
) -> None:
    # Rows are written as they come, so their number is not known when the filter is set.
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold = book.add_format({"bold": True, "bottom": 1})
        date = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        sheet.freeze_panes(1, 0)
        for column, (name, cell) in enumerate(zip(COLUMNS, head, strict=True)):
            sheet.set_column(column, column, max(WIDTHS.get(name, WIDTH), len(cell) + FOR_ARROW))
            sheet.write_string(0, column, cell, bold)
        last = 0
        for last, line in zip(range(1, MOST_XLSX_ROWS + 1), lines, strict=False):
            for column, value in enumerate(line):
                if isinstance(value, datetime):
                    sheet.write_datetime(last, column, value, date)
                else:
                    sheet.write_string(last, column, value)
        sheet.autofilter(0, 0, last, len(head) - 1)


def _sheet_name(title: str) -> str:
    """As a spreadsheet takes it: 31 characters, none of those that mean something in a formula."""
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "Centrala"
