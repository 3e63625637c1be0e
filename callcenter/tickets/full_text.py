"""Full-text search in the notes: newest first, as fast for a common word as for a rare one.

Words are indexed by the week of their ticket (models/ticket.py: TicketWords). A search walks
through the weeks from the newest and stops when the page is full, so it reads few weeks for a
common word and few rows for a rare one (ADR 47).
"""

import re
import unicodedata
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import md5

from cryptography.fernet import InvalidToken
from sqlalchemy import ColumnElement, Integer, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.selectable import FromClause, Subquery

from callcenter.privacy import encryption
from models import Ticket, TicketWords

WEEK_S = 7 * 24 * 3600
MOST_WORDS = 16
LONGEST_WORD = 60
WEEK = "%"


def words_in(text: str) -> list[str]:
    """The words as search takes them: letters and digits; a longer note's word may begin so."""
    plain = "".join(map(_apart, unicodedata.normalize("NFKC", text)))
    found = (word[:LONGEST_WORD] for word in re.findall(r"[^\W_]+", plain))
    return list(dict.fromkeys(found))


class Unasked(StrEnum):
    """Why words cannot be searched for. Nothing is left out silently."""

    NOTHING = "There is no letter and no digit in the words."
    TOO_MANY = f"At most {MOST_WORDS} words are searched for at once."


def unasked(text: str) -> Unasked | None:
    """What is wrong with the words of a search, if anything."""
    found = words_in(text)
    if not found:
        return Unasked.NOTHING
    return Unasked.TOO_MANY if len(found) > MOST_WORDS else None


def _apart(letter: str) -> str:
    """Letters that only modify others: without accents they are apostrophes, where a word ends."""
    return " " if letter == "\0" or unicodedata.category(letter) == "Lm" else letter


def sealed(words: str) -> str:
    """The words as they stand in an address: they may name people."""
    return encryption.seal(words.encode()).decode()


def unsealed(given: str) -> str:
    """Raises ValueError for anything that is not `sealed`."""
    try:
        return encryption.unseal(given.encode()).decode()
    except InvalidToken as fault:
        raise ValueError("not sealed here") from fault


def asked(words: str, **marks: str | int | None) -> str:
    """What a ticket must have, as a query whose WEEK is filled in for each week."""
    wanted = [f"'{WEEK}/{name[0]}{value}'" for name, value in marks.items() if value is not None]
    return " & ".join([*wanted, *(f"'{WEEK}{word}':*" for word in words_in(words))])


def caller_mark(caller: str | None) -> str | None:
    return md5(caller.encode(), usedforsecurity=False).hexdigest() if caller else None


def has_words(query: str, week: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a row of TicketWords of this `week` has what is `asked`."""
    filled = func.replace(func.lower(func.unaccent(query)), WEEK, week)
    return TicketWords.words.op("@@")(cast(filled, TSQUERY))


def ids_in_weeks(
    query: str,
    starts: datetime | None,
    ends: datetime | None,
    limit: int | None,
    *conditions: ColumnElement[bool],
) -> tuple[Subquery, FromClause]:
    """The weeks from the newest, and in each the tickets that match, newest first."""
    first, last = func.min(Ticket.opened_at), func.max(Ticket.opened_at)
    oldest = literal(_week(starts)) if starts else _week_of(first)
    newest = literal(_week(ends)) if ends else _week_of(last)
    weeks = select(
        func.generate_series(
            select(newest).scalar_subquery(), select(oldest).scalar_subquery(), -1
        ).label("week")
    ).subquery("weeks")
    rows = (
        select(TicketWords.ticket_id, TicketWords.opened_at)
        .where(has_words(query, cast(weeks.c.week, Text)), *conditions)
        .order_by(TicketWords.opened_at.desc(), TicketWords.ticket_id.desc())
        .limit(limit)
    )
    return weeks, rows.lateral("found")


def _week(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // WEEK_S)


def _week_of(moment: ColumnElement[datetime]) -> ColumnElement[int]:
    return cast(func.floor(func.extract("epoch", moment) / WEEK_S), Integer)
