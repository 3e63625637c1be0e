"""Notes in a transaction that calls may be offered otherwise now: looked at after its commit."""

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import Session

CHANGED = "who waits or who is free has changed"
_listeners: list[Callable[[], None]] = []


def bind(listener: Callable[[], None] | None) -> None:
    """Tell `listener` after each commit that changed something; None: nobody, in this process."""
    _listeners[:] = [listener] if listener else []


def signal_dispatch(session: Session) -> None:
    session.info[CHANGED] = True


@event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint is let go of: nobody else sees the rows yet
    if session.info.pop(CHANGED, False):
        for listener in _listeners:
            listener()


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(CHANGED, None)
