"""A fleet of telephones in the hands of people who know what they want, and how long they wait.

Each person is a thread that calls, answers what the line asks, hangs up or is bidden goodbye, and
calls again, until told to go home. Speech takes no time; thinking takes a little.
"""

import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from carrier.call import Call as Leg
from carrier.call import Callback, Direction, HungUp, Key, Pace, PickedUp, Spoke
from carrier.clocks import Doing, Wait
from carrier.line import Jump
from carrier.network import Network
from ivr.flows import SCRIPT
from ivr.script import Ask, Menu, Place
from ivr.script import Wait as Waiting
from tests.faults.wire import Wire
from tests.patience import eventually

ANIA: Final = "+48223070001"
TAKE_NEXT: Final = "<Response><Dial><Queue>consultants</Queue></Dial></Response>"
LANGUAGE_KEY: Final = {
    "pl": {"en": "8", "uk": "7"},
    "en": {"pl": "8", "uk": "7"},
    "uk": {"en": "8", "pl": "7"},
}
MAIN: Final = ("main/welcome", "main/switched", "main/menu")
PESEL: Final = "44051401359"
STEP_SECONDS: Final = 0.01
AFTER_AN_ERROR_SECONDS: Final = 2.0
LONGEST_CALL_SECONDS: Final = 90.0


@dataclass(frozen=True)
class Reason:
    """Why somebody calls: what to press at which question, the first time and the next times."""

    name: str
    main: str
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    patient: bool = False

    def answer(self, place: str, before: int) -> str:
        """What to press at `place`, asked for the `before`-th time; nothing: wait, or give up."""
        if place in MAIN:
            return self.main
        known = self.keys.get(place) or ANYBODY.get(place, ())
        return known[min(before, len(known) - 1)] if known else ""


# What people press at places where a fault has led them.
ANYBODY: Final[Mapping[str, Sequence[str]]] = {
    "login/menu": ("3",),
    "login/solved": ("1",),
    "about/enough": ("1",),
    "consultant/waiting": ("1",),
    "existing/still_open": ("2",),
    "existing/too_late": ("2",),
    "outage/message": ("1",),
}

GUIDED: Final = Reason("guided", "1", {"login/menu": "3"})
TEXTED: Final = Reason("texted", "1", {"login/menu": "2", "login/solved": ("3", "1")})
ABOUT: Final = Reason("about", "5")
PREPARED: Final = Reason("pesel", "2", {"account/menu": "3", "account/pesel": (PESEL,)})
DESCRIBED: Final = Reason("described", "3", {"report/menu": "2"})
SERVED: Final = Reason("served", "0", patient=True)


def asking_about(number: str) -> Reason:
    """Somebody who has a ticket already, and complains."""
    return Reason("existing", "4", {"existing/number": (number,), "existing/choose": "1"})


REASONS: Final = (GUIDED, TEXTED, ABOUT, PREPARED, DESCRIBED, SERVED)


