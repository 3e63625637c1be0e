"""Recordings at the carrier: begun, paused, fetched, erased. Only workers import this."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import requests
from twilio.base.exceptions import TwilioRestException

from callcenter import telephony

if TYPE_CHECKING:
    from twilio.rest.api.v2010.account.recording import RecordingInstance

LAST_RECORDINGS = 20
# Four hours of a conversation, as the carrier keeps it: 8,000 samples a second of 16 bits.
LARGEST_SOUND = 4 * 3600 * 8000 * 2
SOUND_S = 120.0
PART_BYTES = 64 * 1024
RECORDED_BY_VERB = "RecordVerb"
OVER = ("stopped", "completed", "absent")

RecordingState = Literal["in-progress", "paused", "stopped"]


@dataclass(frozen=True)
class CarrierRecording:
    """A recording as the carrier knows it; `status` in its own words."""

    sid: str
    call_sid: str
    status: str
    duration_s: int | None
    made_at: datetime


def begin(sid: str, callback: str) -> str:
    """Record the call `sid` from now on; the recording's sid. Its end is told to our `callback`.

    Raises TwilioRestException or a requests exception when one may have begun: look for it
    (of_call) before trying again.
    """
    recordings = telephony.client().calls(sid).recordings
    begun = recordings.create(
        recording_status_callback=telephony.bound_account().public_url + callback,
        recording_status_callback_event=["completed", "absent"],
        recording_channels="mono",
    )
    return str(begun.sid)


def of_call(sid: str) -> list[str]:
    """The recordings of the whole call `sid`, over or not, the newest first."""
    found = telephony.client().calls(sid).recordings.list(limit=LAST_RECORDINGS)
    return [str(one.sid) for one in found if one.source == "StartCallRecordingAPI"]


def keep(sid: str, recording: str, state: RecordingState) -> None:
    """Bring the `recording` of the call `sid` into the state; one that is over stays so.

    What is said while it pauses is left out. Source: voice/api/recording ("update"). Raises
    TwilioRestException or a requests exception when it goes on as it was: it may be tried again.
    """
    how = {"pause_behavior": "skip"} if state == "paused" else {}
    try:
        telephony.client().calls(sid).recordings(recording).update(status=state, **how)
    except TwilioRestException as fault:
        if fault.status not in (requests.codes.not_found, requests.codes.bad_request):
            raise
        found = fetch(recording)
        if found and found.status not in OVER:
            raise


def fetch(sid: str) -> CarrierRecording | None:
    """The recording `sid`; None where the carrier knows of none (any more)."""
    try:
        return _of_carrier(telephony.client().recordings(sid).fetch())
    except TwilioRestException as fault:
        if fault.status == requests.codes.not_found:
            return None
        raise


def _of_carrier(found: "RecordingInstance") -> CarrierRecording:
    seconds = int(found.duration) if found.duration and int(found.duration) >= 0 else None
    made_at = (found.date_created or datetime.now(UTC)).astimezone(UTC)
    return CarrierRecording(
        str(found.sid), str(found.call_sid), str(found.status), seconds, made_at
    )


def list_messages(since: datetime) -> Sequence[CarrierRecording]:
    """What callers recorded after a tone at `since` or later, page by page.

    Raises TwilioException or a requests exception when the carrier does not tell.
    """
    listed = telephony.client().recordings.list(
        date_created_after=since, page_size=telephony.ROWS_A_PAGE, limit=telephony.MOST_ROWS
    )
    return [_of_carrier(one) for one in listed if one.source == RECORDED_BY_VERB]


def fetch_sound(sid: str) -> bytes | None:
    """The sound of the recording `sid` as WAV; None where the carrier has none (any more).

    Only the sid is trusted; the address is ours. Raises a requests exception for other faults,
    and where the sound is larger than any of ours, or takes longer than it may.
    """
    account = telephony.bound_account()
    address = f"{account.base}/2010-04-01/Accounts/{account.sid}/Recordings/{sid}.wav"
    with requests.get(
        address,
        auth=(account.sid, account.token),
        timeout=telephony.TIMEOUT_S,
        stream=True,
    ) as answer:
        if answer.status_code == requests.codes.not_found:
            return None
        answer.raise_for_status()
        return _bounded(answer)


def _bounded(answer: requests.Response) -> bytes:
    """What is fetched, judged while it comes: what an answer says of its own length is no bound."""
    until = time.monotonic() + SOUND_S
    sound = bytearray()
    for part in answer.iter_content(PART_BYTES):
        sound += part
        if len(sound) > LARGEST_SOUND:
            raise requests.RequestException("the sound is larger than any of ours")
        if time.monotonic() > until:
            raise requests.Timeout("the sound takes too long")
    return bytes(sound)


def erase(sid: str) -> None:
    """Erase the recording at the carrier; one that it has no more is erased.

    Raises TwilioRestException or a requests exception when it could not: it may be tried again.
    """
    try:
        telephony.client().recordings(sid).delete()
    except TwilioRestException as fault:
        if fault.status != requests.codes.not_found:
            raise
