"""Whole calls instead of a plain load: the carrier's telephones, in real time, key by key.

Speech takes no time, so a call is its webhooks and what the network itself costs: that is Python
too, on the same processors, so that this tells what is surely possible, not the most.
"""

import multiprocessing
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bench.load import FORM, TOKEN, Tally
from carrier.call import Call, HungUp, Key, Pace
from carrier.clocks import Doing, RealClock, Wait
from carrier.network import Network
from carrier.transport import Answer, Lost, Timeouts, Transport, over_sockets

PROCESSES: Final = 2
PEOPLE: Final = 12
# To the log-in, to the guidance for somebody who knows no password, and good-bye.
KEYS: Final = ("1", "3")
LOOKS_S: Final = 0.002
LONGEST_CALL_S: Final = 20.0


@dataclass
class Timed:
    """A transport that keeps how long each answer took, in seconds."""

    send: Transport
    times: list[float] = field(default_factory=list)
    faults: int = 0

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeouts: Timeouts
    ) -> Answer:
        began = time.perf_counter()
        try:
            answer = self.send(method, url, headers, body, timeouts)
        except Lost:
            self.faults += 1
            raise
        self.times.append(time.perf_counter() - began)
        self.faults += answer.status >= 400
        return answer


def fleet(port: int, seconds: float) -> tuple[float, Tally]:
    """Calls a second from the first ring to the hang-up, and their webhooks."""
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        whole, calls = Tally(), 0
        for made, tally in pool.starmap(_share, [(port, seconds)] * PROCESSES):
            whole.add(tally)
            calls += made
    return calls / whole.seconds, whole


def _share(port: int, seconds: float) -> tuple[int, Tally]:
    timed = Timed(over_sockets())
    network = Network(
        timed,
        RealClock(),
        account_sid=FORM["AccountSid"],
        auth_token=TOKEN,
        number=FORM["To"],
        server=f"http://127.0.0.1:{port}",
    )
    until = time.monotonic() + seconds
    began, spent = time.perf_counter(), time.process_time()
    made: list[Call] = []
    people = [
        threading.Thread(target=_calls, args=(network, f"+48501{n:06}", until, made))
        for n in range(PEOPLE)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    took = time.perf_counter() - began
    lost = sum(not call.heard or bool(call.errors) for call in made)
    own = time.process_time() - spent
    return len(made), Tally(timed.times, timed.faults + lost, own, took)


def _calls(network: Network, number: str, until: float, made: list[Call]) -> None:
    while time.monotonic() < until:
        call = network.call_in(number, pace=Pace.NONE)
        _presses(network, call)
        made.append(call)


def _presses(network: Network, call: Call) -> None:
    """Each key at a question of its own; then the caller has heard enough."""
    keys, answered, patience = list(KEYS), _nothing, time.monotonic() + LONGEST_CALL_S
    while call.is_up and time.monotonic() < patience:
        wait = call.waiting
        if wait is None or wait is answered or not _asks(wait):
            time.sleep(LOOKS_S)
            continue
        answered = wait
        network.clock.tell(call, Key(keys.pop(0)) if keys else HungUp())
    network.clock.tell(call, HungUp())


_nothing: Final = Wait(Doing.GOING_ON, None)


def _asks(wait: Wait) -> bool:
    return wait.doing is Doing.GATHERING and wait.human
