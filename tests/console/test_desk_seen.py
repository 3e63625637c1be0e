"""The desk in a real browser: what is live, what stays where it was, what the keys do."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, Response, expect
from sqlalchemy import select, update

from callcenter.console.layout.labels import SIGNS
from callcenter.queue import presence
from callcenter.tickets import handling, note_drafts
from callcenter.tickets.decisions import Decider
from callcenter.tickets.resolutions import for_topic
from callcenter.tickets.ticket_numbers import new_number
from models import (
    Agent,
    Away,
    Callback,
    Conversation,
    Left,
    Leg,
    Presence,
    State,
    Ticket,
    TicketNote,
    Topic,
    Waiting,
)
from models.session import transaction
from models.ticket import Kind, Outcome, Status
from tests.console import scenes
from tests.console.conftest import sits_down, window

PANGRAM = "zażółć gęślą jaźń"
NUMBER, EARLIER = "482915306", "123456782"
# One that a person may type: its last digit is right.
VALID = "671925974"


@pytest.fixture
def shift(address: str) -> str:
    """Ania at her desk, Marek in charge; Jan, who has called before, waits."""
    now = datetime.now(UTC)
    with transaction() as session:
        scenes.ania(session)
        scenes.marek(session)
        before = scenes.call(session, scenes.JAN, now - timedelta(days=3))
        scenes.ticket(session, before, EARLIER, Status.OPEN, Topic.LOGIN_LOCKED)
        made = scenes.call(session, scenes.JAN, now - timedelta(minutes=2))
        for step, key in enumerate("120", 1):
            scenes.turn(session, made, step, "login/menu", key, "login/menu")
        scenes.ticket(session, made, NUMBER, Status.OPEN, Topic.BASIC_PASSWORD_FORGOTTEN)
        ticket = session.scalars(select(Ticket).where(Ticket.number == NUMBER)).one()
        ticket.outcome, ticket.kind, ticket.due_at = None, Kind.UNKNOWN, None
    return address


@pytest.fixture
def page(chromium: Browser, shift: str) -> Iterator[Page]:
    with window(chromium, shift, height=768) as opened:
        sits_down(opened)
        yield opened


def _now_is(state: State, **more: object) -> None:
    """Ania's row, as a call leaves it."""
    now = datetime.now(UTC)
    with transaction() as session:
        ania = session.scalars(select(Agent).where(Agent.login == "ania")).one()
        presence.of(session, ania.id)
        session.flush()
        values = {"state": state, "away": None, "since": now, "seen_at": now, **more}
        whose = update(Presence).where(Presence.agent_id == ania.id)
        session.execute(whose.values(**values))


def _rings() -> None:
    with transaction() as session:
        scenes.rings(session, "ania", NUMBER)


def _joined(is_held: bool = False) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        session.execute(update(Leg).where(Leg.ended_at.is_(None)).values(joined_at=now))
        session.execute(update(Conversation).values(began_at=now, is_held=is_held))
    _now_is(State.ON_CALL)


def _stops() -> None:
    with transaction() as session:
        scenes.conversations_end(session)


def _wraps_up(seconds: int = 90) -> None:
    _stops()
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    with transaction() as session:
        ticket_id = session.scalars(select(Ticket.id).where(Ticket.number == NUMBER)).one()
    _now_is(State.WRAPPING_UP, ticket_id=ticket_id, wrap_up_until=until)


def test_what_waits_and_what_rings_appears_within_two_seconds(page: Page) -> None:
    expect(page.locator("#summary")).to_contain_text("Nikt nie czeka")
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == NUMBER)).one()
        topic = Topic.BASIC_PASSWORD_FORGOTTEN
        scenes.waiting(session, ticket.call, topic, datetime.now(UTC))
    expect(page.locator("#summary")).to_contain_text("Czeka 1 osoba", timeout=2500)
    _now_is(State.AVAILABLE)
    _rings()
    expect(page.locator("#call")).to_have_attribute("data-part", "ringing", timeout=2500)
    expect(page.locator("#call-name")).to_have_text("501 234 567".replace(" ", "\u00a0"))
    assert page.title().startswith("☎")


