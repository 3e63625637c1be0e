"""Parses the carrier's requests into named values, within the limits of what rows can store.

Source: https://www.twilio.com/docs/voice/twiml#request-parameters
"""

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request

import words
from callcenter.announcements.outage_callbacks import Attempt
from callcenter.callers.identity import parse_caller
from callcenter.calls.call_log import StatusEvent
from callcenter.recordings.store import RecordingEvent
from callcenter.tickets import lifecycle
from ivr.events import Answered, RecordingCame, StatusCame
from ivr.languages import FIRST_LANGUAGE
from ivr.ring import Ring
from ivr.script import Place
from ivr.transitions import Position, Received
from models import CallStatus, RecordingStatus

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = logging.getLogger(__name__)

USUAL_FORMS = frozenset(
    f"application/x-www-form-urlencoded{charset}" for charset in ("", ";charset=utf-8")
)
LARGEST_FORM = 256 * 1024
LARGEST_STEP = 10**6
LARGEST_NUMBER = 2**31 - 1
# No event has waited at the carrier for longer than this.
OLDEST = timedelta(days=366)

Form = Mapping[str, str]


class NoCallError(ValueError):
    """The request names no call, so nothing can be logged."""


def form_of(environ: "WSGIEnvironment") -> Form:
    """The posted form as a plain dict; a MultiDict if a name stands twice or the form is unusual.

    Werkzeug parses unusual forms. A form larger than any of the carrier's is not read, so no
    signature can cover it.
    """
    length = environ.get("CONTENT_LENGTH", "")
    kind = environ.get("CONTENT_TYPE", "").replace(" ", "").lower()
    if kind not in USUAL_FORMS or not length.isdecimal():
        return _unusual_form(environ)
    if int(length) > LARGEST_FORM:
        return {}
    try:
        posted = environ["wsgi.input"].read(int(length)).decode()
    except UnicodeDecodeError:
        return {}
    pairs = parse_qsl(posted, keep_blank_values=True)
    form = dict(pairs)
    return form if len(form) == len(pairs) else MultiDict(pairs)


def form_in(query: str) -> Form:
    """The query of an address as a form; if a name stands twice, the last value counts."""
    return dict(parse_qsl(query, keep_blank_values=True))


class _Unusual(Request):
    max_content_length = LARGEST_FORM


def _unusual_form(environ: "WSGIEnvironment") -> Form:
    try:
        return _Unusual(environ).form
    except RequestEntityTooLarge:
        return {}


def path_of(environ: "WSGIEnvironment") -> str:
    """The path as text: WSGI passes its bytes decoded as Latin 1."""
    path: str = environ["PATH_INFO"]
    return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")


def target_of(environ: "WSGIEnvironment") -> str:
    """The raw target of the request, because the carrier signed it as written.

    Servers do not tell whether an empty query was written, so a final `?` is left out.
    """
    target: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if not target:
        query = environ.get("QUERY_STRING", "")
        target = quote(path_of(environ)) + (f"?{query}" if query else "")
    return target.removesuffix("?")


def position(language: str, place: Place, query: str) -> Position:
    """The caller's position by the address; step 0 if the address has no usable one."""
    said = dict(parse_qsl(query))
    step = _number(said.get("step"))
    return Position(
        language if language in words.LANGUAGES else FIRST_LANGUAGE,
        place,
        step=step if step <= LARGEST_STEP else 0,
        tries=_number(said.get("try"), most=2),
        since=_second(said.get("since")),
    )


def _number(text: str | None, most: int = LARGEST_NUMBER) -> int:
    usable = text and text.isascii() and text.isdigit() and len(text) <= 11
    return min(int(text), most) if text and usable else 0


def _seconds(text: str | None) -> int | None:
    """A length in whole seconds, rounded up; None if it is missing or negative."""
    told = re.fullmatch(r"([0-9]{1,11})(?:\.([0-9]{1,9}))?", text or "", re.ASCII)
    if not told:
        return None
    whole, part = int(told[1]), int(told[2] or 0)
    return min(whole + (part > 0), LARGEST_NUMBER)


def _second(text: str | None) -> int:
    """Seconds since the epoch, from the hexadecimal form in addresses; 0 if unusable."""
    return int(text, 16) if text and re.fullmatch("[0-9a-f]{1,8}", text) else 0


def answered(at: Position | None, query: str, form: Form) -> Answered:
    """The answer to the document `at`; without `at`, the start of the call."""
    return Answered(_ring(query, form), at, _received(form))


