"""The voice webhooks: verify, parse, one call inwards, TwiML out.

It is a WSGI application in front of the pages': nothing that sees to people in browsers (sessions,
languages, limits) stands between a caller and an answer.
"""

import logging
import time
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from callcenter.offline.log_throttle import LogThrottle
from config import Settings
from ivr import without_database
from ivr.events import Asked
from ivr.flows import SCRIPT
from ivr.languages import FIRST_LANGUAGE
from ivr.line import Line
from ivr.script import Place
from ivr.transitions import Position
from models.session import circuit
from observability import endpoints, logs
from voice import desk_webhooks, execution, request_parsing, responses
from voice.request_parsing import Form, NoCallError
from voice.responses import Answer
from voice.signatures import Signatures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)
throttled = LogThrottle(log)

HERE = "/voice/"
METHODS = frozenset({"POST", "GET"})
# Whose answer nobody hears.
EVENTS = frozenset({"/voice/status", "/voice/recording"})
# SHA-1 in base64.
SIGNATURE_LETTERS = 28
LONGEST_TOLD = 80
LARGEST_ID = 2**63 - 1


class Voice:
    """The addresses under /voice, for the account and the voices of `settings`.

    All others are answered by the application `elsewhere`.
    """

    def __init__(self, settings: Settings, elsewhere: "WSGIApplication") -> None:
        self._elsewhere = elsewhere
        self._signatures = Signatures(settings.twilio_auth_token, settings.public_url)
        self._line = line_of(settings)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        if not environ["PATH_INFO"].startswith(HERE):
            return self._elsewhere(environ, start_response)
        began = time.perf_counter()
        answer = self._answered(environ)
        endpoints.count(f"voice.{answer.by}", answer.status, time.perf_counter() - began)
        return answer.send(start_response)

    def _answered(self, environ: "WSGIEnvironment") -> Answer:
        """What is not signed is not read, and nothing that a stranger wrote stands in the log."""
        method = environ["REQUEST_METHOD"]
        if method not in METHODS:
            return Answer("refused", HTTPStatus.METHOD_NOT_ALLOWED)
        signature = environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        is_form = method == "POST" and len(signature) == SIGNATURE_LETTERS
        form = request_parsing.form_of(environ) if is_form else {}
        if not self._signatures.cover(request_parsing.target_of(environ), form, signature):
            log.warning("refused a request that the carrier did not sign")
            is_post = method == "POST"
            return Answer(
                "refused", HTTPStatus.FORBIDDEN if is_post else HTTPStatus.METHOD_NOT_ALLOWED
            )
        path, query = request_parsing.path_of(environ), environ.get("QUERY_STRING", "")
        if method == "GET":
            # A number can be set so; then all that would be posted stands in the address.
            form = request_parsing.form_in(query)
            throttled.error("the carrier asks with GET: set the number's webhooks to POST")
        with logs.speaking_of(form.get("CallSid")):
            return self._verified(path, query, form)

    def _verified(self, path: str, query: str, form: Form) -> Answer:
        try:
            return self._asked(path.removeprefix(HERE), query, form)
        except NoCallError as fault:
            log.warning("an event was passed over: %s", fault)
            return responses.heard("nobody")
        except Exception:
            log.exception("a webhook was not answered: %s", path[:LONGEST_TOLD])
            if path in EVENTS:
                return Answer("fault", HTTPStatus.INTERNAL_SERVER_ERROR)
            return responses.spoken("fault", without_database.last_resort(self._line))

    def _asked(self, path: str, query: str, form: Form) -> Answer:
        match path.split("/"):
            case ["incoming"]:
                return self._spoken("incoming", None, query, form)
            case ["status"]:
                return self._noted("status", request_parsing.status(query, form))
            case ["recording"]:
                return self._noted("recording", request_parsing.recording(query, form))
            case ["desk", "client", conversation, what] if _is_id(conversation):
                return desk_webhooks.to_client(self._line, int(conversation), what, query, form)
            case ["desk", leg, what] if _is_id(leg):
                return desk_webhooks.to_desk(self._line, int(leg), what, form)
            case [language, flow, node]:
                at = request_parsing.position(language, Place(flow, node), query)
                return self._spoken("step", at, query, form)
            case _:
                at = request_parsing.position(FIRST_LANGUAGE, Place("", path), "")
                return self._spoken("nowhere", at, query, form)

    def _spoken(self, by: str, at: Position | None, query: str, form: Form) -> Answer:
        """The document; a fault is apologised for and leads to the consultant."""
        try:
            document = execution.perform(self._line, request_parsing.answered(at, query, form))
        except Exception as fault:
            where = at or Position(FIRST_LANGUAGE, SCRIPT.entry)
            trace = not isinstance(fault, NoCallError)
            told = f"{where.place}"[:LONGEST_TOLD]
            log.error("a caller heard an apology at %s: %s", told, fault, exc_info=trace)
            document = without_database.in_trouble(self._line, where, away=circuit.is_open)
        return responses.spoken(by, document)

    def _noted(self, by: str, asked: Asked | None) -> Answer:
        if asked:
            execution.perform(self._line, asked)
        return responses.heard(by)


def _is_id(text: str) -> bool:
    """Whether the text can be the id of a row: one that is larger than any is a place, unknown."""
    return text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST_ID


def line_of(settings: Settings) -> Line:
    """What documents need to know of the line."""
    prefix = urlsplit(settings.public_url).path
    return Line(settings.voices, prefix, settings.fallback_number)
