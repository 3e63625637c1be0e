"""The phone's front door: verify, parse, one call inwards, TwiML out."""

import logging
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import parse_qsl, quote, urlsplit

from flask import Blueprint, Response, abort, request
from werkzeug.datastructures import MultiDict

import words
from callcenter import recordings
from callcenter.callers import parse_caller
from callcenter.calls import StatusEvent
from callcenter.outage_calls import Attempt
from callcenter.recordings import RecordingEvent
from callcenter.spool import RecordRefused, spool
from config import Settings
from ivr import deskside, twiml, unlogged
from ivr.asked import Answered, Asked, RecordingCame, StatusCame, from_record, to_record
from ivr.engine import FIRST_LANGUAGE, Position, Received
from ivr.flows import SCRIPT
from ivr.ring import Ring
from ivr.script import Place
from ivr.twiml import Line
from models import CallStatus
from models.session import DatabaseAway, at_once, circuit, transaction
from signatures import Signatures

log = logging.getLogger(__name__)

USUAL_FORM = "application/x-www-form-urlencoded"
LARGEST_STEP = 10**6
# The carrier waits 15 s in all, a caller about two.
DATABASE_S = 1.2
LEAST_S = 0.2
DRAIN_S = 10
LARGEST_NUMBER = 2**31 - 1


class NoCallError(ValueError):
    """A request that names no call: nothing can be written down of it."""


def create(settings: Settings) -> Blueprint:
    """The addresses under /voice, for the account and the voices of `settings`."""
    voice = Blueprint("voice", __name__, url_prefix="/voice")
    signatures = Signatures(settings.twilio_auth_token, settings.public_url)
    line = line_of(settings)

    @voice.before_request
    def verify() -> None:
        form = _form()
        request.form = form  # type: ignore[assignment]
        signature = request.environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        if not signatures.cover(_target(), form, signature):
            log.warning("refused a request that the carrier did not sign: %s", request.path)
            abort(403)

    @voice.post("/incoming")
    def incoming() -> Response:
        return _spoken(line, None)

    @voice.post("/desk/<int:leg_id>/<what>")
    def desk(leg_id: int, what: str) -> Response:
        return _at_the_desk(line, leg_id, what)

    @voice.post("/desk/client/<int:talk_id>/<what>")
    def client(talk_id: int, what: str) -> Response:
        return _at_the_client(line, talk_id, what)

    @voice.post("/<language>/<flow>/<node>")
    def step(language: str, flow: str, node: str) -> Response:
        return _spoken(line, _position(language, Place(flow, node), request.args))

    @voice.post("/", defaults={"elsewhere": ""})
    @voice.post("/<path:elsewhere>")
    def nowhere(elsewhere: str) -> Response:
        return _spoken(line, _position(FIRST_LANGUAGE, Place("", elsewhere), {}))

    @voice.post("/status")
    def status() -> Response:
        return _noted(line, _status(request.form))

    @voice.post("/recording")
    def recording() -> Response:
        return _noted(line, _recording(request.form))

    @voice.errorhandler(NoCallError)
    def passed_over(fault: NoCallError) -> Response:
        log.warning("an event was passed over: %s", fault)
        return Response(status=204)

    @voice.errorhandler(DatabaseAway)
    def away(fault: DatabaseAway) -> Response:
        log.warning("the desk's telephones are let go: the database is away (%s)", fault)
        return _xml(twiml.hang_up())

    return voice


def line_of(settings: Settings) -> Line:
    """What documents need to know of the line."""
    prefix = urlsplit(settings.public_url).path
    return Line(settings.voices, prefix, settings.fallback_number)


def _form() -> Mapping[str, str]:
    """What was posted: a plain dict, unless a name stands twice or it is no usual form.

    Read here at a third of what the framework takes, which reads it its own way where it must.
    """
    if request.environ.get("CONTENT_TYPE") != USUAL_FORM:
        return request.form
    try:
        posted = request.get_data(parse_form_data=False).decode()
    except UnicodeDecodeError:
        return {}
    pairs = parse_qsl(posted, keep_blank_values=True)
    form = dict(pairs)
    return form if len(form) == len(pairs) else MultiDict(pairs)


