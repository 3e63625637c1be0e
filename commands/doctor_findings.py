"""What a check of the doctor can find, and the rows that it reads."""

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
    """What is wrong and how to mend it, in one sentence."""


class Blocking(Finding):
    """A fault with which those that come after it cannot be looked at."""


class Unseen(Exception):  # noqa: N818 - it says what is so
    """What could not be seen from here, and where it can, in one sentence."""


@dataclass(frozen=True)
class Check:
    """One thing that is looked at, unless the check `after` is blocked; `look` raises Finding."""

    name: str
    look: Callable[[Settings], None]
    after: str | None = None


@contextmanager
def reading(settings: Settings) -> Iterator[Session]:
    """Rows of the database, within TIMEOUT_S. Raises Blocking where it does not answer."""
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
