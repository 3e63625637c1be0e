"""Every action has a key that is shown with `?`, and every key that is shown does something."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from callcenter.queue import presence
from callcenter.tickets.ticket_numbers import new_number
from models import (
    Agent,
    Callback,
    Consent,
    Conversation,
    Leg,
    Presence,
    Purpose,
    State,
    Status,
    Ticket,
    Topic,
)
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import sits_down, window

WITH_CTRL = {"Esc", "Ctrl+Enter"}
# What each state of the desk is made of by `sees`, in this order.
STATES = ("nothing", "ringing", "talking", "asking", "wrapping_up")
NOT_BUTTONS = {"j", "k", "Enter", "Esc", "Ctrl+Enter"}
# What a key does is noted and goes no further, so that the next one finds the same page.
WATCHED = """
  window.done = [];
  document.addEventListener("click", (event) => {
    if (event.target.closest("dialog")) return;
    window.done.push(event.target.closest("[data-key]"));
    event.preventDefault(); event.stopPropagation();
  }, true);
  document.addEventListener("focusin", (event) => {
    const menu = event.target.closest("details")?.firstElementChild;
    const own = event.target.closest("[data-key]");
    window.done.push(own ?? (menu?.dataset.key ? menu : null));
  });
"""
# A button has a key of its own, or stands in what a key leads to: a menu, a list, a field's form.
WITHOUT_KEY = """(page) => [...page.querySelectorAll("button, summary, [type=checkbox]")]
  .filter((node) => node.offsetParent !== null && !node.closest("dialog"))
  .filter((node) => {
    const menu = node.closest("details");
    return !(node.closest("[data-key]") || menu?.querySelector(":scope > summary[data-key]")
      || node.closest("form:not(:has(textarea))")?.querySelector("input[data-key]"));
  }).map((node) => node.outerHTML)"""
KEYS = """(page) => [...page.querySelectorAll("[data-key]")]
  .filter((node) => node.offsetParent !== null && !node.closest("dialog"))
  .filter((node) => !node.matches("ul, ol") || node.querySelector("button"))
  .map((node) => node.dataset.key)"""

# How often a key is pressed: what cannot be undone asks first.
TIMES = """(page, key) => "twice" in [...page.querySelectorAll("[data-key]")]
  .find((node) => node.dataset.key === key && node.offsetParent).dataset ? 2 : 1"""
# Letters that follow faster are a word.
WORD_MS = 350


@pytest.fixture
def number(address: str) -> str:
    """Jan's ticket that is in hand, by a call-back that is recorded; Olena waits for hers."""
    now, number = datetime.now(UTC), new_number()
    with transaction() as session:
        scenes.ania(session)
        scenes.marek(session)
        before = scenes.call(session, scenes.JAN, now - timedelta(days=3))
        earlier = scenes.ticket(session, before, new_number(), Status.OPEN, Topic.LOGIN_LOCKED)
        scenes.callback(session, earlier, scenes.OLENA)
        made = scenes.call(session, scenes.JAN, now - timedelta(minutes=2))
        made.recording = Consent.AGREED
        ticket = scenes.ticket(session, made, number, Status.OPEN, Topic.LOGIN_LOCKED)
        session.flush()
        asked = {"number": scenes.JAN, "language": "pl", "asked_at": now, "done_at": now}
        session.add(Callback(ticket_id=ticket.id, **asked))
    return number


@pytest.fixture
def page(chromium: Browser, address: str, number: str) -> Iterator[Page]:
    with window(chromium, address, height=768) as page:
        page.clock.install()
        sits_down(page, "marek")
        yield page


def _is(login: str, state: State, **more: object) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        person = session.scalars(select(Agent).where(Agent.login == login)).one()
        presence.of(session, person.id)
        session.flush()
        values = {"state": state, "away": None, "since": now, "seen_at": now, **more}
        whose = update(Presence).where(Presence.agent_id == person.id)
        session.execute(whose.values(**values))


def _leg(talk_id: int, login: str, purpose: Purpose, **more: object) -> None:
    with transaction() as session:
        ids = {agent.login: agent.id for agent in session.scalars(select(Agent))}
        asked_by = ids["marek"] if purpose is Purpose.CONSULT else None
        now = datetime.now(UTC)
        session.add(
            Leg(
                talk_id=talk_id,
                agent_id=ids[login],
                purpose=purpose,
                asked_at=now,
                asked_by_id=asked_by,
                **more,
            )
        )


