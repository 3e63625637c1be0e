"""A caller whose consultant has answered does not wait for a queue, or a worker, to come back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from callcenter.jobs import OF_CONVERSATIONS
from carrier.call import Call, HungUp, Key, Pace, PickedUp
from carrier.clocks import Doing
from models import Agent, Callback, Device, Job, Presence, Role, State, Waiting
from tests.faults.stack import Stack
from tests.patience import eventually

# Two seconds are meant; a sweep, which would come to it in the end, is thirty seconds away.
SOON_S = 10.0


def _ania_sits_down(stack: Stack) -> None:
    """In a browser that will have been seen for the whole test."""
    now = datetime.now(UTC)
    row = {"since": now, "idle_since": now, "seen_at": now + timedelta(minutes=5)}
    with Session(stack.engine) as session, session.begin():
        agent = Agent(
            login="ania",
            name="Ania",
            role=Role.AGENT,
            password="x",
            active=True,
            created_at=now,
            session_salt="x",
            device=Device.BROWSER,
        )
        session.add(agent)
        session.flush()
        session.add(Presence(agent_id=agent.id, state=State.AVAILABLE, **row))


def _redis_is_killed(stack: Stack) -> None:
    stack.redis.is_killed()


def _worker_hangs(stack: Stack) -> None:
    stack.process("work").suspend()


def _is_doing(leg: Call, doing: Doing) -> bool:
    return leg.waiting is not None and leg.waiting.doing is doing


@pytest.mark.timeout(300)
@pytest.mark.parametrize("breaks", [_redis_is_killed, _worker_hangs])
def test_a_caller_is_joined_at_once(tmp_path: Path, breaks: Callable[[Stack], None]) -> None:
    stack = Stack(tmp_path)
    with stack.up():
        _ania_sits_down(stack)
        breaks(stack)
        leg = stack.network.call_in("+48501234567", pace=Pace.NONE)
        assert eventually(lambda: _is_doing(leg, Doing.GATHERING), 20), stack.said()
        stack.network.tell(leg, Key("0"))
        ania = stack.network.telephone("client:ania")
        assert eventually(lambda: ania.is_ringing, SOON_S), stack.said()
        stack.network.tell(ania.call, PickedUp())
        assert eventually(lambda: ania.is_doing(Doing.CONFERRING), SOON_S), stack.said()
        assert eventually(lambda: _is_doing(leg, Doing.CONFERRING), SOON_S), stack.said()
        stack.network.tell(leg, HungUp())
        assert eventually(lambda: not ania.is_up, SOON_S), stack.said()
        assert eventually(lambda: _undone(stack) == 0), stack.said()


@pytest.mark.timeout(300)
def test_a_quick_answer_to_a_call_back_has_the_client_called(tmp_path: Path) -> None:
    """The carrier begins a call in two seconds, and Ania answers before they are over."""
    stack = Stack(tmp_path)
    with stack.up():
        leg = stack.network.call_in("+48501234567", pace=Pace.NONE)
        for key, makes in (("0", Waiting), ("1", Callback)):
            assert eventually(lambda: _is_doing(leg, Doing.GATHERING), 20), stack.said()
            stack.network.tell(leg, Key(key))
            assert eventually(partial(_is_there, stack, makes), 20), stack.said()
        stack.network.tell(leg, HungUp())
        olena = stack.network.telephone("+48501234567")
        ania = stack.network.telephone("client:ania")
        stack.network.calls_a_second = 0.5
        _ania_sits_down(stack)
        assert eventually(lambda: ania.is_ringing, SOON_S), stack.said()
        stack.network.tell(ania.call, PickedUp())
        assert eventually(lambda: olena.is_ringing, SOON_S), stack.said()
        stack.network.tell(olena.call, HungUp())
        assert eventually(lambda: not ania.is_up, SOON_S), stack.said()


def _is_there(stack: Stack, row: type[Waiting | Callback]) -> bool:
    with Session(stack.engine) as session:
        return session.query(row).count() == 1


def _undone(stack: Stack) -> int:
    with Session(stack.engine) as session:
        return (
            session.query(Job)
            .filter(Job.function.in_(OF_CONVERSATIONS), Job.done_at.is_(None))
            .count()
        )
