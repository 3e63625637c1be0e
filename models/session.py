"""The one door to the database. Only edges (a webhook, a page, a job, a command) open it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

_sessions: sessionmaker[Session] = sessionmaker(expire_on_commit=False)


def bind(url: str) -> Engine:
    """Point `transaction()` of this process at the PostgreSQL at `url`.

    A connection that was lost is noticed when it is taken from the pool; waiting for one, or for
    an answer to the first packet, is bounded so that a webhook never waits for the carrier's limit.
    """
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=8,
        pool_timeout=2,
        connect_args={"connect_timeout": 2, "options": "-c timezone=UTC"},
    )
    _sessions.configure(bind=engine)
    return engine


@contextmanager
def transaction() -> Iterator[Session]:
    """A session whose work is kept as a whole, or not at all.

    Jobs asked for inside leave after the commit (callcenter.jobs listens for it).
    """
    with _sessions() as session, session.begin():
        yield session
