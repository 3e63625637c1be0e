"""Jobs leave after the commit, none before, and none is lost on the way."""

from datetime import UTC, datetime, timedelta

import pytest
from rq import Queue
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from callcenter import jobs
from callcenter.outbox import outbox
from callcenter.outbox.outbox import Task, enqueue
from callcenter.tickets.ticket_numbers import new_number
from config import Settings
from models import Conversation, Job
from models.session import transaction
from tests.console import scenes

NOW = datetime.now(UTC)


@pytest.fixture
def queue(database: Engine, settings: Settings) -> Queue:
    return outbox.bind(settings.redis_url)


def test_a_job_leaves_when_its_transaction_commits(queue: Queue) -> None:
    with transaction() as session:
        enqueue(session, Task.SEND_TEXT, 1, NOW)
        assert queue.count == 0
    assert queue.count == 1


def test_a_job_asked_for_inside_a_savepoint_waits_for_the_whole(queue: Queue) -> None:
    with transaction() as session:
        with session.begin_nested():
            enqueue(session, Task.SEND_TEXT, 1, NOW)
        assert queue.count == 0
    assert queue.count == 1


def test_a_job_of_a_transaction_that_failed_never_leaves(queue: Queue) -> None:
    def fails() -> None:
        with transaction() as session:
            enqueue(session, Task.SEND_TEXT, 1, NOW)
            raise LookupError

    with pytest.raises(LookupError):
        fails()
    assert queue.count == 0
    with transaction() as session:
        assert session.scalars(select(Job)).all() == []


def test_with_redis_away_the_row_keeps_the_promise(queue: Queue, settings: Settings) -> None:
    outbox.bind("redis://127.0.0.1:1/0")
    with transaction() as session:
        enqueue(session, Task.SEND_TEXT, 1, NOW - timedelta(minutes=1))
    assert jobs.sweep() == 0
    outbox.bind(settings.redis_url)
    with transaction() as session:
        session.scalars(select(Job)).one().handed_at = NOW - timedelta(minutes=1)
    assert jobs.sweep() == 1
    assert queue.count == 1


def test_every_task_has_its_function() -> None:
    assert set(jobs.TASKS) == set(Task)


def test_with_redis_away_jobs_are_done_without_it(database: Engine) -> None:
    outbox.bind("redis://127.0.0.1:1/0")
    with transaction() as session:
        enqueue(session, Task.SEND_TEXT, 1, NOW)
    assert not outbox.is_reachable()
    assert jobs.do_without_queue() == 1
    assert jobs.do_without_queue() == 0
    with transaction() as session:
        assert session.scalars(select(Job)).one().done_at


def test_a_clock_that_was_set_back_keeps_no_job_waiting(queue: Queue) -> None:
    with transaction() as session:
        enqueue(session, Task.SEND_TEXT, 1, NOW + timedelta(hours=2))
    assert queue.count == 1
    queue.empty()  # type: ignore[no-untyped-call]
    assert jobs.sweep() == 1
    assert queue.count == 1


class TestWhatTalksWaitFor:
    """The end of a conversation that had no caller: nothing is to be done, but by whom and when is
    seen.
    """

    @pytest.fixture(autouse=True)
    def queue_is_away(self, database: Engine) -> None:
        outbox.bind("redis://127.0.0.1:1/0")

    def _asked(self, seconds_ago: float, task: Task = Task.END_CONVERSATION) -> None:
        with transaction() as session:
            now = datetime.now(UTC) - timedelta(seconds=seconds_ago)
            conversation = Conversation(
                room=f"r{seconds_ago}{task}", ticket_id=_ticket(session), made_at=now
            )
            session.add(conversation)
            session.flush()
            enqueue(session, task, conversation.id, now)

    def test_is_done_after_a_second(self) -> None:
        self._asked(1.5)
        self._asked(-5)
        assert jobs.do_urgent() == 1
        assert jobs.do_urgent() == 0
        with transaction() as session:
            first, second = session.scalars(select(Job).order_by(Job.id))
            assert (first.done_at is None, second.done_at) == (False, None)

    def test_is_no_sms(self) -> None:
        self._asked(60, Task.SEND_TEXT)
        assert jobs.do_urgent() == 0

    def test_is_left_to_the_worker_that_has_it_in_hand(self) -> None:
        self._asked(60)
        with transaction() as worker:
            worker.scalars(select(Job).with_for_update()).one()
            assert jobs.do_urgent() == 0
        assert jobs.do_urgent() == 1

    def test_may_have_been_begun_by_a_worker_that_died(self) -> None:
        self._asked(60)
        with transaction() as session:
            now, patience = datetime.now(UTC), timedelta(seconds=1)
            ids = outbox.abandoned(session, jobs.OF_CONVERSATIONS, patience, now)
            assert len(ids) == 1
        with transaction() as session:
            argument = session.scalars(select(Job.argument)).one()
            assert outbox.may_have_begun(session, Task.END_CONVERSATION, argument)


def _ticket(session: Session) -> int:
    return scenes.ticket(session, scenes.call(session), new_number()).id
