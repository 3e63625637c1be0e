"""While a part of the line is away every page says so, and what it means; none of them hangs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

import migrations
from app import create_app
from callcenter import background
from callcenter.monitoring import readiness
from callcenter.offline import heartbeats
from callcenter.offline.spool import spool
from callcenter.outbox import outbox
from callcenter.outbox.outbox import Task
from carrier.network import Network
from carrier.transport import into_wsgi
from config import Settings
from installation.home import Home
from models.session import DatabaseAway, circuit, transaction
from tests.console import scenes
from tests.console.conftest import Desk, answering, sits_down, window
from tests.console.test_seen import check_here
from tests.test_database_away import Postgres
from voice.execution import drain
from webhooks import line_of

DATABASE = "Baza danych nie odpowiada"
READ_ONLY = "nie przyjmuje teraz zmian"


@pytest.fixture(scope="module")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A PostgreSQL of this file's own, which may be mistreated; Ania may sign in."""
    home = Home(tmp_path_factory.mktemp("own"))
    with home.servers(durable=False):
        migrations.upgrade(home.database_url)
        engine = create_engine(home.database_url, poolclass=NullPool)
        with Session(engine) as session, session.begin():
            scenes.ania(session)
        yield home


@pytest.fixture
def postgres(own_home: Home) -> Postgres:
    return Postgres(own_home)


@pytest.fixture
def here(settings: Settings, own_home: Home) -> Settings:
    return replace(settings, database_url=own_home.database_url, home=own_home.path)


@pytest.fixture
def whole(here: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The whole application as a process serves it, with a database that may go away."""
    monkeypatch.setattr("app.PAGE_S", 5.0)
    made = create_app(here)
    for name in ("worker", "scheduler"):
        heartbeats.beat(name)
    yield made
    circuit.close()
    spool().close()
    made.extensions["database"].dispose()


@pytest.fixture
def ania(whole: Flask) -> Desk:
    """Ania's browser; she signed in while the database was there."""
    desk = Desk(whole.test_client())
    assert desk.signs_in("ania").status_code == 303
    return desk


def looks_again() -> None:
    """The seconds pass for which pages keep an answer."""
    readiness._parts[0]._until = 0.0


def comes_back() -> None:
    """What the upkeep of a process does twice a second."""
    for _ in range(20):
        try:
            background.refresh_board()
        except DatabaseAway:
            time.sleep(0.1)
        else:
            break
    circuit.close()


def is_noticed() -> None:
    """The same, while the database is away."""
    with pytest.raises(DatabaseAway):
        background.refresh_board()
    circuit.open()


def told(desk: Desk, path: str = "/tickets") -> str:
    looks_again()
    page = desk.get(path).text
    return page.partition('<div id="away" role="status">')[2].partition("</div>")[0]


def test_while_all_is_well_nothing_is_told(desk: Desk) -> None:
    for path in ("/desk", "/tickets", "/calls", "/flows", "/switchboard", "/nowhere"):
        assert told(desk, path) == "", path


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("worker", "telefony konsultantów nie dzwonią"), ("scheduler", "później niż zwykle")],
)
def test_a_dead_process_is_told_on_every_page(
    desk: Desk, settings: Settings, name: str, sentence: str
) -> None:
    (settings.home / "alive" / name).unlink()
    for path in ("/desk", "/tickets", "/calls", "/flows", "/switchboard", "/nowhere"):
        assert sentence in told(desk, path), path
    heartbeats.beat(name)
    assert told(desk) == ""


def test_redis_away_is_told_and_pages_go_on(serve: Callable[..., Flask], signed_out: Desk) -> None:
    desk = Desk(serve(redis_url="redis://127.0.0.1:1").test_client())
    assert desk.signs_in("ania").status_code == 303
    assert "Kolejka zadań nie odpowiada" in told(desk)
    assert desk.get("/tickets").status_code == 200


def test_late_jobs_are_told(desk: Desk) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        outbox.enqueue(session, Task.SEND_TEXT, 1, now - timedelta(seconds=30))
    assert told(desk) == ""
    with transaction() as session:
        outbox.enqueue(session, Task.SEND_TEXT, 2, now - timedelta(minutes=2))
    assert "spóźniają się" in told(desk)


def test_in_english_too(desk: Desk, settings: Settings) -> None:
    (settings.home / "alive" / "worker").unlink()
    desk.client.set_cookie("language", "en", domain="centrala.example.org")
    assert "The worker does not run" in told(desk)


