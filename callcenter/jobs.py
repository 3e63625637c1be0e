"""What workers do: shallow functions that take ids, each done once however often it is run."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import event, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from callcenter import messages, outbox, recordings, switchboard
from callcenter.board import board
from callcenter.outbox import Task
from models import Job
from models.session import transaction

log = logging.getLogger(__name__)

REFRESH_S = 1
LONGEST_PAUSE = timedelta(minutes=15)

TASKS: dict[Task, Callable[[Session, int], None]] = {
    Task.SEND_TEXT: messages.deliver,
    Task.FETCH_RECORDING: recordings.fetch,
}


def run(job_id: int) -> None:
    """Do the job unless it is done, or being done, elsewhere. A fault puts it off."""
    with transaction() as session:
        undone = select(Job).where(Job.id == job_id, Job.done_at.is_(None))
        job = session.scalars(undone.with_for_update(skip_locked=True)).one_or_none()
        if job:
            _do(session, job, datetime.now(UTC))


def _do(session: Session, job: Job, now: datetime) -> None:
    job.attempts += 1
    try:
        with session.begin_nested():
            TASKS[Task(job.function)](session, job.argument)
    except Exception as fault:
        job.due_at = now + min(timedelta(seconds=5 * 2**job.attempts), LONGEST_PAUSE)
        job.fault = f"{type(fault).__name__}: {fault}"[:200]
        log.exception("job %s (%s) is put off to %s", job.id, job.function, job.due_at)
    else:
        job.done_at, job.fault = now, None


def refresh_board() -> None:
    """Let every process of this home, and every call, know what is out by the rows now."""
    shared = board()
    with shared.writing(), transaction() as session:
        switchboard.refresh(session, shared, datetime.now(UTC))


@event.listens_for(Session, "after_commit")
def _switched(session: Session) -> None:
    if session.info.pop(switchboard.CHANGED, False):
        refresh_board()


@event.listens_for(Session, "after_rollback")
def _not_switched(session: Session) -> None:
    session.info.pop(switchboard.CHANGED, None)


def keep_board_fresh() -> None:
    """Refresh the board every second, in the background, as long as this process lives."""
    threading.Thread(target=_refresh_each_second, name="board", daemon=True).start()


def _refresh_each_second() -> None:
    known = True
    while True:
        time.sleep(REFRESH_S)
        try:
            refresh_board()
            known = True
        except (SQLAlchemyError, OSError) as fault:
            if known:
                log.warning("the board keeps its last state: %s", type(fault).__name__)
            known = False


def sweep() -> int:
    """Hand over again what got lost on the way; the number of jobs handed over."""
    with transaction() as session:
        ids = outbox.sweep(session)
    return sum(outbox.hand_over(job_id) for job_id in ids)
