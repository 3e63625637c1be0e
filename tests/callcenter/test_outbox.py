"""Jobs leave after the commit, none before, and none is lost on the way."""

from datetime import UTC, datetime, timedelta

import pytest
from rq import Queue
from sqlalchemy import Engine, select

from callcenter import jobs, outbox
from callcenter.outbox import Task, enqueue
from config import Settings
from models import Job
from models.session import transaction

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
