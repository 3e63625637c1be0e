"""Performs the carrier's requests in the database within a time limit, or through the spool."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from callcenter.offline.log_throttle import LogThrottle
from callcenter.offline.spool import RecordRefused, spool
from callcenter.privacy import data_key
from ivr.events import Asked, from_record, to_record
from ivr.line import Line
from models.session import DatabaseAway, at_once, circuit, transaction
from models.statement import Row, Statement

log = logging.getLogger(__name__)
throttled = LogThrottle(log)

# The carrier waits 15 seconds in all, a caller about two.
DATABASE_S = 1.2
LEAST_S = 0.2
DRAIN_S = 10


def perform(line: Line, asked: Asked) -> str:
    """Perform the request in the database, or keep it in the spool while the database is away."""
    if not circuit.is_open:
        try:
            return _written(line, asked)
        except DatabaseAway as fault:
            circuit.open()
            log.warning("the database is away (%s): calls go on without it", fault)
    kept = spool().keep(to_record(asked))
    return asked.unlogged(line, kept)


def _written(line: Line, asked: Asked) -> str:
    """Perform the request by one statement or in a transaction, within DATABASE_S in all."""
    until = time.monotonic() + DATABASE_S

    def left_s() -> float:
        return max(until - time.monotonic(), LEAST_S)

    def ask(statement: Statement, values: Mapping[str, Any]) -> Row | None:
        return at_once(statement, values, left_s())

    done = asked.at_once(ask, line)
    if done is None:
        with transaction(left_s()) as session:
            done = asked.perform(session, line)
    return done


def drain(line: Line) -> int:
    """Write the spool's records to the database; return how many.

    None are written while DATA_KEY is known to be wrong.
    """
    has_another_key = _has_another_key()
    spool().wait_for_key(has_another_key)
    if has_another_key:
        throttled.error(f"the spool waits: {data_key.ANOTHER}")
        return 0

    def perform(record: bytes) -> None:
        try:
            with transaction(DRAIN_S) as session:
                from_record(record).perform(session, line, rows=False)
        except DatabaseAway:
            raise
        except Exception as fault:
            log.exception("a record of the spool can never be performed")
            raise RecordRefused from fault

    return spool().drain(perform)


def _has_another_key() -> bool:
    with transaction(DRAIN_S) as session:
        return data_key.is_right(session) is False
