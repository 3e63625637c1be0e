"""The telephones of the carrier's own tests."""

from collections.abc import Iterator

import pytest
from twilio.rest import Client

from carrier import process
from carrier.telephone import Telephone
from tests.carrier import description
from tests.carrier.house import House
from tests.carrier.official import OfficialTransport


@pytest.fixture
def house() -> House:
    house = House()
    house.answers("/voice/status", lambda: ("", 204))
    house.answers("/voice/recording", lambda: ("", 204))
    return house


@pytest.fixture
def jan(house: House) -> Telephone:
    return house.jan


@pytest.fixture
def base(house: House) -> Iterator[str]:
    """The network's REST interface; all that goes through it is as the carrier describes it."""
    app = process.create_app(house.network)
    faults = description.watch(app)
    with process.running(house.network, app) as base:
        yield base
    assert faults == []


@pytest.fixture
def client(house: House, base: str) -> Iterator[Client]:
    transport = OfficialTransport(base)
    yield Client(house.network.account_sid, house.network.auth_token, http_client=transport)
    assert transport.session is not None
    transport.session.close()