def test_everything_is_seen_without_scrolling(page: Page) -> None:
    _rings()
    _joined()
    expect(page.locator("#work-text")).to_be_visible()
    for part in ("#call-name", "#steps", ".earlier", "#work-text", "#act-resolve"):
        box = page.locator(part).bounding_box()
        assert box, part
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= 768, part


def test_updates_and_rings_take_neither_text_nor_caret_nor_focus(page: Page) -> None:
    page.goto(f"/desk?ticket={EARLIER}")
    page.locator("#work-text").click()
    for piece in range(0, len(PANGRAM), 4):
        page.keyboard.type(PANGRAM[piece : piece + 4])
        if piece == 4:
            _now_is(State.AVAILABLE)
            _rings()
            expect(page.locator("#call")).to_have_attribute("data-part", "ringing")
        elif piece == 8:
            _stops()
            expect(page.locator("#call")).to_have_attribute("data-part", "nothing")
        elif piece == 12:
            _rings()
            expect(page.locator("#call")).to_have_attribute("data-part", "ringing")
    expect(page.locator("#work-text")).to_be_focused()
    expect(page.locator("#work-text")).to_have_value(PANGRAM)
    caret = "document.getElementById('work-text').selectionStart"
    assert page.evaluate(caret) == len(PANGRAM)
    expect(page.locator("#kept")).to_contain_text("zapisano")


OLD_S = 5
ORDER = ("who", "what", "clock")
# As many as a desk that asks each second has in a minute.
UPDATES = 60


def test_a_minute_of_changes_and_two_rings_move_nothing_that_is_typed_in(page: Page) -> None:
    page.goto(f"/desk?ticket={EARLIER}")
    text = page.locator("#work-text")
    text.click()
    before = text.bounding_box()
    page.evaluate("document.getElementById('work-text').isTheSame = true")
    versions = {_version(page)}
    for turn in range(UPDATES):
        _changes(turn)
        if turn in (20, 40):
            _now_is(State.AVAILABLE)
            _rings()
        elif turn in (30, 50):
            _stops()
        versions.add(_asks(page, versions))
        if turn < len(PANGRAM):
            page.keyboard.type(PANGRAM[turn])
        elif turn == len(PANGRAM):
            # From now on the caret stands before the last letter, and nothing is typed.
            page.keyboard.press("ArrowLeft")
        if turn in (20, 40):
            expect(page.locator("#call")).to_have_attribute("data-part", "ringing")
        expect(text).to_be_focused()
        assert page.evaluate("document.activeElement.isTheSame")
        assert text.bounding_box() == before, turn
    expect(text).to_have_value(PANGRAM)
    caret = "[document.activeElement.selectionStart, document.activeElement.selectionEnd]"
    assert page.evaluate(caret) == [len(PANGRAM) - 1] * 2
    assert len(versions) == UPDATES + 1


def _changes(turn: int) -> None:
    """One thing that every desk shows: somebody comes into the queue or leaves it, or the team."""
    now = datetime.now(UTC)
    with transaction() as session:
        if turn % 3 == 0:
            made = scenes.call(session, scenes.OLENA, now)
            scenes.waiting(session, made, Topic.PESEL_EXISTS, now)
        elif turn % 3 == 1:
            marek = session.scalars(select(Agent).where(Agent.login == "marek")).one()
            if turn % 2:
                presence.be_available(session, marek.id, now)
            else:
                presence.be_away(session, marek.id, Away.BREAK, now)
        else:
            row = session.scalars(select(Waiting).where(Waiting.left_at.is_(None)).limit(1)).one()
            scenes.left(row, Left.HANGUP, now)


def _asks(page: Page, known: set[str]) -> str:
    """The desk asks now, as it does each second; gives the version that it shows then."""

    def is_news(told: Response) -> bool:
        return told.headers.get("desk-version", "") not in {"", *known}

    with page.expect_response(is_news) as got:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    return str(got.value.headers["desk-version"])


