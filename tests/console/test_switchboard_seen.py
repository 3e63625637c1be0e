"""Switching in a real browser: on a desk and on a telephone, without JavaScript, much enlarged."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from callcenter.announcements.board import board
from models import Announcement
from models.session import transaction
from tests.console import scenes
from tests.console.test_seen import check, check_here

SIZES = {
    "desk": (1440, "light", True),
    "telephone": (390, "dark", True),
    "enlarged, without JavaScript": (320, "light", False),
}


@pytest.fixture(params=SIZES.values(), ids=list(SIZES))
def context(
    request: pytest.FixtureRequest, chromium: Browser, address: str
) -> Iterator[BrowserContext]:
    width, scheme, javascript = request.param
    with transaction() as session:
        scenes.marek(session)
    context = chromium.new_context(
        base_url=address,
        viewport={"width": width, "height": 844},
        color_scheme=scheme,
        locale="pl-PL",
        java_script_enabled=javascript,
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def marek(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Login").fill("marek")
    page.get_by_label("Hasło").fill(scenes.PASSWORD)
    page.get_by_role("button", name="Zaloguj").click()
    page.get_by_role("link", name="Komunikaty").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Komunikaty")
    return page


def chooses(page: Page, *choices: str) -> None:
    for choice in choices:
        page.get_by_role("radio", name=choice).check()


def looks_at_what_callers_will_hear(page: Page) -> None:
    page.get_by_role("button", name="Pokaż, co usłyszą dzwoniący").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sprawdź i włącz")


def test_on_and_off_again(marek: Page) -> None:
    expect(marek.get_by_text("Brak komunikatu: dzwoniący słyszą menu jak zawsze.")).to_be_visible()
    chooses(marek, "aż zakończę", "Centrala telefoniczna", "Awaria")
    looks_at_what_callers_will_hear(marek)
    words = marek.locator("#text_pl")
    expect(words).to_have_value(
        "Trwa awaria naszej centrali telefonicznej. Nie wiemy jeszcze, kiedy ją usuniemy."
    )
    words.fill("Zażółć gęślą jaźń.")
    marek.get_by_role("button", name="Włącz komunikat").dblclick()
    now = marek.locator("#now")
    expect(now.get_by_text("Zażółć gęślą jaźń.")).to_be_visible()
    with transaction() as session:
        (made,) = session.query(Announcement).all()
    (notice,) = board().notices()
    assert made.text == notice.text
    assert notice.text["pl"] == "Zażółć gęślą jaźń."
    marek.goto("/desk")
    expect(marek.locator(".band")).to_contain_text("Zażółć gęślą jaźń.")
    marek.goto("/status")
    expect(marek.get_by_text("Zażółć gęślą jaźń.")).to_be_visible()
    marek.goto("/switchboard")
    marek.get_by_role("link", name="Zakończ teraz").click()
    marek.get_by_role("button", name="Tak, zakończ teraz").click()
    expect(marek.get_by_text("Brak komunikatu: dzwoniący słyszą menu jak zawsze.")).to_be_visible()
    marek.goto("/status")
    expect(marek.get_by_text("Nie ma awarii. Planowane prace: brak.")).to_be_visible()


@pytest.mark.parametrize(
    "context", [SIZES["desk"], SIZES["telephone"]], indirect=True, ids=["desk", "telephone"]
)
def test_every_page_of_it_is_for_everybody(marek: Page) -> None:
    check(marek, "/switchboard")
    check(marek, "/status")
    chooses_at(marek, "aż zakończę", "Centrala telefoniczna", "Awaria")
    uid = board().notices()[0].uid
    marek.goto("/switchboard")
    chooses(marek, "do godziny", "Usługa e-Klient", "Prace serwisowe")
    marek.locator("#ends_at").fill("2035-12-24T10:00")
    looks_at_what_callers_will_hear(marek)
    marek.get_by_role("button", name="Włącz komunikat").click()
    for path in (
        "/switchboard",
        f"/switchboard/{uid}/end",
        f"/switchboard/{uid}/change",
        "/desk",
        "/status",
        "/status?language=en",
    ):
        check(marek, path)


def chooses_at(page: Page, *choices: str) -> None:
    page.goto("/switchboard")
    chooses(page, *choices)
    looks_at_what_callers_will_hear(page)
    check_here(page)
    page.get_by_role("button", name="Włącz komunikat").click()
    expect(page.locator("#now")).to_contain_text("trwa")


@pytest.mark.parametrize("context", [SIZES["desk"]], indirect=True, ids=["desk"])
def test_what_is_wrong_leads_to_its_field(marek: Page) -> None:
    marek.get_by_role("button", name="Pokaż, co usłyszą dzwoniący").click()
    summary = marek.get_by_role("alert")
    expect(summary.get_by_role("link")).to_have_count(3)
    check_here(marek)
    summary.get_by_role("link").first.click()
    assert marek.url.endswith("#until")


@pytest.mark.parametrize("context", [SIZES["desk"]], indirect=True, ids=["desk"])
def test_only_what_belongs_to_a_choice_is_shown(marek: Page) -> None:
    ends_at, own = marek.locator("#ends_at"), marek.locator("#text_pl")
    expect(ends_at).to_be_hidden()
    expect(own).to_be_hidden()
    chooses(marek, "do godziny", "Własne słowa")
    expect(ends_at).to_be_visible()
    expect(own).to_be_visible()


@pytest.mark.parametrize("context", [SIZES["desk"]], indirect=True, ids=["desk"])
def test_two_tabs_are_one_announcement(marek: Page, context: BrowserContext) -> None:
    tabs = [marek, context.new_page()]
    for tab in tabs:
        tab.goto("/switchboard")
        chooses(tab, "aż zakończę", "Usługa e-Klient", "Awaria")
        looks_at_what_callers_will_hear(tab)
    for tab in tabs:
        tab.get_by_role("button", name="Włącz komunikat").click()
        expect(tab.locator("#now article")).to_have_count(1)
    with transaction() as session:
        assert session.query(Announcement).count() == 1
