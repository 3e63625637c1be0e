"""Puts switched announcements on the board: after each commit at once, and every second anyway."""

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

REFRESH_S = 1


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
