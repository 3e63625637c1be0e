"""Slows down guessing: each wrong secret makes the next attempt wait longer, on every machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import Attempts

FREE, FREE_UNDER_ATTACK = 5, 1
ATTACKED_AFTER = 50
FIRST_WAIT_S, LONGEST_WAIT_S = 30, 900
# A guesser who is quiet for so long begins anew.
FORGOTTEN_AFTER = timedelta(hours=24)
FORGOTTEN_AT_ONCE = 100


class Guess(StrEnum):
    """What is guessed, and how guessers are told apart."""

    PAIR = "pair"  # a login, from an address
    DEVICE = "device"  # a login, from a browser where it has signed in before
    ACCOUNT = "account"  # a login, from everywhere
    ADDRESS = "address"  # any login, from an address
    CURRENT = "current"  # the own password, from one session
    TOKEN = "token"  # noqa: S105 - a token of a program, from an address


@dataclass(frozen=True)
class Key:
    """One guesser at one thing; `of` stays out of the rows."""

    kind: Guess
    of: tuple[str, ...]

    @property
    def digest(self) -> bytes:
        return sha256("\0".join((self.kind, *self.of)).encode("utf-8", "replace")).digest()


def client_of(environ: Mapping[str, Any]) -> str:
    """The client of a WSGI request, as its attempts are counted (told by serving.clients)."""
    return str(environ["centrala.counted_as"])


def key(kind: Guess, *of: str) -> Key:
    return Key(kind, of)


def wait_s(wrong: int, free: int, since_last: timedelta) -> int:
    """Seconds until the next attempt is looked at, after `wrong` ones; 0 for now.

    The waits double: 30, 60, 120 … to 900 seconds.
    """
    if wrong < free:
        return 0
    wait = min(FIRST_WAIT_S * 2 ** min(wrong - free, 10), LONGEST_WAIT_S)
    return max(0, -int((since_last.total_seconds() - wait) // 1))


def begin(
    session: Session, pair: Key, wider: Sequence[Key], now: datetime, free: int = FREE
) -> int:
    """Count an attempt of `pair` as wrong until it is found right: 0, or the seconds to wait.

    `wider` are what the pair belongs to: its account and its address. An attempt that has to wait
    is not counted.
    """
    _forget(session, now)
    # The row is made first, and locked: the attempts of one pair are counted one after the other.
    session.execute(
        insert(Attempts)
        .values(digest=pair.digest, kind=pair.kind.value, wrong=0, at=now)
        .on_conflict_do_nothing()
    )
    row = session.scalars(
        select(Attempts).where(Attempts.digest == pair.digest).with_for_update()
    ).one()
    if _is_attacked(session, wider):
        free = FREE_UNDER_ATTACK
    if wait := wait_s(row.wrong, free, now - row.at):
        return wait
    row.wrong, row.at = row.wrong + 1, now
    session.flush()
    for each in wider:
        _count(session, each, now)
    return 0


def _forget(session: Session, now: datetime) -> None:
    """What another is counting just now is left to the next time."""
    old = (
        select(Attempts.digest)
        .where(Attempts.at < now - FORGOTTEN_AFTER)
        .limit(FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    session.execute(delete(Attempts).where(Attempts.digest.in_(old)))


def _is_attacked(session: Session, wider: Sequence[Key]) -> bool:
    digests = [each.digest for each in wider]
    many = select(Attempts.digest).where(
        Attempts.digest.in_(digests), Attempts.wrong >= ATTACKED_AFTER
    )
    return session.scalar(many.limit(1)) is not None


def _count(session: Session, each: Key, now: datetime) -> None:
    counted = insert(Attempts).values(digest=each.digest, kind=each.kind.value, wrong=1, at=now)
    session.execute(
        counted.on_conflict_do_update(
            index_elements=[Attempts.digest], set_={"wrong": Attempts.wrong + 1, "at": now}
        )
    )


def note_success(session: Session, pair: Key, wider: Sequence[Key]) -> None:
    """The attempt was right: the pair begins anew, and what it belongs to has one wrong less."""
    session.execute(delete(Attempts).where(Attempts.digest == pair.digest))
    for each in wider:  # in the order in which they are counted: nobody waits in a circle
        session.execute(
            update(Attempts)
            .where(Attempts.digest == each.digest, Attempts.wrong > 0)
            .values(wrong=Attempts.wrong - 1)
        )


def failures_of(session: Session, kind: Guess) -> int:
    """Wrong ones of this kind that are remembered: those of about a day."""
    total = select(func.coalesce(func.sum(Attempts.wrong), 0)).where(Attempts.kind == kind.value)
    return int(session.scalar(total) or 0)
