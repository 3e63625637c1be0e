"""Sends webhooks as the carrier does: signed, with its timeouts and its one retry.

Everything sent is stored, so that a test can inspect it, send it again, or send it in another
order.
Source: Twilio's usage/webhooks/webhooks-connection-overrides and usage/security.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from secrets import token_hex
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

from twilio.request_validator import RequestValidator

from carrier.transport import (
    Answer,
    ConnectTimedOut,
    Lost,
    ReadTimedOut,
    Timeouts,
    Transport,
    Unreachable,
)

TOTAL_SECONDS: Final = 15.0
USER_AGENT: Final = "TwilioProxy/1.1"


class Kind(StrEnum):
    """What a webhook is for."""

    VOICE = "voice"
    FALLBACK = "fallback"
    WAIT = "wait"
    WHISPER = "whisper"
    STATUS = "status"
    RECORDING = "recording"
    MEDIA = "media"
    CONFERENCE = "conference"


@dataclass(frozen=True)
class Overrides:
    """The overrides behind ``#`` in a configured address; they are never sent and never signed."""

    timeouts: Timeouts = field(default_factory=Timeouts)
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})

    @classmethod
    def read(cls, fragment: str) -> "Overrides":
        values = dict(parse_qsl(fragment))
        read = min(_seconds(values.get("rt"), TOTAL_SECONDS), TOTAL_SECONDS)
        return cls(
            Timeouts(_seconds(values.get("ct"), 5.0), read),
            int(values.get("rc", "1")),
            frozenset(values.get("rp", "ct").split(",")),
        )


def _seconds(milliseconds: str | None, default: float) -> float:
    return int(milliseconds) / 1000 if milliseconds else default


@dataclass(frozen=True)
class Request:
    """One webhook. However often it is sent, it has the same token."""

    kind: Kind
    url: str
    form: Mapping[str, str]
    method: str = "POST"
    token: str = field(default_factory=lambda: str(uuid4()))
    signature: str | None = None
    overrides: Overrides = field(default_factory=Overrides)

    @property
    def call_sid(self) -> str:
        return self.form.get("CallSid", "")

    def forged(self) -> "Request":
        """The same, with the signature of somebody who does not know the token."""
        return replace(self, signature=RequestValidator(token_hex(16)).compute_signature("", {}))

    def unsigned(self) -> "Request":
        """The same without a signature."""
        return replace(self, signature="")


def request(kind: Kind, url: str, form: Mapping[str, str], method: str = "POST") -> Request:
    """A webhook to a configured address; its overrides are parsed and cut off."""
    address, _, fragment = url.partition("#")
    return Request(kind, address, dict(form), method, overrides=Overrides.read(fragment))


@dataclass(frozen=True)
class Exchange:
    """A request and its result: an answer, or the reason why there is none."""

    request: Request
    answer: Answer | None
    loss: str = ""

    @property
    def url(self) -> str:
        return self.request.url

    @property
    def form(self) -> Mapping[str, str]:
        return self.request.form

    @property
    def status(self) -> int | None:
        return self.answer.status if self.answer else None

    @property
    def body(self) -> str:
        return self.answer.text if self.answer else ""


@dataclass
class Mishap:
    """Something that goes wrong once, for the first request that it fits."""

    fits: Callable[[Request], bool]
    happens: str  # "lost" before the server sees it, "answer lost" after, "connect timeout"


class PostOffice:
    """Sends the webhooks of one account.

    ``sent`` holds every exchange in order, or the last ``keeps`` of them if that is set. With
    ``holding`` set, status and recording callbacks are kept in ``held`` instead, and ``deliver``
    sends them in any order.
    """

    def __init__(self, auth_token: str, transport: Transport) -> None:
        self._validator = RequestValidator(auth_token)
        self._transport = transport
        self._lock = threading.Lock()
        self.sent: list[Exchange] = []
        self.keeps: int | None = None
        self.faults: list[Mishap] = []
        self.holding = False
        self.held: list[Request] = []

    def post(self, request: Request) -> Exchange | None:
        """Send a callback whose answer is not played, or keep it while holding."""
        if self.holding:
            self.held.append(request)
            return None
        return self.send(request)

    def deliver(self, request: Request) -> Exchange:
        """Send one of ``held`` now."""
        self.held.remove(request)
        return self.send(request)

    def send(self, request: Request) -> Exchange:
        """Send with the retries that the address requests; a failure is part of the exchange."""
        tries = 1 + max(request.overrides.retries, 0)
        for left in reversed(range(tries)):
            exchange = self._once(request)
            self._keep(exchange)
            if not left or not self._is_tried_again(exchange):
                break
        return exchange

    def _is_tried_again(self, exchange: Exchange) -> bool:
        policy = exchange.request.overrides.retry_on
        status = exchange.status or 0
        return (
            ("all" in policy and (exchange.answer is None or status >= 400))
            or ("ct" in policy and exchange.loss.startswith("connect"))
            or ("rt" in policy and exchange.loss.startswith("read"))
            or f"{status // 100}xx" in policy
        )

    def _once(self, request: Request) -> Exchange:
        try:
            fault = self._fault_for(request)
            if fault == "connect timeout":
                raise ConnectTimedOut("by order of the test")
            if fault == "lost":
                raise Unreachable("by order of the test")
            answer = self._transmit(request)
            if fault == "answer lost":
                raise ReadTimedOut("by order of the test")
            return Exchange(request, answer)
        except Lost as loss:
            return Exchange(request, None, _words_for(loss))

    def _fault_for(self, request: Request) -> str:
        for fault in self.faults:
            if fault.fits(request):
                self.faults.remove(fault)
                return fault.happens
        return ""

    def _transmit(self, request: Request) -> Answer:
        url, body = request.url, b""
        if request.method == "GET":
            url = _with_query(url, request.form)
        else:
            body = urlencode(request.form).encode()
        return self._transport(
            request.method, url, self._headers(request, url), body, request.overrides.timeouts
        )

    def _headers(self, request: Request, url: str) -> dict[str, str]:
        headers = {
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "I-Twilio-Idempotency-Token": request.token,
        }
        form = {} if request.method == "GET" else dict(request.form)
        if request.method != "GET":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        signature = request.signature
        if signature is None:
            signature = self._validator.compute_signature(url, form)
        return {**headers, **({"X-Twilio-Signature": signature} if signature else {})}

    def _keep(self, exchange: Exchange) -> None:
        with self._lock:
            self.sent.append(exchange)
            if self.keeps is not None and len(self.sent) > self.keeps:
                del self.sent[: self.keeps // 10]


def _words_for(loss: Lost) -> str:
    kinds = {ConnectTimedOut: "connect time-out", ReadTimedOut: "read time-out"}
    return f"{kinds.get(type(loss), 'unreachable')}: {loss}"


def _with_query(url: str, form: Mapping[str, str]) -> str:
    if not form:
        return url
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(form)}"