def _ring(query: str, form: Form) -> Ring:
    outgoing = form.get("Direction", "inbound") != "inbound"
    return Ring(
        call_sid(form),
        parse_caller(form.get("To" if outgoing else "From")),
        datetime.now(UTC),
        outgoing,
        Attempt.read(dict(parse_qsl(query)).get("callback")) if outgoing else None,
    )


def call_sid(form: Form) -> str:
    """The CallSid. Raises NoCallError if there is none."""
    sid = _sid(form, "CallSid", "CA")
    if not sid:
        raise NoCallError("CallSid is missing or is none of the carrier's (CA and 32 hex digits)")
    return sid


def _sid(form: Form, name: str, kind: str) -> str:
    """An id of the carrier; "" if it is missing or has not the carrier's form.

    Ids become parts of REST addresses and file names, so others are refused.
    Source: https://www.twilio.com/docs/glossary/what-is-a-sid
    """
    told = form.get(name, "")
    if not told:
        return ""
    if re.fullmatch(kind + "[0-9a-fA-F]{32}", told, re.ASCII):
        return told
    log.warning("%s is none of the carrier's and is passed over", name)
    return ""


def _received(form: Form) -> Received:
    """The answer. If the caller ended a recording by hanging up, Digits says so."""
    hung_up = form.get("Digits") == "hangup"
    return Received(
        digits="" if hung_up else digits(form),
        recording=_sid(form, "RecordingSid", "RE"),
        recorded_s=_recorded_s(form),
        hung_up=hung_up,
        queue_result=_queue_result(form),
        queued_s=_number(form.get("QueueTime")),
    )


def _recorded_s(form: Form) -> int | None:
    """The length of the recording in seconds; one with an unreadable length is not empty."""
    if not (form.get("RecordingSid") or form.get("RecordingUrl")):
        return None
    seconds = _seconds(form.get("RecordingDuration"))
    return lifecycle.SHORTEST_MESSAGE_S if seconds is None else seconds


def digits(form: Form) -> str:
    """The pressed keys."""
    return _word(form, "Digits", 20)


def _word(form: Form, name: str, longest: int) -> str:
    """A value that a row can store: at most `longest` characters, all printable."""
    word = form.get(name, "")[:longest]
    return word if word.isprintable() else "".join(filter(str.isprintable, word))


def _queue_result(form: Form) -> str | None:
    """How a queue was left; a call to the fallback number counts as leaving a queue."""
    if "DialCallStatus" in form:
        return "bridged" if form["DialCallStatus"] == "completed" else "error"
    return _word(form, "QueueResult", 40) or None


def status(query: str, form: Form) -> StatusCame | None:
    """The status event; None for a leg of a call, and for an unknown status."""
    if form.get("ParentCallSid") or form.get("CallStatus") not in set(CallStatus):
        return None
    ring = _ring(query, form)
    event = status_event(form, ring.now)
    return StatusCame(ring, event) if event else None


def status_event(form: Form, now: datetime) -> StatusEvent | None:
    """The carrier's status of the call; None if it is not one of the carrier's words."""
    if form.get("CallStatus") not in set(CallStatus):
        return None
    return StatusEvent(
        status=CallStatus(form["CallStatus"]),
        sequence=_number(form.get("SequenceNumber")),
        at=_moment(form.get("Timestamp"), now),
        duration_s=_seconds(form.get("CallDuration")),
    )


def _moment(stamp: str | None, now: datetime) -> datetime:
    """The carrier's RFC 2822 time in UTC.

    It is `now` if the time is unreadable, in the future, or too old for any event.
    """
    try:
        moment = parsedate_to_datetime(stamp or "")
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return now
    return moment if now - OLDEST <= moment <= now else now


def recording(query: str, form: Form) -> RecordingCame | None:
    """The carrier's status of a recording; None for a leg's recording, or without a recording."""
    sid = _sid(form, "RecordingSid", "RE")
    if not sid or form.get("ParentCallSid"):
        return None
    ring = _ring(query, form)
    event = RecordingEvent(
        sid=sid,
        status=_word(form, "RecordingStatus", 20) or RecordingStatus.COMPLETED,
        duration_s=_seconds(form.get("RecordingDuration")),
        now=ring.now,
        talk_id=_number(dict(parse_qsl(query)).get("talk")) or None,
    )
    return RecordingCame(ring, event)


def room(query: str) -> str:
    """The conference named in the address, or ""."""
    named = dict(parse_qsl(query)).get("room", "")
    return named if re.fullmatch(r"[\w-]{1,40}", named, re.ASCII) else ""
