"""Renders the live parts of the desk with their version, as the answer to polls and actions.

Each action of the desk runs in its own transaction. The answer is all live parts, so the person
sees the result. A browser without scripts is redirected to the page.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import (
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from callcenter.console.desk import desk_screen
from callcenter.console.desk.desk_screen import screen
from callcenter.console.desk.screen_parts import Part, Screen
from callcenter.recordings.conversation_recordings import RecordingStanding
from callcenter.tickets import search
from models import Away, Device, Purpose, State, Ticket
from models.session import transaction

PARTS = (
    "on",
    "me",
    "summary",
    "call",
    "card",
    "day",
    "with_me",
    "known",
    "written",
    "refused",
    "queue",
    "team",
    "callbacks",
    "due",
)
CHOSEN = (Away.BREAK, Away.MEAL, Away.PAPERWORK, Away.TRAINING)

Action = Callable[[Session, datetime], str | None]


def done(action: Action, **more: Any) -> ResponseReturnValue:
    """Run `action` in a transaction, and answer with the live parts.

    The page shows the sentence that `action` returns, mostly a refusal; None shows nothing.
    """
    now = datetime.now(UTC)
    with transaction() as session:
        told = action(session, now)
    return answer(told or "", **more)


def answer(told: str = "", **more: Any) -> ResponseReturnValue:
    """The live parts as they are now, with the sentence `told`; `more` are template values."""
    if "HX-Request" not in request.headers:
        if told:
            flash(told)
        return redirect(url_for("desk.overview"), 303)
    now = datetime.now(UTC)
    with transaction() as session:
        return live_parts(session, now, told, **more)


def live_parts(session: Session, now: datetime, told: str | None = None, **more: Any) -> Response:
    """All live parts. With `told` None the sentence on the page stays."""
    version, seen = drawn(session, now)
    page = render_template("desk/parts/live.html", **shown(seen), told=told, oob=True, **more)
    return stamped(make_response(page), version, now)


def drawn(session: Session, now: datetime) -> tuple[str, Screen]:
    """Read the version first, and the screen after it.

    A change in between is then rendered twice. In the other order it would never be rendered,
    because the page would have the version of a change that it does not show.
    """
    ticket = beside(session)
    version = desk_screen.version(session, current_user.id, now, ticket)
    session.expire_all()
    return version, screen(session, current_user.id, now, ticket)


def beside(session: Session) -> Ticket | None:
    """The ticket that the request names, which the person works on between calls, or None."""
    number = request.values.get("ticket", "")
    return search.ticket_by_number(session, number) if number else None


def shown(seen: Screen) -> dict[str, Any]:
    """The template values of the live parts."""
    return {
        "desk": seen,
        "now": seen.now,
        "parts": PARTS,
        "Part": Part,
        "Purpose": Purpose,
        "Recorded": RecordingStanding,
        "State": State,
        "chosen": CHOSEN,
        "device": device_of(seen.me.device),
        "told_now": (),
    }


def device_of(chosen: Device) -> str:
    """Where a person's calls ring: a value of Device, or for the browser a value of DESK_DEVICE.

    `demo` and `carrier` ring in the page; `missing` means that a browser cannot take calls.
    """
    return str(current_app.config["DESK_DEVICE"]) if chosen is Device.BROWSER else chosen.value


def stamped(given: Response, version: str, now: datetime) -> Response:
    """`given` with the headers Desk-Version and Desk-Now (the server's time in milliseconds)."""
    given.headers["Desk-Version"] = version
    given.headers["Desk-Now"] = str(int(now.timestamp() * 1000))
    return given
