"""The desk: the screen that consultants look at all day, and its availability buttons.

The whole page is rendered once. Then it polls `/desk/live` with its version. The answer is 204 if
nothing changed, else the live parts, with which htmx replaces the old ones. The form in which
people type is not a live part.
"""

from datetime import UTC, datetime

from flask import Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from callcenter.console.desk import desk_screen
from callcenter.console.desk.desk_form import filled_in
from callcenter.console.desk.desk_live import (
    CHOSEN,
    beside,
    device_of,
    done,
    drawn,
    live_parts,
    shown,
    stamped,
)
from callcenter.console.desk.screen_parts import Part
from callcenter.console.people.people import pages_for
from callcenter.queue import presence
from models import Agent, Away, Role, State
from models.session import transaction
from serving.headers import CONTENT_POLICY, PERMISSIONS_OF_A_TELEPHONE

# The hosts that the carrier's browser SDK connects to (README of @twilio/voice-sdk).
CARRIERS_POLICY = (
    "; connect-src 'self' https://eventgw.twilio.com wss://voice-js.roaming.twilio.com"
    " https://media.twiliocdn.com https://sdk.twilio.com"
    "; media-src 'self' mediastream: https://media.twiliocdn.com https://sdk.twilio.com"
)

pages = pages_for(Role.AGENT, "desk")


@pages.get("")
def overview() -> ResponseReturnValue:
    now = datetime.now(UTC)
    with transaction() as session:
        presence.seen(session, current_user.id, now)
        version, seen = drawn(session, now)
        in_hand = seen.matter.ticket if seen.matter and seen.part is not Part.RINGING else None
        page = render_template(
            "desk/desk.html",
            **shown(seen),
            form=filled_in(session, in_hand, now) if in_hand else None,
            version=version,
        )
    answer = make_response(page)
    answer.headers["Permissions-Policy"] = PERMISSIONS_OF_A_TELEPHONE
    if current_app.config["DESK_DEVICE"] == "carrier":
        answer.headers["Content-Security-Policy"] = CONTENT_POLICY + CARRIERS_POLICY
    return answer


@pages.get("/live")
def live() -> ResponseReturnValue:
    """All live parts of the screen; 204 without a body if version `v` is still the current one."""
    now = datetime.now(UTC)
    with transaction() as session:
        presence.seen(session, current_user.id, now)
        version = desk_screen.version(session, current_user.id, now, beside(session))
        if request.args.get("v") == version:
            return stamped(Response(status=204), version, now)
        return live_parts(session, now)


@pages.post("/available")
def available() -> ResponseReturnValue:
    def action(session: Session, now: datetime) -> str | None:
        if presence.of(session, current_user.id).state is State.WRAPPING_UP:
            return str(_("Finish the ticket first: pick its topic and its resolution."))
        if device_of(session.get_one(Agent, current_user.id).device) == "missing":
            return str(_("This browser cannot take calls. Choose a telephone in your settings."))
        presence.be_available(session, current_user.id, now)
        return None

    return done(action)


@pages.post("/away")
def away() -> ResponseReturnValue:
    reasons = {reason.value: reason for reason in CHOSEN}
    reason = reasons.get(request.form.get("reason", ""), Away.BREAK)

    def action(session: Session, now: datetime) -> None:
        presence.be_away(session, current_user.id, reason, now)

    return done(action)


@pages.post("/extend")
def extend() -> ResponseReturnValue:
    def action(session: Session, now: datetime) -> None:
        if presence.of(session, current_user.id).state is State.WRAPPING_UP:
            presence.extend(session, current_user.id, now)

    return done(action)
