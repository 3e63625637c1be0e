"""Checks that DATA_KEY is the key by which this database's secrets are sealed.

A key that was changed by mistake seals new PESELs and opens no old ones. The later that is noticed,
the longer both keys are needed.
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
    """Whether this process has the right key; None where nothing tells."""
    noted = _noted(session)
    return _opens_what_is_kept(session) if noted is None else noted == _mark()


def note(session: Session, now: datetime) -> bool:
    """Note this process's key where none is noted. False, and nothing is, where it is another."""
    if is_right(session) is False:
        return False
    if _noted(session) is None:
        session.add(DataKey(mark=_mark(), since=now))
    return True


def change(session: Session, now: datetime) -> None:
    """From now on this process's key is the right one."""
    session.add(DataKey(mark=_mark(), since=now))


def _noted(session: Session) -> bytes | None:
    return session.scalar(select(DataKey.mark).order_by(DataKey.id.desc()).limit(1))


def _mark() -> bytes:
    return encryption.mark(b"DATA_KEY")


def _opens_what_is_kept(session: Session) -> bool | None:
    """Of a database that is older than the first note of its key."""
    sealed = select(Ticket.pesel).where(Ticket.pesel.is_not(None)).order_by(Ticket.id.desc())
    last = session.scalar(sealed.limit(1))
    if last is None:
        return None
    try:
        encryption.unseal(last)
    except InvalidToken:
        return False
    return True
