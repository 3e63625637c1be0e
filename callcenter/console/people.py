"""Who is at this browser, and what a group of pages asks for.

A session names a person and the salt of the time; a new salt (a changed password) ends all of that
person's sessions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, abort, g, make_response, request
from flask_login import LoginManager, UserMixin, current_user

from callcenter.console import faults
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

    def get_id(self) -> str:
        return f"{self.id}.{self.salt}"

    @classmethod
    def of(cls, agent: Agent) -> "SignedIn":
        return cls(
            agent.id, agent.login, agent.name, agent.role, agent.session_salt, agent.shortcuts
        )


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _signed_in(key: str) -> SignedIn | None:
    """Nobody too while the database cannot say who it is; `ask_who` tells the two apart."""
    number, _dot, salt = key.partition(".")
    try:
        with transaction() as rows:
            agent = rows.get(Agent, int(number))
    except faults.DATABASE_FAULTS as fault:
        g.nobody_knows_who = fault
        return None
    valid = agent is not None and agent.active and agent.session_salt == salt
    return SignedIn.of(agent) if agent and valid else None


def ask_who() -> bool:
    """Whether somebody is signed in. Raises what the database raised when it could not say."""
    known = bool(current_user.is_authenticated)
    if fault := g.get("nobody_knows_who"):
        raise fault
    return known


def insist(role: Role) -> None:
    """Go on only where somebody with at least this role is signed in.

    Raises what answers all others: the way to the sign-in page, or Forbidden. Nobody can overlook
    it, as an answer that is returned can be.
    """
    if not ask_who():
        abort(make_response(login_manager.unauthorized()))
    if RANKS[current_user.role] < RANKS[role]:
        abort(403)


def pages_for(role: Role | None, name: str) -> Blueprint:
    """A group of pages at `/<name>` for those with at least `role`; None is for everybody, at `/`.

    Pages show callers' numbers: no cache keeps them.
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
        pages.before_request(partial(insist, role))
    pages.after_request(_not_kept)
    faults.show_on(pages)
    return pages


def _not_kept(response: Response) -> Response:
    if request.endpoint != "access.static":
        response.headers["Cache-Control"] = "no-store"
    return response
