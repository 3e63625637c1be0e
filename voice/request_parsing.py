"""What the carrier posted, as named things: bounded, and never trusted further than a row can keep.

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
# Events that waited at the carrier are younger.
OLDEST = timedelta(days=366)

Form = Mapping[str, str]


class NoCallError(ValueError):
    """A request that names no call: nothing can be written down of it."""


def form_of(environ: "WSGIEnvironment") -> Form:
    """What was posted: a plain dict, unless a name stands twice or it is no usual form.

    What is no usual form werkzeug reads. What is larger than any form of the carrier's is not read,
    so no signature covers it.
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
    """The same where it stands in the address: of a name that stands twice, the last counts."""
    return dict(parse_qsl(query, keep_blank_values=True))


class _Unusual(Request):
    max_content_length = LARGEST_FORM


def _unusual_form(environ: "WSGIEnvironment") -> Form:
    try:
        return _Unusual(environ).form
    except RequestEntityTooLarge:
        return {}


def path_of(environ: "WSGIEnvironment") -> str:
    """The path in letters: WSGI hands its bytes on as if they were Latin 1."""
    path: str = environ["PATH_INFO"]
    return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")


def target_of(environ: "WSGIEnvironment") -> str:
    """The request's target as it was written, for that is what the carrier signed.

    Servers do not tell whether an empty query was written: a `?` at its end is left out.
    """
    target: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if not target:
        query = environ.get("QUERY_STRING", "")
        target = quote(path_of(environ)) + (f"?{query}" if query else "")
    return target.removesuffix("?")


def position(language: str, place: Place, query: str) -> Position:
    """Where the address says the caller stands; step 0 where it says nothing usable."""
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
    """A length in seconds, begun ones counted whole; None where none is told (-1 tells none)."""
    told = re.fullmatch(r"([0-9]{1,11})(?:\.([0-9]{1,9}))?", text or "", re.ASCII)
    if not told:
        return None
    whole, part = int(told[1]), int(told[2] or 0)
    return min(whole + (part > 0), LARGEST_NUMBER)


def _second(text: str | None) -> int:
    """A second since the epoch as addresses write it, hexadecimal; 0 where it is none."""
    return int(text, 16) if text and re.fullmatch("[0-9a-f]{1,8}", text) else 0


def answered(at: Position | None, query: str, form: Form) -> Answered:
    """The answer to the document `at`; without one, the first ring."""
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
    """The call that is spoken of. Raises NoCallError where none is."""
    sid = _sid(form, "CallSid", "CA")
    if not sid:
        raise NoCallError("CallSid is missing or is none of the carrier's (CA and 32 hex digits)")
    return sid


def _sid(form: Form, name: str, kind: str) -> str:
    """An id of the carrier's; "" where there is none, or none that the carrier could have given.

    Ids end up in addresses of its REST interface and in names of files.
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
    """What came in. A recording that the caller ended by hanging up says so in Digits."""
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
    """How long was recorded; a recording whose length cannot be read has something in it."""
    if not (form.get("RecordingSid") or form.get("RecordingUrl")):
        return None
    seconds = _seconds(form.get("RecordingDuration"))
    return lifecycle.SHORTEST_MESSAGE_S if seconds is None else seconds


def digits(form: Form) -> str:
    """The keys that were pressed."""
    return _word(form, "Digits", 20)


def _word(form: Form, name: str, longest: int) -> str:
    """A value as a row can keep it: at most `longest` characters, all of them printable."""
    word = form.get(name, "")[:longest]
    return word if word.isprintable() else "".join(filter(str.isprintable, word))


def _queue_result(form: Form) -> str | None:
    """How a queue was left; a call to the fallback number counts as one that was."""
    if "DialCallStatus" in form:
        return "bridged" if form["DialCallStatus"] == "completed" else "error"
    return _word(form, "QueueResult", 40) or None


def status(query: str, form: Form) -> StatusCame | None:
    """The status event; None for a leg of a call, and for a word the carrier does not have."""
    if form.get("ParentCallSid") or form.get("CallStatus") not in set(CallStatus):
        return None
    ring = _ring(query, form)
    event = status_event(form, ring.now)
    return StatusCame(ring, event) if event else None


def status_event(form: Form, now: datetime) -> StatusEvent | None:
    """The carrier's word on the call; None where it is not one of its words."""
    if form.get("CallStatus") not in set(CallStatus):
        return None
    return StatusEvent(
        status=CallStatus(form["CallStatus"]),
        sequence=_number(form.get("SequenceNumber")),
        at=_moment(form.get("Timestamp"), now),
        duration_s=_seconds(form.get("CallDuration")),
    )


def _moment(stamp: str | None, now: datetime) -> datetime:
    """The carrier's RFC 2822 time stamp in UTC.

    `now` where none can be read, where it is ahead, and where it is older than any call's.
    """
    try:
        moment = parsedate_to_datetime(stamp or "")
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return now
    return moment if now - OLDEST <= moment <= now else now


def recording(query: str, form: Form) -> RecordingCame | None:
    """The carrier's word on a recording; None for a leg's, and where it names none."""
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
    """The conference that the address names; "" where it names none."""
    named = dict(parse_qsl(query)).get("room", "")
    return named if re.fullmatch(r"[\w-]{1,40}", named, re.ASCII) else ""
