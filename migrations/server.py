"""Whether a server is a PostgreSQL that this project can stand on, told before anything is made.

Several databases speak PostgreSQL's protocol and do not honour its locks. On them two consultants
would be given one caller, and a call could be placed twice, without any error.
"""

import secrets

from sqlalchemy import Connection, Engine, text

LOCK = 739_146_003
OLDEST = 160000
# What stands in its version, and its name.
LOOKALIKES = {
    "cockroachdb": "CockroachDB",
    "-yb-": "YugabyteDB",
    "yugabyte": "YugabyteDB",
    "redshift": "Redshift",
    "materialize": "Materialize",
    "risingwave": "RisingWave",
    "cratedb": "CrateDB",
}


class UnfitServerError(Exception):
    """The database cannot be used; the sentence says why and names the mend."""


def check(engine: Engine) -> None:
    """Raises UnfitServerError where the server behind `engine` is none that we can stand on."""
    with engine.connect() as one, engine.connect() as other:
        _check_kind(one)
        _check_locks(one, other)
        _check_unaccent(one)
    check_row_locks(engine)


def _check_kind(connection: Connection) -> None:
    told = str(connection.scalar(text("SELECT version()")))
    if name := next((each for mark, each in LOOKALIKES.items() if mark in told.lower()), None):
        raise UnfitServerError(
            f"DATABASE_URL leads to {name}, which only looks like PostgreSQL and does"
            " not honour its locks: name a PostgreSQL."
        )
    number = int(str(connection.scalar(text("SELECT current_setting('server_version_num')"))))
    if number < OLDEST:
        raise UnfitServerError(
            f"DATABASE_URL leads to PostgreSQL {number // 10000}: bring it to 16 or newer."
        )


def _check_locks(one: Connection, other: Connection) -> None:
    """What one session holds, another must not get."""
    take, give = text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}
    if one.scalar(take, give) and other.scalar(take, give):
        raise UnfitServerError(
            "DATABASE_URL leads to a server that does not honour PostgreSQL's advisory locks (or"
            " to a pool that shares sessions): name a PostgreSQL itself."
        )


def check_row_locks(engine: Engine) -> None:
    """Raises UnfitServerError where a row that one session locked is not skipped by another.

    A table of its own is made for it and dropped again, because a new database has none yet. A
    role that may make none is not asked: whoever made the schema was.
    """
    probe = f"lock_probe_{secrets.token_hex(4)}"
    locked = text(f"SELECT number FROM {probe} FOR UPDATE SKIP LOCKED")  # noqa: S608 - our name
    with engine.begin() as connection:
        if not connection.scalar(text("SELECT has_schema_privilege(current_schema(), 'CREATE')")):
            return
        connection.execute(text(f"CREATE TABLE {probe} (number integer)"))
        connection.execute(text(f"INSERT INTO {probe} VALUES (1)"))  # noqa: S608
    try:
        with engine.connect() as one, engine.connect() as other:
            if one.scalar(locked) is None or other.scalar(locked) is not None:
                raise UnfitServerError(
                    "DATABASE_URL leads to a server that does not honour PostgreSQL's row locks"
                    " (FOR UPDATE SKIP LOCKED): name a PostgreSQL itself."
                )
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP TABLE {probe}"))


def _check_unaccent(connection: Connection) -> None:
    if connection.scalar(text("SELECT 1 FROM pg_extension WHERE extname = 'unaccent'")):
        return
    available = text("SELECT 1 FROM pg_available_extensions WHERE name = 'unaccent'")
    if not connection.scalar(available):
        raise UnfitServerError(
            "The PostgreSQL that DATABASE_URL names has no extension unaccent: install its contrib"
            " package (postgresql-contrib), then start again."
        )
    may = text("SELECT has_database_privilege(current_database(), 'CREATE')")
    if not connection.scalar(may):
        raise UnfitServerError(
            "The extension unaccent is not in the database that DATABASE_URL names, and its user"
            " may not add it: let an administrator run CREATE EXTENSION unaccent there."
        )
