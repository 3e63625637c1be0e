"""Browsers where somebody is signed in, as rows: what is ended here is ended on every machine."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Agent, SignIn

# However busy the browser is. The cookie itself ends after hours without use.
LONGEST = timedelta(days=7)


def begin(session: Session, agent: Agent, now: datetime) -> str:
    """A new session of that person: the id that the browser keeps, of which rows have the hash."""
    session.execute(delete(SignIn).where(SignIn.began_at < now - LONGEST))
    made = secrets.token_urlsafe(32)
    session.add(SignIn(digest=_digest(made), agent_id=agent.id, began_at=now))
    session.flush()
    return made


def agent_of(session: Session, agent_id: int, salt: str, made: str, now: datetime) -> Agent | None:
    """The active person whose session it is; None for one that was ended, or is of an old salt."""
    return session.scalar(
        select(Agent)
        .join(SignIn, SignIn.agent_id == Agent.id)
        .where(
            SignIn.digest == _digest(made),
            SignIn.began_at > now - LONGEST,
            Agent.id == agent_id,
            Agent.session_salt == salt,
            Agent.active,
        )
    )


def end(session: Session, made: str) -> None:
    """Nobody is signed in by this id any more; a copy of the cookie opens nothing."""
    session.execute(delete(SignIn).where(SignIn.digest == _digest(made)))


def _digest(made: str) -> bytes:
    return sha256(made.encode("utf-8", "replace")).digest()
