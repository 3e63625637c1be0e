"""A whole shift in the demo: real telephones of its own, real processes, two browsers."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import psutil
import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.console.conftest import sits_down
from tests.faults.stack import free_port
from tests.patience import eventually

COMMAND = Path(sys.executable).parent / "centrala"
JAN = "+48501234567"
NOTE = "Zażółć gęślą jaźń: hasło nadane"
OFFICE = "+48225556677"
SLOW = 60_000
ACCOUNT, TOKEN = "AC" + "5" * 32, "7" * 32


@dataclass(frozen=True)
class Demo:
    """`centrala run --demo` as anybody starts it."""

    running: "subprocess.Popen[bytes]"
    log: Path
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def phones(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}/phones"

    def asks(self, what: str) -> Any:
        """The carrier's REST interface."""
        base = f"http://127.0.0.1:{self.port + 1}/2010-04-01/Accounts/{ACCOUNT}"
        answer = requests.get(f"{base}/{what}.json", auth=(ACCOUNT, TOKEN), timeout=20)
        answer.raise_for_status()
        return answer.json()

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def password(self, login: str) -> str:
        found = re.search(rf"{login} / (\S+)", self.said())
        assert found, self.said()
        return found[1]

    @contextmanager
    def held_up(self, *commands: str) -> Iterator[None]:
        """Processes of it that do nothing for a while."""
        tree = psutil.Process(self.running.pid).children(recursive=True)
        slow = [one for one in tree if set(commands) & set(one.cmdline())]
        assert len(slow) >= len(commands), [one.cmdline() for one in tree]
        for one in slow:
            one.suspend()
        try:
            yield
        finally:
            for one in slow:
                one.resume()

    def stops(self) -> None:
        """In the end no process of it is left, whatever became of it."""
        if self.running.poll() is not None:
            return
        tree = psutil.Process(self.running.pid).children(recursive=True)
        self.running.send_signal(signal.SIGTERM)
        try:
            self.running.wait(20)
        except subprocess.TimeoutExpired:
            self.running.kill()
        for one in psutil.wait_procs(tree, timeout=5)[1]:
            one.kill()


@pytest.fixture
def more_settings() -> dict[str, str]:
    return {}


