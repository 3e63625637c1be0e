"""Checks that DATA_KEY is the key with which this database's secrets are encrypted.

A key that was changed by mistake encrypts new PESELs and cannot decrypt old ones. The later this is
noticed, the longer both keys are needed.
"""

from datetime import datetime

from cryptography.fernet import InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.privacy import encryption
from models import DataKey, Ticket

ANOTHER = (
    "DATA_KEY is not the key by which this database's secrets are sealed: set that one again, or, "
    "if it is lost for good, run `centrala db upgrade --new-data-key`."
)


def is_right(session: Session) -> bool | None:
    """Whether this process has the right key; None if nothing in the database tells."""
    noted = _noted(session)
    return _opens_what_is_kept(session) if noted is None else noted == _mark()


def note(session: Session, now: datetime) -> bool:
    """Register this process's key if none is registered; False if another key is."""
    if is_right(session) is False:
        return False
    if _noted(session) is None:
        session.add(DataKey(mark=_mark(), since=now))
    return True


def change(session: Session, now: datetime) -> None:
    """Make this process's key the right one from now on."""
    session.add(DataKey(mark=_mark(), since=now))


def _noted(session: Session) -> bytes | None:
    return session.scalar(select(DataKey.mark).order_by(DataKey.id.desc()).limit(1))


def _mark() -> bytes:
    return encryption.mark(b"DATA_KEY")


def _opens_what_is_kept(session: Session) -> bool | None:
    """Whether the key opens stored data, for a database from before keys were registered."""
    sealed = select(Ticket.pesel).where(Ticket.pesel.is_not(None)).order_by(Ticket.id.desc())
    last = session.scalar(sealed.limit(1))
    if last is None:
        return None
    try:
        encryption.unseal(last)
    except InvalidToken:
        return False
    return True