def _version(page: Page) -> str:
    return page.locator("#desk").get_attribute("data-version") or ""


def _rows(page: Page, where: str) -> dict[str, float]:
    """Where each row of a list stands."""
    rows = page.locator(f"{where} li").all()
    return {row.get_attribute("id") or "": (row.bounding_box() or {"y": 0})["y"] for row in rows}


def test_rows_stay_where_they_are_when_others_come(page: Page) -> None:
    for _caller in range(3):
        _waits()
    expect(page.locator("#queue li")).to_have_count(3)
    queue, team = _rows(page, "#queue"), _rows(page, "#team")
    _waits()
    expect(page.locator("#queue li")).to_have_count(4)
    _now_is(State.AVAILABLE)
    expect(page.locator(".mine .state")).to_contain_text("przyjmuje rozmowy")
    assert queue.items() <= _rows(page, "#queue").items()
    # A list below moves by whole rows when the one above grows; in it nothing changes its place.
    moved = [y - team[name] for name, y in _rows(page, "#team").items()]
    assert max(moved) - min(moved) <= 1


def _waits() -> None:
    with transaction() as session:
        made = scenes.call(session, scenes.OLENA, datetime.now(UTC))
        scenes.waiting(session, made, Topic.PESEL_EXISTS, datetime.now(UTC))


def test_what_is_given_to_me_stands_there_while_there_is_no_call(page: Page) -> None:
    expect(page.locator("#with_me")).to_contain_text("Nie masz u siebie")
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == EARLIER)).one()
        ania = session.scalars(select(Agent).where(Agent.login == "ania")).one()
        handling.assign(session, ticket, Decider(ania.id, datetime.now(UTC)), ania.id)
    expect(page.locator("#with_me")).to_contain_text("501\u00a0234\u00a0567")
    page.get_by_role("link", name="Zajmij się tu").click()
    expect(page.locator("#work-form")).to_have_attribute("data-ticket", EARLIER)
    expect(page.locator("#with_me section")).to_have_count(0)


def test_a_caller_with_a_long_name_leaves_the_rest_its_place(page: Page) -> None:
    with transaction() as session:
        made = scenes.call(session, scenes.LONG_CALLER, datetime.now(UTC))
        scenes.ticket(session, made, VALID, Status.OPEN, Topic.EMAIL_CHANGE_BASIC_FORGOTTEN)
    page.goto(f"/desk?ticket={VALID}")
    who, what, clock = (page.locator(f"#call .{part}").bounding_box() for part in ORDER)
    assert who
    assert what
    assert clock
    assert what["width"] > 200
    assert who["x"] + who["width"] <= what["x"]
    assert what["x"] + what["width"] <= clock["x"]
    assert who["height"] < 120


def test_what_is_typed_is_on_the_server_within_seconds(page: Page) -> None:
    _wraps_up()
    page.locator("#work-text").fill(PANGRAM)
    expect(page.locator("#kept")).to_contain_text("zapisano")
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == NUMBER)).one()
        ania = session.scalars(select(Agent).where(Agent.login == "ania")).one()
        draft = note_drafts.draft_of(session, ticket.id, ania.id)
    assert draft
    assert draft.form["text"] == PANGRAM
    page.reload()
    expect(page.locator("#work-text")).to_have_value(PANGRAM)


def test_without_a_network_the_text_stays_and_is_sent_again(page: Page) -> None:
    _wraps_up()
    expect(page.locator("#work-text")).to_be_visible()
    page.context.set_offline(True)
    page.locator("#work-text").fill(PANGRAM)
    expect(page.locator("#kept")).to_contain_text("brak połączenia")
    expect(page.locator("#fresh")).to_contain_text("dane sprzed", timeout=10_000)
    page.context.set_offline(False)
    expect(page.locator("#kept")).to_contain_text("zapisano")
    expect(page.locator("#fresh")).to_have_text("na żywo")


