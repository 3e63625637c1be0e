"""The short form: one small fleet, one stack, one part after the other taken away from it."""

from pathlib import Path

import pytest

from tests.faults.account import What, account
from tests.faults.stack import Stack
from tests.faults.trial import Trial


@pytest.mark.timeout(400)
def test_nothing_is_lost_when_parts_break(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    with stack.up():
        trial = Trial.of(stack, size=6)
        with trial.calls() as fleet:
            stack.postgres.is_killed()
            fleet.goes_on(20)
            stack.postgres.starts()
            stack.postgres.crashes()
            fleet.goes_on(20)
            with stack.postgres.paused():
                fleet.goes_on(20)
            stack.redis.is_killed()
            fleet.goes_on(20)
            stack.redis.starts()
            stack.process("work").kill()
            fleet.goes_on(20)
        found = trial.account("short form")
        assert not found.discrepancies, stack.said()
        assert found.errors == 0
        assert_that_it_would_be_seen(stack)
        assert stack.counters.is_dir()
    assert not stack.counters.exists()


def assert_that_it_would_be_seen(stack: Stack) -> None:
    """An account that finds nothing is worth what it would have found."""
    stack.does(
        "DELETE FROM turns WHERE id = (SELECT min(id) FROM turns)",
        "UPDATE tickets SET outcome = NULL WHERE id = (SELECT min(id) FROM tickets)",
        "UPDATE recordings SET file = NULL",
        "UPDATE text_messages SET sid = 'another'",
    )
    found = account("spoiled", stack)
    assert found.count(What.TURN_LOST) >= 1
    assert found.count(What.STATE) == 1
    recordings = [one for one in stack.network.recordings.values() if one.seconds]
    assert found.count(What.JOB_LOST) == len(recordings) + len(stack.network.messages)
    assert found.count(What.JOB_DOUBLED) == len(stack.network.messages)
