"""What workers do: shallow functions that take ids, each done once however often it is run.

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
    """Hand over again what got lost on the way, and have erased what is kept no longer.

    The number of jobs handed over again.
    """
    with transaction() as session:
        store.erase_overdue(session, datetime.now(UTC))
        dial_policy.forget_old(session, datetime.now(UTC))
        idempotency.forget_old(session, datetime.now(UTC))
        prepared_pesel.erase_overdue(session, datetime.now(UTC))
        ids = outbox.sweep(session)
    return sum(outbox.send_to_queue(job_id) for job_id in ids)


def do_without_queue() -> int:
    """Do the jobs that are due here and now, because the queue is away; their number.

    A worker that still has one of them does it, or we do: never both.
    """
    with transaction() as session:
        ids = outbox.due(session, AT_ONCE, datetime.now(UTC))
    for job_id in ids:
        run(job_id)
    return len(ids)


def do_urgent() -> int:
    """Do the jobs for which people at the telephone wait, unless a worker has them in hand by now.

    So that nobody hears music for half a minute because the queue, or the worker, is away.
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
    """Ask for the next call that somebody is owed after an outage; False: none is due."""
    with transaction() as session:
        return outage_callbacks.call_next(session, calls_a_second, datetime.now(UTC))


def compare_with_carrier() -> tuple[int, int]:
    """Open calls that never reached us and end those that are over; how many of each.

    Messages that never reached us are noted too. No transaction is open while the carrier is asked.
    Raises what its client raises.
    """
    now = datetime.now(UTC)
    since = now - silent_calls.LOOKED_BACK
    listed, recorded = carrier_calls.list_inbound(since), carrier_recordings.list_messages(since)
    with transaction() as session:
        found = silent_calls.reconcile(session, listed, now)
        silent_recordings.reconcile(session, recorded, now)
    return found


def follow_up_calls() -> None:
    """See to what the carrier fell silent on, and to outages that are done with."""
    with transaction() as session:
        outage_callbacks.follow_up(session, datetime.now(UTC))
        silent_calls.enqueue_checks(session, datetime.now(UTC))
        silent_recordings.enqueue_checks(session, datetime.now(UTC))


def follow_up_presence() -> None:
    """See to closed browsers and to wrap-ups whose time is over."""
    with transaction() as session:
        presence.follow_up(session, datetime.now(UTC))
