"""Checks that all machines sign sessions with the same SECRET_KEY.

A machine with another key signs people out at each request that reaches it, and other machines
refuse its form tokens. Each scheduler registers its machine's key every few seconds.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from callcenter.privacy import encryption
from models import SecretKey

# A key that no machine registered for this long was changed, or its machine is gone.
FORGOTTEN_AFTER = timedelta(minutes=2)
ANOTHER = (
    "Another machine of this database uses another SECRET_KEY, so people are signed out as soon as "
    "a request reaches the other one: give all machines the same."
)


def note(session: Session, secret_key: str, now: datetime) -> bool:
    """Register this machine's `secret_key`; False if another machine has another key."""
    mark = _mark(secret_key)
    seen = insert(SecretKey).values(mark=mark, seen_at=now)
    session.execute(seen.on_conflict_do_update(index_elements=["mark"], set_={"seen_at": now}))
    session.execute(delete(SecretKey).where(SecretKey.seen_at < now - FORGOTTEN_AFTER))
    return is_shared(session, secret_key, now)


def is_shared(session: Session, secret_key: str, now: datetime) -> bool:
    """Whether every machine that registered lately has `secret_key`."""
    others = select(SecretKey.mark).where(
        SecretKey.mark != _mark(secret_key), SecretKey.seen_at >= now - FORGOTTEN_AFTER
    )
    return session.scalar(others.limit(1)) is None


def _mark(secret_key: str) -> bytes:
    return encryption.mark(b"SECRET_KEY " + secret_key.encode())