def test_two_tabs_lose_nothing(page: Page) -> None:
    _wraps_up()
    other = page.context.new_page()
    other.goto("/desk")
    page.locator("#work-text").fill("z pierwszej karty")
    expect(page.locator("#kept")).to_contain_text("zapisano")
    other.locator("#work-text").fill("z drugiej karty")
    expect(other.locator("#other-tab")).to_contain_text("z pierwszej karty")
    expect(other.locator("#other-tab")).not_to_contain_text("<time")
    # Loading the page again is no answer to the question.
    page.close()
    other.reload()
    expect(other.locator("#work-text")).to_have_value("z drugiej karty")
    expect(other.locator("#other-tab")).to_contain_text("z pierwszej karty")
    other.get_by_role("button", name="Dodaj tamten tekst pod moim").click()
    expect(other.locator("#work-text")).to_have_value("z drugiej karty\nz pierwszej karty")
    expect(other.locator("#kept")).to_contain_text("zapisano")


def test_a_ticket_is_finished_by_keyboard_alone(page: Page) -> None:
    _wraps_up()
    expect(page.locator("#work-text")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type(PANGRAM)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#work-faults")).to_contain_text("Wybierz rozwiązanie")
    expect(page.locator("#work-resolution-search")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#told")).to_contain_text("Zapisano")
    expect(page.locator("#work-form")).to_have_count(0)
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == NUMBER)).one()
    assert ticket.outcome is Outcome.RESOLVED_BY_AGENT
    assert ticket.resolved_during_call


def test_who_wraps_up_what_another_finished_is_done_with_the_note(page: Page) -> None:
    _wraps_up()
    expect(page.locator("#work-text")).to_be_visible()
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == NUMBER)).one()
        marek = session.scalars(select(Agent.id).where(Agent.login == "marek")).one()
        by = Decider(marek, datetime.now(UTC))
        handling.resolve(session, ticket, by, Topic.LOGIN_LOCKED, "unlocked")
    page.keyboard.press("n")
    page.keyboard.type(PANGRAM)
    page.locator("#work-resolution").select_option(index=1)
    for told in ("Marek Wiśniewski", "zapisz samą notatkę"):
        page.locator("#act-resolve").click()
        expect(page.locator("#work-faults")).to_contain_text(told)
    page.locator("#act-note").click()
    expect(page.locator("#work-form")).to_have_count(0)
    with transaction() as session:
        assert PANGRAM in session.scalars(select(TicketNote.text)).all()
        assert session.scalars(select(Presence.state)).one() is State.AVAILABLE


