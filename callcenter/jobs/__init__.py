"""The jobs of the workers: small functions that take ids, and have their effect only once.

May import: announcements, calendar, callers, calls, outbound, outbox, queue, recordings,
telephony, tickets, models, words.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter import telephony
from callcenter.announcements import outage_callbacks
from callcenter.jobs import carrier_jobs, dialling, ringing, silent_calls, silent_recordings
from callcenter.outbound import dial_policy
from callcenter.outbox import idempotency, outbox
from callcenter.outbox.outbox import Task
from callcenter.queue import presence
from callcenter.recordings import store
from callcenter.telephony import carrier_calls, carrier_recordings
from callcenter.tickets import prepared_pesel
from models import Job
from models.session import transaction

log = logging.getLogger(__name__)

AT_ONCE = 10
LONGEST_PAUSE = timedelta(minutes=15)
SOON, LATER = timedelta(seconds=0.5), timedelta(seconds=5)
PATIENCE_IN_A_CONVERSATION = timedelta(seconds=1)
CONVERSATIONS_AT_ONCE = 4
OF_CONVERSATIONS = frozenset(
    {
        Task.RING_LEG,
        Task.LET_GO,
        Task.JOIN_CALLER,
        Task.CALL_CLIENT,
        Task.HOLD_CALLER,
        Task.END_CONVERSATION,
        Task.RECORD_CONVERSATION,
    }
)

TASKS: dict[Task, Callable[[Session, int], None]] = {
    Task.SEND_TEXT: carrier_jobs.send_text,
    Task.FETCH_RECORDING: carrier_jobs.fetch_recording,
    Task.ERASE_RECORDING: carrier_jobs.erase_recording,
    Task.PLACE_CALL: dialling.place_call,
    Task.ASK_ABOUT_CALL: silent_calls.check,
    Task.RING_LEG: ringing.ring_leg,
    Task.LET_GO: ringing.let_go,
    Task.JOIN_CALLER: ringing.join_caller,
    Task.CALL_CLIENT: ringing.call_client,
    Task.HOLD_CALLER: ringing.hold_caller,
    Task.END_CONVERSATION: ringing.end_conversation,
    Task.RECORD_CONVERSATION: ringing.record_conversation,
    Task.END_CALL: silent_calls.end_call,
    Task.ASK_ABOUT_RECORDING: silent_recordings.check,
}


def run(job_id: int) -> None:
    """Perform the job, unless it is done or another worker has it. A fault delays it."""
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
    except telephony.TooManyError:
        job.due_at = now if Task(job.function) in OF_CONVERSATIONS else now + LATER
        log.info("job %s (%s) is tried again: the carrier was too busy", job.id, job.function)
    except Exception as fault:
        first = SOON if Task(job.function) in OF_CONVERSATIONS else LATER
        job.due_at = now + min(first * 2 ** min(job.attempts, 10), LONGEST_PAUSE)
        job.fault = f"{type(fault).__name__}: {fault}"[:200]
        log.exception("job %s (%s) is put off to %s", job.id, job.function, job.due_at)
    else:
        job.done_at, job.fault = now, None


def sweep() -> int:
    """Send jobs again that got lost, and start the erasure of data whose time is over.

    Returns the number of jobs sent again.
    """
    with transaction() as session:
        store.erase_overdue(session, datetime.now(UTC))
        dial_policy.forget_old(session, datetime.now(UTC))
        idempotency.forget_old(session, datetime.now(UTC))
        prepared_pesel.erase_overdue(session, datetime.now(UTC))
        ids = outbox.sweep(session)
    return sum(outbox.send_to_queue(job_id) for job_id in ids)


def do_without_queue() -> int:
    """Perform the due jobs in this process, because the queue is away; return their number.

    If a worker still has one of them, only one of the two performs it.
    """
    with transaction() as session:
        ids = outbox.due(session, AT_ONCE, datetime.now(UTC))
    for job_id in ids:
        run(job_id)
    return len(ids)


def do_urgent() -> int:
    """Perform the jobs for which people on the telephone wait, unless a worker already has them.

    Otherwise callers would hear music for half a minute when the queue or the worker is away.
    """
    with transaction() as session:
        ids = outbox.abandoned(
            session, OF_CONVERSATIONS, PATIENCE_IN_A_CONVERSATION, datetime.now(UTC)
        )
    if ids:
        with ThreadPoolExecutor(CONVERSATIONS_AT_ONCE) as pool:
            list(pool.map(run, ids))
    return len(ids)


def call_back(calls_a_second: float) -> bool:
    """Request the next callback that is owed after an outage; False if none is due."""
    with transaction() as session:
        return outage_callbacks.call_next(session, calls_a_second, datetime.now(UTC))


def compare_with_carrier() -> tuple[int, int]:
    """Open calls that the carrier lists but never reported, and end calls that are over.

    Returns how many of each. Messages that were never reported are noted too. No transaction is
    open while the carrier is asked. Raises the exceptions of the carrier's client.
    """
    now = datetime.now(UTC)
    since = now - silent_calls.LOOKED_BACK
    listed, recorded = carrier_calls.list_inbound(since), carrier_recordings.list_messages(since)
    with transaction() as session:
        found = silent_calls.reconcile(session, listed, now)
        silent_recordings.reconcile(session, recorded, now)
    return found


def follow_up_calls() -> None:
    """Enqueue checks of calls and recordings that went silent, and close outages that are over."""
    with transaction() as session:
        outage_callbacks.follow_up(session, datetime.now(UTC))
        silent_calls.enqueue_checks(session, datetime.now(UTC))
        silent_recordings.enqueue_checks(session, datetime.now(UTC))


def follow_up_presence() -> None:
    """Set people with closed browsers away, and end overdue wrap-ups."""
    with transaction() as session:
        presence.follow_up(session, datetime.now(UTC))
