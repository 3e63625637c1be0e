"""The carrier's REST interface: the account, the client, and our number's webhooks.

Calls, texts and recordings are in carrier_calls, carrier_texts and carrier_recordings. Only this
package imports twilio.rest, and no webhook uses it. The library is large, so a process loads it at
its first request to the carrier.

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
# The assumed limit between the carrier's clock and ours. Attempts are minutes apart.
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
    """The carrier will never do this; retrying is useless."""

    def __init__(self, fault: TwilioRestException) -> None:
        super().__init__(f"{fault.code or fault.status}: {fault.msg}")


class NotAllowedError(RefusedError):
    """The dial policy (callcenter.outbound) refuses this; the carrier was not asked."""

    def __init__(self, why: Refusal) -> None:
        Exception.__init__(self, f"the rule for what leaves refuses it: {why}")


class TooManyError(Exception):
    """The carrier did not do this because it received too many requests."""


@dataclass(frozen=True)
class Account:
    """The account at the carrier, and our address for it.

    `base` is the carrier's address, `public_url` our own, both without a path or a final slash.
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
    """The carrier's client for the bound account.

    Its requests raise TwilioException, TooManyError (for changes only), or a requests exception if
    there is no answer.
    """
    from twilio.rest import Client

    account = bound_account()
    return Client(account.sid, account.token, http_client=_CarrierAt(account.base))


class _CarrierAt:
    """The library's HTTP transport, directed to the account's base address.

    Every request to the carrier passes here, so this is where the dial policy is enforced.
    """

    def __init__(self, base: str) -> None:
        from twilio.http.http_client import TwilioHttpClient

        self._base = urlsplit(base)
        self._transport = TwilioHttpClient(timeout=TIMEOUT_S)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> "Response":
        """Send the request, and count how the carrier answered."""
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
            # The carrier did not perform a change that it refused as too many: its job retries.
            if method != "GET" or answer.status_code != TOO_MANY_REQUESTS:
                break
            time.sleep(_pause_asked(answer, pause))
            answer = self._transport.request(method, urlunsplit(there), *args, **kwargs)
        if method != "GET" and answer.status_code == TOO_MANY_REQUESTS:
            raise TooManyError(f"{method} {there.path}")
        return readable(answer)


def _count(method: str, word: str) -> None:
    """Count a request; a full disk under the counters must not stop the line."""
    with suppress(OSError):
        _requests.labels(method, word).inc()


def _check(path: str, asked: Mapping[str, object]) -> None:
    """Raise NotAllowedError if the request would call or text a number that the policy refuses."""
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
    """Whether the carrier will never do what was requested, and so did not do it.

    A wrong token, or too many requests, says nothing about the request itself.
    """
    return fault.status < 500 and fault.status not in (401, 403, TOO_MANY_REQUESTS)


def is_after(made: datetime | None, since: datetime) -> bool:
    """Whether `made` is at `since` or later, within the assumed difference of the clocks."""
    return made is None or made.astimezone(UTC) >= since - CLOCKS_DIFFER


def look_in() -> datetime | None:
    """The carrier's time, requested with our credentials; None if it refuses them.

    Raises a requests exception if the carrier does not answer.
    """
    account = bound_account()
    address = f"{account.base}/2010-04-01/Accounts/{account.sid}.json"
    answer = requests.get(address, auth=(account.sid, account.token), timeout=TIMEOUT_S)
    if answer.status_code in (401, 403, 404):
        return None
    readable(answer).raise_for_status()
    return parsedate_to_datetime(answer.headers["Date"])


def fallback_address() -> str | None:
    """The fallback address that our number has at the carrier; None if none is set."""
    number = bound_account().number
    numbers = client().incoming_phone_numbers.list(phone_number=number, limit=1)
    return numbers[0].voice_fallback_url or None if numbers else None


def webhook_faults(public_url: str) -> list[str]:
    """The faults of our number's webhooks at the carrier, one sentence each."""
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
    """An empty query at the end, and the carrier's own part after `#`, are no faults."""
    if (there or "").partition("#")[0].removesuffix("?") != ours:
        yield f"The {name} is {there or 'not set'}: set it to {ours}."
    elif (method or "POST") != "POST":
        yield f"The {name} is asked with {method}, which puts callers' numbers into logs: set POST."
