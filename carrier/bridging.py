"""Two legs that hear each other until one of them goes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from carrier.call import Call, Spoke
from carrier.call_recording import speak
from carrier.clocks import Doing, Event
from carrier.line import Line, Played

if TYPE_CHECKING:
    from carrier.network import Network


@dataclass(frozen=True)
class Parted(Event):
    """The other side of the bridge has left."""


@dataclass
class Bridge:
    """The bridge between the leg that dialled and the leg that was reached."""

    dialler: Call
    reached: Call
    is_over: bool = False
    seconds: float = 0.0

    def other(self, call: Call) -> Call:
        return self.reached if call is self.dialler else self.dialler

    def part(self, network: "Network", leaving: Call) -> None:
        """End the bridge once, and notify the other side."""
        if not self.is_over:
            self.is_over = True
            network.clock.tell(self.other(leaving), Parted())


def talk(line: Line, bridge: Bridge) -> Played[None]:
    """Stay in the bridge until it ends; leaving in any way ends it."""
    begun = line.network.clock.now()
    line.note("bridged", to=bridge.other(line.call).human)
    try:
        while not bridge.is_over:
            event = yield from line.wait(Doing.TALKING, None, Parted, Spoke, human=True)
            if isinstance(event, Spoke):
                other = bridge.other(line.call)
                yield from speak(line, event, [other], Doing.TALKING, Parted)
    finally:
        bridge.part(line.network, line.call)
        bridge.seconds = (line.network.clock.now() - begun).total_seconds()
