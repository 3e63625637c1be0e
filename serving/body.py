"""Reads what was posted: whole, within a time, and no more than may be posted."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

# Forms of the carrier and of people are smaller. Few at a time may send more, for memory's sake.
SMALL = 16 * 1024
LARGE_AT_A_TIME = 64


class Refused(Exception):  # noqa: N818 - it says what is so
    """A body that is not read; `status` is the HTTP status that says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Sent(Protocol):
    """What the server knows of a body that is on its way."""

    async def __call__(self) -> bytes: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...


class Bodies:
    """Reads bodies of at most `largest` bytes, each within `seconds`."""

    def __init__(self, largest: int, seconds: float) -> None:
        self._largest = largest
        self._seconds = seconds
        self._large = 0

    async def read(self, sent: Sent, length: str | None) -> bytes:
        """The body, whose Content-Length is `length`; without one it comes in chunks.

        Raises Refused: 400, 408, 413, or 503 while too many large ones are on their way.
        """
        announced = _announced(length)
        if announced is not None and announced > self._largest:
            raise Refused(413)
        try:
            if announced is not None and announced <= SMALL:
                async with asyncio.timeout(self._seconds):
                    return await sent()
            return await self._read_large(sent)
        except TimeoutError:
            raise Refused(408) from None

    async def _read_large(self, sent: Sent) -> bytes:
        if self._large >= LARGE_AT_A_TIME:
            raise Refused(503)
        self._large += 1
        try:
            async with asyncio.timeout(self._seconds):
                return await self._gathered(sent)
        finally:
            self._large -= 1

    async def _gathered(self, sent: Sent) -> bytes:
        gathered = bytearray()
        async for chunk in sent:
            gathered += chunk
            if len(gathered) > self._largest:
                raise Refused(413)
        return bytes(gathered)


def _announced(length: str | None) -> int | None:
    if length is None:
        return None
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        raise Refused(400)
    return int(length)
