"""What people see: each page in a real browser, by keyboard, on a telephone, in the dark."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from callcenter.tickets import handling, notes
from callcenter.tickets.decisions import Decider
from callcenter.tickets.ticket_numbers import new_number
from models import Agent, Kind, Status, Ticket, Topic
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import window

LANDINGS = ("/", "/nowhere")
PAGES = (
    "/desk",
    "/tickets",
    "/tickets?topic=about",
    "/tickets?due=late",
    "/calls",
    "/flows",
    "/flows?language=uk",
    "/switchboard",
    "/reports",
    "/people/me",
    "/accessibility",
    "/status",
    # What an agent may not see, and an address that a form wrote wrongly.
    "/people",
    "/reports?first=2026-11-24&last=2026-11-23",
    "/tickets?day=never",
)
OF_SUPERVISORS = ("/people", "/people/new", "/tokens", "/desk")


@pytest.fixture
def number(address: str) -> str:
    """The number of a ticket with everything long: forty turns, a SIP caller, Polish words."""
    number = new_number()
    with transaction() as session:
        ania = scenes.ania(session)
        made = scenes.call(session, scenes.LONG_CALLER)
        for step in range(1, 41):
            scenes.turn(session, made, step, "login/menu", str(step % 3 or ""), "login/menu")
        topic = Topic.EMAIL_CHANGE_BOTH_FORGOTTEN
        ticket = scenes.ticket(session, made, number, Status.OPEN, topic, Kind.CLARIFICATION)
        long = "Konstantynopolitańczykowianeczkówna" * 4
        notes.add_note(session, ticket, ania.id, long, scenes.MONDAY)
        scenes.waiting(session, made, topic, scenes.MONDAY)
        scenes.callback(session, ticket, scenes.JAN)
        scenes.recording(session, made)
        earlier = scenes.call(session, scenes.LONG_CALLER, scenes.MONDAY - timedelta(days=3))
        scenes.ticket(session, earlier, new_number()).related_to = ticket
    return number


@pytest.fixture(
    params=[(1440, "light"), (390, "dark")],
    ids=lambda seen: f"{seen[0]} {seen[1]}",
)
def page(
    request: pytest.FixtureRequest, chromium: Browser, address: str, number: str
) -> Iterator[Page]:
    width, scheme = request.param
    with window(chromium, address, width, scheme=scheme) as page:
        yield page


def sign_in(page: Page, login: str = "ania") -> None:
    """By keyboard alone."""
    page.goto("/")
    _tab_to(page, "login")
    page.keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type(scenes.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pulpit")


def check(page: Page, path: str) -> None:
    """No fault that axe-core knows, no scrolling sideways, no code or style that is not ours."""
    blocked: list[str] = []
    page.on("console", lambda said: blocked.append(said.text) if said.type == "error" else None)
    page.goto(path)
    check_here(page)
    assert not [each for each in blocked if "Content Security Policy" in each], path


def check_here(page: Page) -> None:
    """The same of the page that is shown, but for what the browser blocked."""
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
    sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(sideways), page.url


def test_every_page_is_for_everybody(page: Page, number: str) -> None:
    for path in LANDINGS:
        check(page, path)
    sign_in(page)
    for path in (*PAGES, f"/tickets/{number}", f"/desk?ticket={number}"):
        check(page, path)


def test_every_page_of_supervisors_is_for_everybody(page: Page, number: str) -> None:
    with transaction() as session:
        marek_id = scenes.marek(session).id
    sign_in(page, "marek")
    for path in (*OF_SUPERVISORS, f"/people/{marek_id}"):
        check(page, path)
    page.goto("/tokens")
    page.get_by_label("Nazwa programu").fill("Konstantynopolitańczykowianeczkówna" * 3)
    page.get_by_role("button", name="Utwórz token").click()
    expect(page.locator("code")).to_contain_text("ctr_")
    check_here(page)


def test_a_conflict_and_a_locked_door_are_for_everybody(page: Page, number: str) -> None:
    with transaction() as session:
        scenes.marek(session)
    sign_in(page)
    page.goto(f"/tickets/{number}")
    page.get_by_label("Nowa notatka").fill("Zażółć gęślą jaźń")
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        marek = session.scalars(select(Agent).where(Agent.login == "marek")).one()
        handling.assign(session, ticket, Decider(marek.id, datetime.now(UTC)), marek.id)
    page.get_by_role("button", name="Przekaż").click()
    expect(page.get_by_role("alert")).to_contain_text("Marek Wiśniewski")
    expect(page.get_by_label("Nowa notatka")).to_have_value("Zażółć gęślą jaźń")
    check_here(page)
    page.get_by_role("button", name="Wyloguj").click()
    for _guess in range(6):
        page.goto("/")
        page.get_by_label("Login").fill("tomek")
        page.get_by_label("Hasło").fill("guess guess")
        page.keyboard.press("Enter")
        expect(page.locator(".summary, .code")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Zbyt wiele")
    check_here(page)


@pytest.mark.parametrize("page", [(1366, "light")], indirect=True)
def test_from_sign_in_to_a_note_by_keyboard_alone(page: Page, number: str) -> None:
    sign_in(page)
    _tab_to(page, "Zgłoszenia")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Zgłoszenia")
    _tab_to(page, "number")
    page.keyboard.type(f"{number[:3]} {number[3:6]} {number[6:]}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{number}")
    expect(page.get_by_role("heading", name="Przebieg rozmowy")).to_be_visible()
    _tab_to(page, "text")
    page.keyboard.type("Zażółć gęślą jaźń")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#note-*")
    expect(page.locator(".notes li").last).to_contain_text("Zażółć gęślą jaźń")


def _tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called `name` (its words, or a field's id)."""
    names = "[document.activeElement.id, document.activeElement.textContent.trim()]"
    for _stop in range(150):
        page.keyboard.press("Tab")
        if name in page.evaluate(names):
            return
    raise AssertionError(f"the keyboard does not reach {name}")


@pytest.mark.parametrize("page", [(1366, "light")], indirect=True)
def test_the_focus_is_seen_and_the_menu_can_be_skipped(page: Page, number: str) -> None:
    sign_in(page)
    page.goto("/tickets")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Przejdź do treści")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Numer zgłoszenia")).to_be_focused()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"


@pytest.mark.parametrize("page", [(1440, "light")], indirect=True)
def test_what_is_wrong_is_said_first_and_leads_to_its_field(page: Page, number: str) -> None:
    sign_in(page)
    page.goto("/tickets")
    page.get_by_label("Numer zgłoszenia").fill("12")
    page.get_by_role("button", name="Szukaj").click()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Numer zgłoszenia")).to_be_focused()
    assert Axe().run(page).violations_count == 0


@pytest.mark.parametrize("page", [(1440, "light")], indirect=True)
def test_dark_is_dark(page: Page, number: str) -> None:
    page.goto("/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="ciemne").click()
    assert page.evaluate(ground) != light
    assert Axe().run(page).violations_count == 0
