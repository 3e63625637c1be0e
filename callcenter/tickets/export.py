"""Exports a filtered list of tickets as CSV or XLSX.

Rows are read from the database in batches, so the list is never in memory as a whole. A file leaves
the desk, so consultants get masked caller numbers and supervisors get whole ones (ADR 48). Notes
are not exported. The calling code passes `say`, which turns codes into words of the reader's
language.
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
MOST_XLSX_ROWS = 1_048_575  # the rows of a sheet, without its header row
BOM = "\ufeff"
# Column widths in characters. FOR_ARROW is the room for the filter arrow in the header cell.
WIDTHS = {"caller": 20, "topic": 34, "kind": 26, "outcome": 24, "resolution": 34, "assigned_to": 24}
WIDTH = 16
FOR_ARROW = 3
# A spreadsheet takes text that begins so for a formula. Source: https://owasp.org/www-community/attacks/CSV_Injection
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
# Takes a column's name and a value, and returns the word in the reader's language.
Say = Callable[[str, object], str]


def rows(session: Session, wanted: Wanted, whole_numbers: bool, say: Say) -> Iterator[list[Cell]]:
    """Yield one list of cells for each ticket, in the order of COLUMNS; the newest ticket first.

    Times are in Warsaw's time without a zone, because spreadsheets have no zones.
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
    """Yield a CSV file in pieces, for a Polish Excel: UTF-8 with BOM, semicolons, no formulas."""
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
    """Yield a workbook in pieces, after it was written row by row to the disk.

    Times are spreadsheet dates and all else is text, so no cell is a formula. `title` is the name
    of the sheet. Rows after MOST_XLSX_ROWS are left out.
    """
    with TemporaryFile() as file:
        _write_xlsx(file, head, lines, title)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _write_xlsx(
    file: IO[bytes], head: Sequence[str], lines: Iterable[Sequence[Cell]], title: str
) -> None:
    # The number of rows is known only after the last one, so the filter is set at the end.
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
    """`title` as a valid sheet name: at most 31 characters, without those that formulas use."""
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "Centrala"
