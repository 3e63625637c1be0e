"""A filtered list of tickets as a file: row by row from the server, never all of it in memory.

A file leaves the house, so consultants get callers' numbers masked; supervisors get them whole
(ADR 48). Notes stay on the pages.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import IO

import xlsxwriter
from sqlalchemy.orm import Session

from callcenter.callers import masked
from callcenter.deadlines import WARSAW
from callcenter.search import Wanted, tickets_query
from models import Agent, Ticket

FETCHED = 500
PIECE = 64 * 1024
MOST_XLSX_ROWS = 1_048_575  # of a sheet, without its head
BOM = "\ufeff"
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


def rows(session: Session, wanted: Wanted, whole_numbers: bool) -> Iterator[list[str]]:
    """The cells of each ticket, in the order of COLUMNS, newest first, as they are read."""
    query = tickets_query(wanted, None, None).execution_options(yield_per=FETCHED)
    for ticket in session.scalars(query):
        yield [_cell(ticket, name, whole_numbers) for name in COLUMNS]
        session.expunge(ticket)


def _cell(ticket: Ticket, name: str, whole_numbers: bool) -> str:
    value = getattr(ticket, name)
    if name == "caller" and not whole_numbers:
        return masked(ticket.caller)
    if value is None:
        return ""
    if isinstance(value, Ticket):
        return value.number
    if isinstance(value, Agent):
        return value.name
    if name.endswith("_at"):
        return str(value.astimezone(WARSAW).strftime("%Y-%m-%d %H:%M"))
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def as_csv(head: Sequence[str], lines: Iterable[Sequence[str]]) -> Iterator[bytes]:
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


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _taken(kept: io.StringIO) -> bytes:
    text = kept.getvalue()
    kept.seek(0)
    kept.truncate()
    return text.encode()


def as_xlsx(head: Sequence[str], lines: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """A workbook, written row by row to the disk and then sent in pieces; every cell is text."""
    with TemporaryFile() as file:
        _write_xlsx(file, head, lines)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _write_xlsx(file: IO[bytes], head: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for column, cell in enumerate(head):
            sheet.write_string(0, column, cell, bold)
        for row, line in zip(range(1, MOST_XLSX_ROWS + 1), lines, strict=False):
            for column, cell in enumerate(line):
                sheet.write_string(row, column, cell)
