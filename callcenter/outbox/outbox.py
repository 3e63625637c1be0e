"""The outbox: a job is a row of the transaction that needs it, sent to the queue after the commit.

No job is lost while Redis is away. A worker may receive a job twice; `jobs.run` performs it once.
"""

import logging
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from redis import Redis, RedisError
from rq import Queue
from sqlalchemy import ColumnElement, event, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from models import Job
from models.session import Circuit

log = logging.getLogger(__name__)

QUEUE = "centrala"
HAND_OVER_AGAIN = timedelta(seconds=30)
# A due date further ahead than the longest delay shows that the clock was set back.
CLOCK_WAS_SET_BACK = timedelta(minutes=20)
_queues: list[Queue] = []
# Open while the queue does not answer, so that only the first webhook waits for it.
circuit = Circuit()


class Task(StrEnum):
    """The kinds of jobs; `jobs.TASKS` maps each to its function."""

    SEND_TEXT = "send_text"
    FETCH_RECORDING = "fetch_recording"
    ERASE_RECORDING = "erase_recording"
    PLACE_CALL = "place_call"
    ASK_ABOUT_CALL = "ask_about_call"
    RING_LEG = "ring_leg"
    LET_GO = "let_go"
    JOIN_CALLER = "join_caller"
    CALL_CLIENT = "call_client"
    HOLD_CALLER = "hold_caller"
    END_CONVERSATION = "end_talk"
    RECORD_CONVERSATION = "record_talk"
    END_CALL = "end_call"
    ASK_ABOUT_RECORDING = "ask_about_recording"


def bind(redis_url: str) -> Queue:
    """Send jobs to the Redis at `redis_url`. Each attempt waits half a second at most."""
    connection = Redis.from_url(redis_url, socket_connect_timeout=0.5, socket_timeout=0.5)
    circuit.close()
    _queues[:] = [Queue(QUEUE, connection=connection)]
    return _queues[0]


def enqueue(session: Session, task: Task, argument: int, now: datetime) -> None:
    """Request `task` for the row with id `argument`; it is sent after the commit."""
    job = Job(function=task, argument=argument, asked_at=now, due_at=now, attempts=0)
    session.add(job)
    session.flush()
    session.info.setdefault("jobs", []).append(job.id)


@event.listens_for(Session, "after_commit")
def _leave(session: Session) -> None:
    if session.in_nested_transaction():
        return  # only a savepoint was released: nobody else sees the rows yet
    for job_id in session.info.pop("jobs", []):
        send_to_queue(job_id)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("jobs", None)


def send_to_queue(job_id: int) -> bool:
    """Send the job to the queue; False if the queue cannot be reached (a sweep tries again)."""
    if not _queues or circuit.is_open:
        return False
    try:
        _queues[0].enqueue("callcenter.jobs.run", job_id, job_timeout=60, result_ttl=0)
    except RedisError as fault:
        circuit.open()
        log.warning("job %s stays in the database for now: %s", job_id, type(fault).__name__)
        return False
    return True


def may_have_begun(session: Session, task: Task, argument: int) -> bool:
    """Whether an earlier attempt of an unfinished job may have begun the work."""
    begun = select(Job.id).where(
        Job.function == task,
        Job.argument == argument,
        Job.done_at.is_(None),
        Job.handed_at.is_not(None) | Job.fault.is_not(None),
    )
    return session.scalar(begun.limit(1)) is not None


def requested_since(
    task: Task, argument: InstrumentedAttribute[int], since: datetime
) -> ColumnElement[bool]:
    """Whether `task` is pending for the row `argument`, or was requested after `since`."""
    lately = select(Job.id).where(
        Job.function == task,
        Job.argument == argument,
        or_(Job.done_at.is_(None), Job.asked_at > since),
    )
    return lately.exists()


def sweep(session: Session, now: datetime | None = None) -> list[int]:
    """Ids of due jobs that were never sent, or sent too long ago; marks them as sent.

    The caller passes each id to `send_to_queue` after the commit.
    """
    now = now or datetime.now(UTC)
    waiting = (
        select(Job.id)
        .where(*_due(now))
        .where(
            (Job.handed_at.is_(None) & (Job.asked_at < now - HAND_OVER_AGAIN))
            | (Job.handed_at < now - HAND_OVER_AGAIN)
            | (Job.asked_at > now + HAND_OVER_AGAIN)
            | (Job.handed_at > now + HAND_OVER_AGAIN)
        )
        .order_by(Job.due_at)
        .limit(500)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(waiting))
    session.execute(update(Job).where(Job.id.in_(ids)).values(handed_at=now))
    return ids


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    is_time = (Job.due_at <= now) | (Job.due_at > now + CLOCK_WAS_SET_BACK)
    return Job.done_at.is_(None), is_time


def due(session: Session, most: int, now: datetime) -> list[int]:
    """Ids of due jobs for this process to perform while the queue is away."""
    waiting = select(Job.id).where(*_due(now)).order_by(Job.due_at).limit(most)
    return list(session.scalars(waiting))


def abandoned(
    session: Session, tasks: Collection[Task], patience: timedelta, now: datetime
) -> list[int]:
    """Ids of jobs of these tasks that were due before `now - patience`, the oldest first.

    They are marked as sent, because a worker that died may have begun one.
    """
    waiting = (
        select(Job.id)
        .where(*_due(now - patience), Job.function.in_(tasks))
        .order_by(Job.due_at, Job.id)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(waiting))
    if ids:
        session.execute(update(Job).where(Job.id.in_(ids)).values(handed_at=now))
    return ids


def is_reachable() -> bool:
    """Whether the queue answers."""
    try:
        return bool(_queues and _queues[0].connection.ping())
    except RedisError:
        return False
