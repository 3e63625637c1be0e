"""Sign-ins of browsers, as rows: a session that is ended here is ended on every machine."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Agent, SignIn

# The longest sign-in, even with constant use. An unused cookie expires after hours.
LONGEST = timedelta(days=7)


def begin(session: Session, agent: Agent, now: datetime) -> str:
    """Start a session of `agent` and return its secret id for the browser; the row has its hash."""
    session.execute(delete(SignIn).where(SignIn.began_at < now - LONGEST))
    made = secrets.token_urlsafe(32)
    session.add(SignIn(digest=_digest(made), agent_id=agent.id, began_at=now))
    session.flush()
    return made


def agent_of(session: Session, agent_id: int, salt: str, made: str, now: datetime) -> Agent | None:
    """The active person `agent_id`, if `made` is the id of a valid session of theirs, else None.

    A session is invalid if it was ended, is older than LONGEST, or has an old `salt`.
    """
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
    """End the session with the id `made`, also for copies of its cookie."""
    session.execute(delete(SignIn).where(SignIn.digest == _digest(made)))


def _digest(made: str) -> bytes:
    return sha256(made.encode("utf-8", "replace")).digest()
