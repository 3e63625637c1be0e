"""Recordings at the carrier: started, paused, fetched, erased. Only workers import this module."""

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
# Four hours of a conversation in the carrier's format: 8,000 samples a second of 16 bits.
LARGEST_SOUND = 4 * 3600 * 8000 * 2
SOUND_S = 120.0
PART_BYTES = 64 * 1024
RECORDED_BY_VERB = "RecordVerb"
OVER = ("stopped", "completed", "absent")

RecordingState = Literal["in-progress", "paused", "stopped"]


@dataclass(frozen=True)
class CarrierRecording:
    """A recording as the carrier knows it; `status` is the carrier's word."""

    sid: str
    call_sid: str
    status: str
    duration_s: int | None
    made_at: datetime


def begin(sid: str, callback: str) -> str:
    """Start recording the call `sid`; return the recording's sid. Its end is posted to `callback`.

    After TwilioRestException or a requests exception a recording may have started: look for it with
    `of_call` before a retry.
    """
    recordings = telephony.client().calls(sid).recordings
    begun = recordings.create(
        recording_status_callback=telephony.bound_account().public_url + callback,
        recording_status_callback_event=["completed", "absent"],
        recording_channels="mono",
    )
    return str(begun.sid)


def of_call(sid: str) -> list[str]:
    """The sids of the call's recordings, running ones included, the newest first."""
    found = telephony.client().calls(sid).recordings.list(limit=LAST_RECORDINGS)
    return [str(one.sid) for one in found if one.source == "StartCallRecordingAPI"]


def keep(sid: str, recording: str, state: RecordingState) -> None:
    """Set the state of the `recording` of the call `sid`; a recording that is over stays so.

    What is said during a pause is left out of the file. Source: voice/api/recording
    ("update"). Raises TwilioRestException or a requests exception if nothing changed; it may be
    retried.
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
    """The recording `sid`; None if the carrier does not know it (any more)."""
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
    """The messages that callers recorded at `since` or later, fetched page by page.

    Raises TwilioException or a requests exception if the carrier does not answer properly.
    """
    listed = telephony.client().recordings.list(
        date_created_after=since, page_size=telephony.ROWS_A_PAGE, limit=telephony.MOST_ROWS
    )
    return [_of_carrier(one) for one in listed if one.source == RECORDED_BY_VERB]


def fetch_sound(sid: str) -> bytes | None:
    """The WAV of the recording `sid`; None if the carrier does not have it (any more).

    Only the sid is taken from the carrier; the address is built here. Raises a requests exception
    for other faults, for a sound larger than any of ours, and for a timeout.
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
    """Read the answer within the limits while it arrives: its Content-Length is not trusted."""
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
    """Erase the recording at the carrier; one that is gone counts as erased.

    Raises TwilioRestException or a requests exception if that failed; it may be retried.
    """
    try:
        telephony.client().recordings(sid).delete()
    except TwilioRestException as fault:
        if fault.status != requests.codes.not_found:
            raise
