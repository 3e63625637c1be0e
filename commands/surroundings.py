"""Where a command works: the settings, and the servers of the home while it works there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import config
from config import Settings
from home import Home

# A command does little at a time; the work of migrations is not counted.
DATABASE_SECONDS = 10


def settings() -> Settings:
    """The settings of a command typed beside a running line: in a demo's home, the demo's."""
    return Settings.read(_environ())


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
def database() -> Iterator[None]:
    """The database, newest form, for commands that need nothing else.

    What takes longer than DATABASE_SECONDS in it ends with DatabaseAway.
    """
    import migrations
    from models import session

    url = config.read_database_url(os.environ)
    with servers():
        migrations.upgrade(url)
        engine = session.bind(url, DATABASE_SECONDS)
        try:
            yield
        finally:
            engine.dispose()
