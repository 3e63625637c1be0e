"""The long form (`make faults`): a stack and a fleet for each fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.account import Account
from tests.faults.breaking import BREAKING, HOLDING, Fault
from tests.faults.stack import Stack
from tests.faults.trial import Trial

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

CALLERS = 16
DOCUMENTS = 160


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """The line, running."""
    with Stack(tmp_path).up() as made:
        yield made


def tried(stack: Stack, name: str, fault: Fault, accounts: list[Account]) -> Account:
    """What is found after the fault has come and gone while everybody calls."""
    trial = Trial.of(stack, CALLERS)
    with trial.calls() as fleet, fault(trial):
        fleet.goes_on(DOCUMENTS)
    found = trial.account(name)
    accounts.append(found)
    return found


@pytest.mark.parametrize("name", HOLDING)
def test_no_caller_hears_of_it(name: str, stack: Stack, accounts: list[Account]) -> None:
    found = tried(stack, name, HOLDING[name], accounts)
    assert not found.discrepancies
    assert found.errors == 0
    assert found.apologies == 0


@pytest.mark.parametrize("name", BREAKING)
def test_calls_break_and_nothing_is_lost(name: str, stack: Stack, accounts: list[Account]) -> None:
    """Who is cut off in the middle of an answer hears the carrier's error; the ticket is there."""
    found = tried(stack, name, BREAKING[name], accounts)
    assert not found.discrepancies
    assert found.held > found.calls / 3
