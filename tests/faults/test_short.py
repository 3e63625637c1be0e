"""The short form: one small fleet, one stack, one part after the other taken away from it."""

from pathlib import Path

import pytest

from tests.faults.stack import Stack
from tests.faults.trial import Trial


@pytest.mark.timeout(400)
def test_nothing_is_lost_when_parts_break(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    with stack.up():
        trial = Trial.of(stack, size=6)
        with trial.calls() as fleet:
            stack.postgres.is_killed()
            assert fleet.goes_on(20)
            stack.postgres.starts()
            with stack.postgres.paused():
                assert fleet.goes_on(20)
            stack.redis.is_killed()
            assert fleet.goes_on(20)
            stack.redis.starts()
            stack.process("work").kill()
            assert fleet.goes_on(20)
        found = trial.account("short")
    assert not found.discrepancies
    assert found.errors == 0