def sees(page: Page, state: str, number: str) -> None:
    """Bring the desk from the state before into `state`."""
    now = datetime.now(UTC)
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        ticket_id, call_id = ticket.id, ticket.call_id
        talk_id = session.scalar(select(Conversation.id)) or 0
        callback = session.scalars(select(Callback).where(Callback.ticket_id == ticket_id)).one()
    if state == "nothing":
        _is("ania", State.AVAILABLE)
        _is("marek", State.AVAILABLE)
    elif state == "ringing":
        with transaction() as session:
            conversation = Conversation(
                room="room", ticket_id=ticket_id, call_id=call_id, made_at=now
            )
            conversation.callback_id = callback.id
            session.add(conversation)
            session.flush()
            talk_id = conversation.id
        _leg(talk_id, "marek", Purpose.TAKE)
    elif state == "talking":
        with transaction() as session:
            session.execute(update(Leg).values(joined_at=now))
            session.execute(update(Conversation).values(began_at=now))
        _is("marek", State.ON_CALL)
    elif state == "asking":
        _leg(talk_id, "ania", Purpose.CONSULT, joined_at=now)
        _is("ania", State.ON_CALL)
    else:
        with transaction() as session:
            session.execute(update(Leg).values(ended_at=now))
            session.execute(update(Conversation).values(ended_at=now))
        until = now + timedelta(minutes=5)
        _is("marek", State.WRAPPING_UP, ticket_id=ticket_id, wrap_up_until=until)
        _is("ania", State.AVAILABLE)
    shown = {"nothing": "nothing", "asking": "talking"}.get(state, state)
    expect(page.locator("#call")).to_have_attribute("data-part", shown)
    if state == "asking":
        expect(page.locator("#act-complete")).to_be_visible()
    if state in ("talking", "wrapping_up"):
        expect(page.locator("#work-text")).to_be_visible()
    if state == "nothing":
        expect(page.locator("#team [id^=send-]")).to_be_visible()


def helped(page: Page) -> list[str]:
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    told = page.locator("#keys dt").all_text_contents()
    page.keyboard.press("Escape")
    return [key.strip() for key in told]


def tries(page: Page, root: str) -> set[str]:
    """Press every key that something seen has; gives those keys. Nothing seen is without one."""
    # A menu that is shut hides what is in it: it is looked at open.
    page.evaluate("document.querySelectorAll('details.menu').forEach((m) => { m.open = true; })")
    assert page.locator(root).evaluate(WITHOUT_KEY) == []
    page.evaluate("document.querySelectorAll('details.menu').forEach((m) => { m.open = false; })")
    keys = page.locator(root).evaluate(KEYS)
    assert len(keys) == len(set(keys)), keys
    page.evaluate(WATCHED)
    for key in keys:
        if key == "?":
            continue
        page.evaluate("document.activeElement.blur(); window.done.length = 0")
        times = page.locator(root).evaluate(TIMES, key)
        page.keyboard.type(key * times)
        page.clock.run_for(WORD_MS)
        reached = page.evaluate("window.done.filter(Boolean).map((node) => node.dataset.key)")
        assert key in reached, (key, reached)
    return set(keys)


def test_each_button_of_the_desk_has_its_key_and_each_key_is_shown(page: Page, number: str) -> None:
    shown = helped(page)
    found: set[str] = set()
    for state in STATES:
        sees(page, state, number)
        found |= tries(page, "#desk")
        page.reload()
        if state == "wrapping_up":
            found |= _another_tab(page)
    # Who is away can only come back.
    _is("marek", State.AWAY)
    page.goto("/desk")
    found |= tries(page, "#desk")
    assert set(shown) - NOT_BUTTONS == found
    assert len(shown) == len(set(shown))


def _another_tab(page: Page) -> set[str]:
    other = page.context.new_page()
    other.goto("/desk")
    page.locator("#work-text").fill("z pierwszej karty")
    expect(page.locator("#kept")).to_contain_text("zapisano")
    other.locator("#work-text").fill("z drugiej karty")
    expect(other.locator("#other-tab")).to_be_visible()
    found = tries(other, "#desk")
    other.close()
    return found


@pytest.mark.parametrize("status", [Status.OPEN, Status.CLOSED])
def test_each_button_of_a_ticket_has_its_key_and_each_key_is_shown(
    page: Page, number: str, status: Status
) -> None:
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        ticket.status = status
        ticket.in_hands_since = datetime.now(UTC) if status is Status.CLOSED else None
    page.goto(f"/tickets/{number}")
    shown = helped(page)
    assert set(shown) - NOT_BUTTONS == tries(page, "[data-shortcuts]")
    assert ("q" in shown) == (status is Status.CLOSED)


