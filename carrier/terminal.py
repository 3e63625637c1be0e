"""A telephone in the terminal: shows speech as text, presses keys, prints the CallSid."""

import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import requests

from carrier.gathering import BREATH_SECONDS

POLL_SECONDS: Final = 0.1
MESSAGE_SECONDS: Final = 4
PATIENCE_SECONDS: Final = 90.0
SILENCE: Final = "-"
HANG_UP: Final = "q"
NOT_THERE: Final = "There is no carrier at {}. Start it first: make run (or centrala run)."
HELP: Final = "Type keys and Enter. Just Enter while recording: speak. q: hang up."

Event = dict[str, Any]
Out = Callable[[str], object]


def place_call(base_url: str, from_: str, keys: Sequence[str], out: Out) -> int:
    """Place a call and print what is heard; returns the exit code: 0, or 1 if the call failed.

    Each of ``keys`` is pressed when the line asks (several digits are typed at once, ``-`` is
    silence). Speech then takes no time, and the call is hung up after the last answer. Without
    ``keys`` they are read from the standard input.
    """
    try:
        telephone = _Telephone(base_url.rstrip("/"), out, list(keys), typed=not keys)
        return telephone.calls(from_)
    except requests.ConnectionError:
        out(NOT_THERE.format(base_url))
        return 1


@dataclass
class _Telephone:
    base: str
    out: Out
    keys: list[str]
    typed: bool
    sid: str = ""
    lines: "queue.SimpleQueue[str | None]" = field(default_factory=queue.SimpleQueue)
    is_recording: bool = False
    is_queueing: bool = False

    def calls(self, from_: str) -> int:
        answer = requests.post(
            f"{self.base}/phones",
            json={"from": from_, "pace": "normal" if self.typed else "none"},
            timeout=20,
        )
        told = answer.json()
        if answer.status_code != 201 or "sid" not in told:
            self.out(str(told.get("error", told) if isinstance(told, dict) else told))
            return 1
        self.sid = told["sid"]
        self.out(f"Calling from {from_} …")
        if self.typed:
            self.out(HELP)
            threading.Thread(target=self._read, daemon=True).start()
        self._listens()
        self.out(f"Call {self.sid}")
        return 0

    def _read(self) -> None:
        for line in sys.stdin:
            self.lines.put(line.strip())
        self.lines.put(None)

    def _listens(self) -> None:
        """Print events as they come until the call is over."""
        since, heard_at = 0, time.monotonic()
        while True:
            state = self._state(since)
            since = state["next"]
            for event in state["events"]:
                heard_at = time.monotonic()
                self._hears(event)
            if not state["is_up"] and not state["events"]:
                return
            if not self.typed and time.monotonic() - heard_at > PATIENCE_SECONDS:
                self._does("hangup")
            self._presses_typed()
            time.sleep(POLL_SECONDS)

    def _state(self, since: int) -> dict[str, Any]:
        answer = requests.get(f"{self.base}/phones/{self.sid}?since={since}", timeout=20)
        answer.raise_for_status()
        state: dict[str, Any] = answer.json()
        return state

    def _hears(self, event: Event) -> None:
        words = _WORDS.get(event["kind"])
        if words is not None:
            self.out(words(event))
        self.is_recording = event["kind"] == "recording" or (
            self.is_recording and event["kind"] != "recorded"
        )
        if not self.typed:
            self._answers(event)

    def _answers(self, event: Event) -> None:
        """With keys from the command line: give one answer to each question."""
        if event["kind"] == "recording":
            self._does("speak", seconds=MESSAGE_SECONDS)
            self._does("keys", digits="#")
        elif event["kind"] == "queue":
            self.is_queueing = True
        elif event["kind"] == "gather" and (self.is_queueing or event["timeout"] > BREATH_SECONDS):
            self._presses_next()

    def _presses_next(self) -> None:
        if not self.keys:
            self.out("(hangs up)")
            self._does("hangup")
            return
        key = self.keys.pop(0)
        if key == SILENCE:
            self.out("> (silence)")
        else:
            self.is_queueing = False
            self._does("keys", digits=key)

    def _presses_typed(self) -> None:
        while not self.lines.empty():
            line = self.lines.get()
            if line in (None, HANG_UP):
                self._does("hangup")
            elif line:
                self._does("keys", digits=line)
            elif self.is_recording:
                self._does("speak", seconds=MESSAGE_SECONDS)

    def _does(self, what: str, **body: object) -> None:
        answer = requests.post(f"{self.base}/phones/{self.sid}/{what}", json=body, timeout=20)
        if answer.status_code == 422:
            self.out(f"({answer.json()['error']})")


_WORDS: Final[dict[str, Callable[[Event], str]]] = {
    "answered": lambda event: "(answered)",
    "speech": lambda event: f"[{event['language']}] {event['text']}",
    "play": lambda event: "(music)",
    "key": lambda event: f"> {event['digit']}",
    "beep": lambda event: "(tone)",
    "recording": lambda event: "(recording)",
    "recorded": lambda event: f"(recorded {event['seconds']:.0f} s)",
    "queue": lambda event: f"(waiting in the queue {event['name']})",
    "bridged": lambda event: "(connected)",
    "sms": lambda event: f"(SMS from {event['by']}) {event['body']}",
    "error": lambda event: f"(error {event['code']}: {event['message']})",
    "ended": lambda event: f"({event['reason']})",
}
