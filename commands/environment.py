"""The surroundings of a command: the settings, and the home's servers while it runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

import config
from config import Settings, SettingsError
from installation.home import Home, HomeError

# A command does little at a time. Migrations have no such limit.
DATABASE_SECONDS = 10
LOCK_SECONDS = 5
OF_A_LINE = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_NUMBER", "SECRET_KEY", "DATA_KEY")
WAITS = "Another holds what is to be changed in the database: this waits for it."


def settings() -> Settings:
    """The settings of a command that is typed beside a running line; in a demo's home, the demo's.

    Raises HomeError if there is neither a demo nor any setting of a line, and SettingsError for
    wrong settings.
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
    """DATA_KEY if it is known, for commands that need no carrier."""
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
    """Run the home's servers, unless others are configured; running ones are used."""
    home = config.read_home(os.environ)
    with home.servers(
        database=not os.environ.get("DATABASE_URL"), redis=not os.environ.get("REDIS_URL")
    ):
        yield home


@contextmanager
def database(waits: bool = False) -> Iterator[None]:
    """Connect to the database and migrate it, for commands that need nothing else.

    Work longer than DATABASE_SECONDS ends with DatabaseAway. The migration ends after LOCK_SECONDS
    if another process holds a lock that it needs; with `waits` it says so and waits.
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
