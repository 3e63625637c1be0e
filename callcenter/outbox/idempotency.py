"""Performs each submitted form and each repeated request only once.

The transaction that does the work also writes a fingerprint of the request. If equal requests
arrive at once, one does the work and the others wait for it. If it fails, the next one does it.
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
    """A keyed hash of the sender, the address and the content. It cannot be reversed."""
    return encryption.mark(json.dumps(what).encode())


def is_first(session: Session, mark: bytes, now: datetime) -> bool:
    """Whether this request is the first of its kind. The commit makes it count as done."""
    row = {"mark": mark, "at": now}
    new = insert(SentForm).values(row).on_conflict_do_nothing(index_elements=["mark"])
    return session.scalar(new.returning(SentForm.id)) is not None


def forget(session: Session, mark: bytes) -> None:
    """Allow the same request again, because nothing was done."""
    session.execute(delete(SentForm).where(SentForm.mark == mark))


def keep_response(session: Session, mark: bytes, answer: Iterable[str]) -> None:
    """Keep the response to an API client, encrypted, for when the client repeats the request."""
    sealed = encryption.seal(json.dumps(list(answer)).encode())
    session.execute(update(SentForm).where(SentForm.mark == mark).values(answer=sealed))


def response_of(session: Session, mark: bytes) -> list[str] | None:
    sealed = session.scalar(select(SentForm.answer).where(SentForm.mark == mark))
    if sealed is None:
        return None
    answer: list[str] = json.loads(encryption.unseal(sealed))
    return answer


def forget_old(session: Session, now: datetime) -> None:
    """Delete fingerprints older than 30 days."""
    session.execute(delete(SentForm).where(SentForm.at < now - KEPT))
