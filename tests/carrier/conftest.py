"""The telephones of the carrier's own tests."""

import pytest

from carrier.telephone import Telephone
from tests.carrier.house import House


@pytest.fixture
def house() -> House:
    house = House()
    house.answers("/voice/status", lambda: ("", 204))
    house.answers("/voice/recording", lambda: ("", 204))
    return house


@pytest.fixture
def jan(house: House) -> Telephone:
    return house.jan