def _target() -> str:
    """The request's target as it was written, for that is what the carrier signed."""
    environ = request.environ
    target: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if not target:
        query = environ.get("QUERY_STRING", "")
        target = quote(request.path) + (f"?{query}" if query else "")
    return target


def _spoken(line: Line, at: Position | None) -> Response:
    """The answer as TwiML; a fault is apologised for and leads to the consultant."""
    where = at or Position(FIRST_LANGUAGE, SCRIPT.entry)
    try:
        twiml = _performed(line, Answered(_ring(request.form), at, _received(request.form)))
    except Exception:
        log.exception("a caller heard an apology at %s", where.place)
        twiml = unlogged.in_trouble(line, where, away=circuit.is_open)
    return Response(twiml, content_type="text/xml; charset=utf-8")


def _at_the_desk(line: Line, leg_id: int, what: str) -> Response:
    """What a consultant's telephone hears; with the database away, or unasked, nothing."""
    sid, now = _call_sid(request.form), datetime.now(UTC)
    digits = _word(request.form, "Digits", 20)
    with transaction(DATABASE_S) as session:
        match what:
            case "answered":
                return _xml(deskside.answered(session, line, leg_id, sid, now))
            case "choice":
                return _xml(deskside.choice(session, line, leg_id, sid, digits, now))
            case "over":
                return _xml(deskside.over(session, leg_id, now))
            case "status" if event := _event(request.form, now):
                deskside.status(session, leg_id, sid, event.status, now)
    return Response(status=204)


def _at_the_client(line: Line, talk_id: int, what: str) -> Response:
    """What a client hears whom the desk calls back."""
    sid, now = _call_sid(request.form), datetime.now(UTC)
    with transaction(DATABASE_S) as session:
        match what:
            case "greeting":
                return _xml(deskside.client_greeting(session, line, talk_id, sid, now))
            case "consent":
                digits = _word(request.form, "Digits", 20)
                return _xml(deskside.client_consents(session, line, talk_id, digits, now))
            case "after":
                return _xml(deskside.client_after(session, line, talk_id, now))
            case "status" if event := _event(request.form, now):
                deskside.client_status(session, talk_id, sid, event, now)
    return Response(status=204)


def _xml(document: str) -> Response:
    return Response(document, content_type="text/xml; charset=utf-8")


def _noted(line: Line, asked: Asked | None) -> Response:
    if asked:
        _performed(line, asked)
    return Response(status=204)


def _performed(line: Line, asked: Asked) -> str:
    """What the carrier asked, done in the database; or, while that is away, kept for later."""
    if not circuit.is_open:
        try:
            return _written(line, asked)
        except DatabaseAway as fault:
            circuit.open()
            log.warning("the database is away (%s): calls go on without it", fault)
    kept = spool().keep(to_record(asked))
    return asked.unlogged(line, kept)


def _written(line: Line, asked: Asked) -> str:
    """Done by one statement where that is enough, else in a transaction; all within DATABASE_S."""
    until = time.monotonic() + DATABASE_S
    done = asked.at_once(partial(at_once, limit_s=DATABASE_S), line)
    if done is None:
        with transaction(max(until - time.monotonic(), LEAST_S)) as session:
            done = asked.perform(session, line)
    return done


def drain(line: Line) -> int:
    """Bring into the database what was kept while it was away; the number of records."""

    def perform(record: bytes) -> None:
        try:
            with transaction(DRAIN_S) as session:
                from_record(record).perform(session, line, rows=False)
        except DatabaseAway:
            raise
        except Exception as fault:
            log.exception("a record of the spool can never be performed")
            raise RecordRefused from fault

    return spool().drain(perform)