def test_a_call_back_that_a_mailbox_took_is_no_call(page: Page) -> None:
    _rings()
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == NUMBER)).one()
        scenes.callback(session, ticket, scenes.JAN)
        callback = session.scalars(select(Callback)).one()
        callback.attempts, callback.done_at = 1, datetime.now(UTC)
        ours = scenes.call(session, scenes.JAN, datetime.now(UTC))
        session.execute(update(Conversation).values(callback_id=callback.id, call_id=ours.id))
    _joined()
    expect(page.locator("#act-unreached")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type(PANGRAM)
    page.locator("#call").click(position={"x": 2, "y": 2})
    page.keyboard.type("vv")
    expect(page.locator("#told")).to_contain_text("Nikogo nie zastano")
    expect(page.locator("#written")).to_have_count(1)
    expect(page.locator("#work-form")).to_have_count(0)
    with transaction() as session:
        callback = session.scalars(select(Callback)).one()
        note = session.scalars(select(TicketNote)).one()
        assert (callback.done_at, callback.next_try_at is None) == (None, False)
        assert (note.text, note.change) == (PANGRAM, {"call_back": "voice-mail"})
        assert session.scalars(select(Presence.state)).one() is State.AVAILABLE


def test_twenty_seconds_before_the_end_it_is_said_and_can_be_put_off(page: Page) -> None:
    _wraps_up(15)
    expect(page.locator("#announced")).to_contain_text("20 s")
    for _time in range(10):
        page.keyboard.press("e")
        page.wait_for_timeout(150)
    with transaction() as session:
        assert session.scalars(select(Presence.extended)).one() >= 5


def test_the_keys_are_shown_and_can_be_switched_off(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#seek")).to_be_focused()
    page.goto("/people/me")
    page.get_by_label("Pojedyncze litery").uncheck()
    page.get_by_role("button", name="Zapisz").click()
    page.goto("/desk")
    page.keyboard.press("?")
    expect(page.locator("#keys")).not_to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_desk_is_for_everybody(page: Page, scheme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    def look(part: str) -> None:
        expect(page.locator("#call")).to_have_attribute("data-part", part)
        found = Axe().run(page).response["violations"]
        told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
        assert told == [], part
        sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(sideways), part

    look("nothing")
    _now_is(State.AVAILABLE)
    _rings()
    look("ringing")
    _joined()
    expect(page.locator("#work-text")).to_be_visible()
    look("talking")
    _wraps_up(15)
    look("wrapping_up")


def _sits_down(chromium: Browser, address: str, login: str, **more: object) -> Page:
    context = chromium.new_context(base_url=address, locale="pl-PL", **more)  # type: ignore[arg-type]
    opened = context.new_page()
    sits_down(opened, login)
    return opened


def test_what_is_typed_outlives_a_tab_that_is_killed(
    page: Page, chromium: Browser, shift: str
) -> None:
    _wraps_up()
    page.locator("#work-text").click()
    # Without a pause in which it could be saved.
    typed: list[tuple[float, str]] = []
    while not typed or typed[-1][0] - typed[0][0] < 8:
        page.keyboard.type("zażółć "[len(typed) % 7])
        typed.append((monotonic(), page.locator("#work-text").input_value()))
    killed = monotonic()
    with pytest.raises(Error):
        page.goto("chrome://crash")
    old = [text for at, text in typed if at <= killed - OLD_S][-1]
    other = _sits_down(chromium, shift, "ania")
    expect(other.locator("#work-text")).to_have_value(re.compile(f"^{old}"))
    other.context.close()


def test_two_people_at_one_ticket_lose_nothing(page: Page, chromium: Browser, shift: str) -> None:
    page.goto(f"/desk?ticket={EARLIER}")
    page.locator("#work-text").fill(PANGRAM)
    page.locator("#work-resolution").select_option(index=1)
    marek = _sits_down(chromium, shift, "marek")
    marek.goto(f"/desk?ticket={EARLIER}")
    marek.locator("#work-text").fill("Odblokowane")
    marek.locator("#work-resolution").select_option(index=1)
    marek.locator("#act-resolve").click()
    expect(marek.locator("#told")).to_contain_text("Zapisano")
    marek.context.close()
    page.locator("#act-resolve").click()
    expect(page.locator("#work-faults")).to_contain_text("Marek Wiśniewski")
    expect(page.locator("#work-text")).to_have_value(PANGRAM)


def test_at_400_percent_and_without_scripts_a_ticket_can_be_finished(
    chromium: Browser, shift: str
) -> None:
    small: dict[str, object] = {"viewport": {"width": 320, "height": 256}}
    plain = _sits_down(chromium, shift, "ania", java_script_enabled=False, **small)
    plain.goto(f"/desk?ticket={EARLIER}")
    plain.locator("#work-text").fill(PANGRAM)
    plain.locator("#work-resolution").select_option(index=1)
    plain.locator("#act-resolve").click()
    expect(plain.locator("body")).to_contain_text("Zapisano")
    plain.goto(f"/tickets/{EARLIER}")
    expect(plain.locator("main")).to_contain_text(PANGRAM)
    plain.context.close()


def _offered(page: Page) -> list[str]:
    return [
        one.get_attribute("value") or "" for one in page.locator("#work-resolution option").all()
    ]


def test_without_scripts_the_resolutions_are_those_of_the_topic(
    chromium: Browser, shift: str
) -> None:
    plain = _sits_down(chromium, shift, "ania", java_script_enabled=False)
    plain.goto(f"/desk?ticket={EARLIER}")
    assert _offered(plain) == ["", *for_topic(Topic.LOGIN_LOCKED)]
    plain.locator("#work-text").fill(PANGRAM)
    plain.locator("#work-topic").select_option(Topic.PESEL_EXISTS.value)
    plain.get_by_role("button", name="Pokaż rozwiązania tego tematu").click()
    assert _offered(plain) == ["", *for_topic(Topic.PESEL_EXISTS)]
    expect(plain.locator("#work-text")).to_have_value(PANGRAM)
    # Who does not take that step is told so, and has the right list then.
    plain.locator("#work-resolution").select_option("pesel_freed")
    plain.locator("#work-topic").select_option(Topic.ERROR_REPORT.value)
    plain.locator("#act-resolve").click()
    expect(plain.locator("#work-faults")).to_contain_text("Wybierz rozwiązanie")
    assert _offered(plain) == ["", *for_topic(Topic.ERROR_REPORT)]
    plain.locator("#work-resolution").select_option("no_fault")
    plain.locator("#act-resolve").click()
    expect(plain.locator("body")).to_contain_text("Zapisano")
    plain.context.close()


def test_with_scripts_the_resolutions_follow_the_topic_at_once(page: Page) -> None:
    page.goto(f"/desk?ticket={EARLIER}")
    page.locator("#work-topic").select_option(Topic.PESEL_EXISTS.value)
    assert _offered(page) == ["", *for_topic(Topic.PESEL_EXISTS)]
    page.locator("#work-resolution").select_option("explained")
    page.locator("#work-topic").select_option("")
    assert _offered(page) == [""]
    page.locator("#work-topic").select_option(Topic.ABOUT.value)
    assert _offered(page) == ["", *for_topic(Topic.ABOUT)]
    expect(page.get_by_role("button", name="Pokaż rozwiązania tego tematu")).to_have_count(0)


@pytest.mark.parametrize(
    "where",
    [
        *("/desk", f"/desk?ticket={EARLIER}", "/tickets", f"/tickets/{EARLIER}", "/calls"),
        *(f"/tickets/{EARLIER}/card", "/switchboard", "/people/me", "/status"),
    ],
)
def test_at_400_percent_nothing_is_scrolled_sideways(page: Page, where: str) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(where)
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) == 0


# The words that tell a state without any colour: a sign and a word, each state its own.
TOLD = """(where) => [...document.querySelectorAll(where)].filter((node) => node.offsetParent)
  .map((node) => node.textContent.trim().replace(/[0-9:]+/g, "").replace(/\\s+/g, " ").trim())"""


def test_no_state_is_told_by_colour_alone(page: Page) -> None:
    phases: list[str] = []

    def told(part: str, *, is_held: bool = False) -> None:
        expect(page.locator("#call")).to_have_attribute("data-part", part)
        held = "1" if is_held else "0"
        expect(page.locator("#call")).to_have_attribute("data-is-held", held)
        phases.extend(page.evaluate(TOLD, "#call .phase"))

    _now_is(State.AVAILABLE)
    _rings()
    told("ringing")
    _joined()
    told("talking")
    _joined(is_held=True)
    told("talking", is_held=True)
    _wraps_up()
    told("wrapping_up")
    assert len({phase.split()[0] for phase in phases}) == len(phases) == 4
    states: set[str] = set()
    for state in State:
        _now_is(state)
        expect(page.locator(f".mine .state.{state.value}")).to_be_visible()
        states |= set(page.evaluate(TOLD, f".mine .state.{state.value}"))
    assert len({state.split()[0] for state in states}) == len(State)
    assert all(re.search(r"\w{3}", shown) for shown in (*phases, *states))


def test_a_tickets_status_is_a_sign_and_a_word(page: Page) -> None:
    with transaction() as session:
        for status in Status:
            made = scenes.call(session, scenes.OLENA, datetime.now(UTC))
            scenes.ticket(session, made, new_number(), status, Topic.LOGIN_LOCKED)
    for where in ("/tickets", "/calls"):
        page.goto(where)
        chips = set(page.evaluate(TOLD, ".chip"))
        assert {chip.split()[0] for chip in chips} == set(SIGNS.values()), where
    page.goto(f"/tickets/{EARLIER}")
    assert page.evaluate(TOLD, ".headline .chip") == ["○ otwarte"]


def test_what_is_late_old_or_wrong_is_said_in_words(page: Page) -> None:
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == EARLIER)).one()
        ticket.due_at = datetime.now(UTC) - timedelta(days=1)
    page.goto(f"/desk?ticket={EARLIER}")
    assert page.evaluate(TOLD, ".late") == ["▲ po terminie"]
    page.locator("#act-resolve").click()
    expect(page.locator("#work-faults")).to_contain_text("Wybierz rozwiązanie")
    page.context.set_offline(True)
    expect(page.locator("#fresh.bad")).to_contain_text("dane sprzed", timeout=10_000)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("501 234 567", "501\u00a0234\u00a0567"),
        (VALID, "671\u00a0925\u00a0974"),
        ("niczegoniema", "Nic nie znaleziono"),
    ],
)
def test_one_box_finds_callers_tickets_and_words(page: Page, typed: str, found: str) -> None:
    with transaction() as session:
        made = scenes.call(session, scenes.OLENA, datetime.now(UTC) - timedelta(days=2))
        scenes.ticket(session, made, VALID, Status.OPEN, Topic.LOGIN_LOCKED)
    page.keyboard.press("/")
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/(tickets|found)"))
    expect(page.locator("main")).to_contain_text(found)


