"""A demo's people to click on: who evaluates the desk is in without a password.

Only a demo has this address, and only whoever sits at its machine is let in: a demo that a tunnel
shows to the world would let in the world.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from callcenter.console.layout import faults
from callcenter.console.people.people import SignedIn, pages_for
from callcenter.console.sign_in import access
from models import Agent
from models.session import transaction
from serving import clients

MOST = 6
ACTIVE = select(Agent).where(Agent.active)


def register(app: Flask) -> None:
    """Add the people to the sign-in page of `app`, which is a demo's."""
    pages = pages_for(None, "demo_people")

    @pages.post("/demo/sign-in")
    def sign_in() -> ResponseReturnValue:
        if not _is_here():
            abort(403)
        with transaction() as rows:
            login = request.form.get("login", "")
            agent = rows.scalars(ACTIVE.where(Agent.login == login)).one_or_none()
            person = SignedIn.begin(rows, agent) if agent else abort(422)
        return access.let_in(person)

    app.register_blueprint(pages)
    app.jinja_env.globals.update(demo_people=_people)


def _is_here() -> bool:
    """Whether somebody at this machine asks, by a name that is ours."""
    ours = urlsplit(current_app.config["PUBLIC_URL"]).hostname
    return clients.is_of_this_machine(request.environ, ours)


def _people() -> Sequence[Agent]:
    """Whom the sign-in page offers: nobody to who asks from elsewhere."""
    if not _is_here():
        return ()
    try:
        with transaction() as rows:
            found = rows.scalars(ACTIVE.order_by(Agent.id).limit(MOST)).all()
            rows.expunge_all()
    except faults.DATABASE_FAULTS:
        return ()
    return found