def _position(language: str, place: Place, query: Mapping[str, str]) -> Position:
    """Where the address says the caller stands; step 0 where it says nothing usable."""
    step = _number(query.get("step"))
    return Position(
        language if language in words.LANGUAGES else FIRST_LANGUAGE,
        place,
        step=step if step <= LARGEST_STEP else 0,
        tries=_number(query.get("try"), most=2),
        since=_second(query.get("since")),
    )


def _number(text: str | None, most: int = LARGEST_NUMBER) -> int:
    usable = text and text.isascii() and text.isdigit() and len(text) <= 11
    return min(int(text), most) if text and usable else 0


def _second(text: str | None) -> int:
    """A second since the epoch as addresses write it, hexadecimal; 0 where it is none."""
    return int(text, 16) if text and re.fullmatch("[0-9a-f]{1,8}", text) else 0


def _word(form: Mapping[str, str], name: str, longest: int) -> str:
    """A value as a row can keep it: at most `longest` characters, all of them printable."""
    return "".join(letter for letter in form.get(name, "")[:longest] if letter.isprintable())


def _ring(form: Mapping[str, str]) -> Ring:
    outgoing = form.get("Direction", "inbound") != "inbound"
    return Ring(
        _call_sid(form),
        parse_caller(form.get("To" if outgoing else "From")),
        datetime.now(UTC),
        outgoing,
        Attempt.read(request.args.get("callback")) if outgoing else None,
    )


def _call_sid(form: Mapping[str, str]) -> str:
    sid = form.get("CallSid", "")
    if not sid or len(sid) > 64 or not sid.isprintable():
        raise NoCallError("the request names no call")
    return sid


def _received(form: Mapping[str, str]) -> Received:
    """What came in. A recording that the caller ended by hanging up says so in Digits."""
    digits, hung_up = _word(form, "Digits", 20), form.get("Digits") == "hangup"
    recorded = "RecordingSid" in form or "RecordingUrl" in form
    return Received(
        digits="" if hung_up else digits,
        recording=_word(form, "RecordingSid", 64),
        recorded_s=_number(form.get("RecordingDuration")) if recorded else None,
        hung_up=hung_up,
        queue_result=_queue_result(form),
        queued_s=_number(form.get("QueueTime")),
    )


def _queue_result(form: Mapping[str, str]) -> str | None:
    """How a queue was left; a call to the fallback number counts as one that was."""
    if "DialCallStatus" in form:
        return "bridged" if form["DialCallStatus"] == "completed" else "error"
    return _word(form, "QueueResult", 40) or None


def _status(form: Mapping[str, str]) -> Asked | None:
    """The status event; None for a leg of a call, and for a word the carrier does not have."""
    if form.get("ParentCallSid") or form.get("CallStatus") not in set(CallStatus):
        return None
    ring = _ring(form)
    event = _event(form, ring.now)
    return StatusCame(ring, event) if event else None


def _event(form: Mapping[str, str], now: datetime) -> StatusEvent | None:
    if form.get("CallStatus") not in set(CallStatus):
        return None
    return StatusEvent(
        status=CallStatus(form["CallStatus"]),
        sequence=_number(form.get("SequenceNumber")),
        at=_moment(form.get("Timestamp"), now),
        duration_s=_number(form["CallDuration"]) if "CallDuration" in form else None,
    )


def _moment(stamp: str | None, now: datetime) -> datetime:
    """The carrier's RFC 2822 time stamp in UTC; `now` where none can be read, or it is ahead."""
    try:
        moment = parsedate_to_datetime(stamp or "")
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(moment, now)
    except (ValueError, OverflowError):
        return now


def _recording(form: Mapping[str, str]) -> Asked | None:
    sid = _word(form, "RecordingSid", 64)
    if not sid or form.get("ParentCallSid"):
        return None
    ring = _ring(form)
    event = RecordingEvent(
        sid=sid,
        status=_word(form, "RecordingStatus", 20) or recordings.COMPLETED,
        duration_s=_number(form.get("RecordingDuration")) or None,
        now=ring.now,
        talk_id=_number(request.args.get("talk")) or None,
    )
    return RecordingCame(ring, event)
