"""The phone's front door: verify, parse, one call inwards, TwiML out."""

import logging
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from config import Settings
from door import desk, performing, posted
from door.posted import NoCallError
from ivr import unlogged
from ivr.asked import Asked
from ivr.engine import FIRST_LANGUAGE, Position
from ivr.flows import SCRIPT
from ivr.script import Place
from ivr.twiml import Line
from models.session import circuit
from signatures import Signatures

log = logging.getLogger(__name__)


def create(settings: Settings) -> Blueprint:
    """The addresses under /voice, for the account and the voices of `settings`."""
    voice = Blueprint("voice", __name__, url_prefix="/voice")
    signatures = Signatures(settings.twilio_auth_token, settings.public_url)
    line = line_of(settings)

    @voice.before_request
    def verify() -> None:
        form = posted.form_of(request)
        request.form = form  # type: ignore[assignment]
        signature = request.environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        if not signatures.cover(posted.target_of(request), form, signature):
            log.warning("refused a request that the carrier did not sign: %s", request.path)
            abort(403)

    @voice.post("/incoming")
    def incoming() -> Response:
        return _spoken(line, None)

    @voice.post("/<language>/<flow>/<node>")
    def step(language: str, flow: str, node: str) -> Response:
        return _spoken(line, posted.position(language, Place(flow, node), request.args))

    @voice.post("/", defaults={"elsewhere": ""})
    @voice.post("/<path:elsewhere>")
    def nowhere(elsewhere: str) -> Response:
        return _spoken(line, posted.position(FIRST_LANGUAGE, Place("", elsewhere), {}))

    @voice.post("/status")
    def status() -> Response:
        return _noted(line, posted.status(request.form, request.args))

    @voice.post("/recording")
    def recording() -> Response:
        return _noted(line, posted.recording(request.form, request.args))

    @voice.errorhandler(NoCallError)
    def passed_over(fault: NoCallError) -> Response:
        log.warning("an event was passed over: %s", fault)
        return Response(status=204)

    desk.add_to(voice, line)
    return voice


def line_of(settings: Settings) -> Line:
    """What documents need to know of the line."""
    prefix = urlsplit(settings.public_url).path
    return Line(settings.voices, prefix, settings.fallback_number)


def _spoken(line: Line, at: Position | None) -> Response:
    """The answer as TwiML; a fault is apologised for and leads to the consultant."""
    try:
        document = performing.perform(line, posted.answered(request.form, request.args, at))
    except Exception:
        where = at or Position(FIRST_LANGUAGE, SCRIPT.entry)
        log.exception("a caller heard an apology at %s", where.place)
        document = unlogged.in_trouble(line, where, away=circuit.is_open)
    return Response(document, content_type="text/xml; charset=utf-8")


def _noted(line: Line, asked: Asked | None) -> Response:
    if asked:
        performing.perform(line, asked)
    return Response(status=204)
