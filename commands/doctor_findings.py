"""What the doctor's checks can find, and the rows that they read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config import Settings
from models import connecting
from models.watchdog import watched

TIMEOUT_S = 5
CLOCKS_DIFFER_S = 5


class Finding(Exception):  # noqa: N818 - it says what is so
    """A fault and its remedy, in one sentence."""


class Blocking(Finding):
    """A fault that prevents the checks that depend on this one."""


class Unseen(Exception):  # noqa: N818 - it says what is so
    """Something that cannot be checked from here, and where it can, in one sentence."""


@dataclass(frozen=True)
class Check:
    """One check; it is skipped if the check `after` is blocked. `look` raises Finding."""

    name: str
    look: Callable[[Settings], None]
    after: str | None = None


@contextmanager
def reading(settings: Settings) -> Iterator[Session]:
    """A session for reading, within TIMEOUT_S. Raises Blocking if the database does not answer."""
    engine = create_engine(settings.database_url, poolclass=NullPool)
    connecting.once_answered(engine, TIMEOUT_S)
    try:
        with Session(engine) as rows:
            connection = rows.connection().connection.driver_connection
            with watched(connection, TIMEOUT_S):
                yield rows
    except SQLAlchemyError as fault:
        why = type(getattr(fault, "orig", None) or fault).__name__
        raise Blocking(f"it does not answer ({why}): check DATABASE_URL and the server.") from fault