SOUNDS = "Rings.isOpen()"


def test_any_key_opens_the_sound_and_until_then_the_page_says_it_is_off(page: Page) -> None:
    told = page.locator("#sound-off")
    for gesture in ("key", "click"):
        page.reload()
        expect(told).to_contain_text("Dźwięk jest wyłączony")
        assert not page.evaluate(SOUNDS)
        if gesture == "key":
            page.keyboard.press("j")
        else:
            page.locator("#call").click(position={"x": 2, "y": 2})
        expect(told).to_be_empty()
        assert page.evaluate(SOUNDS)


def test_a_ring_flashes_and_is_a_notice_where_the_page_is_hidden(page: Page) -> None:
    page.add_init_script(NOTICES)
    page.goto("/desk")
    assert page.evaluate("window.asked") == 0
    page.keyboard.press("d")
    expect(page.locator(".mine .state")).to_contain_text("przyjmuje rozmowy")
    assert page.evaluate("window.asked") == 1
    _rings()
    expect(page.locator("#call")).to_have_attribute("data-part", "ringing")
    assert page.evaluate("window.notices") == ["Centrala: Dzwoni rozmowa"]
    titles = {page.title()}
    for _second in range(4):
        page.wait_for_timeout(600)
        titles.add(page.title())
    assert len(titles) > 1
    assert all(title.startswith("☎") for title in titles)
    _stops()
    expect(page.locator("#call")).to_have_attribute("data-part", "nothing")
    expect(page).to_have_title("Pulpit · Centrala")


