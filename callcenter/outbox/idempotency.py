"""What was sent twice is done once: a form by Back or a double click, a request by a retry.

The mark of what was sent is written in the transaction that does it. So of four at once one does
it, and the others wait for its end; where it failed, the next one does it.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.privacy import encryption
from models import SentForm

KEPT = timedelta(days=30)


def fingerprint(*what: str) -> bytes:
    """Who sent it, where, and all that makes it another one. Nobody reads it back."""
    return encryption.mark(json.dumps(what).encode())


def is_first(session: Session, mark: bytes, now: datetime) -> bool:
    """Whether this is sent for the first time. It counts as done when the transaction commits."""
    row = {"mark": mark, "at": now}
    new = insert(SentForm).values(row).on_conflict_do_nothing(index_elements=["mark"])
    return session.scalar(new.returning(SentForm.id)) is not None


def forget(session: Session, mark: bytes) -> None:
    """Nothing was done: the same may be sent again."""
    session.execute(delete(SentForm).where(SentForm.mark == mark))


def keep_response(session: Session, mark: bytes, answer: Iterable[str]) -> None:
    """What a program was answered, for when it asks again."""
    sealed = encryption.seal(json.dumps(list(answer)).encode())
    session.execute(update(SentForm).where(SentForm.mark == mark).values(answer=sealed))


def response_of(session: Session, mark: bytes) -> list[str] | None:
    sealed = session.scalar(select(SentForm.answer).where(SentForm.mark == mark))
    if sealed is None:
        return None
    answer: list[str] = json.loads(encryption.unseal(sealed))
    return answer


def forget_old(session: Session, now: datetime) -> None:
    """A form that is older than 30 days is a new one."""
    session.execute(delete(SentForm).where(SentForm.at < now - KEPT))
