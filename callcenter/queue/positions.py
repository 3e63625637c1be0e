"""The queue: callers join and leave it, and learn their place."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from callcenter.outbox.dispatch_signal import signal_dispatch
from callcenter.queue import waiting_time
from callcenter.tickets import lifecycle
from models import Call, Callback, Left, Waiting


@dataclass(frozen=True)
class QueuePosition:
    """A caller's place in the queue, from 1, and the expected minutes (None: not known)."""

    place: int
    minutes: int | None


def join(session: Session, call: Call, step: int, queue: str, since: datetime) -> None:
    """Put the call into `queue`, with the document `step`, unless it has ended or waits already.

    `since` determines the place. A caller whose conversation was dropped keeps the old `since`.
    """
    if call.status.is_final or _now_waiting(session, call):
        return
    session.add(
        Waiting(
            call_id=call.id,
            step=step,
            queue=queue,
            language=call.language,
            topic=lifecycle.of_call(session, call).topic,
            since=since,
        )
    )
    signal_dispatch(session)


def leave(
    session: Session, call: Call, how: Left, now: datetime, waited_s: int | None = None
) -> None:
    """Take the call out of the queue for the reason `how`; a call that has left is not changed.

    `waited_s` is the waiting time in seconds, if waiting ended before `now`.
    """
    left_at = now if waited_s is None else Waiting.since + timedelta(seconds=waited_s)
    session.execute(
        update(Waiting)
        .where(Waiting.call_id == call.id, Waiting.left_at.is_(None))
        .values(left_at=left_at, how=how)
    )


def keep_waiting(session: Session, waiting_id: int | None) -> None:
    """Undo the leaving of a caller whose conversation did not happen; the place is kept."""
    session.execute(update(Waiting).where(Waiting.id == waiting_id).values(left_at=None, how=None))


def position_of(session: Session, call: Call, now: datetime) -> QueuePosition | None:
    """The call's present place in its queue; None if it does not wait."""
    mine = _now_waiting(session, call)
    if mine is None:
        return None
    ahead = select(func.count()).where(
        Waiting.queue == mine.queue,
        Waiting.left_at.is_(None),
        (Waiting.since < mine.since) | ((Waiting.since == mine.since) & (Waiting.id < mine.id)),
    )
    kept = select(func.count()).where(
        Callback.announcement_id.is_(None),
        Callback.done_at.is_(None),
        Callback.waited_since < mine.since,
        Callback.attempts == 0,
    )
    place = 1 + (session.scalar(ahead) or 0) + (session.scalar(kept) or 0)
    return QueuePosition(place, waiting_time.minutes(session, mine, place, now))


def waits_since(session: Session, call: Call) -> datetime | None:
    """Since when the call waits, or waited last; None if it never did."""
    last = select(Waiting.since).where(Waiting.call_id == call.id)
    return session.scalar(last.order_by(Waiting.id.desc()).limit(1))


def _now_waiting(session: Session, call: Call) -> Waiting | None:
    mine = select(Waiting).where(Waiting.call_id == call.id, Waiting.left_at.is_(None))
    return session.scalars(mine.order_by(Waiting.id.desc()).limit(1)).one_or_none()
