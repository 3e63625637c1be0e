"""Slows down guessing of secrets: after several wrong attempts, the next must wait, ever longer.

The counts are in the database, so they hold for all processes and machines.
"""

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
# A count without attempts for this long is deleted, at most FORGOTTEN_AT_ONCE at a time.
FORGOTTEN_AFTER = timedelta(hours=24)
FORGOTTEN_AT_ONCE = 100


class Guess(StrEnum):
    """What one count of wrong attempts is about: the secret, and from where it is guessed."""

    PAIR = "pair"  # a login, from an address
    DEVICE = "device"  # a login, from a browser where it has signed in before
    ACCOUNT = "account"  # a login, from everywhere
    ADDRESS = "address"  # any login, from an address
    CURRENT = "current"  # the own password, from one session
    TOKEN = "token"  # noqa: S105 - a token of a program, from an address


@dataclass(frozen=True)
class Key:
    """Identifies one count of wrong attempts. Rows keep only the digest, never `of`."""

    kind: Guess
    of: tuple[str, ...]

    @property
    def digest(self) -> bytes:
        return sha256("\0".join((self.kind, *self.of)).encode("utf-8", "replace")).digest()


def client_of(environ: Mapping[str, Any]) -> str:
    """The client of a WSGI request for counting attempts; serving.clients sets it in `environ`."""
    return str(environ["centrala.counted_as"])


def key(kind: Guess, *of: str) -> Key:
    return Key(kind, of)


def wait_s(wrong: int, free: int, since_last: timedelta) -> int:
    """The seconds until the next attempt is accepted, after `wrong` wrong ones; 0 means now.

    The first `free` attempts need not wait. Then the wait doubles from 30 to 900 seconds, less the
    time `since_last`.
    """
    if wrong < free:
        return 0
    wait = min(FIRST_WAIT_S * 2 ** min(wrong - free, 10), LONGEST_WAIT_S)
    return max(0, -int((since_last.total_seconds() - wait) // 1))


def begin(
    session: Session, pair: Key, wider: Sequence[Key], now: datetime, free: int = FREE
) -> int:
    """Begin an attempt of `pair`; return 0, or the seconds that it must wait.

    The attempt counts as wrong until `note_success`. It also counts for each of `wider`, the
    account and the address of the pair: many wrong attempts there lower `free`. An attempt that
    must wait is refused and not counted.
    """
    _forget(session, now)
    # The row is inserted and locked first, so parallel attempts of one pair run one by one.
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
    """Delete some expired counts. Rows that another transaction has locked are skipped."""
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
    """The attempt was right: delete the count of `pair`, and subtract it from each of `wider`."""
    session.execute(delete(Attempts).where(Attempts.digest == pair.digest))
    for each in wider:  # in the order of `begin`, to avoid a deadlock
        session.execute(
            update(Attempts)
            .where(Attempts.digest == each.digest, Attempts.wrong > 0)
            .values(wrong=Attempts.wrong - 1)
        )


def failures_of(session: Session, kind: Guess) -> int:
    """The number of wrong attempts of this kind in about the last day."""
    total = select(func.coalesce(func.sum(Attempts.wrong), 0)).where(Attempts.kind == kind.value)
    return int(session.scalar(total) or 0)
