"""Where a command works: the settings, and the servers of the home while it works there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

import config
from config import Settings, SettingsError
from installation.home import Home, HomeError

# A command does little at a time; the work of migrations is not counted.
DATABASE_SECONDS = 10
LOCK_SECONDS = 5
OF_A_LINE = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_NUMBER", "SECRET_KEY", "DATA_KEY")
WAITS = "Another holds what is to be changed in the database: this waits for it."


def settings() -> Settings:
    """The settings of a command typed beside a running line: in a demo's home, the demo's.

    Raises HomeError where there is neither a demo nor any setting of a line, SettingsError for
    settings that are wrong.
    """
    environ = _environ()
    try:
        return Settings.read(environ)
    except SettingsError as faults:
        if environ.get("CENTRALA_DEMO") or any(environ.get(name) for name in OF_A_LINE):
            raise
        home = config.read_home(environ).path
        raise HomeError(
            f"No demo was ever started in {home}. Start one with `make run`, or name the folder of"
            " the one that runs in CENTRALA_HOME. (Outside a demo the settings of the line must be"
            " given: docs/operations.md.)"
        ) from faults


def data_key() -> str | None:
    """DATA_KEY where it is known, for commands that need no carrier."""
    return config.read_data_key(_environ())


def _environ() -> dict[str, str]:
    environ = dict(os.environ)
    home = config.read_home(environ)
    if not environ.get("CENTRALA_DEMO") and home.is_demo:
        environ["CENTRALA_DEMO"] = "1"
    if environ.get("CENTRALA_DEMO") == "1" and not environ.get("PORT") and home.port:
        environ["PORT"] = home.port
    return environ


@contextmanager
def servers() -> Iterator[Home]:
    """The servers of the home, unless others are named; running ones are used."""
    home = config.read_home(os.environ)
    with home.servers(
        database=not os.environ.get("DATABASE_URL"), redis=not os.environ.get("REDIS_URL")
    ):
        yield home


@contextmanager
def database(waits: bool = False) -> Iterator[None]:
    """The database, newest form, for commands that need nothing else.

    What takes longer than DATABASE_SECONDS in it ends with DatabaseAway. On its way to the newest
    form it ends after LOCK_SECONDS where another holds what it needs, or `waits` and says so.
    """
    from models import session

    url = config.read_database_url(os.environ)
    with servers():
        _upgrade(url, waits)
        engine = session.bind(url, DATABASE_SECONDS)
        try:
            yield
        finally:
            engine.dispose()


def _upgrade(url: str, waits: bool) -> None:
    from psycopg.errors import LockNotAvailable
    from sqlalchemy.exc import OperationalError

    import migrations

    try:
        migrations.upgrade(url, LOCK_SECONDS)
    except OperationalError as fault:
        if not waits or not isinstance(fault.orig, LockNotAvailable):
            raise
        click.echo(WAITS, err=True)
        migrations.upgrade(url)
