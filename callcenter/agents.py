"""Who may sit at the desk, and which programs may read it.

Functions take the session and never commit. Passwords are argon2 hashes; of an API token, which
has 256 random bits, only the SHA-256 is kept, so a stolen table opens nothing.
"""

import re
import secrets
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Agent, ApiToken, Role

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
PREFIX = "ctr_"

_hasher = PasswordHasher()


def add_user(session: Session, login: str, name: str, password: str, role: Role) -> Agent:
    """A new person of the desk; `login` is kept in lower case.

    Raises ValueError, with a sentence for the operator, for a login that is taken or unusable, an
    empty name, and a password that is too short.
    """
    login, name = login.strip().casefold(), name.strip()
    if fault := _fault(session, login, name, password):
        raise ValueError(fault)
    agent = Agent(
        login=login,
        name=name,
        role=Role(role),
        password=_hasher.hash(password),
        active=True,
        created_at=datetime.now(UTC),
        session_salt=secrets.token_hex(8),
    )
    session.add(agent)
    session.flush()
    return agent


def _fault(session: Session, login: str, name: str, password: str) -> str | None:
    if not LOGIN.fullmatch(login):
        return "A login is 1 to 64 letters (a-z), digits, dots, hyphens, underscores or @."
    if not 1 <= len(name) <= 120:
        return "A name has 1 to 120 characters."
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"A password needs at least {SHORTEST_PASSWORD} characters."
    if session.scalar(select(Agent.id).where(Agent.login == login)):
        return f"The login {login} is taken."
    return None


def check_password(session: Session, login: str, password: str) -> Agent | None:
    """The active person whose login and password these are, or None.

    An unknown login costs the same argon2 work as a known one, so that the time of the answer does
    not tell which logins exist. A hash made with older parameters is replaced.
    """
    login = login.strip().casefold()
    known = select(Agent).where(Agent.login == login)
    agent = session.scalar(known) if LOGIN.fullmatch(login) else None
    if not _matches(agent.password if agent else _nobodys_hash(), password) or agent is None:
        return None
    if _hasher.check_needs_rehash(agent.password):
        agent.password = _hasher.hash(password)
    return agent if agent.active else None


def _matches(hashed: str, password: str) -> bool:
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_hex(16))


def create_token(session: Session, name: str, role: Role) -> str:
    """A new bearer token. It can be shown once, here: the table keeps its digest alone.

    Raises ValueError when `name` (what the token is for) is empty or longer than 120 characters.
    """
    name = name.strip()
    if not 1 <= len(name) <= 120:
        raise ValueError("A token's name has 1 to 120 characters.")
    token = PREFIX + secrets.token_urlsafe(32)
    session.add(
        ApiToken(name=name, role=Role(role), digest=_digest(token), created_at=datetime.now(UTC))
    )
    session.flush()
    return token


def token_role(session: Session, token: str) -> ApiToken | None:
    """The row of a token that is known and not revoked: its role says what it may do."""
    return session.scalar(
        select(ApiToken).where(ApiToken.digest == _digest(token), ApiToken.revoked_at.is_(None))
    )


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
