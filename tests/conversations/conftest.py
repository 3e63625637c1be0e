"""Callers on the line, a consultant who takes a call, the ledger that every test must balance."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

import words
from carrier.call import Callback, Direction
from carrier.clocks import VirtualClock
from carrier.line import Jump
from carrier.network import Network
from carrier.telephone import Telephone
from config import Settings
from tests.conversations.callers import Caller
from tests.conversations.ledger import balance
from tests.shift import Shift, shift_of

TAKE_NEXT = "<Response><Dial><Queue>consultants</Queue></Dial></Response>"


@pytest.fixture(params=words.LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Each of the languages that the line speaks."""
    return str(request.param)


@pytest.fixture
def olena(network: Network) -> Caller:
    """Calls from a mobile telephone."""
    return Caller.of(network, "+48501234567")


@pytest.fixture
def jan(network: Network) -> Caller:
    """Calls from a landline, which receives no SMS."""
    return Caller.of(network, "+48221234567")


@pytest.fixture
def somebody(network: Network) -> Caller:
    """Withholds the number."""
    return Caller.of(network, "anonymous")


@pytest.fixture
def ania(network: Network) -> Telephone:
    """A consultant, whose telephone answers at once."""
    telephone = network.telephone("+48223070001")
    telephone.answering = "at once"
    return telephone


@pytest.fixture
def takes_a_call(network: Network) -> Callable[[Telephone], None]:
    """A consultant takes whoever has waited longest; it is the carrier that joins the two."""

    def take(consultant: Telephone) -> None:
        ours = network.main.phone_number
        leg = network.new_leg(ours, consultant.number, Direction.OUTBOUND_API, Callback())
        network.call_out(leg, Jump("", twiml=TAKE_NEXT))

    return take


@pytest.fixture
def clock(line: Flask, network: Network) -> Iterator[Callable[[datetime], object]]:
    """Sets the time of the line and of the network, which from then on pass together."""
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        network.clock = VirtualClock(traveller.shift)
        yield traveller.move_to


@pytest.fixture
def now(network: Network) -> Iterator[time_machine.Traveller]:
    """A clock that stands still unless the test, or a call, lets time pass."""
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        network.clock = VirtualClock(traveller.shift)
        yield traveller


@pytest.fixture
def shift(now: time_machine.Traveller, network: Network, settings: Settings) -> Iterator[Shift]:
    with shift_of(network, settings) as shift:
        yield shift


@pytest.fixture
def out_of_balance() -> list[str]:
    """A test whose requests get lost or forged writes here why its ledger cannot balance."""
    return []


@pytest.fixture(autouse=True)
def ledger(
    line: Flask, settings: Settings, network: Network, out_of_balance: list[str]
) -> Iterator[None]:
    """After each conversation the rows say what the telephones lived through."""
    yield
    assert out_of_balance or balance(network) == []
