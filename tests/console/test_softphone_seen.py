"""The carrier's telephone in the desk's page, with a stand-in for the carrier's kit."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from callcenter import console
from models.session import transaction
from models.ticket import Status
from tests.console import scenes
from tests.console.conftest import answering, sits_down, window
from tests.patience import eventually

KIT = next((Path(console.__file__).parent / "static" / "vendor").glob("twilio-voice-sdk-*.js"))
STAND_IN = Path(__file__).with_name("voice_kit.js")
NUMBER = "482915306"
KEY, SECRET = "SK" + "6" * 32, "s" * 32


@pytest.fixture
def page(chromium: Browser, serve: Callable[..., Flask]) -> Iterator[Page]:
    """Ania at her desk, whose browser is her telephone."""
    with transaction() as session:
        scenes.ania(session)
        made = scenes.call(session, at=datetime.now(UTC) - timedelta(minutes=2))
        scenes.ticket(session, made, NUMBER, Status.OPEN)
    outside_demo = {"demo": False, "twilio_api_key": KEY, "twilio_api_secret": SECRET}
    with (
        answering(serve(public_url="http://localhost", **outside_demo)) as address,
        window(chromium, address) as opened,
    ):
        opened.context.route(f"**/{KIT.name}*", lambda route: route.fulfill(path=STAND_IN))
        sits_down(opened)
        assert eventually(lambda: bool(opened.evaluate("window.device?.registered")), 20)
        yield opened


def _rings(page: Page) -> None:
    with transaction() as session:
        scenes.rings(session, "ania", NUMBER)
    expect(page.locator("#call")).to_have_attribute("data-part", "ringing")


def _device_rings(page: Page) -> None:
    page.evaluate("() => { window.call = new Twilio.Call(); device.emit('incoming', call); }")


def _accepted(page: Page) -> int:
    return int(page.evaluate("window.call.accepted || 0"))


def test_the_browser_may_take_calls_of_who_is_signed_in_and_make_none(page: Page) -> None:
    grants = jwt.decode(page.evaluate("device.token"), SECRET, algorithms=["HS256"])["grants"]
    assert grants == {"identity": "ania", "voice": {"incoming": {"allow": True}}}
    page.evaluate("() => { device.token = ''; device.emit('tokenWillExpire'); }")
    assert eventually(lambda: bool(page.evaluate("device.token")), 20)


def test_a_key_answers_what_rings(page: Page) -> None:
    _rings(page)
    _device_rings(page)
    assert _accepted(page) == 0
    page.keyboard.press("o")
    assert eventually(lambda: _accepted(page) == 1, 5)


def test_a_key_pressed_before_the_device_rings_answers_once_it_does(page: Page) -> None:
    _rings(page)
    page.keyboard.press("o")
    expect(page.locator("#told")).to_contain_text("jeszcze nie dzwoni")
    _device_rings(page)
    assert _accepted(page) == 1
    expect(page.locator("#told")).to_be_empty()


def test_who_wished_to_answer_one_call_does_not_answer_the_next(page: Page) -> None:
    _rings(page)
    page.keyboard.press("o")
    with transaction() as session:
        scenes.conversations_end(session)
    expect(page.locator("#call")).to_have_attribute("data-part", "nothing")
    _device_rings(page)
    assert _accepted(page) == 0


def test_a_call_that_was_cancelled_is_not_answered(page: Page) -> None:
    _rings(page)
    _device_rings(page)
    page.evaluate("call.emit('cancel')")
    page.keyboard.press("o")
    assert _accepted(page) == 0


def test_without_a_microphone_it_says_so(page: Page) -> None:
    page.evaluate("device.emit('error', new Error('mikrofon zajęty'))")
    expect(page.locator("#told")).to_contain_text("mikrofon zajęty")


def test_the_stand_in_has_nothing_that_the_carriers_kit_lacks(chromium: Browser) -> None:
    context = chromium.new_context()
    has: dict[str, Any] = {}
    for kit in (KIT, STAND_IN):
        page = context.new_page()
        page.add_script_tag(path=kit)
        has[kit.name] = page.evaluate(
            """() => ["Call", "Device"].flatMap((name) => {
                const found = [];
                let type = Twilio[name].prototype;
                for (; type !== Object.prototype; type = Object.getPrototypeOf(type))
                    found.push(...Object.getOwnPropertyNames(type));
                return found.map((member) => `${name}.${member}`);
            })"""
        )
    context.close()
    ours = {name for name in has[STAND_IN.name] if not name.endswith((".constructor", ".heard"))}
    assert {"Call.accept", "Device.register", "Device.updateToken", "Device.on"} <= ours
    assert ours <= set(has[KIT.name])


def test_the_kit_tells_what_the_desk_listens_to(chromium: Browser) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.add_script_tag(path=KIT)
    told = page.evaluate(
        "[Object.values(Twilio.Device.EventName), Object.values(Twilio.Call.EventName || {})]"
    )
    context.close()
    assert {"incoming", "error", "tokenWillExpire"} <= set(told[0])
    assert told[1] == [] or {"cancel", "disconnect", "reject", "error"} <= set(told[1])