def test_a_box_is_ticked_by_its_key(page: Page, number: str) -> None:
    page.goto(f"/tickets/{number}")
    box = page.locator("#text_wanted")
    for ticked in (True, False, True):
        page.keyboard.press("x")
        expect(box).to_be_checked(checked=ticked)
        expect(box).to_be_focused()
    page.keyboard.press("n")
    page.keyboard.type("x")
    expect(box).to_be_checked()


def test_j_and_k_walk_and_enter_presses(page: Page, number: str) -> None:
    sees(page, "nothing", number)
    page.keyboard.press("p")
    expect(page.locator("#away-break")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#away-meal")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".mine .state")).to_contain_text("posiłek")


def test_a_ticket_is_annotated_by_keys_and_not_when_they_are_off(page: Page, number: str) -> None:
    page.goto(f"/tickets/{number}")
    page.keyboard.press("n")
    page.keyboard.type("Zażółć gęślą jaźń: nszq")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**#note-*")
    expect(page.locator(".notes li").last).to_contain_text("Zażółć gęślą jaźń: nszq")
    with transaction() as session:
        session.execute(update(Agent).values(shortcuts=False))
    page.goto(f"/tickets/{number}")
    page.keyboard.press("n")
    expect(page.locator("#text")).not_to_be_focused()
    expect(page.locator("kbd.cap")).to_have_count(0)
    page.locator("#keys-open").click()
    assert {key.strip() for key in page.locator("#keys dt").all_text_contents()} == WITH_CTRL


def test_what_is_left_open_is_saved_where_it_is_typed(page: Page, number: str) -> None:
    page.goto(f"/desk?ticket={number}")
    page.locator("#work-resolution").select_option(index=1)
    page.locator("#call").click(position={"x": 2, "y": 2})
    page.keyboard.press("l")
    expect(page.locator("#work-due")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#told")).to_contain_text("Zapisano")
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        assert ticket.status is Status.OPEN
        assert ticket.in_hands_since is not None


def test_a_word_typed_outside_fields_does_nothing(page: Page, number: str) -> None:
    for state in ("nothing", "ringing", "talking"):
        sees(page, state, number)
        page.evaluate(WATCHED)
        for word in ("rozmowa", "zza granicy", "pizza", "dzwoni x rr z klientem"):
            page.evaluate("document.activeElement.blur(); window.done.length = 0")
            page.keyboard.type(word, delay=60)
            page.clock.run_for(WORD_MS)
            pressed = page.evaluate(
                "window.done.filter((node) => node?.tagName === 'BUTTON').length"
            )
            assert pressed == 0, (state, word)
        page.reload()


def test_what_cannot_be_undone_asks_for_the_key_again(page: Page, number: str) -> None:
    for state in ("nothing", "ringing", "talking"):
        sees(page, state, number)
    asks = page.locator("#key-asks")
    for key in ("r", "z", "s", "v"):
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(key)
        expect(asks).to_contain_text(f"Naciśnij {key} jeszcze raz")
        page.clock.run_for(WORD_MS)
    # Another key takes the question back, and so does time.
    page.keyboard.press("r")
    expect(asks).to_be_empty(timeout=4000)
    page.keyboard.press("r")
    expect(asks).to_contain_text("Rozłącz")
    expect(page.locator("#call")).to_have_attribute("data-part", "talking")
    page.clock.run_for(WORD_MS)
    page.keyboard.press("r")
    expect(page.locator("#call")).to_have_attribute("data-part", "wrapping_up")
    expect(asks).to_be_empty()


@pytest.mark.parametrize("place", ["/desk?ticket=", "/tickets/"])
def test_a_list_is_searched_and_esc_leaves_it_as_it_was(
    page: Page, number: str, place: str
) -> None:
    page.goto(f"{place}{number}")
    name = "#work-topic" if "desk" in place else "#topic"
    field, native = page.locator(f"{name}-search"), page.locator(name)
    expect(native).to_have_value("login_locked")
    page.keyboard.press("m")
    expect(field).to_be_focused()
    page.keyboard.type("w")
    page.keyboard.press("Escape")
    expect(field).not_to_be_focused()
    expect(native).to_have_value("login_locked")
    page.keyboard.press("m")
    page.keyboard.type("blad")
    expect(page.locator(f"{name}-list li")).to_have_count(1)
    active = field.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(native).to_have_value("error_report")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("zostaje")
    page.keyboard.press("Escape")
    note = page.locator("textarea").first
    expect(note).to_have_value("zostaje")
    expect(note).not_to_be_focused()
