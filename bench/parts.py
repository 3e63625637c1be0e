"""What each part of a menu step costs in processor time, measured one after the other."""

import io
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qsl, urlencode

from flask import Flask
from twilio.request_validator import RequestValidator

import app
import webhooks
from bench.load import FORM, TOKEN
from callcenter.calls import steps
from config import Settings
from ivr import conversation, documents, turns
from ivr.flows import SCRIPT
from ivr.ring import Ring
from ivr.script import Place
from ivr.speech import Speech
from ivr.transitions import Position, Received
from ivr.turns import Unread
from ivr.twiml import building
from models import session
from observability import endpoints
from voice.signatures import Signatures

ROUNDS, TIMES = 5, 1000


def measured(settings: Settings) -> dict[str, float]:
    """Microseconds of this process's processor time for each part; the least of several rounds."""
    line_app = app.create_app(settings)
    ask = partial(session.at_once, limit_s=5.0)
    line = webhooks.line_of(settings)
    ring = Ring("CA" + "2" * 32, FORM["From"], datetime.now(UTC))
    target = f"/voice/pl/main/menu?try=0&step=1&since={int(time.time()):x}"
    form = {**FORM, "CallSid": ring.sid, "Digits": "1"}
    posted, address = urlencode(form), settings.public_url + target
    library = RequestValidator(TOKEN)
    signature = library.compute_signature(address, form)
    ours = Signatures(TOKEN, settings.public_url)
    at, came = Position("pl", Place("main", "menu"), since=int(time.time())), Received("1")
    conversation.begin_at_once(ask, line, ring)
    turn = turns.taken(Unread(), at, came, ring)
    assert turn
    there = replace(at, place=Place("login", "menu"), step=2)
    said = Speech(("login-menu",), {})
    took = iter(range(1, 10**9))
    answered, seconds = endpoints.counters("bench", 200)

    def write() -> None:
        assert steps.add_turn(ask, ring.sid, replace(turn, step=next(took)), False)

    def count() -> None:
        answered.inc()
        seconds.observe(0.01)

    parts: dict[str, Callable[[], object]] = {
        "a bare Flask view": _constant(posted),
        "form": lambda: dict(parse_qsl(posted, keep_blank_values=True)),
        "signature": lambda: ours.cover(target, form, signature),
        "signature, by the library": lambda: library.validate(address, form, signature),
        "engine and log entry": lambda: turns.taken(Unread(), at, came, ring),
        "TwiML": lambda: documents.document(SCRIPT, line, there, said),
        "TwiML, by the library": lambda: building.build(SCRIPT, line, there, said),
        "database (our side)": write,
        "metrics": count,
    }
    found = {name: _cost(part) for name, part in parts.items()}
    line_app.extensions["database"].dispose()
    return found


def _constant(posted: str) -> Callable[[], object]:
    bare = Flask("constant")
    bare.add_url_rule("/voice/incoming", "constant", lambda: "<Response/>", methods=["POST"])
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/voice/incoming",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "wsgi.url_scheme": "http",
        "CONTENT_LENGTH": str(len(posted)),
    }

    def ask() -> object:
        given = {**environ, "wsgi.input": io.BytesIO(posted.encode())}
        return b"".join(bare.wsgi_app(given, lambda *_: None))  # type: ignore[arg-type]

    return ask


def _cost(part: Callable[[], object]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(TIMES):
            part()
        rounds.append((time.process_time() - began) / TIMES * 1e6)
    return min(rounds)
