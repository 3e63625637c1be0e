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
    """The distinct words to search for: runs of letters and digits, in their order.

    Longer words are cut to LONGEST_WORD. They still match, because search compares beginnings.
    """
    plain = "".join(map(_apart, unicodedata.normalize("NFKC", text)))
    found = (word[:LONGEST_WORD] for word in re.findall(r"[^\W_]+", plain))
    return list(dict.fromkeys(found))


class Unasked(StrEnum):
    """Why a search is refused. The alternative would be to ignore some of its words silently."""

    NOTHING = "There is no letter and no digit in the words."
    TOO_MANY = f"At most {MOST_WORDS} words are searched for at once."


def unasked(text: str) -> Unasked | None:
    """Why a search for `text` is refused; None if it is possible."""
    found = words_in(text)
    if not found:
        return Unasked.NOTHING
    return Unasked.TOO_MANY if len(found) > MOST_WORDS else None


def _apart(letter: str) -> str:
    """A space for a modifier letter (category Lm), else the letter.

    PostgreSQL's `unaccent` makes apostrophes of modifier letters, and a word ends at one.
    """
    return " " if letter == "\0" or unicodedata.category(letter) == "Lm" else letter


def sealed(words: str) -> str:
    """The words encrypted for use in an address, because they may name people."""
    return encryption.seal(words.encode()).decode()


def unsealed(given: str) -> str:
    """The words that `sealed` encrypted. Raises ValueError for any other text."""
    try:
        return encryption.unseal(given.encode()).decode()
    except InvalidToken as fault:
        raise ValueError("not sealed here") from fault


def asked(words: str, **marks: str | int | None) -> str:
    """The text of a tsquery: all `marks` (filter values), and each of `words` as a beginning.

    It contains the placeholder WEEK, which `has_words` replaces with a week.
    """
    wanted = [f"'{WEEK}/{name[0]}{value}'" for name, value in marks.items() if value is not None]
    return " & ".join([*wanted, *(f"'{WEEK}{word}':*" for word in words_in(words))])


def caller_mark(caller: str | None) -> str | None:
    return md5(caller.encode(), usedforsecurity=False).hexdigest() if caller else None


def has_words(query: str, week: ColumnElement[str]) -> ColumnElement[bool]:
    """The SQL condition that a TicketWords row of `week` matches `query`, a result of `asked`."""
    filled = func.replace(func.lower(func.unaccent(query)), WEEK, week)
    return TicketWords.words.op("@@")(cast(filled, TSQUERY))


def ids_in_weeks(
    query: str,
    starts: datetime | None,
    ends: datetime | None,
    limit: int | None,
    *conditions: ColumnElement[bool],
) -> tuple[Subquery, FromClause]:
    """The weeks between `starts` and `ends`, newest first, and a lateral query of their matches.

    The lateral query has `ticket_id` and `opened_at`, the newest first, at most `limit` a week. It
    is joined to the weeks. None for `starts` or `ends` is the first or the last ticket.
    """
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
