"""The search box: finds tickets by number, caller, topic, person and words, grouped by reason.

A part of a number is found by its runs of four digits, which are indexed (migration 0011).
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, Text, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from callcenter.tickets import full_text, search
from callcenter.tickets.search import Wanted
from callcenter.tickets.ticket_numbers import part_written
from models import Agent, Ticket, Topic

SHOWN = 10
SHORTEST_PART = 4
SHORTEST_WORD = 3
# At most so many matches of a part are read and sorted. With more, the newest may be missed.
ORDERED = 5000


class Why(StrEnum):
    """What of a ticket matched the search."""

    NUMBER = "number"
    CALLER = "caller"
    TOPIC = "topic"
    PERSON = "person"
    WORDS = "words"


@dataclass(frozen=True)
class Group:
    """At most SHOWN tickets that were found for the reason `why`, the newest first.

    `of` is what matched: a part of a number, a caller, a topic's code, a person's name, or the
    words. `filters` are parameters of the ticket list that show all matches; empty if the list has
    no such filter.
    """

    why: Why
    of: str
    tickets: Sequence[Ticket]
    filters: Mapping[str, Any]


def find(
    session: Session, typed: str, topics: Mapping[Topic, Sequence[str]], parts_of_callers: bool
) -> list[Group]:
    """The groups of tickets that match `typed`, in the order of Why; empty groups are left out.

    `topics` has the names of each topic in every language. Callers are searched by a part of their
    number only with `parts_of_callers`, for people who may list callers.
    """
    groups = [
        *_by_part(session, typed, parts_of_callers),
        *_by_caller(session, typed),
        *_by_topic(session, typed, topics),
        *_by_person(session, typed),
        *_by_words(session, typed),
    ]
    return [group for group in groups if group.tickets]


def _by_part(session: Session, typed: str, of_callers: bool) -> Iterator[Group]:
    part = part_written(typed.replace("+", "", 1))
    if not part or len(part) < SHORTEST_PART:
        return
    yield Group(Why.NUMBER, part, _with_part(session, Ticket.number, part), {})
    if of_callers and search.caller_written(typed) is None:
        yield Group(Why.CALLER, part, _with_part(session, Ticket.caller, part), {})


def _with_part(session: Session, column: InstrumentedAttribute[str], part: str) -> Sequence[Ticket]:
    runs = [part[at : at + SHORTEST_PART] for at in range(len(part) - SHORTEST_PART + 1)]
    matching = (
        select(Ticket.id, Ticket.opened_at)
        .where(func.digit_runs(cast(column, Text)).op("@>")(cast(runs, ARRAY(Text))))
        .where(column.contains(part))
        .limit(ORDERED)
        # Without MATERIALIZED the planner may scan all tickets in the order of the page.
        .cte("matching")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    newest = (
        select(matching.c.id)
        .order_by(matching.c.opened_at.desc(), matching.c.id.desc())
        .limit(SHOWN)
    )
    rows = select(Ticket).where(Ticket.id.in_(newest))
    rows = rows.order_by(Ticket.opened_at.desc(), Ticket.id.desc())
    return session.scalars(rows.options(selectinload(Ticket.merged_into))).all()


def _by_caller(session: Session, typed: str) -> Iterator[Group]:
    if caller := search.caller_written(typed):
        yield _listed(session, Why.CALLER, caller, Wanted(caller=caller), "caller_of", "")


def _by_topic(
    session: Session, typed: str, topics: Mapping[Topic, Sequence[str]]
) -> Iterator[Group]:
    for topic, names in topics.items():
        if any(_names(typed, name) for name in names):
            yield _listed(session, Why.TOPIC, topic, Wanted(topic=topic), "topic", topic)


def _by_person(session: Session, typed: str) -> Iterator[Group]:
    for id_, name in session.execute(select(Agent.id, Agent.name).order_by(Agent.name, Agent.id)):
        if _names(typed, name):
            wanted = Wanted(assigned_to=id_)
            yield _listed(session, Why.PERSON, name, wanted, "person", str(id_))


def _by_words(session: Session, typed: str) -> Iterator[Group]:
    if full_text.words_in(typed):
        sealed = full_text.sealed(typed)
        yield _listed(session, Why.WORDS, typed, Wanted(words=typed), "words", sealed)


def _listed(session: Session, why: Why, of: str, wanted: Wanted, name: str, value: str) -> Group:
    tickets = search.find_tickets(session, wanted, size=SHOWN).items
    if why is Why.CALLER and tickets:
        value = tickets[0].number
    return Group(why, of, tickets, {name: value})


def _names(typed: str, name: str) -> bool:
    """Whether each typed word begins some word of `name`, without regard to accents and case.

    At least one typed word must have SHORTEST_WORD letters.
    """
    wanted, known = folded(typed).split(), folded(name).split()
    is_long = any(len(word) >= SHORTEST_WORD for word in wanted)
    return is_long and all(any(one.startswith(word) for one in known) for word in wanted)


def folded(text: str) -> str:
    """`text` in lower case without accents; all but letters and digits become spaces."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    kept = (letter for letter in apart if not unicodedata.combining(letter))
    return "".join(letter if letter.isalnum() else " " for letter in kept)
