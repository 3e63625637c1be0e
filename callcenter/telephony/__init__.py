"""The carrier's REST interface: the account, how it is asked, and our number's webhooks.

Calls, texts and recordings are in carrier_calls, carrier_texts and carrier_recordings. Only this
package imports twilio.rest, and no webhook calls it. The carrier's library is large, so a process
loads it when it first speaks to the carrier.

May import: outbound, models.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import requests
from prometheus_client import Counter
from twilio.base.exceptions import TwilioException, TwilioRestException

from callcenter.outbound import dial_policy
from callcenter.outbound.dial_policy import Refusal, Service
from callcenter.telephony import faults
from callcenter.telephony.answers import readable

if TYPE_CHECKING:
    from twilio.http.response import Response
    from twilio.rest import Client

TIMEOUT_S = 10
TOO_MANY_REQUESTS = 429
# How far the carrier's clock may be from ours. Attempts are minutes apart.
CLOCKS_DIFFER = timedelta(minutes=1)
BACK_OFF_S = (1.0, 2.0, 4.0)
LONGEST_PAUSE_S = 10.0
_requests = Counter(
    "centrala_carrier_requests",
    "Requests to the carrier, by method and answer.",
    ["method", "answer"],
)
ROWS_A_PAGE = 100
MOST_ROWS = 5000


class RefusedError(Exception):
    """The carrier will never do this; trying again is of no use."""

    def __init__(self, fault: TwilioRestException) -> None:
        super().__init__(f"{fault.code or fault.status}: {fault.msg}")


class NotAllowedError(RefusedError):
    """The dial policy (callcenter.outbound) refuses this; the carrier was not asked."""

    def __init__(self, why: Refusal) -> None:
        Exception.__init__(self, f"the rule for what leaves refuses it: {why}")


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


_accounts: list[Account] = []


def bind(account: Account) -> None:
    """Use `account` in this process."""
    _accounts[:] = [account]


def bound_account() -> Account:
    """The account that this process uses."""
    return _accounts[0]


def client() -> "Client":
    """The carrier's client for that account.

    What it asks raises TwilioException, TooManyError where the carrier was to do something, or a
    requests exception where nobody answers.
    """
    from twilio.rest import Client

    account = bound_account()
    return Client(account.sid, account.token, http_client=_CarrierAt(account.base))


class _CarrierAt:
    """The library's transport, led to another base address than the carrier's own.

    Whatever is asked of the carrier goes this way, so here the rule for what leaves is kept.
    """

    def __init__(self, base: str) -> None:
        from twilio.http.http_client import TwilioHttpClient

        self._base = urlsplit(base)
        self._transport = TwilioHttpClient(timeout=TIMEOUT_S)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> "Response":
        """Ask the carrier, and count how it answered."""
        try:
            answer = self._ask(method, url, *args, **kwargs)
        except TooManyError:
            _count(method, "busy")
            raise
        except (TwilioException, requests.RequestException) as fault:
            _count(method, faults.word_for(fault))
            raise
        _count(method, faults.word_for_status(answer.status_code))
        return answer

    def _ask(self, method: str, url: str, *args: Any, **kwargs: Any) -> "Response":
        there = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        if method != "GET":
            _check(there.path, kwargs.get("data") or {})
        answer = self._transport.request(method, urlunsplit(there), *args, **kwargs)
        for pause in BACK_OFF_S:
            # What was refused as too much was not done: its job is put off (callcenter.jobs).
            if method != "GET" or answer.status_code != TOO_MANY_REQUESTS:
                break
            time.sleep(_pause_asked(answer, pause))
            answer = self._transport.request(method, urlunsplit(there), *args, **kwargs)
        if method != "GET" and answer.status_code == TOO_MANY_REQUESTS:
            raise TooManyError(f"{method} {there.path}")
        return readable(answer)


def _count(method: str, word: str) -> None:
    """A full disk under the counters must not stop the line."""
    with suppress(OSError):
        _requests.labels(method, word).inc()


def _check(path: str, asked: Mapping[str, object]) -> None:
    """Raises NotAllowedError where the carrier would call or text somebody who may not be."""
    if (to := asked.get("To")) is None:
        return
    is_text = path.endswith("/Messages.json")
    address = str(to)
    why = (
        dial_policy.refusal(Service.TEXT, address)
        if is_text
        else dial_policy.refusal_of_address(address)
    )
    if why:
        raise NotAllowedError(why)


def _pause_asked(answer: "Response", otherwise: float) -> float:
    asked = (answer.headers or {}).get("Retry-After", "")
    return min(float(asked), LONGEST_PAUSE_S) if asked.isdigit() else otherwise


def is_refusal(fault: TwilioRestException) -> bool:
    """Whether the carrier will never do what was asked, and so did not do it.

    A wrong token or too much at once says nothing about what was asked.
    """
    return fault.status < 500 and fault.status not in (401, 403, TOO_MANY_REQUESTS)


def is_after(made: datetime | None, since: datetime) -> bool:
    """Whether the carrier made it at `since` or later, as far as two clocks can tell."""
    return made is None or made.astimezone(UTC) >= since - CLOCKS_DIFFER


def look_in() -> datetime | None:
    """The moment by the carrier's clock, asked with our credentials; None when they are refused.

    Raises a requests exception when the carrier cannot be asked.
    """
    account = bound_account()
    address = f"{account.base}/2010-04-01/Accounts/{account.sid}.json"
    answer = requests.get(address, auth=(account.sid, account.token), timeout=TIMEOUT_S)
    if answer.status_code in (401, 403, 404):
        return None
    readable(answer).raise_for_status()
    return parsedate_to_datetime(answer.headers["Date"])


def fallback_address() -> str | None:
    """What the carrier asks of our number when we do not answer; None where nothing is set."""
    number = bound_account().number
    numbers = client().incoming_phone_numbers.list(phone_number=number, limit=1)
    return numbers[0].voice_fallback_url or None if numbers else None


def webhook_faults(public_url: str) -> list[str]:
    """What is wrong with the webhooks of our number at the carrier, a sentence each."""
    account = bound_account()
    numbers = client().incoming_phone_numbers.list(phone_number=account.number, limit=1)
    if not numbers:
        return [f"The carrier's account has no number {account.number}: check TWILIO_NUMBER."]
    number = numbers[0]
    wanted = {
        "voice webhook": (number.voice_url, number.voice_method, "/voice/incoming"),
        "status callback": (
            number.status_callback,
            number.status_callback_method,
            "/voice/status",
        ),
    }
    return [
        fault
        for name, (there, method, path) in wanted.items()
        for fault in _faults_of(f"{name} of {account.number}", there, method, public_url + path)
    ]


def _faults_of(name: str, there: str | None, method: str | None, ours: str) -> Iterator[str]:
    """An empty query at its end, and what the carrier itself reads after `#`, are no faults."""
    if (there or "").partition("#")[0].removesuffix("?") != ours:
        yield f"The {name} is {there or 'not set'}: set it to {ours}."
    elif (method or "POST") != "POST":
        yield f"The {name} is asked with {method}, which puts callers' numbers into logs: set POST."