@pytest.mark.parametrize("how", ["hanging", "gone"])
def test_without_a_database_pages_say_so_at_once(
    postgres: Postgres, ania: Desk, here: Settings, how: str
) -> None:
    (here.home / "alive" / "worker").unlink()
    with getattr(postgres, how)():
        first = time.monotonic()
        page = ania.get("/tickets")
        assert time.monotonic() - first < 15
        assert page.status_code == 503
        assert DATABASE in page.text
        assert "telefony konsultantów nie dzwonią" not in page.text
        assert "Tej strony nie można teraz pokazać" in page.text
        assert not circuit.is_open, "one page is no reason to send callers another way"
        is_noticed()
        began = time.monotonic()
        for path in ("/", "/desk", "/desk/live?v=1", "/tickets/482915306", "/people/me"):
            answer = ania.get(path)
            assert answer.status_code == 503, path
            assert DATABASE in answer.text, path
        assert time.monotonic() - began < 5
        assert ania.get("/accessibility").status_code == 200
        refused = ania.client.get("/api/v1/tickets", headers={"Authorization": "Bearer x"})
        assert (refused.status_code, refused.content_type) == (503, "application/problem+json")
    comes_back()
    heartbeats.beat("worker")
    assert ania.get("/tickets").status_code == 200
    assert told(ania) == ""


def test_somebody_who_is_not_signed_in_learns_why(postgres: Postgres, whole: Flask) -> None:
    stranger = Desk(whole.test_client())
    with postgres.gone():
        looks_again()
        page = stranger.get("/")
        assert page.status_code == 200
        assert DATABASE in page.text
        refused = stranger.signs_in("ania")
        assert refused.status_code == 503
        assert DATABASE in refused.text


def test_a_database_that_only_reads_shows_its_pages(postgres: Postgres, ania: Desk) -> None:
    with postgres.read_only():
        assert READ_ONLY in told(ania)
        assert ania.get("/tickets").status_code == 200
        assert ania.get("/desk").status_code == 503
    comes_back()
    assert told(ania) == ""


def test_what_callers_did_meanwhile_is_told_until_it_is_there(
    postgres: Postgres, ania: Desk, whole: Flask, here: Settings
) -> None:
    network = Network(
        into_wsgi(whole),
        account_sid=here.twilio_account_sid,
        auth_token=here.twilio_auth_token,
        number=here.twilio_number,
        server=here.public_url,
    )
    olena = network.telephone("+48501234567")
    with postgres.gone():
        olena.dials()
        olena.presses("1", "3")
        olena.hangs_up()
    comes_back()
    assert "Trwa dopisywanie rozmów" in told(ania)
    drain(line_of(here))
    assert told(ania) == ""


def test_a_page_pays_nothing_for_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "KEPT_S", 60.0)
    looks_again()
    desk.get("/flows")
    looked: list[readiness.Parts] = []
    monkeypatch.setattr(readiness.Parts, "look", looked.append)
    for _ in range(5):
        assert desk.get("/flows").status_code == 200
    assert looked == []


# In a real browser


@pytest.fixture
def address(whole: Flask, ania: Desk) -> Iterator[str]:
    whole.config["SESSION_COOKIE_SECURE"] = False
    with answering(whole) as address:
        yield address


@pytest.fixture(
    params=[(1440, "light"), (390, "dark")],
    ids=["desk", "telephone-dark"],
)
def page(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Page]:
    width, scheme = request.param
    with window(chromium, address, width, scheme=scheme) as page:
        sits_down(page)
        yield page


def test_the_band_is_for_everybody(page: Page, here: Settings, postgres: Postgres) -> None:
    (here.home / "alive" / "worker").unlink()
    (here.home / "alive" / "scheduler").unlink()
    looks_again()
    page.goto("/tickets")
    expect(page.locator("#away p")).to_have_count(2)
    expect(page.get_by_role("status").first).to_contain_text("nic nie ginie")
    check_here(page)
    with postgres.gone():
        answer = page.goto("/tickets")
        assert answer
        assert answer.status == 503
        expect(page.locator("#away")).to_contain_text(DATABASE)
        check_here(page)


@pytest.mark.parametrize("page", [(1440, "light")], indirect=True)
def test_the_open_desk_says_what_is_away_and_when_it_is_back(
    page: Page, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "KEPT_S", 0.5)
    expect(page.locator("#away")).to_be_empty()
    with postgres.gone():
        expect(page.locator("#away")).to_contain_text(DATABASE, timeout=10_000)
    comes_back()
    expect(page.locator("#away")).to_be_empty(timeout=10_000)