@pytest.fixture
def demo(tmp_path: Path, more_settings: dict[str, str]) -> Iterator[Demo]:
    port, log = _two_free_ports(), tmp_path / "run.log"
    of_tests = ("PYTEST", "CENTRALA", "PG", "PROMETHEUS", "DATABASE_URL", "REDIS_URL")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(of_tests)}
    environ |= {"CENTRALA_HOME": str(tmp_path / "home"), "PORT": str(port), **more_settings}
    environ |= {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}
    with log.open("wb") as out:
        running = subprocess.Popen(
            [COMMAND, "run", "--demo"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    made = Demo(running, log, port)
    try:
        assert eventually(lambda: "ania / " in made.said(), 90), made.said()
        yield made
    finally:
        made.stops()


def _two_free_ports() -> int:
    """The demo's carrier answers at the port after the web's."""
    while True:
        port = free_port()
        if port + 1 not in {one.laddr.port for one in psutil.net_connections("tcp") if one.laddr}:
            return port


def _sits_down(chromium: Browser, demo: Demo, login: str) -> Page:
    context = chromium.new_context(
        base_url=demo.address, viewport={"width": 1366, "height": 768}, locale="pl-PL"
    )
    page = context.new_page()
    sits_down(page, login, demo.password(login))
    page.keyboard.press("d")
    expect(page.locator(".mine .state")).to_contain_text("przyjmuje rozmowy", timeout=SLOW)
    return page


def _is(page: Page, part: str) -> None:
    expect(page.locator("#call")).to_have_attribute("data-part", part, timeout=SLOW)


def _calls(demo: Demo, keys: str) -> str:
    """A caller presses each key when the line asks for one; gives the call's sid."""
    made = requests.post(demo.phones, json={"from": JAN, "pace": "none"}, timeout=20)
    sid: str = made.json()["sid"]
    for times, key in enumerate(keys, 1):
        assert eventually(partial(_has_asked, demo, sid, times), 20)
        requests.post(f"{demo.phones}/{sid}/keys", json={"digits": key}, timeout=20)
    return sid


def _has_asked(demo: Demo, sid: str, times: int) -> bool:
    return _heard(demo, sid).count("gather") >= times


def _heard(demo: Demo, sid: str) -> list[str]:
    answer = requests.get(f"{demo.phones}/{sid}?since=0", timeout=20).json()
    return [event["kind"] for event in answer["events"]]


def _picks(page: Page, field: str) -> None:
    """By keyboard: the first that is offered, unless one is picked already."""
    page.keyboard.press({"#work-topic": "m", "#work-resolution": "w"}[field])
    expect(page.locator(f"{field}-search")).to_be_focused()
    if not page.locator(field).input_value():
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    expect(page.locator(field)).not_to_have_value("")


def test_a_shift_from_signing_in_to_search(chromium: Browser, demo: Demo) -> None:
    ania = _sits_down(chromium, demo, "ania")
    sid = _calls(demo, "10")
    _is(ania, "ringing")
    expect(ania.locator("#call-name")).to_have_text("501\u00a0234\u00a0567")
    ania.keyboard.press("o")
    _is(ania, "talking")
    assert eventually(lambda: "conference" in _heard(demo, sid), 20)

    ania.keyboard.press("h")
    expect(ania.locator("#call")).to_have_attribute("data-is-held", "1", timeout=SLOW)
    assert eventually(lambda: "hold" in _heard(demo, sid), 20)
    ania.keyboard.press("h")
    expect(ania.locator("#call")).to_have_attribute("data-is-held", "0", timeout=SLOW)

    tomek = _sits_down(chromium, demo, "tomek")
    ania.keyboard.press("t")
    ania.locator("[id^=first-]").first.click(timeout=SLOW)
    _is(tomek, "ringing")
    tomek.keyboard.press("o")
    _is(tomek, "talking")
    expect(ania.locator("#act-complete")).to_be_visible(timeout=SLOW)
    ania.keyboard.press("c")
    ania.keyboard.press("c")
    _is(ania, "wrapping_up")
    _is(tomek, "talking")

    expect(ania.locator("#work-text")).to_be_visible(timeout=SLOW)
    _picks(ania, "#work-topic")
    ania.locator("#call").click(position={"x": 2, "y": 2})
    _picks(ania, "#work-resolution")
    ania.locator("#work-text").focus()
    ania.keyboard.type(NOTE)
    ania.keyboard.press("Control+Enter")
    expect(ania.locator("#told")).to_contain_text("Zapisano", timeout=SLOW)
    expect(ania.locator(".mine .state")).to_contain_text("przyjmuje rozmowy", timeout=SLOW)

    # Handed back at once, the same ticket is in hand again, form and all.
    tomek.keyboard.press("t")
    tomek.locator("[id^=blind-]").first.click(timeout=SLOW)
    _is(ania, "ringing")
    ania.keyboard.press("o")
    _is(ania, "talking")
    expect(ania.locator("#work-form")).to_be_visible(timeout=SLOW)
    ania.keyboard.type("rr")
    assert eventually(lambda: not _is_up(demo, sid), 30)

    ania.keyboard.press("/")
    ania.keyboard.type("gęślą")
    ania.keyboard.press("Enter")
    ania.wait_for_url("**/tickets?*")
    expect(ania.locator("main")).to_contain_text("501\u00a0234\u00a0567")

    demo.stops()
    expect(tomek.locator("#fresh")).to_contain_text("dane sprzed", timeout=10_000)
    for page in (ania, tomek):
        page.context.close()


def _is_up(demo: Demo, sid: str) -> bool:
    answer = requests.get(f"{demo.phones}/{sid}?since=0", timeout=20)
    return bool(answer.json()["is_up"])


@pytest.mark.parametrize("more_settings", [{"RECORD_TALKS": "1"}])
def test_a_talk_is_recorded_paused_and_heard_afterwards(chromium: Browser, demo: Demo) -> None:
    ania = _sits_down(chromium, demo, "ania")
    sid = _calls(demo, "104")
    assert eventually(partial(_has_asked, demo, sid, 3), 20)
    _is(ania, "ringing")
    ania.keyboard.press("o")
    _is(ania, "talking")
    recorded = ania.locator("#call .recorded")
    expect(recorded).to_contain_text("nagrywana", timeout=SLOW)
    ania.keyboard.press("f")
    expect(recorded).to_contain_text("wstrzymane", timeout=SLOW)
    ania.keyboard.press("f")
    expect(recorded).to_contain_text("nagrywana", timeout=SLOW)
    requests.post(f"{demo.phones}/{sid}/speak", json={"seconds": 2}, timeout=20)
    ania.keyboard.type("rr")
    _is(ania, "wrapping_up")

    ania.locator("#call a[href^='/tickets/']").first.click()
    sound = ania.locator("audio")
    assert eventually(lambda: bool(ania.reload() and sound.count()), 30)
    address = str(sound.get_attribute("src"))
    heard = ania.request.get(address)
    assert heard.body()[:4] == b"RIFF"
    ania.reload()
    expect(ania.locator("#notes + ol, .notes").first).to_contain_text("odsłuchuje nagranie")
    ania.context.close()


def test_a_supervisor_overhears_and_an_office_is_the_third(chromium: Browser, demo: Demo) -> None:
    ania = _sits_down(chromium, demo, "ania")
    jan = _calls(demo, "10")
    _is(ania, "ringing")
    ania.keyboard.press("o")
    _is(ania, "talking")
    assert eventually(lambda: len(_in_conference(demo)) == 2, 20)
    (her,) = (sid for sid in _in_conference(demo) if sid != jan)

    marek = _sits_down(chromium, demo, "marek")
    for how, is_muted, coached in (
        ("listen", True, None),
        ("whisper", False, her),
        ("join", False, None),
    ):
        marek.locator(f"[id^={how}-]").click(timeout=SLOW)
        _is(marek, "ringing")
        marek.keyboard.press("o")
        _is(marek, "talking")
        assert eventually(lambda: len(_in_conference(demo)) == 3, 20)
        (his,) = _in_conference(demo).keys() - {jan, her}
        heard = _in_conference(demo)[his]
        assert (heard["muted"], heard["call_sid_to_coach"]) == (is_muted, coached)
        expect(ania.locator("#call")).to_contain_text("Marek", timeout=SLOW)
        marek.keyboard.type("rr")
        _is(marek, "nothing")
        assert eventually(lambda: len(_in_conference(demo)) == 2, 20)

    ania.keyboard.press("i")
    ania.keyboard.type("22 555 66 77")
    ania.keyboard.press("Enter")
    assert eventually(lambda: _rings(demo, OFFICE) is not None, 20)
    office = _rings(demo, OFFICE)
    requests.post(f"{demo.phones}/{office}/answer", json={}, timeout=20).raise_for_status()
    assert eventually(lambda: _in_conference(demo).keys() == {jan, her, office}, 20)
    expect(ania.locator("#call")).to_contain_text("22\u00a0555\u00a066\u00a077", timeout=SLOW)

    ania.locator("#call").click(position={"x": 2, "y": 2})
    ania.keyboard.type("rr")
    _is(ania, "wrapping_up")
    assert eventually(lambda: not _is_up(demo, str(office)), 30)
    assert eventually(lambda: not _is_up(demo, jan), 30)
    for page in (ania, marek):
        page.context.close()


def test_who_answers_before_the_device_rings_is_in_the_talk(chromium: Browser, demo: Demo) -> None:
    ania = _sits_down(chromium, demo, "ania")
    _calls(demo, "10")
    _is(ania, "ringing")
    ania.keyboard.press("o")
    _is(ania, "talking")
    marek = _sits_down(chromium, demo, "marek")
    with demo.held_up("work", "schedule"):
        marek.locator("[id^=listen-]").click(timeout=SLOW)
        _is(marek, "ringing")
        marek.keyboard.press("o")
        expect(marek.locator("#told")).to_contain_text("jeszcze nie dzwoni", timeout=SLOW)
        _is(marek, "ringing")
    _is(marek, "talking")
    for page in (ania, marek):
        page.context.close()


def _in_conference(demo: Demo) -> dict[str, Any]:
    """Who hears whom, by the call's sid, as the carrier has it."""
    going_on = demo.asks("Conferences")["conferences"]
    rooms = [one["sid"] for one in going_on if one["status"] != "completed"]
    people = [demo.asks(f"Conferences/{room}/Participants")["participants"] for room in rooms]
    return {one["call_sid"]: one for room in people for one in room}


def _rings(demo: Demo, number: str) -> str | None:
    answer = requests.get(demo.phones, params={"number": number}, timeout=20).json()
    return next((one["sid"] for one in answer["phones"] if one["doing"] == "ringing"), None)


def test_what_is_confirmed_is_what_callers_hear_and_what_everybody_reads(
    chromium: Browser, demo: Demo
) -> None:
    words = "Zażółć gęślą jaźń: centrala wróci o 14:05."
    marek = _sits_down(chromium, demo, "marek")
    marek.goto("/switchboard")
    for choice in ("aż zakończę", "Centrala telefoniczna", "Własne słowa"):
        marek.get_by_role("radio", name=choice).check()
    marek.locator("#text_pl").fill(words)
    marek.get_by_role("button", name="Pokaż, co usłyszą dzwoniący").click()
    expect(marek.locator("#text_pl")).to_have_value(words)
    marek.get_by_role("button", name="Włącz komunikat").click()
    switched = monotonic()
    expect(marek.locator("#now")).to_contain_text(words)
    anybody = chromium.new_context(base_url=demo.address, locale="pl-PL").new_page()
    anybody.goto("/status")
    expect(anybody.locator("main")).to_contain_text(words)
    anybody.goto("/phone")
    anybody.get_by_role("button", name="Zadzwoń").click()
    expect(anybody.locator("#log")).to_contain_text(words, timeout=10_000)
    assert monotonic() - switched < 10
    marek.goto("/desk")
    expect(marek.locator("#on")).to_contain_text(words)
    for page in (marek, anybody):
        page.context.close()
