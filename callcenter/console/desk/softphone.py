"""The telephone in the desk's page: a token for the carrier's SDK, or the telephone of the demo.

In a demo the page polls here what its telephone hears, and answers calls. The request never names
the telephone: it is always that of the signed-in person.
"""

from typing import Any, Final, Protocol

import requests
from flask import Blueprint, Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from callcenter.console.people.people import pages_for
from models import Role

TIMEOUT_S: Final = 5
TOKEN_S: Final = 3600


class Given(Protocol):
    """The settings that the softphone needs."""

    @property
    def demo(self) -> bool: ...
    @property
    def twilio_account_sid(self) -> str: ...
    @property
    def twilio_api_base(self) -> str: ...
    @property
    def twilio_api_key(self) -> str | None: ...
    @property
    def twilio_api_secret(self) -> str | None: ...


def create(settings: Given) -> Blueprint:
    """The views that the page's telephone requests."""
    pages = pages_for(Role.AGENT, "softphone")
    pages.url_prefix = "/desk"
    phones = f"{settings.twilio_api_base.rstrip('/')}/phones"

    @pages.post("/token")
    def token() -> ResponseReturnValue:
        """A token to receive this person's calls, but not to make any; 404 without an API key."""
        if not (settings.twilio_api_key and settings.twilio_api_secret):
            abort(404)
        made = AccessToken(
            settings.twilio_account_sid,
            settings.twilio_api_key,
            settings.twilio_api_secret,
            identity=current_user.login,
            ttl=TOKEN_S,
        )
        made.add_grant(VoiceGrant(incoming_allow=True))
        return jsonify(token=made.to_jwt())

    @pages.get("/phone")
    def heard() -> ResponseReturnValue:
        """What this person's telephone heard since the last request; empty while it is idle."""
        _only_in_a_demo(settings)
        legs = _own_legs(phones)
        if not legs:
            return jsonify(sid="", events=[], next=0)
        leg = legs[-1]
        same = request.args.get("sid") == leg["sid"]
        since = request.args.get("since", 0, int) if same else 0
        return jsonify(_ask("GET", f"{phones}/{leg['sid']}?since={since}"))

    @pages.post("/phone/answer")
    def answer() -> ResponseReturnValue:
        """Answer the ringing call; 409 with a sentence if none rings."""
        _only_in_a_demo(settings)
        ringing = [leg for leg in _own_legs(phones) if leg["doing"] == "ringing"]
        if not ringing:
            return jsonify(
                error=_("Your telephone does not ring yet: it answers once it does.")
            ), 409
        answered = _ask("POST", f"{phones}/{ringing[-1]['sid']}/answer", {})
        return jsonify(answered), 409 if "error" in answered else 200

    return pages


def register(app: Flask, settings: Given) -> None:
    """Add the views to `app`, and set DESK_DEVICE: where calls to browsers ring (`device_of`)."""
    has_key = settings.twilio_api_key and settings.twilio_api_secret
    app.config["DESK_DEVICE"] = "demo" if settings.demo else "carrier" if has_key else "missing"
    app.register_blueprint(create(settings))


def _only_in_a_demo(settings: Given) -> None:
    if not settings.demo:
        abort(404)


def _own_legs(phones: str) -> list[dict[str, Any]]:
    """The ringing and connected legs of the signed-in person's telephone, the newest last."""
    mine = _ask("POST", f"{phones}/mine", {"number": f"client:{current_user.login}"})
    return [leg for leg in mine.get("phones", []) if leg["direction"] != "inbound"]


def _ask(method: str, address: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    try:
        answer = requests.request(method, address, json=body, timeout=TIMEOUT_S)
        told: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError):
        return {"error": _("The demo's telephone network does not answer.")}
    return told
