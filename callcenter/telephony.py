"""The carrier's REST interface: the only importer of twilio.rest. Never called inside a webhook.

The carrier's library is large, so no process loads it before it speaks to the carrier.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioRestException

from callcenter.carrier_answers import readable

if TYPE_CHECKING:
    from twilio.http.response import Response
    from twilio.rest import Client
    from twilio.rest.api.v2010.account.call import CallInstance
    from twilio.rest.api.v2010.account.recording import RecordingInstance

log = logging.getLogger(__name__)

TIMEOUT_S = 10
TOO_MANY_REQUESTS = 429
RINGS_S = 25
# How far the carrier's clock may be from ours. Attempts are minutes apart.
CLOCKS_DIFFER = timedelta(minutes=1)
LAST_CALLS = 20
BACK_OFF_S = (1.0, 2.0, 4.0)
LONGEST_PAUSE_S = 10.0
ROWS_A_PAGE = 100
MOST_ROWS = 5000
LAST_TEXTS = 20
LAST_RECORDINGS = 20
RECORDED_BY_VERB = "RecordVerb"

RecordingState = Literal["in-progress", "paused", "stopped"]


class RefusedError(Exception):
    """The carrier will never do this; trying again is of no use."""


class TooManyError(Exception):
    """The carrier did not do this, because too much was asked of it at once."""


@dataclass(frozen=True)
class Account:
    """Whose account at which carrier, and where the carrier finds us.

    `base` is the carrier's address, `public_url` our own, both without a path or a slash.
    """

    sid: str
    token: str
    number: str
    sms_sender: str
    base: str
    public_url: str


@dataclass(frozen=True)
class Dialled:
    """What the carrier tells of a call of ours; `status` in its own words."""

    sid: str
    status: str
    ended_at: datetime | None
    duration_s: int | None


@dataclass(frozen=True)
class Rung:
    """An inbound call as the carrier lists it."""

    dialled: Dialled
    caller: str
    started_at: datetime


@dataclass(frozen=True)
class Recorded:
    """A recording as the carrier knows it; `status` in its own words."""

    sid: str
    call_sid: str
    status: str
    duration_s: int | None
    made_at: datetime


_accounts: list[Account] = []


def bind(account: Account) -> None:
    """Use `account` in this process."""
    _accounts[:] = [account]


class _CarrierAt:
    """The library's transport, led to another base address than the carrier's own."""

    def __init__(self, base: str) -> None:
        from twilio.http.http_client import TwilioHttpClient

        self._base = urlsplit(base)
        self._transport = TwilioHttpClient(timeout=TIMEOUT_S)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> "Response":
        there = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        answer = self._transport.request(method, urlunsplit(there), *args, **kwargs)
        for pause in BACK_OFF_S:
            # What was refused as too much was not done. Who places calls sees to that by himself.
            if method != "GET" or answer.status_code != TOO_MANY_REQUESTS:
                break
            time.sleep(_pause_asked(answer, pause))
            answer = self._transport.request(method, urlunsplit(there), *args, **kwargs)
        return readable(answer)


def _pause_asked(answer: "Response", otherwise: float) -> float:
    asked = (answer.headers or {}).get("Retry-After", "")
    return min(float(asked), LONGEST_PAUSE_S) if asked.isdigit() else otherwise


def _client() -> "Client":
    from twilio.rest import Client

    account = _accounts[0]
    return Client(account.sid, account.token, http_client=_CarrierAt(account.base))


def send_text(to: str, body: str) -> str:
    """Send an SMS to the E.164 number `to`; the carrier's sid of the message.

    Raises RefusedError when the carrier will not; after TwilioRestException or a requests exception
    it may have been sent: look for it (find_texts) before trying again.
    """
    try:
        message = _client().messages.create(to=to, from_=_accounts[0].sms_sender, body=body)
    except TwilioRestException as fault:
        if fault.status < 500 and fault.status not in (401, 403, TOO_MANY_REQUESTS):
            raise RefusedError(f"{fault.code or fault.status}: {fault.msg}") from fault
        raise
    return str(message.sid)


def find_texts(to: str, body: str, since: datetime) -> list[str]:
    """The sids of the newest SMS to `to` that say `body` and were made at `since` or later."""
    return [
        str(text.sid)
        for text in _client().messages.list(to=to, limit=LAST_TEXTS)
        if text.body == body and _is_after(text.date_created, since)
    ]


def place_call(to: str, first_words: str, status: str, rings_s: int = RINGS_S) -> str:
    """Call the E.164 number, client: or sip: address `to`; the carrier's sid of the call.

    The paths are ours: of the first document, and of what is told of the call's state. Raises
    TooManyError and RefusedError when no call was placed; after TwilioRestException or a requests
    exception one may have been: look for it (find_call) before trying again.
    """
    account = _accounts[0]
    try:
        call = _client().calls.create(
            to=to,
            from_=account.number,
            url=account.public_url + first_words,
            status_callback=account.public_url + status,
            status_callback_event=["answered", "completed"],
            timeout=rings_s,
        )
    except TwilioRestException as fault:
        if fault.status == TOO_MANY_REQUESTS:
            raise TooManyError(fault.msg) from fault
        if fault.status < 500 and fault.status not in (401, 403):
            raise RefusedError(f"{fault.code or fault.status}: {fault.msg}") from fault
        raise
    return str(call.sid)


def find_call(to: str, since: datetime) -> Dialled | None:
    """The newest call from our number to `to` that was placed at `since` or later."""
    account = _accounts[0]
    for call in _client().calls.list(to=to, from_=account.number, limit=LAST_CALLS):
        if _is_after(call.date_created, since):
            return _dialled(call)
    return None


def _is_after(made: datetime | None, since: datetime) -> bool:
    return made is None or made.astimezone(UTC) >= since - CLOCKS_DIFFER


def fetch_call(sid: str) -> Dialled | None:
    """The call `sid`; None where the carrier knows of none."""
    try:
        return _dialled(_client().calls(sid).fetch())
    except TwilioRestException as fault:
        if fault.status == requests.codes.not_found:
            return None
        raise


def list_inbound(since: datetime) -> Sequence[Rung]:
    """The calls to our number that began at `since` or later, page by page.

    Raises TwilioException or a requests exception when the carrier does not tell.
    """
    listed = _client().calls.list(
        to=_accounts[0].number,
        start_time_after=since,
        page_size=ROWS_A_PAGE,
        limit=MOST_ROWS,
    )
    return [
        Rung(_dialled(call), str(call._from), began.astimezone(UTC))
        for call in listed
        if call.direction == "inbound" and (began := call.start_time or call.date_created)
    ]


def _dialled(call: "CallInstance") -> Dialled:
    ended_at = call.end_time.astimezone(UTC) if call.end_time else None
    seconds = int(call.duration) if call.duration else None
    return Dialled(str(call.sid), str(call.status), ended_at, seconds)


def move(sid: str, path: str) -> None:
    """Let the call go on with our document at `path`, whatever it does; one that is over stays so.

    Raises TwilioRestException or a requests exception when it could not: it may be tried again.
    """
    _change_call(sid, url=_accounts[0].public_url + path, method="POST")


def end_call(sid: str) -> None:
    """End the call, whether it rings or is up; one that is over stays so."""
    _change_call(sid, status="completed")


def _change_call(sid: str, **changes: str) -> None:
    try:
        _client().calls(sid).update(**changes)
    except TwilioRestException as fault:
        if fault.status not in (requests.codes.not_found, requests.codes.bad_request):
            raise


def hold(room: str, sid: str, on: bool) -> None:
    """Music for the call `sid` in the conference `room`, or back into it."""
    for found in _client().conferences.list(friendly_name=room, status="in-progress", limit=1):
        try:
            found.participants(sid).update(hold=on)
        except TwilioRestException as fault:
            if fault.status != requests.codes.not_found:
                raise


def record(sid: str, callback: str) -> str:
    """Record the call `sid` from now on; the recording's sid. Its end is told to our `callback`.

    Raises TwilioRestException or a requests exception when one may have begun: look for it
    (recordings_of) before trying again.
    """
    begun = (
        _client()
        .calls(sid)
        .recordings.create(
            recording_status_callback=_accounts[0].public_url + callback,
            recording_status_callback_event=["completed", "absent"],
            recording_channels="mono",
        )
    )
    return str(begun.sid)


def recordings_of(sid: str) -> list[str]:
    """The recordings of the whole call `sid`, over or not, the newest first."""
    found = _client().calls(sid).recordings.list(limit=LAST_RECORDINGS)
    return [str(one.sid) for one in found if one.source == "StartCallRecordingAPI"]


def keep_recording(sid: str, recording: str, state: RecordingState) -> None:
    """Bring the `recording` of the call `sid` into the state; one that is over stays so.

    What is said while it pauses is left out. Source: voice/api/recording ("update"). Raises
    TwilioRestException or a requests exception when it goes on as it was: it may be tried again.
    """
    how = {"pause_behavior": "skip"} if state == "paused" else {}
    try:
        _client().calls(sid).recordings(recording).update(status=state, **how)
    except TwilioRestException as fault:
        if fault.status not in (requests.codes.not_found, requests.codes.bad_request):
            raise
        found = find_recording(recording)
        if found and found.status not in ("stopped", "completed", "absent"):
            raise


def fetch_recording(sid: str) -> bytes | None:
    """The sound of the recording `sid` as WAV; None where the carrier has none (any more).

    Only the sid is trusted; the address is ours. Raises a requests exception for other faults.
    """
    account = _accounts[0]
    address = f"{account.base}/2010-04-01/Accounts/{account.sid}/Recordings/{sid}.wav"
    answer = requests.get(address, auth=(account.sid, account.token), timeout=TIMEOUT_S)
    if answer.status_code == requests.codes.not_found:
        return None
    answer.raise_for_status()
    return answer.content


def find_recording(sid: str) -> Recorded | None:
    """The recording `sid`; None where the carrier knows of none (any more)."""
    try:
        return _recorded(_client().recordings(sid).fetch())
    except TwilioRestException as fault:
        if fault.status == requests.codes.not_found:
            return None
        raise


def list_messages(since: datetime) -> Sequence[Recorded]:
    """What callers recorded after a tone at `since` or later, page by page.

    Raises TwilioException or a requests exception when the carrier does not tell.
    """
    listed = _client().recordings.list(
        date_created_after=since, page_size=ROWS_A_PAGE, limit=MOST_ROWS
    )
    return [_recorded(one) for one in listed if one.source == RECORDED_BY_VERB]


def _recorded(found: "RecordingInstance") -> Recorded:
    seconds = int(found.duration) if found.duration and int(found.duration) >= 0 else None
    made_at = (found.date_created or datetime.now(UTC)).astimezone(UTC)
    return Recorded(str(found.sid), str(found.call_sid), str(found.status), seconds, made_at)


def erase_recording(sid: str) -> None:
    """Erase the recording at the carrier; one that it has no more is erased.

    Raises TwilioRestException or a requests exception when it could not: it may be tried again.
    """
    try:
        _client().recordings(sid).delete()
    except TwilioRestException as fault:
        if fault.status != requests.codes.not_found:
            raise


def look_in() -> datetime | None:
    """The moment by the carrier's clock, asked with our credentials; None when they are refused.

    Raises a requests exception when the carrier cannot be asked.
    """
    account = _accounts[0]
    address = f"{account.base}/2010-04-01/Accounts/{account.sid}.json"
    answer = requests.get(address, auth=(account.sid, account.token), timeout=TIMEOUT_S)
    if answer.status_code in (401, 403, 404):
        return None
    readable(answer).raise_for_status()
    return parsedate_to_datetime(answer.headers["Date"])


def fallback_address() -> str | None:
    """What the carrier asks of our number when we do not answer; None where nothing is set."""
    number = _accounts[0].number
    numbers = _client().incoming_phone_numbers.list(phone_number=number, limit=1)
    return numbers[0].voice_fallback_url or None if numbers else None


def webhook_faults(public_url: str) -> list[str]:
    """What is wrong with the webhooks of our number at the carrier, a sentence each."""
    account = _accounts[0]
    numbers = _client().incoming_phone_numbers.list(phone_number=account.number, limit=1)
    if not numbers:
        return [f"The carrier's account has no number {account.number}: check TWILIO_NUMBER."]
    number, faults = numbers[0], []
    wanted = {
        "voice webhook": (number.voice_url, f"{public_url}/voice/incoming"),
        "status callback": (number.status_callback, f"{public_url}/voice/status"),
    }
    for name, (there, ours) in wanted.items():
        if (there or "").partition("#")[0] != ours:
            faults.append(
                f"The {name} of {account.number} is {there or 'not set'}: set it to {ours}."
            )
    return faults
