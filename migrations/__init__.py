"""The database's own history. One head; what it builds equals the models (a test holds it).

May import: installation, models.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config

# Any number; it names the lock that migrating processes share.
LOCK = 739_146_002


def upgrade(url: str, lock_s: int = 0) -> None:
    """Bring the database at `url` to the newest form. Two processes may do so at once.

    What another holds is waited for `lock_s` seconds, then psycopg's LockNotAvailable is the cause
    of an OperationalError; 0: for as long as it takes.
    """
    made = config(url)
    made.attributes["lock_s"] = lock_s
    command.upgrade(made, "head")


def config(url: str) -> Config:
    """What Alembic needs to know to work on the database at `url`."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["url"] = url
    return made
