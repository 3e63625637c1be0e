"""The demo telephone: a page with keys and captions that calls the line through the demo's carrier.

Registered only in demo mode. The browser speaks to this page alone, which passes on to the carrier
process what a telephone may do. Callers' numbers travel in bodies, never in addresses.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

import requests
from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from callcenter.announcements.board import board
from callcenter.console.layout import labels, shown
from callcenter.console.people.people import pages_for
from callcenter.tickets import search
from callcenter.tickets.search import Wanted
from models import Ticket
from models.session import transaction

SID: Final = re.compile(r"CA[0-9a-f]{32}")
SOUND: Final = re.compile(r"/sounds/([0-9a-z]+)\.wav$")
ACTIONS: Final = frozenset({"keys", "hangup", "speak", "answer", "decline"})
TIMEOUT_S: Final = 5
# A mobile each for Jan and Olena, a landline that takes no SMS, and a withheld number.
JAN, OLENA, OFFICE, WITHHELD = "+48501234567", "+48602345678", "+48223334455", "anonymous"


class Given(Protocol):
    """The settings that the softphone needs."""

    @property
    def twilio_api_base(self) -> str: ...
    @property
    def twilio_number(self) -> str: ...


def create(settings: Given) -> Blueprint:
    """The telephone's page and what it asks for, calling through `settings.twilio_api_base`."""
    pages = pages_for(None, "phone")
    pages.url_prefix = "/phone"
    phones = f"{settings.twilio_api_base.rstrip('/')}/phones"

    @pages.get("")
    def show() -> ResponseReturnValue:
        return render_template(
            "phone/phone.html", callers=_callers(), line=shown.caller(settings.twilio_number)
        )

    @pages.post("/api/calls")
    def dial() -> ResponseReturnValue:
        return _pass_on("POST", phones, {**_body(), "pace": "slow"})

    @pages.get("/api/calls/<sid>")
    def listen(sid: str) -> ResponseReturnValue:
        since = request.args.get("since", 0, int)
        heard, status = _asked("GET", f"{phones}/{_known(sid)}?since={since}")
        for event in heard.get("events", ()):
            event.update(_recorded(event.get("url", "")))
        return jsonify(heard), status

    @pages.get("/api/calls/<sid>/events/<int:number>.wav")
    def say(sid: str, number: int) -> ResponseReturnValue:
        return _sound(f"{phones}/{_known(sid)}/events/{number}.wav")

    @pages.post("/api/calls/<sid>/<action>")
    def act(sid: str, action: str) -> ResponseReturnValue:
        if action not in ACTIONS:
            abort(404)
        return _pass_on("POST", f"{phones}/{_known(sid)}/{action}", _body())

    @pages.post("/api/mine")
    def mine() -> ResponseReturnValue:
        return _pass_on("POST", f"{phones}/mine", _body())

    @pages.get("/api/ticket")
    def ticket() -> ResponseReturnValue:
        return _ticket(_known(request.args.get("sid", "")))

    return pages


def _callers() -> Mapping[str, str]:
    return {
        JAN: _("Jan, mobile %(number)s", number=shown.caller(JAN)),
        OLENA: _("Olena, mobile %(number)s", number=shown.caller(OLENA)),
        OFFICE: _("An office, landline %(number)s (no SMS)", number=shown.caller(OFFICE)),
        WITHHELD: _("Number withheld"),
    }


def _known(sid: str) -> str:
    return sid if SID.fullmatch(sid) else abort(404)


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _pass_on(method: str, address: str, body: dict[str, Any] | None = None) -> ResponseReturnValue:
    """Ask the carrier; a carrier that is away is a sentence, not a fault."""
    told, status = _asked(method, address, body)
    return jsonify(told), status


def _asked(
    method: str, address: str, body: dict[str, Any] | None = None
) -> tuple[dict[str, Any], int]:
    """What the carrier answers, with its status."""
    try:
        answer = requests.request(method, address, json=body, timeout=TIMEOUT_S)
        return answer.json(), answer.status_code
    except (requests.RequestException, ValueError):
        return {"error": _("The demo's telephone network does not answer.")}, 503


def _sound(address: str) -> ResponseReturnValue:
    """A sound of the carrier's, or nothing: the captions are there."""
    try:
        answer = requests.get(address, timeout=TIMEOUT_S)
    except requests.RequestException:
        return abort(503)
    return Response(answer.content, mimetype="audio/wav") if answer.ok else abort(404)


def _recorded(url: str) -> Mapping[str, str]:
    """Of an announcement that is played: where its sound is, and the words that it stands for."""
    sound = SOUND.search(url)
    if not sound:
        return {}
    for notice in board().notices():
        for language, name in notice.sounds.items():
            if name == sound[1]:
                return {"sound": sound[0], "language": language, "text": notice.text[language]}
    return {"sound": sound[0]}


def _ticket(sid: str) -> ResponseReturnValue:
    """What the call has become so far, in the page's language."""
    with transaction() as session:
        found = search.find_tickets(session, Wanted(call_sid=sid), None).items
        return jsonify(ticket=_described(found[0]) if found else None)


def _described(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": shown.number(ticket.number),
        "status": ticket.status.value,
        "status_word": f"{labels.SIGNS[ticket.status]} {labels.STATUSES[ticket.status]}",
        "topic": shown.word(ticket.topic, labels.TOPICS),
        "outcome": shown.word(ticket.outcome, labels.OUTCOMES) if ticket.outcome else "",
        "address": url_for("tickets.show", number=ticket.number),
    }
