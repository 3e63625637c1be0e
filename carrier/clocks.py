"""The clocks that let the time of a call pass.

A call is a generator. It yields a Wait wherever time passes, and is sent the event that came in
meanwhile. With the *virtual* clock nothing sleeps: each call runs in the thread that triggers it,
up to the point where it waits for a person. With the *real* clock each call has a thread and waits
for real.
"""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

log = logging.getLogger(__name__)


class Doing(StrEnum):
    """What a call does while it waits."""

    RINGING = "ringing"
    SPEAKING = "speech"
    PAUSING = "silence"
    GATHERING = "gather"
    RECORDING = "recording"
    QUEUEING = "queue"
    DIALLING = "dialling"
    TALKING = "bridged"
    CONFERRING = "conference"
    GOING_ON = "going on"


@dataclass(frozen=True)
class Event:
    """An event that comes in while a call waits."""


class Interruption(Exception):  # noqa: N818 - an event that is raised, not an error
    """An event that ends whatever the call does: it is raised where the call waits."""


@dataclass(frozen=True)
class Wait:
    """A wait of ``seconds``, or without end if None.

    ``takes`` are the events that end it early; others are ignored. ``human`` means that a virtual
    clock stops here until somebody does something.
    """

    doing: Doing
    seconds: float | None
    takes: tuple[type[Event], ...] = ()
    human: bool = False


Steps = Generator[Wait, Event | None, Any]


class Runnable(Protocol):
    """What a clock needs of a call."""

    waiting: Wait | None
    seconds: float

    @property
    def hurried(self) -> bool: ...

    def reacts(self, wait: Wait) -> Event | Interruption | None:
        """What the person does at once in this wait, without being told by a test."""
        ...


class Clock(Protocol):
    """Runs calls."""

    def now(self) -> datetime: ...

    def start(self, call: Runnable, steps: Steps) -> None: ...

    def tell(self, call: Runnable, event: Event | Interruption) -> None: ...

    def later(self, seconds: float, action: Callable[[], None]) -> None: ...


class VirtualClock:
    """A clock whose time passes only when a call waits.

    ``shift`` is called with each step of time (for example a ``time_machine`` traveller's, if the
    server's clock is to follow). Without it only this clock runs ahead of the system's.
    """

    def __init__(self, shift: Callable[[timedelta], Any] | None = None) -> None:
        self._shift = shift
        self._ahead = timedelta()
        self._steps: dict[int, Steps] = {}
        self._inbox: deque[tuple[Runnable, Event | Interruption | None]] = deque()
        self._afterwards: deque[Callable[[], None]] = deque()
        self._is_running = False

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def start(self, call: Runnable, steps: Steps) -> None:
        self._steps[id(call)] = steps
        self._inbox.append((call, None))
        self._run()

    def tell(self, call: Runnable, event: Event | Interruption) -> None:
        self._inbox.append((call, event))
        self._run()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        self._afterwards.append(action)
        self._run()

    def passes(self, call: Runnable) -> None:
        """End the present wait of the call, because nobody did anything."""
        if call.waiting is None:
            return
        self._pass(call, call.waiting.seconds or 0)
        self._inbox.append((call, None))
        self._run()

    def _run(self) -> None:
        if self._is_running:
            return
        self._is_running = True
        try:
            while self._inbox or self._afterwards:
                if self._inbox:
                    self._step(*self._inbox.popleft())
                else:
                    self._afterwards.popleft()()
        finally:
            self._is_running = False

    def _step(self, call: Runnable, event: Event | Interruption | None) -> None:
        steps = self._steps.get(id(call))
        if steps is None or not _is_taken(call.waiting, event):
            return
        try:
            wait = _resume(steps, event)
            while (reaction := call.reacts(wait)) is not None or not wait.human:
                if reaction is None:
                    self._pass(call, wait.seconds or 0)
                wait = _resume(steps, reaction)
            call.waiting = wait
        except StopIteration:
            call.waiting = None
            del self._steps[id(call)]

    def _pass(self, call: Runnable, seconds: float) -> None:
        call.seconds += seconds
        if self._shift:
            self._shift(timedelta(seconds=seconds))
        else:
            self._ahead += timedelta(seconds=seconds)


class RealClock:
    """The real time, with a thread for each call. ``speed`` shortens speech, never human waits."""

    def __init__(self) -> None:
        self._inboxes: dict[int, queue.SimpleQueue[Event | Interruption]] = {}

    def now(self) -> datetime:
        return datetime.now(UTC)

    def start(self, call: Runnable, steps: Steps) -> None:
        self._inboxes[id(call)] = queue.SimpleQueue()
        threading.Thread(target=self._run, args=(call, steps), daemon=True).start()

    def tell(self, call: Runnable, event: Event | Interruption) -> None:
        inbox = self._inboxes.get(id(call))
        if inbox is not None:
            inbox.put(event)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        timer.start()

    def _run(self, call: Runnable, steps: Steps) -> None:
        inbox = self._inboxes[id(call)]
        event: Event | Interruption | None = None
        try:
            while True:
                call.waiting = _resume(steps, event)
                event = self._await(inbox, call, call.waiting)
        except StopIteration:
            pass
        except Exception:
            log.exception("a call broke off")
        finally:
            call.waiting = None
            del self._inboxes[id(call)]

    def _await(
        self, inbox: "queue.SimpleQueue[Event | Interruption]", call: Runnable, wait: Wait
    ) -> Event | Interruption | None:
        begun = time.monotonic()
        seconds = 0.0 if call.hurried and not wait.human else wait.seconds
        try:
            while True:
                left = None if seconds is None else begun + seconds - time.monotonic()
                if left is not None and left <= 0:
                    event: Event | Interruption = inbox.get_nowait()
                else:
                    event = inbox.get(timeout=left)
                if _is_taken(wait, event):
                    return event
        except queue.Empty:
            return None
        finally:
            call.seconds += time.monotonic() - begun


def _is_taken(wait: Wait | None, event: Event | Interruption | None) -> bool:
    if event is None or isinstance(event, Interruption):
        return True
    return wait is not None and isinstance(event, wait.takes)


def _resume(steps: Steps, event: Event | Interruption | None) -> Wait:
    if isinstance(event, Interruption):
        return steps.throw(event)
    return steps.send(event)
