"""Calls at the carrier: placed, found, moved, ended. Only workers import this module."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import requests
from twilio.base.exceptions import TwilioRestException

from callcenter import telephony

if TYPE_CHECKING:
    from twilio.rest.api.v2010.account.call import CallInstance

RINGS_S = 25
LAST_CALLS = 20


@dataclass(frozen=True)
class Dialled:
    """What the carrier says of an outgoing call; `status` is the carrier's word."""

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


def place(to: str, first_words: str, status: str, rings_s: int = RINGS_S) -> str:
    """Call the E.164 number, client: or sip: address `to`; return the carrier's sid of the call.

    `first_words` and `status` are our paths for the first document and for status callbacks. Raises
    TooManyError or RefusedError if no call was placed, NotAllowedError if the dial policy refuses
    it. After TwilioRestException or a requests exception a call may have been placed: look for it
    with `find` before a retry.
    """
    account = telephony.bound_account()
    try:
        call = telephony.client().calls.create(
            to=to,
            from_=account.number,
            url=account.public_url + first_words,
            status_callback=account.public_url + status,
            status_callback_event=["answered", "completed"],
            timeout=rings_s,
        )
    except TwilioRestException as fault:
        if telephony.is_refusal(fault):
            raise telephony.RefusedError(fault) from fault
        raise
    return str(call.sid)


def find(to: str, since: datetime) -> Dialled | None:
    """The newest call from our number to `to` that was placed at `since` or later; else None."""
    account = telephony.bound_account()
    for call in telephony.client().calls.list(to=to, from_=account.number, limit=LAST_CALLS):
        if telephony.is_after(call.date_created, since):
            return _dialled(call)
    return None


def _dialled(call: "CallInstance") -> Dialled:
    ended_at = call.end_time.astimezone(UTC) if call.end_time else None
    seconds = int(call.duration) if call.duration else None
    return Dialled(str(call.sid), str(call.status), ended_at, seconds)


def fetch(sid: str) -> Dialled | None:
    """The call `sid`; None if the carrier does not know it."""
    try:
        return _dialled(telephony.client().calls(sid).fetch())
    except TwilioRestException as fault:
        if fault.status == requests.codes.not_found:
            return None
        raise


def list_inbound(since: datetime) -> Sequence[Rung]:
    """The calls to our number that began at `since` or later, fetched page by page.

    Raises TwilioException or a requests exception if the carrier does not answer properly.
    """
    listed = telephony.client().calls.list(
        to=telephony.bound_account().number,
        start_time_after=since,
        page_size=telephony.ROWS_A_PAGE,
        limit=telephony.MOST_ROWS,
    )
    return [
        Rung(_dialled(call), str(call._from), began.astimezone(UTC))
        for call in listed
        if call.direction == "inbound" and (began := call.start_time or call.date_created)
    ]


def move(sid: str, path: str) -> None:
    """Redirect the call to our document at `path`; a call that is over stays so.

    Raises TwilioRestException or a requests exception if that failed; it may be retried.
    """
    _change(sid, url=telephony.bound_account().public_url + path, method="POST")


def end(sid: str) -> None:
    """End the call, whether it is ringing or answered; a call that is over stays so."""
    _change(sid, status="completed")


def _change(sid: str, **changes: str) -> None:
    try:
        telephony.client().calls(sid).update(**changes)
    except TwilioRestException as fault:
        if fault.status not in (requests.codes.not_found, requests.codes.bad_request):
            raise


def hold(room: str, sid: str, on: bool) -> None:
    """Play music to the call `sid` in the conference `room`, or end the music."""
    for found in telephony.client().conferences.list(
        friendly_name=room, status="in-progress", limit=1
    ):
        try:
            found.participants(sid).update(hold=on)
        except TwilioRestException as fault:
            if fault.status != requests.codes.not_found:
                raise
