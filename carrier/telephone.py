"""The telephone of the tests.

It works on a network with a virtual clock: when a method returns, everything that follows from it
has happened, up to the point where the call waits for the person again.

    phone = network.telephone("+48501234567")
    phone.dials()
    phone.presses("1", "3")
    phone.hears("customs office")
    phone.hangs_up()
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from carrier.call import (
    Call,
    Declined,
    Fault,
    Heard,
    HungUp,
    Key,
    PickedUp,
    Said,
    Spoke,
    Status,
)
from carrier.call_recording import running
from carrier.clocks import Doing, Event, Interruption, VirtualClock, Wait
from carrier.webhooks import Exchange, Kind, Mishap, Request

if TYPE_CHECKING:
    from carrier.network import Message, Network


@dataclass
class Telephone:
    """One number's telephone; ``call`` is the last call it made or got."""

    network: "Network"
    number: str
    answering: str = "by hand"  # or "at once", "busy", "no-answer", "failed"
    _call: Call | None = None
    _heard_before: int = 0
    _early_keys: list[str] = field(default_factory=list)
    _hangs_up_at: str = ""
    _has_met: int = 0

    # What a human does

    def dials(self, number: str | None = None) -> None:
        """Call the help desk (or another number of the account)."""
        _require(not self.is_up, f"{self.number} is in a call already")
        self._heard_before = 0
        self.network.call_in(self.number, number)

    def presses(self, *keys: str) -> None:
        """Press keys, one after the other, each when the line asks for a key."""
        for key in "".join(keys):
            self._must_be_asked(f"press {key}", Doing.GATHERING, Doing.RECORDING)
            self._acts(Key(key))

    def types(self, keys: str) -> None:
        """Type digits into one question; digits beyond its number are lost."""
        self._must_be_asked(f"type {keys}", Doing.GATHERING, Doing.RECORDING)
        self._heard_before = len(self.heard)
        question = self.requests_made
        for key in keys:
            if not self.is_up or self.requests_made != question:
                break
            self.network.tell(self.call, Key(key))

    def interrupts(self, keys: str) -> None:
        """From now on press these keys as soon as speech begins that accepts a key."""
        self._early_keys.extend(keys)

    def waits(self, rounds: int = 1) -> None:
        """Let the present wait end by itself, `rounds` times.

        A wait is the timeout of a Gather, silence in a Record, a waiting round, or unanswered
        ringing.
        """
        for _ in range(rounds):
            _require(self.is_up, f"the call is over ({self.call.end_reason})\n{self._transcript()}")
            self._heard_before = len(self.heard)
            self._clock().passes(self.call)

    def waits_until(self, seconds: float) -> None:
        """Do nothing until `seconds` of this call have passed since its start."""
        while self.is_up and self.seconds < seconds:
            self.waits()

    def speaks(self, seconds: float = 5, then: str = "") -> None:
        """Speak into a Record, then fall silent or press the key ``then``; or in a conversation."""
        self._must_be_asked("speak", Doing.RECORDING, Doing.CONFERRING, Doing.TALKING)
        self._acts(Spoke(seconds))
        if self.is_doing(Doing.RECORDING):
            self.presses(then) if then else self.waits()

    def says(self, words: str) -> None:
        """Say words into a Gather that takes speech."""
        self._must_be_asked(f"say {words!r}", Doing.GATHERING)
        self._acts(Said(words))

    def hangs_up(self, while_speaking: float = 0) -> None:
        """End the call; with ``while_speaking``, after that many seconds into a Record."""
        if while_speaking:
            self._must_be_asked("speak", Doing.RECORDING)
            self.network.tell(self.call, Spoke(while_speaking))
        self._acts(HungUp())

    def hangs_up_when_hearing(self, text: str) -> None:
        """From now on hang up in the middle of the first speech that contains ``text``."""
        self._hangs_up_at = text

    def answers(self) -> None:
        """Pick up the ringing telephone."""
        _require(self.is_ringing, f"{self.number} is not ringing")
        self._acts(PickedUp())

    def declines(self) -> None:
        """Refuse the ringing call: busy."""
        _require(self.is_ringing, f"{self.number} is not ringing")
        self._acts(Declined(Status.BUSY))

    # What a human perceives

    @property
    def call(self) -> Call:
        if self._call is None:
            raise AssertionError(f"{self.number} has neither dialled nor been called")
        return self._call

    @property
    def sid(self) -> str:
        return self.call.sid

    @property
    def is_up(self) -> bool:
        return self._call is not None and self._call.is_up

    @property
    def is_ringing(self) -> bool:
        return self.is_doing(Doing.RINGING)

    @property
    def heard(self) -> list[Heard]:
        """Everything spoken to this telephone in its last call."""
        return self._call.heard if self._call else []

    @property
    def just_heard(self) -> list[Heard]:
        """The speech since the person last did something."""
        return self.heard[self._heard_before :]

    @property
    def last_heard(self) -> str:
        """The speech since the person last did something, as one text."""
        return " ".join(piece.text for piece in self.just_heard)

    @property
    def seconds(self) -> float:
        """The virtual length of the call so far, as this leg waited it, in seconds."""
        return self.call.seconds

    @property
    def is_recorded(self) -> bool:
        """Whether the carrier records the call now. The person does not hear that."""
        recording = running(self.network, self.call)
        return recording is not None and recording.status == "in-progress"

    @property
    def errors(self) -> Sequence[Fault]:
        """What the carrier's debugger would show for this call."""
        return self.call.errors

    @property
    def messages(self) -> "list[Message]":
        """All SMS that this number ever received."""
        return [message for message in self.network.messages if message.to == self.number]

    def is_doing(self, *what: Doing) -> bool:
        return self._call is not None and self._call.is_doing(*what)

    def hears(self, *texts: str) -> None:
        """Assert that each text was spoken since the person last did something (ignoring case)."""
        for text in texts:
            heard = _folded(text) in _folded(self.last_heard)
            _require(heard, f"{self.number} did not hear {text!r}.\n{self._transcript()}")

    def does_not_hear(self, *texts: str) -> None:
        """Assert that none of the texts was spoken since the person last did something."""
        for text in texts:
            heard = _folded(text) in _folded(self.last_heard)
            _require(not heard, f"{self.number} heard {text!r}.\n{self._transcript()}")

    # What goes on the wire, and what goes wrong there

    @property
    def requests(self) -> list[Exchange]:
        """Every webhook of this call with its answer, in the order sent."""
        sent = self.network.post_office.sent
        return [exchange for exchange in sent if exchange.request.call_sid == self.sid]

    @property
    def requests_made(self) -> int:
        return len(self.requests) if self._call else 0

    def sends_again(self, index: int = -1) -> Exchange:
        """Send one of the call's webhooks (by default the last) again, with the same token."""
        return self.sends(self.requests[index].request)

    def sends(self, request: Request) -> Exchange:
        """Send an additional request: doubled, late, out of order or forged."""
        return self.network.post_office.send(request)

    def loses_next(self, happens: str = "lost", kind: Kind | None = None) -> None:
        """Lose the next webhook of this number.

        `happens` is "lost" (before the server), "answer lost" (after it), or "connect timeout"
        (once).
        """

        def fits(request: Request) -> bool:
            ours = self.number in (request.form.get("From"), request.form.get("To"))
            return ours and (kind is None or request.kind is kind)

        self.network.post_office.faults.append(Mishap(fits, happens))

    # Inside

    def holds(self, call: Call) -> None:
        """Connect the telephone to a call; the network calls this."""
        self._call = call
        self._heard_before = 0
        self._has_met = 0
        call.reaction = self._reacts

    def _reacts(self, call: Call, wait: Wait) -> Event | Interruption | None:
        if wait.doing is Doing.RINGING:
            return self._reacts_to_ringing()
        if wait.doing is Doing.SPEAKING and self._hears_its_cue():
            return HungUp("the caller hung up in the middle of a sentence")
        if self._early_keys and Key in wait.takes and wait.doing is not Doing.RECORDING:
            self._heard_before = len(self.heard)
            return Key(self._early_keys.pop(0))
        return None

    def _hears_its_cue(self) -> bool:
        heard = self.heard
        if not self._hangs_up_at or not heard or len(heard) == self._has_met:
            return False
        self._has_met = len(heard)
        return _folded(self._hangs_up_at) in _folded(heard[-1].text)

    def _reacts_to_ringing(self) -> Event | None:
        reactions: dict[str, Event] = {
            "at once": PickedUp(),
            "busy": Declined(Status.BUSY),
            "no-answer": Declined(Status.NO_ANSWER),
            "failed": Declined(Status.FAILED),
        }
        return reactions.get(self.answering)

    def _acts(self, event: Event | HungUp) -> None:
        self._heard_before = len(self.heard)
        self.network.tell(self.call, event)

    def _must_be_asked(self, action: str, *doing: Doing) -> None:
        why = ""
        if not self.is_up:
            why = f"the call is over ({self.call.end_reason})"
        elif not self.is_doing(*doing):
            state = self.call.waiting.doing.value if self.call.waiting else "no"
            why = f"nothing asks for it, the call is in {state} state"
        _require(not why, f"{self.number} cannot {action}: {why}.\n{self._transcript()}")

    def _clock(self) -> VirtualClock:
        clock = self.network.clock
        if not isinstance(clock, VirtualClock):
            raise TypeError("a test telephone needs a virtual clock")
        return clock

    def _transcript(self) -> str:
        lines = [f"  [{piece.language}] {piece.text}" for piece in self.just_heard]
        faults = [f"  fault {fault}" for fault in self.errors]
        end = [] if self.is_up else [f"The call ended: {self.call.end_reason}."]
        return "\n".join(["Since the last action:", *(lines or ["  (nothing)"]), *faults, *end])


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise AssertionError(message)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
