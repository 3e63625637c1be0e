"""A server that only looks like PostgreSQL is refused before anything is made on it.

The stand-in is PostgreSQL itself with a schema that stands before its catalogue: there the names
that are asked answer as another server's would.
"""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from config import Settings
from migrations import server
from migrations.server import UnfitServerError
from tests.test_commands import environ, typed

__all__ = ["environ"]

NO_LOCKS = (
    "CREATE FUNCTION other.pg_try_advisory_xact_lock(bigint) RETURNS boolean"
    " LANGUAGE sql AS 'SELECT true'"
)


def _answers(name: str, told: str) -> str:
    return f"CREATE FUNCTION other.{name} RETURNS text LANGUAGE sql AS $$ SELECT '{told}' $$"


CASES = [
    (_answers("version()", "CockroachDB CCL v24.1 (x86_64)"), "CockroachDB"),
    (_answers("version()", "PostgreSQL 15.2-YB-2.25 on x86_64"), "only looks like PostgreSQL"),
    (_answers("current_setting(text)", "150004"), "bring it to 16 or newer"),
    (NO_LOCKS, "advisory locks"),
    (
        "CREATE VIEW other.pg_extension AS SELECT '' AS extname WHERE false;"
        "CREATE VIEW other.pg_available_extensions AS SELECT '' AS name WHERE false;"
        "GRANT SELECT ON ALL TABLES IN SCHEMA other TO centrala",
        "install its contrib package",
    ),
    (
        "CREATE VIEW other.pg_extension AS SELECT '' AS extname WHERE false;"
        "GRANT SELECT ON ALL TABLES IN SCHEMA other TO centrala;"
        "CREATE FUNCTION other.has_database_privilege(name, text) RETURNS boolean"
        " LANGUAGE sql AS 'SELECT false'",
        "CREATE EXTENSION unaccent",
    ),
]


@pytest.fixture
def superuser(settings: Settings) -> Engine:
    url = settings.database_url.replace("//centrala@", "//postgres@")
    return create_engine(url, poolclass=NullPool)


@pytest.fixture
def other(settings: Settings, superuser: Engine) -> Iterator[str]:
    """The address of a server whose schema `other` stands before the catalogue."""
    with superuser.begin() as connection:
        connection.execute(text("CREATE SCHEMA other; GRANT ALL ON SCHEMA other TO centrala"))
    yield f"{settings.database_url}&options={quote('-csearch_path=other,pg_catalog,public')}"
    with superuser.begin() as connection:
        connection.execute(text("DROP SCHEMA other CASCADE"))


def test_a_postgresql_is_taken(other: str) -> None:
    server.check(create_engine(other, poolclass=NullPool))


@pytest.mark.parametrize(("made", "sentence"), CASES)
def test_what_only_looks_like_it_is_refused(
    other: str, superuser: Engine, made: str, sentence: str
) -> None:
    with superuser.begin() as connection:
        connection.execute(text(made))
    with pytest.raises(UnfitServerError, match=sentence):
        server.check(create_engine(other, poolclass=NullPool))


def test_a_command_ends_in_that_sentence(
    other: str, superuser: Engine, environ: dict[str, str]
) -> None:
    with superuser.begin() as connection:
        connection.execute(text(NO_LOCKS))
    ended = typed(environ | {"DATABASE_URL": other}, "db", "upgrade")
    assert ended.returncode == 1
    assert "does not honour PostgreSQL's advisory locks" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_server_that_does_not_keep_row_locks_is_refused(settings: Settings) -> None:
    """A session that commits each statement keeps no lock, as such a server does."""
    engine = create_engine(settings.database_url, poolclass=NullPool)
    server.check_row_locks(engine)
    with pytest.raises(UnfitServerError, match="row locks"):
        server.check_row_locks(engine.execution_options(isolation_level="AUTOCOMMIT"))
    left = text("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'lock_probe%'")
    with engine.connect() as connection:
        assert connection.scalar(left) == 0
