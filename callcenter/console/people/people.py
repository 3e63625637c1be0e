"""Who is at this browser, and what a group of pages asks for.

A session names a person, the salt of the time and its own row. Without the row (somebody signed
out) it is over, on every machine; a new salt (a changed password) ends all of that person's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from flask import Blueprint, Response, abort, g, make_response, request
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session

from callcenter.console.forms import kept_forms
from callcenter.console.layout import faults
from callcenter.people import sign_ins
from models import Agent, Role
from models.session import transaction

RANKS: Mapping[Role, int] = {Role.AGENT: 1, Role.SUPERVISOR: 2}

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
    """None also while the database is away; `ask_who` raises then."""
    number, salt, session_id = (*key.split("."), "", "")[:3]
    if not number.isdecimal():
        return None
    try:
        with transaction() as rows:
            agent = sign_ins.agent_of(rows, int(number), salt, session_id, datetime.now(UTC))
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


def insist(role: Role) -> None:
    """Go on only where somebody with at least this role is signed in.

    Raises what answers all others: the way to the sign-in page, or Forbidden. Nobody can overlook
    it, as an answer that is returned can be. What was posted meanwhile is kept (kept_forms).
    """
    if not ask_who():
        abort(make_response(kept_forms.ask_again() or login_manager.unauthorized()))
    if RANKS[current_user.role] < RANKS[role]:
        abort(403)


def pages_for(role: Role | None, name: str) -> Blueprint:
    """A group of pages at `/<name>` for those with at least `role`; None is for everybody, at `/`.

    Pages show callers' numbers: no cache keeps them.
    """
    pages = Blueprint(
        name,
        "callcenter.console",
        url_prefix=f"/{name}" if role else None,
        static_folder=None if role else "static",
        static_url_path="/assets",
        template_folder=".",
    )
    if role:
        pages.before_request(partial(insist, role))
    pages.after_request(_not_kept)
    faults.show_on(pages)
    return pages


def _not_kept(response: Response) -> Response:
    if request.endpoint != "access.static":
        response.headers["Cache-Control"] = "no-store"
    return response
