"""Background threads of every process: renew the board, drain the spool, offer calls."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from callcenter.announcements import switchboard
from callcenter.announcements.board import board
from callcenter.offline.log_throttle import LogThrottle
from callcenter.offline.spool import spool
from callcenter.queue import dispatch
from models.session import DatabaseAway, circuit, transaction

log = logging.getLogger(__name__)
throttled = LogThrottle(log)

REFRESH_S = 0.5
DATABASE_S = 2.0


def refresh_board() -> None:
    """Bring board and rows together: what only one of them knows, both know after it.

    Where the file cannot be read or written this process serves what the rows say.
    Rows are read while others may write the board, so that nobody who must switch ever waits for a
    database; who finds that it was written meanwhile reads again.
    """
    shared, done = board(), False
    while not done:
        written, known = shared.written(), shared.notices()
        with transaction(DATABASE_S) as session:
            notices = switchboard.reconcile(session, known, datetime.now(UTC))
        done = shared.replace(notices, written)


@event.listens_for(Session, "after_commit")
def _switched(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint is let go of: nobody else sees the rows yet
    if session.info.pop(switchboard.CHANGED, False):
        try:
            refresh_board()
        except (DatabaseAway, SQLAlchemyError, OSError):
            log.exception("what was switched is saved, but not yet on the board")


@event.listens_for(Session, "after_rollback")
def _not_switched(session: Session) -> None:
    session.info.pop(switchboard.CHANGED, None)


def offer_calls() -> None:
    """Offer who waits to who is free: after each commit that may matter, and twice a second."""
    try:
        with transaction(DATABASE_S) as session:
            dispatch.dispatch(session, datetime.now(UTC))
    except (DatabaseAway, SQLAlchemyError) as fault:
        throttled.warning("nobody is offered a call", fault)


def keep_up(drain: Callable[[], int]) -> None:
    """Keep the board fresh and the spool empty, in the background, while this process lives.

    `drain` brings what was kept while the database was away into it.
    """
    for work, name in ((_keep_board, "board"), (partial(_bring_home, drain), "spool")):
        threading.Thread(target=_over_and_over, args=(work,), name=name, daemon=True).start()


def _keep_board() -> None:
    refresh_board()
    circuit.close()


def _bring_home(drain: Callable[[], int]) -> None:
    """In a thread of its own: the board must not wait until a long spool is empty."""
    if not circuit.is_open and spool().waiting() and (count := drain()):
        log.info("%s records of the spool are in the database now", count)


def _over_and_over(work: Callable[[], None]) -> None:
    while True:
        time.sleep(REFRESH_S)
        _once(work)


def _once(work: Callable[[], None]) -> None:
    try:
        work()
    except DatabaseAway as fault:
        if not circuit.is_open:
            log.warning("the database is away: %s", fault)
        circuit.open()
    except (SQLAlchemyError, OSError) as fault:
        throttled.warning("board and spool wait", fault)
    except Exception as fault:
        throttled.exception("upkeep goes on after a fault", fault)
