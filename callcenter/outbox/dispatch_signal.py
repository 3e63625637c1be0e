"""Notifies the dispatcher after a commit that changed who waits or who is available."""

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import Session

CHANGED = "who waits or who is free has changed"
_listeners: list[Callable[[], None]] = []


def bind(listener: Callable[[], None] | None) -> None:
    """Call `listener` after each commit that changed the queue; None removes the listener."""
    _listeners[:] = [listener] if listener else []


def signal_dispatch(session: Session) -> None:
    session.info[CHANGED] = True


@event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    if session.in_nested_transaction():
        return  # only a savepoint was released: nobody else sees the rows yet
    if session.info.pop(CHANGED, False):
        for listener in _listeners:
            listener()


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(CHANGED, None)
