"""API tokens of other programs: creates, lists and revokes them, with the scopes of each.

Functions take the session and never commit. Rows keep only the SHA-256 of a token, so a stolen
table is useless. A token has 256 random bits, so a slow hash is not needed.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from callcenter.privacy import pesel
from callcenter.privacy.visible_text import single_line
from models import ApiToken, Role, TokenScope

PREFIX = "ctr_"
LONGEST_NAME = 120
DAYS, MOST_DAYS = 365, 3650
# The time of the last use is written at most this often.
USED_EVERY = timedelta(minutes=5)
SCOPES: Mapping[Role, Sequence[TokenScope]] = {
    Role.AGENT: (TokenScope.READ, TokenScope.ANNOTATE),
    Role.SUPERVISOR: tuple(TokenScope),
}


class State(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


class TokenError(ValueError):
    """A value for a new token is refused; `field` is the form field, the text a sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def create_token(
    session: Session,
    name: str,
    role: Role,
    scopes: Iterable[str] = (),
    expires_at: datetime | None = None,
    made_by_id: int | None = None,
) -> str:
    """Create a bearer token and return it. It cannot be read again: the row has only its digest.

    Without `scopes` it has those of the role; without `expires_at` it lasts DAYS. Raises TokenError
    for a name that is empty, longer than LONGEST_NAME or has a PESEL, for unknown scopes, and for
    an end that has passed or is further away than MOST_DAYS.
    """
    now = datetime.now(UTC)
    expires_at = expires_at or now + timedelta(days=DAYS)
    if not 1 <= len(name := single_line(name)) <= LONGEST_NAME:
        limit = f"1 to {LONGEST_NAME} characters"
        raise TokenError("name", f"A token's name has {limit}, all of which can be seen.")
    if pesel.is_in(name):
        raise TokenError("name", "A token's name has no PESEL in it.")
    if unknown := sorted(set(scopes) - set(TokenScope)):
        raise TokenError("scopes", f"There is no scope {unknown[0]}: {', '.join(TokenScope)}.")
    if not now < expires_at <= now + timedelta(days=MOST_DAYS + 1):
        raise TokenError("days", f"A token lives for 1 to {MOST_DAYS} days.")
    token = PREFIX + secrets.token_urlsafe(32)
    chosen = [scope.value for scope in TokenScope if scope in (set(scopes) or SCOPES[role])]
    row = ApiToken(name=name, role=Role(role), digest=_digest(token), created_at=now)
    row.scopes, row.expires_at, row.made_by_id = chosen, expires_at, made_by_id
    session.add(row)
    session.flush()
    return token


def find(session: Session, token: str) -> ApiToken | None:
    """The row of a token, valid or not; None for an unknown one."""
    return session.scalar(select(ApiToken).where(ApiToken.digest == _digest(token)))


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()


def state_of(token: ApiToken, now: datetime) -> State:
    if token.revoked_at is not None:
        return State.REVOKED
    is_over = token.expires_at is not None and token.expires_at <= now
    return State.EXPIRED if is_over else State.VALID


def all_of(session: Session) -> Sequence[ApiToken]:
    """All tokens that were ever made, the newest first."""
    return session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).all()


def revoke(session: Session, token_id: int, now: datetime) -> ApiToken | None:
    """Revoke a token and return its row; None if there is none. A second call changes nothing."""
    token = session.get(ApiToken, token_id, with_for_update=True)
    if token and token.revoked_at is None:
        token.revoked_at = now
    return token


def is_use_noted(token: ApiToken, now: datetime) -> bool:
    """Whether the recorded last use is recent, so that this use need not be written."""
    return token.used_at is not None and now - token.used_at < USED_EVERY


def note_use(session: Session, token_id: int, now: datetime) -> None:
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=now))


def note_refusal(session: Session, token_id: int) -> None:
    """Count that a token was used after it expired or was revoked."""
    counted = update(ApiToken).where(ApiToken.id == token_id)
    session.execute(counted.values(refused=ApiToken.refused + 1))