# What the system would show, in a page that believes it is hidden.
NOTICES = """
  window.asked = 0;
  window.notices = [];
  window.Notification = class extends EventTarget {
    static permission = "default";
    static async requestPermission() {
      window.asked += 1;
      return Notification.permission = "granted";
    }
    constructor(title) { super(); window.notices.push(title); }
    close() {}
  };
  Object.defineProperty(document, "hidden", { get: () => window.asked > 0 });
"""


def test_the_ring_is_chosen_and_heard_on_the_page_of_ones_own(page: Page) -> None:
    page.goto("/me")
    assert page.url.endswith("/people/me")
    page.locator("#ring").select_option("rising")
    page.evaluate("() => { window.heard = []; Rings.hear = (name) => window.heard.push(name); }")
    page.get_by_role("button", name="Posłuchaj").click()
    assert page.evaluate("window.heard") == ["rising"]
    page.get_by_role("button", name="Zapisz").click()
    expect(page.locator("p[role=status]")).to_contain_text("zapisane")
    page.goto("/desk")
    expect(page.locator("#desk")).to_have_attribute("data-ring", "rising")
    assert Axe().run(page).violations_count == 0


def test_the_form_lives_as_long_as_the_talk_and_the_wrap_up(page: Page) -> None:
    _rings()
    _joined()
    form = page.locator("#work-form")
    expect(form).to_have_attribute("data-ticket", NUMBER)
    page.locator("#work-resolution").select_option(index=1)
    page.locator("#act-resolve").click()
    expect(page.locator("#told")).to_contain_text("Zapisano")
    expect(form).to_contain_text("tylko")
    page.locator("#work-text").fill(PANGRAM)
    _wraps_up(3)
    expect(page.locator("#call")).to_have_attribute("data-part", "wrapping_up")
    expect(page.locator("#work-text")).to_have_value(PANGRAM)
    expect(page.locator("#told")).to_contain_text("20 s")
    _now_is(State.AVAILABLE, ticket_id=None, wrap_up_until=None)
    expect(form).to_have_count(0)
    expect(page.locator("#told")).to_contain_text("Czas minął")


