"""The gate: runs a WSGI application behind granian's RSGI, for fully received requests only."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from serving.body import Bodies, Refused, Sent
from serving.environ import Scope, environ_of
from serving.headers import Head
from serving.lanes import Lane

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

HEAD_SECONDS = 10.0
BODY_SECONDS = 10.0
# A client that does not accept a part of an answer in this time does not get the rest.
PART_SECONDS = 30.0
SORRY = {
    400: b"The request cannot be read.\n",
    408: b"The request did not come in time.\n",
    413: b"The request is too large.\n",
    503: b"Too many requests at once. Try again in a few seconds.\n",
}


class Stream(Protocol):
    """The stream of an answer that is sent in parts."""

    async def send_bytes(self, data: bytes) -> None: ...


class Exchange(Sent, Protocol):
    """One request at the server: its body, and the ways to answer it."""

    def response_bytes(self, status: int, headers: Head, body: bytes) -> None: ...
    def response_stream(self, status: int, headers: Head) -> Stream: ...


@dataclass(frozen=True)
class Way:
    """How requests of one kind are served; `largest` is the largest body in bytes."""

    lane: Lane
    bodies: Bodies
    largest: int


class Gate:
    """Serves `application`; the path of a request chooses its way.

    `headers` are added to the gate's own answers.
    """

    def __init__(
        self, application: "WSGIApplication", way_of: Callable[[str], Way], headers: Head
    ) -> None:
        self._application = application
        self._way_of = way_of
        self._headers = headers

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request."""
        way = self._way_of(scope.path)
        headers = scope.headers.items()
        try:
            body = await _body_of(scope, exchange, way)
            if not way.lane.take():
                raise Refused(503)
        except Refused as refusal:
            self._refuse(exchange, refusal.status)
            return
        try:
            await self._answered(way.lane, environ_of(scope, headers, body), exchange)
        finally:
            way.lane.leave()

    async def _answered(self, lane: Lane, environ: "WSGIEnvironment", exchange: Exchange) -> None:
        done = self._loop.create_future()
        lane.put(partial(self._answer, environ, exchange, done))
        await done

    def _answer(
        self, environ: "WSGIEnvironment", exchange: Exchange, done: "asyncio.Future[None]"
    ) -> None:
        """Run the application in a thread of the lane."""
        try:
            _Answering(self._loop, exchange).run(self._application, environ)
        finally:
            self._loop.call_soon_threadsafe(done.set_result, None)

    def _refuse(self, exchange: Exchange, status: int) -> None:
        head = [("content-type", "text/plain; charset=utf-8"), ("connection", "close")]
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            head.append(("retry-after", "5"))
        exchange.response_bytes(status, head + self._headers, SORRY[status])


async def _body_of(scope: Scope, exchange: Exchange, way: Way) -> bytes:
    headers = scope.headers
    length = headers.get("content-length")
    if length is None and headers.get("transfer-encoding") is None:
        return b""
    return await way.bodies.read(exchange, length, way.largest)


class _Answering:
    """One call of a WSGI application in a thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, exchange: Exchange) -> None:
        self._loop = loop
        self._exchange = exchange
        self._status = 500
        self._head: Head = []

    def run(self, application: "WSGIApplication", environ: "WSGIEnvironment") -> None:
        parts = application(environ, self._start)
        if isinstance(parts, list):
            self._exchange.response_bytes(self._status, self._head, b"".join(parts))
            return
        try:
            self._stream(parts)
        finally:
            getattr(parts, "close", bool)()

    def _start(self, status: str, head: Head, exc_info: Any = None) -> Callable[[bytes], object]:
        self._status, self._head = int(status[:3]), head
        return self._refuse_write

    @staticmethod
    def _refuse_write(_: bytes) -> None:
        raise NotImplementedError("answers are returned, not written")

    def _stream(self, parts: Iterable[bytes]) -> None:
        """Send the parts. The first part comes before the head, because it may set the head."""
        rest = iter(parts)
        first = next(rest, b"")
        second = next(rest, None)
        if second is None:
            self._exchange.response_bytes(self._status, self._head, first)
            return
        stream = self._exchange.response_stream(self._status, self._head)
        for part in (first, second):
            self._send(stream, part)
        for part in rest:
            self._send(stream, part)

    def _send(self, stream: Stream, part: bytes) -> None:
        sent = asyncio.run_coroutine_threadsafe(_sent(stream, part), self._loop)
        sent.result(PART_SECONDS)


async def _sent(stream: Stream, part: bytes) -> None:
    await stream.send_bytes(part)
