"""Numbers and PESELs go through whole conversations; then all that leaves a trace is searched."""

import io
import logging
import re
from collections.abc import Callable, Iterator

import pytest
import redis
from sqlalchemy import Engine, select

import logs
from callcenter import telephony
from config import Settings
from models import Job
from models.session import transaction
from tests.conversations.callers import Caller

PESEL, MISTYPED = "44051401359", "44051401358"
PLANTED = {
    "Olena's number": "501234567",
    "Jan's number": "221234567",
    "a PESEL": PESEL,
    "a PESEL with a wrong digit": MISTYPED,
    "a PESEL that is cut short": PESEL[:-1],
}


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    """All that this process logs, down to DEBUG, as its lines for machines."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logs.Structured())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    # As logs.to_stderr leaves it, and what the tests' own parts tell is no log of the line's.
    quiet = ("twilio.http_client", "urllib3", "asyncio")
    for name in quiet:
        logging.getLogger(name).setLevel(logging.WARNING)
    yield lines.getvalue
    root.removeHandler(handler)
    root.setLevel(before)


def test_it_stands_in_no_log_no_address_no_job_and_no_document(
    olena: Caller,
    jan: Caller,
    database: Engine,
    settings: Settings,
    written: Callable[[], str],
    work_off: Callable[[], None],
) -> None:
    _types_a_pesel(olena)
    _leaves_a_message(jan)
    _waits_and_is_called_back(olena)
    queued = _queued(settings)
    work_off()
    _falls_over(olena)
    _found_nowhere(
        {
            "the log": written(),
            "an address": " ".join(sent.url for sent in olena.network.post_office.sent),
            "a document": _documents(olena),
            "a job's row": _jobs(),
            "the queue": queued,
        }
    )


def _types_a_pesel(olena: Caller) -> None:
    olena.dials_in("pl", "2", "3")
    olena.types(MISTYPED)
    olena.types(PESEL[:-1] + "#")
    olena.types(PESEL)
    olena.sends_again()
    olena.hangs_up()


def _leaves_a_message(jan: Caller) -> None:
    jan.dials_in("pl", "3", "2")
    jan.waits()
    jan.speaks(5)
    jan.hangs_up()


def _waits_and_is_called_back(olena: Caller) -> None:
    olena.dials()
    olena.presses("0")
    olena.presses("1")
    if olena.is_up:
        olena.hangs_up()


def _falls_over(olena: Caller) -> None:
    """A fault whose words quote an address with the number in it."""
    log = logging.getLogger("callcenter.telephony")
    try:
        raise ConnectionError(f"GET /Calls.json?To=%2B48501234567 by {telephony.__name__}")
    except ConnectionError:
        log.exception("the carrier did not answer about %s", olena.number)


def _documents(olena: Caller) -> str:
    return " ".join(sent.answer.text for sent in olena.network.post_office.sent if sent.answer)


def _jobs() -> str:
    with transaction() as session:
        return " ".join(str(vars(job)) for job in session.scalars(select(Job)))


def _queued(settings: Settings) -> str:
    """Everything that lies in Redis."""
    with redis.Redis.from_url(settings.redis_url) as client:
        return " ".join(f"{key} {client.dump(key)}" for key in client.scan_iter("*"))


def _found_nowhere(traces: dict[str, str]) -> None:
    for where, trace in traces.items():
        assert trace, f"nothing was written: {where} cannot be searched"
        plain = re.sub(r"[\s-]", "", trace)
        for what, digits in PLANTED.items():
            assert digits not in plain, f"{what} stands in {where}"
