"""Checks addresses in settings: web, database, Redis."""

import re
from urllib.parse import urlsplit

from installation.home import MOST_PORT

HOST = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?|[0-9a-f:.]*:[0-9a-f:.]*")


def is_web(given: str) -> bool:
    """Whether it is a web address without query and fragment."""
    try:
        parts = urlsplit(given)
        is_web = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return False
    is_plain = given.isascii() and given.isprintable() and " " not in given
    is_named = HOST.fullmatch(parts.hostname or "") is not None
    return is_web and is_plain and is_named and not (parts.query or parts.fragment)


def is_database(url: str) -> bool:
    """Whether the driver can parse the address. The driver is imported only if one is given."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo
    from sqlalchemy import make_url
    from sqlalchemy.exc import SQLAlchemyError

    try:
        read = make_url(url)
        _, options = read.get_dialect()().create_connect_args(read)
        make_conninfo(**options)
        return all(0 < int(port) <= MOST_PORT for port in str(options.get("port", 1)).split(","))
    except (ValueError, SQLAlchemyError, ProgrammingError):
        return False


def is_redis(url: str) -> bool:
    """Whether the client accepts the address; no connection is opened."""
    from redis import Redis, RedisError

    try:
        parts = urlsplit(url)
        Redis.from_url(url).connection_pool.make_connection()
        return bool(parts.path) if parts.scheme == "unix" else parts.port != 0
    except (ValueError, TypeError, RedisError):
        return False