@dataclass
class Person:
    """Somebody with a telephone. `mind` decides when to hang up."""

    fleet: "Fleet"
    number: str
    language: str
    mind: random.Random

    def lives(self) -> None:
        """Call, and call again, until everybody goes home."""
        while not self.fleet.goes_home.is_set():
            reason = self.mind.choice(self.fleet.reasons)
            patience = self.mind.randint(1, 8) if self.mind.random() < 0.25 else 1000
            leg = self.calls(reason, patience)
            pause = AFTER_AN_ERROR_SECONDS if leg.errors else 0.0
            self.fleet.goes_home.wait(pause + self.mind.uniform(0.05, 0.4))

    def calls(self, reason: Reason, patience: int = 1000) -> Leg:
        """A call from the first ring to its end. After `patience` questions they hang up."""
        leg = self.fleet.network.call_in(self.number, pace=Pace.NONE)
        until = time.monotonic() + LONGEST_CALL_SECONDS
        acted_on: Wait | None = None
        asked: dict[str, int] = {}
        while leg.is_up:
            wait = leg.waiting
            if time.monotonic() > until:
                leg.note("given up", self.fleet.network.clock.now())
                self._acts(leg, HungUp("the caller gave up"))
                until += LONGEST_CALL_SECONDS
            if wait is None or wait is acted_on or not wait.human:
                time.sleep(STEP_SECONDS)
                continue
            acted_on = wait
            patience -= 1
            if patience == 0:
                time.sleep(self.mind.uniform(0, 0.3))
                self._acts(leg, HungUp())
            else:
                self._reacts(leg, wait, reason, asked)
        return leg

    def _reacts(self, leg: Leg, wait: Wait, reason: Reason, asked: dict[str, int]) -> None:
        if wait.doing is Doing.RECORDING:
            self._acts(leg, Spoke(2.0))
            self._acts(leg, Key("#"))
        elif wait.doing is Doing.GATHERING:
            self._answers(leg, reason, asked)

    def _answers(self, leg: Leg, reason: Reason, asked: dict[str, int]) -> None:
        where = self.fleet.wire.asked[leg.sid]
        flow, _, name = where.place.partition("/")
        node = SCRIPT.node(Place(flow, name))
        if not isinstance(node, Menu | Ask | Waiting):
            return  # guidance: it is listened to
        time.sleep(self.mind.uniform(0.01, 0.15))
        if isinstance(node, Waiting) and reason.patient and not self.fleet.goes_home.is_set():
            return
        if where.place in MAIN and where.language != self.language:
            keys = LANGUAGE_KEY[where.language][self.language]
        else:
            keys = reason.answer(where.place, asked.get(where.place, 0))
            asked[where.place] = asked.get(where.place, 0) + 1
        if not keys:
            self._acts(leg, HungUp())
        for key in keys:
            self._acts(leg, Key(key))

    def _acts(self, leg: Leg, event: Key | Spoke | HungUp) -> None:
        self.fleet.network.tell(leg, event)


@dataclass
class Fleet:
    """People who call at the same time, and Ania, who takes whoever waits."""

    network: Network
    wire: Wire
    size: int
    reasons: Sequence[Reason] = REASONS
    seed: int = 4
    goes_home: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def goes_out(self) -> None:
        """From now on everybody calls."""
        mind = random.Random(self.seed)
        self.network.telephone(ANIA)
        lives = [person.lives for person in self._people(mind)]
        for life in (*lives, self._takes_calls):
            self.threads.append(threading.Thread(target=life, daemon=True))
            self.threads[-1].start()

    def _people(self, mind: random.Random) -> list[Person]:
        numbers = [f"+485010000{place:02d}" for place in range(self.size)]
        numbers[1:2] = ["+48221234567"]
        numbers[2:3] = ["anonymous"]
        languages = ("pl", "pl", "en", "uk")
        return [
            Person(self, number, languages[place % 4], random.Random(mind.random()))
            for place, number in enumerate(numbers)
        ]

    def one_calls(self, reason: Reason) -> Leg:
        """A single call, before or after the others."""
        return Person(self, "+48602000000", "pl", random.Random(self.seed)).calls(reason)

    def _takes_calls(self) -> None:
        """Ania takes one after the other, and talks but a moment."""
        queue = self.network.queue("consultants")
        while not self.goes_home.is_set() or queue.members:
            if queue.members:
                self._takes_one()
            time.sleep(0.1)

    def _takes_one(self) -> None:
        ours = self.network.main.phone_number
        leg = self.network.new_leg(ours, ANIA, Direction.OUTBOUND_API, Callback())
        leg.pace = Pace.NONE
        self.network.call_out(leg, Jump("", twiml=TAKE_NEXT))
        eventually(lambda: leg.is_doing(Doing.RINGING), 10)
        self.network.tell(leg, PickedUp())
        eventually(lambda: leg.is_doing(Doing.TALKING) or not leg.is_up, 5)
        time.sleep(0.2)
        self.network.tell(leg, HungUp("Ania hung up"))
        eventually(lambda: not leg.is_up, 10)

    def goes_on(self, documents: int, seconds: float = 60) -> bool:
        """Wait until so many more webhooks had an answer, or none."""
        wanted = len(self.wire.seconds) + documents
        return eventually(lambda: len(self.wire.seconds) >= wanted, seconds)

    def comes_home(self) -> None:
        """Nobody calls any more; the last calls come to their ends."""
        self.goes_home.set()
        for thread in self.threads:
            thread.join(LONGEST_CALL_SECONDS * 2)
        assert not [thread for thread in self.threads if thread.is_alive()]
        assert eventually(lambda: not self._up(), 60), self._up()

    def _up(self) -> list[Leg]:
        return [leg for leg in list(self.network.calls.values()) if leg.is_up]
