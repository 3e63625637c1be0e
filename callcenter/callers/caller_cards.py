"""A caller's card: name, company and note, typed once and found by the caller's number.

The card is personal data: it is encrypted, a PESEL in it is masked, and it is erased with the
caller.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.callers.identity import UNUSABLE, WITHHELD
from callcenter.privacy import encryption, pesel
from callcenter.privacy.visible_text import visible
from models import Agent, CallerCard, CardChange


@dataclass(frozen=True)
class Card:
    """What the desk knows of a caller; `version` 0 means that nobody has written a card yet."""

    name: str = ""
    company: str = ""
    note: str = ""
    version: int = 0


@dataclass(frozen=True)
class Written:
    """An entry of a card's history: what it said from `at` on, and `who` wrote it."""

    who: str
    at: datetime
    card: Card


class CardConflict(Exception):  # noqa: N818 - it is no fault
    """Somebody else has changed the card meanwhile; `last` is its present content."""

    def __init__(self, last: Written) -> None:
        super().__init__(last.who)
        self.last = last


def can_have_card(caller: str) -> bool:
    """Whether the caller can be recognised in another call."""
    return caller not in (WITHHELD, UNUSABLE)


def card_of(session: Session, caller: str) -> Card:
    """The caller's card; an empty one if nobody has written one."""
    found = select(CallerCard).where(CallerCard.caller == caller)
    row = session.scalar(found) if can_have_card(caller) else None
    return _read(row.sealed, row.version) if row else Card()


def save_card(session: Session, caller: str, typed: Card, author_id: int, now: datetime) -> Card:
    """Save what was `typed` over `typed.version`. Saving the same words again changes nothing.

    Raises CardConflict if the card has another version by now, and ValueError for a caller without
    a number.
    """
    if not can_have_card(caller):
        raise ValueError("a caller without a number has no card")
    row = _locked(session, caller)
    kept, wanted = _read(row.sealed, row.version), _clean(typed)
    if asdict(kept) | {"version": 0} == asdict(wanted) | {"version": 0}:
        return kept
    others = history(session, caller)
    if others and typed.version != row.version:
        raise CardConflict(others[0])
    row.sealed, row.version = _sealed(wanted), row.version + 1
    session.add(CardChange(card_id=row.id, at=now, author_id=author_id, sealed=row.sealed))
    session.flush()
    return _read(row.sealed, row.version)


def history(session: Session, caller: str) -> Sequence[Written]:
    """All versions of the card, the latest first."""
    query = (
        select(CardChange, Agent.name)
        .join(CallerCard, CallerCard.id == CardChange.card_id)
        .join(Agent, Agent.id == CardChange.author_id)
        .where(CallerCard.caller == caller)
        .order_by(CardChange.id.desc())
    )
    return [Written(who, row.at, _read(row.sealed, 0)) for row, who in session.execute(query)]


def erase_card(session: Session, caller: str) -> None:
    """Erase the card and its history."""
    session.execute(delete(CallerCard).where(CallerCard.caller == caller))


def _locked(session: Session, caller: str) -> CallerCard:
    """The caller's row, locked; it is created if missing, so that two first writers take turns."""
    empty = {"caller": caller, "sealed": _sealed(Card()), "version": 0}
    session.execute(insert(CallerCard).values(empty).on_conflict_do_nothing())
    row = select(CallerCard).where(CallerCard.caller == caller).with_for_update()
    return session.scalars(row.execution_options(populate_existing=True)).one()


def _clean(typed: Card) -> Card:
    name, company, note = (
        pesel.masked(visible(text)) for text in (typed.name, typed.company, typed.note)
    )
    return Card(name, company, note)


def _sealed(card: Card) -> bytes:
    words = {"name": card.name, "company": card.company, "note": card.note}
    return encryption.seal(json.dumps(words).encode())


def _read(sealed: bytes, version: int) -> Card:
    return Card(**json.loads(encryption.unseal(sealed)), version=version)
