"""The demo telephone's page: what it passes on, and a call by hand in a real browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import make_server

from app import create_app
from callcenter.announcements import drafts, switchboard
from callcenter.announcements.drafts import Wanted
from callcenter.announcements.switchboard import Maker
from callcenter.console.phone import phone
from callcenter.recordings import sounds
from carrier import process, voice
from carrier.clocks import RealClock
from carrier.network import Message, Network
from carrier.sound import length, tone
from config import Settings
from models import Scope, Template, Way
from models.session import transaction

CHROMIUM = "/usr/bin/chromium"
JAN = "+48501234567"


@pytest.fixture
def network(settings: Settings) -> Network:
    """The demo's network, in real time; people may answer its telephones."""
    network = Network(
        clock=RealClock(),
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        number=settings.twilio_number,
    )
    network.people_may_answer = True
    return network


@pytest.fixture
def house(database: Engine, settings: Settings, network: Network) -> Iterator[str]:
    """The whole application and its network over sockets; gives its address."""
    with process.running(network) as base, _open_port() as (port, serve):
        here = f"http://localhost:{port}"
        network.main.voice_url = f"{here}/voice/incoming"
        network.main.status_callback = f"{here}/voice/status"
        app = create_app(replace(settings, twilio_api_base=base, public_url=here))
        if "phone" not in app.blueprints:
            app.register_blueprint(phone.create(replace(settings, twilio_api_base=base)))
        serve(app)
        yield here
        app.extensions["database"].dispose()


@contextmanager
def _open_port() -> Iterator[tuple[int, Any]]:
    waiting = Flask("waiting")
    server = make_server("127.0.0.1", 0, waiting, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))

    def serve(app: Flask) -> None:
        server.app = app
        thread.start()

    yield server.server_port, serve
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A narrow window, as on a telephone; a fault of the page's script fails the test."""
    faults: list[str] = []
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="pl-PL")
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert faults == []


def _dials(page: Page, house: str) -> None:
    page.goto(f"{house}/phone")
    page.get_by_role("button", name="Zadzwoń").click()
    expect(page.locator("#telephone")).to_have_attribute("data-state", "up")


def test_a_call_by_hand_becomes_a_ticket(house: str, page: Page) -> None:
    _dials(page, house)
    expect(page.locator("#log")).to_contain_text("Help Desk")
    expect(page.locator("#said [lang=pl-PL]").first).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator("#log")).to_contain_text("naciśnij 3")
    page.get_by_role("button", name="2 ABC", exact=True).click()
    expect(page.locator("#log .mine")).to_have_count(2)
    page.get_by_role("button", name="Rozłącz").click()
    expect(page.locator("#ticket-link")).to_be_visible(timeout=10_000)
    expect(page.locator("#ticket-topic")).to_have_text("zapomniane hasło podstawowe")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_is_accessible_in_both_colours(house: str, page: Page) -> None:
    _dials(page, house)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_it_says_that_it_is_a_demo_in_both_languages(house: str, page: Page) -> None:
    page.goto(f"{house}/phone")
    expect(page.get_by_role("heading", level=1)).to_have_text("Telefon pokazowy")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Demo telephone")


def test_an_sms_shows_on_the_telephone(house: str, page: Page, network: Network) -> None:
    _dials(page, house)
    now = network.clock.now()
    network.send_message(Message("Centrala", JAN, "Zgłoszenie 123 456 782", now))
    expect(page.locator("#texts")).to_contain_text("Zgłoszenie 123 456 782")


def test_a_call_back_rings_and_is_answered(house: str, page: Page, network: Network) -> None:
    from carrier.call import Callback, Direction
    from carrier.line import Jump

    page.goto(f"{house}/phone")
    to = Direction.OUTBOUND_API
    leg = network.new_leg(network.main.phone_number, JAN, to, Callback())
    twiml = '<Response><Say language="pl-PL">Oddzwaniamy.</Say><Pause length="9"/></Response>'
    network.call_out(leg, Jump("", twiml=twiml))
    page.get_by_role("button", name="Odbierz").click(timeout=15_000)
    expect(page.locator("#log")).to_contain_text("Oddzwaniamy")
    page.get_by_role("button", name="Rozłącz").click()
    expect(page.locator("#telephone")).to_have_attribute("data-state", "over")


@pytest.mark.parametrize("language", ["pl-PL", "en-GB", "uk-UA"])
def test_a_voice_speaks_each_language_of_the_line(language: str) -> None:
    text = (
        "Dzień dobry"
        if language == "pl-PL"
        else "Good day"
        if language == "en-GB"
        else "Добрий день"
    )
    short, long = voice.speak(language, text), voice.speak(language, 5 * f"{text}. ")
    assert short
    assert long
    assert 0.3 < (length(short) or 0) < (length(long) or 0)


def test_a_language_without_a_voice_is_read() -> None:
    assert voice.speak("tlh-KX", "nuqneH") is None


def test_a_browser_without_a_voice_is_given_one(house: str, page: Page) -> None:
    """Headless Chromium has none: what the line says is fetched as sound."""
    with page.expect_response(re.compile(r"/phone/api/calls/CA\w+/events/\d+\.wav$")) as heard:
        _dials(page, house)
    assert heard.value.status == 200
    assert heard.value.headers["content-type"] == "audio/wav"
    assert length(heard.value.body())


def test_a_recorded_announcement_is_told_as_such(house: str, page: Page) -> None:
    notice = drafts.prepare(Wanted(Scope.SERVICE, Template.OUTAGE), datetime.now(UTC))
    played = {"pl": sounds.keep(tone(3.0))}
    with transaction() as session:
        switchboard.announce(session, replace(notice, sounds=played), Maker(Way.CONSOLE))
    _dials(page, house)
    expect(page.locator("#log")).to_contain_text(f"(nagrany komunikat) {notice.text['pl']}")
    expect(page.locator("#log")).not_to_contain_text("(muzyka)")
