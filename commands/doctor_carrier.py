"""The doctor's checks of the carrier and of our public address."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import requests
from sqlalchemy import select
from twilio.base.exceptions import TwilioException
from twilio.request_validator import RequestValidator

from callcenter import telephony
from callcenter.telephony.faults import STRANGER, why_not_done
from commands.doctor_findings import CLOCKS_DIFFER_S, TIMEOUT_S, Blocking, Finding, reading
from config import Settings
from models import Agent, Device

# A correctly signed request about no call, with an unknown status: it creates no row.
HARMLESS = {"CallSid": "CA" + "0" * 32, "CallStatus": "doctor"}


def public_address(settings: Settings) -> None:
    """Check that the address leads to us, and admits only requests signed with our token."""
    address = f"{settings.public_url}/voice/status"
    signed = RequestValidator(settings.twilio_auth_token).compute_signature(address, HARMLESS)
    found = [_status(address, signature) for signature in (signed, "forged")]
    if found[1] != requests.codes.forbidden:
        raise Finding(f"{address} answers {found[1]} to the unsigned: PUBLIC_URL must lead to us.")
    if found[0] != requests.codes.no_content:
        raise Finding(
            f"{address} answers {found[0]} to the signed: PUBLIC_URL and TWILIO_AUTH_TOKEN must be "
            "those of the running web processes."
        )


def _status(address: str, signature: str) -> int:
    headers = {"X-Twilio-Signature": signature}
    try:
        return requests.post(address, HARMLESS, headers=headers, timeout=TIMEOUT_S).status_code
    except requests.RequestException as fault:
        why = type(fault).__name__
        raise Finding(
            f"{address} cannot be reached ({why}): check PUBLIC_URL and the proxy."
        ) from fault


@contextmanager
def _asking_the_carrier() -> Iterator[None]:
    try:
        yield
    except (TwilioException, requests.RequestException) as fault:
        raise Blocking(why_not_done(fault)) from fault
    except (ValueError, KeyError) as fault:
        raise Blocking(STRANGER.format(type(fault).__name__)) from fault


def carrier(settings: Settings) -> None:
    with _asking_the_carrier():
        answer = telephony.look_in()
    if answer is None:
        raise Blocking("the carrier knows no such account: check TWILIO_ACCOUNT_SID and the token.")
    apart = abs((datetime.now(UTC) - answer).total_seconds())
    if apart > CLOCKS_DIFFER_S:
        raise Finding(f"this clock is {apart:.0f} s from the carrier's: keep it by NTP.")


def webhooks(settings: Settings) -> None:
    with _asking_the_carrier():
        faults = telephony.webhook_faults(settings.public_url)
    if faults:
        raise Finding(" ".join(faults))


def fallback_address(_settings: Settings) -> None:
    with _asking_the_carrier():
        there = telephony.fallback_address()
    if not there:
        raise Finding("the number has none: publish what `centrala fallback` writes, and set it.")


def fallback_number(settings: Settings) -> None:
    if not settings.fallback_number:
        raise Finding("without the database nobody can be reached: set FALLBACK_NUMBER.")


def browsers(settings: Settings) -> None:
    in_browsers = select(Agent.id).where(Agent.device == Device.BROWSER, Agent.active)
    with reading(settings) as rows:
        somebody = rows.scalar(in_browsers.limit(1))
    if somebody and not settings.twilio_api_key:
        raise Finding("people take calls in a browser: set TWILIO_API_KEY and TWILIO_API_SECRET.")
