"""Who is at this browser, and what a group of pages asks for.

A session names a person, the salt of the time and its own row. Without the row (somebody signed
out) it is over, on every machine; a new salt (a changed password) ends all of that person's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, g, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session

from callcenter import sign_ins
from callcenter.console import faults, kept_forms
from models import Agent, Role
from models.session import transaction

RANKS: Mapping[Role, int] = {Role.AGENT: 1, Role.SUPERVISOR: 2}
CONTENT_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

login_manager = LoginManager()
login_manager.login_view = "access.sign_in"
login_manager.login_message = None


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]
    """The person at this browser, for as long as one request lasts."""

    id: int
    login: str
    name: str
    role: Role
    salt: str
    shortcuts: bool
    session_id: str

    def get_id(self) -> str:
        return f"{self.id}.{self.salt}.{self.session_id}"

    @classmethod
    def of(cls, agent: Agent, session_id: str) -> "SignedIn":
        return cls(
            agent.id,
            agent.login,
            agent.name,
            agent.role,
            agent.session_salt,
            agent.shortcuts,
            session_id,
        )

    @classmethod
    def begin(cls, rows: Session, agent: Agent) -> "SignedIn":
        """That person in a new session."""
        return cls.of(agent, sign_ins.begin(rows, agent, datetime.now(UTC)))


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _signed_in(key: str) -> SignedIn | None:
    """Nobody too while the database cannot say who it is; `ask_who` tells the two apart."""
    number, salt, session_id = (*key.split("."), "", "")[:3]
    if not number.isdecimal():
        return None
    try:
        with transaction() as rows:
            agent = sign_ins.who(rows, int(number), salt, session_id, datetime.now(UTC))
    except faults.DATABASE_FAULTS as fault:
        g.nobody_knows_who = fault
        return None
    return SignedIn.of(agent, session_id) if agent else None


def ask_who() -> bool:
    """Whether somebody is signed in. Raises what the database raised when it could not say."""
    known = bool(current_user.is_authenticated)
    if fault := g.get("nobody_knows_who"):
        raise fault
    return known


def least(role: Role) -> Callable[[], ResponseReturnValue | None]:
    """A guard for a blueprint's before_request: signed in, and with at least this role."""

    def guard() -> ResponseReturnValue | None:
        if not ask_who():
            answer: ResponseReturnValue = kept_forms.ask_again() or login_manager.unauthorized()
            return answer
        if RANKS[current_user.role] < RANKS[role]:
            abort(403)
        return None

    return guard


def pages_for(role: Role | None, name: str) -> Blueprint:
    """A group of pages at `/<name>` for those with at least `role`; None is for everybody, at `/`.

    Pages show callers' numbers: no cache keeps them, no other site frames them or adds a script.
    """
    pages = Blueprint(
        name,
        __package__ or "",
        url_prefix=f"/{name}" if role else None,
        static_folder=None if role else "static",
        static_url_path="/assets",
        template_folder="templates",
    )
    if role:
        pages.before_request(least(role))
    pages.after_request(_headers)
    faults.show_on(pages)
    return pages


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint != "access.static":
        response.headers["Cache-Control"] = "no-store"
    return response