def test_a_form_decides_about_the_ticket_that_it_shows_and_no_other(page: Page) -> None:
    page.goto(f"/desk?ticket={EARLIER}")
    page.locator("#work-text").fill(PANGRAM)
    page.locator("#work-resolution").select_option(index=1)
    expect(page.locator("#kept")).to_contain_text("zapisano")
    page.evaluate(f"document.querySelector('#work-form [name=ticket]').value = '{NUMBER}'")
    page.locator("#act-resolve").click()
    expect(page.locator("#work-faults")).to_contain_text("Ten formularz dotyczy zgłoszenia")
    expect(page.locator("#work-text")).to_have_value(PANGRAM)
    with transaction() as session:
        assert not session.scalars(select(TicketNote)).all()


def test_who_decides_about_what_another_has_in_hand_knows_it(
    page: Page, chromium: Browser, shift: str
) -> None:
    _rings()
    _joined()
    with window(chromium, shift) as other:
        sits_down(other, "marek")
        other.goto(f"/tickets/{NUMBER}")
        expect(other.locator("main")).to_contain_text("ma teraz w obsłudze: Ania Nowak")
        other.locator("#resolution").select_option(index=1)
        other.locator("#text").fill(PANGRAM)
        other.get_by_role("button", name="Rozwiąż").click()
        expect(other.locator(".summary[role=alert]")).to_contain_text(
            "Ania Nowak ma teraz to zgłoszenie"
        )
        expect(other.locator("#text")).to_have_value(PANGRAM)
        other.get_by_role("button", name="Rozwiąż").click()
        other.wait_for_url("**#note-*")
    expect(page.locator("#meanwhile")).to_contain_text("Marek Wiśniewski")


def test_a_draft_of_the_tickets_page_comes_back_and_a_conflict_keeps_both(page: Page) -> None:
    page.goto(f"/tickets/{NUMBER}")
    other = page.context.new_page()
    other.goto(f"/tickets/{NUMBER}")
    page.locator("#text").fill("z pierwszej karty")
    expect(page.locator("#kept")).to_contain_text("zapisano")
    other.locator("#text").fill("z drugiej karty")
    expect(other.locator("#other-tab")).to_contain_text("z pierwszej karty")
    other.locator("#text").press_sequentially(" i dalej")
    expect(other.locator("#kept")).to_contain_text("zapisano")
    other.wait_for_timeout(2500)
    page.close()
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == NUMBER)).one()
        ania = session.scalars(select(Agent).where(Agent.login == "ania")).one()
        draft = note_drafts.draft_of(session, ticket.id, ania.id)
    assert draft
    assert draft.form["text"] == "z pierwszej karty"
    assert draft.form["beside"] == "z drugiej karty i dalej"
    box, call = other.locator("#decision").bounding_box(), other.locator(".call").bounding_box()
    assert box
    assert call
    assert box["y"] + box["height"] <= call["y"]
    assert Axe().run(other).violations_count == 0
