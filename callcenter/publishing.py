"""Puts what was switched on the board: after each commit at once, and twice a second anyway."""

import logging
import threading
import time
from datetime import UTC, datetime

from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from callcenter import switchboard
from callcenter.board import board
from models.session import transaction

log = logging.getLogger(__name__)

REFRESH_S = 0.5


def refresh_board() -> None:
    """Bring board and rows together: what only one of them knows, both know after it.

    Rows are read while others may write the board, so that nobody who must switch ever waits for a
    database; who finds that it was written meanwhile reads again.
    """
    shared, done = board(), False
    while not done:
        written, known = shared.written(), shared.notices()
        with transaction() as session:
            notices = switchboard.reconcile(session, known, datetime.now(UTC))
        done = shared.replace(notices, written)


@event.listens_for(Session, "after_commit")
def _switched(session: Session) -> None:
    if session.info.pop(switchboard.CHANGED, False):
        try:
            refresh_board()
        except (SQLAlchemyError, OSError):
            log.exception("what was switched is saved, but not yet on the board")


@event.listens_for(Session, "after_rollback")
def _not_switched(session: Session) -> None:
    session.info.pop(switchboard.CHANGED, None)


def keep_board_fresh() -> None:
    """Refresh the board, in the background, as long as this process lives."""
    threading.Thread(target=_refresh_over_and_over, name="board", daemon=True).start()


def _refresh_over_and_over() -> None:
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
