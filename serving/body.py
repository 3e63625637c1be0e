"""Reads request bodies completely, within limits of time and size."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

# After the first seconds, slower senders are cut off.
BYTES_A_SECOND = 64 * 1024
# Forms of the carrier and of people are smaller. Larger bodies share MOST_HELD in memory.
SMALL = 16 * 1024
MOST_HELD = 64 * 1024 * 1024


class Refused(Exception):  # noqa: N818 - it says what is so
    """A request that is not served; `status` is the HTTP status to answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Sent(Protocol):
    """A body that the server is still receiving."""

    async def __call__(self) -> bytes: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...


class Bodies:
    """Reads bodies, each within `seconds` plus the time that its size allows.

    All large bodies in transfer hold `most_held` bytes together at most.
    """

    def __init__(self, seconds: float, most_held: int = MOST_HELD) -> None:
        self._seconds = seconds
        self._room = most_held

    async def read(self, sent: Sent, length: str | None, largest: int) -> bytes:
        """The body with the Content-Length `length`; a body without one arrives in chunks.

        Raises Refused with 400, 408, 413 (above `largest` bytes), or 503 (no memory left for it).
        """
        announced = _announced(length)
        if announced is not None and announced > largest:
            raise Refused(413)
        try:
            if announced is not None and announced <= SMALL:
                async with asyncio.timeout(self._seconds):
                    return await sent()
            return await self._gathered(sent, largest)
        except TimeoutError:
            raise Refused(408) from None

    async def _gathered(self, sent: Sent, largest: int) -> bytes:
        gathered = bytearray()
        until = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(until) as deadline:
                async for chunk in sent:
                    gathered += chunk
                    self._room -= len(chunk)
                    if len(gathered) > largest:
                        raise Refused(413)
                    if self._room < 0:
                        raise Refused(503)
                    deadline.reschedule(until + len(gathered) / BYTES_A_SECOND)
        finally:
            self._room += len(gathered)
        return bytes(gathered)


def _announced(length: str | None) -> int | None:
    if length is None:
        return None
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        raise Refused(400)
    return int(length)
