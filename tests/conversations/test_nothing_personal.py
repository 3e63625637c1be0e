"""Numbers and PESELs go through whole conversations; then all that leaves a trace is searched."""

import io
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
import redis
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from callcenter import telephony
from callcenter.people import tokens
from config import Settings
from models import Job, Role
from models.session import transaction
from observability import logs
from tests.console import scenes
from tests.console.conftest import Desk
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


def _found_nowhere(traces: dict[str, str], planted: dict[str, str] = PLANTED) -> None:
    for where, trace in traces.items():
        assert trace, f"nothing was written: {where} cannot be searched"
        plain = re.sub(r"[\s-]", "", trace)
        for what, digits in planted.items():
            assert digits not in plain, f"{what} stands in {where}"


# The console

ROBERT = "robert.nowacki"
NAME = "Kowalenko"
IN_ADDRESSES = {**PLANTED, "a SIP caller's name": ROBERT, "a name in a note": NAME}
SECRET = {what: digits for what, digits in PLANTED.items() if "PESEL" in what}
ADDRESSES = frozenset({"href", "src", "action", "formaction", "hx-get", "hx-post"})
# What a person is asked to do is no page, and files carry what their reader may see.
NOT_FOLLOWED = ("/sign-out", "/assets/", "/tickets/export.")
ENOUGH = 25


@dataclass
class Reader(HTMLParser):
    """Follows every link of the console, and keeps each address and each answer."""

    desk: Desk
    addresses: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)
    ahead: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def reads(self, *paths: str) -> None:
        self.ahead += paths
        while self.ahead:
            path = self.ahead.pop(0).partition("#")[0]
            if path not in self.answers and self._is_wanted(path):
                self.keeps(path, self.desk.get(path))

    def _is_wanted(self, path: str) -> bool:
        """A few of each kind: every node of the script has an address of its own."""
        kind = path.split("/")[1].partition("?")[0]
        known = sum(kind == one.split("/")[1].partition("?")[0] for one in self.answers)
        return not path.startswith(NOT_FOLLOWED) and known < ENOUGH

    def keeps(self, path: str, answer: TestResponse) -> None:
        self.addresses.add(path)
        self.answers[path] = answer.text
        if answer.location:
            self._found(answer.location)
        if answer.mimetype == "text/html":
            self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and (name in ADDRESSES or value.startswith("/")):
                self._found(value)

    def _found(self, address: str) -> None:
        self.addresses.add(address)
        there = urlsplit(address)
        if address.startswith("/") and not there.netloc:
            self.ahead.append(address)


@pytest.fixture
def reader(client: FlaskClient, database: Engine) -> Reader:
    """Marek, who may see everything, reads the console."""
    with transaction() as session:
        scenes.marek(session)
    desk = Desk(client)
    assert desk.signs_in("marek").status_code == 303
    return Reader(desk)


def test_it_stands_in_no_address_of_the_console_and_no_pesel_on_any_page(
    olena: Caller, jan: Caller, reader: Reader, work_off: Callable[[], None]
) -> None:
    _types_a_pesel(olena)
    ticket = olena.ticket().number
    _leaves_a_message(jan)
    _waits_and_is_called_back(olena)
    _calls_by_sip(olena)
    work_off()
    _writes_a_pesel(reader, ticket)
    _searches(reader)
    reader.reads("/desk", "/tickets", "/calls", "/switchboard", "/flows", "/people", "/status")
    reader.reads("/status.json", "/status.rss", "/desk/live", f"/desk/work/{ticket}")
    assert len(reader.answers) > 30
    assert any("501 234 567" in page.replace("\xa0", " ") for page in reader.answers.values())
    assert any(NAME in page for page in reader.answers.values())
    _found_nowhere({"an address": unquote(" ".join(reader.addresses))}, IN_ADDRESSES)
    _found_nowhere(reader.answers, SECRET)


def _calls_by_sip(olena: Caller) -> None:
    robert = Caller.of(olena.network, f"sip:{ROBERT}@example.org")
    robert.dials_in("pl", "1", "3")
    robert.hangs_up()


def _writes_a_pesel(reader: Reader, ticket: str) -> None:
    page = f"/tickets/{ticket}"
    note = {"text": f"Dzwoni pani {NAME}, PESEL {PESEL}, prosi o kontakt."}
    answer = reader.desk.post(f"{page}/notes", note, page=page)
    assert answer.status_code == 303
    reader.keeps(f"{page}/notes", answer)


def _searches(reader: Reader) -> None:
    asked = [
        {"caller": "+48 501 234 567"},
        {"caller": f"sip:{ROBERT}@example.org"},
        {"words": NAME},
        {"anything": "501234567"},
        {"anything": NAME},
    ]
    for fields in asked:
        answer = reader.desk.post("/tickets/find", fields)
        assert answer.status_code == 303, fields
        reader.keeps("/tickets/find", answer)
    # Who typed it sees it again; nobody's address has it.
    echoed = reader.desk.post("/tickets/find", {"anything": PESEL})
    reader.addresses.add(echoed.location or "")


def test_it_stands_in_no_address_of_the_json_interface_and_no_pesel_in_it(
    olena: Caller, jan: Caller, client: FlaskClient
) -> None:
    _types_a_pesel(olena)
    _leaves_a_message(jan)
    with transaction() as session:
        token = tokens.create_token(session, "tests", Role.SUPERVISOR)
    headers = {"Authorization": f"Bearer {token}"}
    answers: dict[str, str] = {}
    addresses: list[str] = []
    ahead = ["/api/v1/tickets?limit=1", "/api/v1/calls?limit=1", "/api/v1/announcements"]
    ahead += [f"/api/v1/tickets/{olena.ticket().number}", f"/api/v1/calls?sid={olena.sid}"]
    found = client.post("/api/v1/tickets/find", json={"caller": olena.number}, headers=headers)
    answers["POST /api/v1/tickets/find"] = found.text
    while ahead:
        path = ahead.pop()
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        answers[path] = answer.text
        addresses.append(path)
        if following := (answer.json or {}).get("next"):
            ahead.append(following)
    assert any("•••" in text for text in answers.values())
    assert len(addresses) > 6
    _found_nowhere({"an address": unquote(" ".join(addresses))})
    _found_nowhere(answers, SECRET)
