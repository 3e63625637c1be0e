"""The long form (`make faults`): a stack and a fleet for each fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import breaking
from tests.faults.account import Account
from tests.faults.breaking import BREAKING, HOLDING, Fault
from tests.faults.releases import Releases, before_this
from tests.faults.stack import Stack, small_disk
from tests.faults.trial import Trial

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

CALLERS = 12
DOCUMENTS = 120


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
    assert found.held + found.errors == found.calls


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Room for a PostgreSQL, and not for much more."""
    yield from mounted(tmp_path / "disk", megabytes=300)


def mounted(folder: Path, megabytes: int) -> Iterator[Path]:
    try:
        with small_disk(folder, megabytes) as made:
            yield made
    except PermissionError as fault:
        pytest.skip(str(fault))


def test_a_full_disk_of_the_database(tmp_path: Path, disk: Path, accounts: list[Account]) -> None:
    with Stack(tmp_path, disk=disk).up() as stack:
        found = tried(stack, "disk full under PostgreSQL", breaking.disk_full, accounts)
    assert not found.discrepancies
    assert found.errors == 0


@pytest.fixture
def full_spool(tmp_path: Path) -> Iterator[Stack]:
    """A line whose spool has a small disk of its own."""
    stack = Stack(tmp_path)
    for _ in mounted(stack.home / "spool", megabytes=1):
        with stack.up():
            yield stack


def test_a_full_spool_while_the_database_hangs(full_spool: Stack, accounts: list[Account]) -> None:
    """Where nothing can be written anywhere, turns are lost; callers are helped all the same."""
    fault = breaking.database_and_spool_away
    found = tried(full_spool, "PostgreSQL paused, spool full", fault, accounts)
    assert found.errors == 0


def test_a_clock_that_is_set_back(tmp_path: Path, accounts: list[Account]) -> None:
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        pytest.skip("libfaketime is not installed")
    (tmp_path / "clock").write_text("+0\n")
    environ = {
        "LD_PRELOAD": str(libraries[0]),
        "FAKETIME_TIMESTAMP_FILE": str(tmp_path / "clock"),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with Stack(tmp_path, environ).up() as stack:
        found = tried(stack, "clock set back an hour", breaking.clock_set_back, accounts)
    assert not found.discrepancies
    assert found.errors == 0


def test_two_releases_side_by_side(tmp_path: Path, accounts: list[Account]) -> None:
    code = before_this(tmp_path / "before")
    if code is None:
        pytest.skip("the release before is not in this clone's history")
    with Stack(tmp_path).up() as stack, Releases(stack, code).side_by_side():
        found = tried(stack, "two releases side by side", breaking.nothing, accounts)
    assert not found.discrepancies
    assert found.errors == 0
