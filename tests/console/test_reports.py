"""The figures of some days, and the page that shows them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text
from sqlalchemy.dialects import postgresql

from callcenter.reporting import reports
from callcenter.reporting.reports import Days, Ending, Report
from callcenter.tickets.ticket_numbers import new_number
from models import Kind, Left, Outcome, Status, Topic
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk, sits_down, window
from tests.console.test_seen import check

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
NINE = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)


def comes(
    at: datetime,
    outcome: Outcome | None,
    topic: Topic | None = Topic.LOGIN_LOCKED,
    language: str = "pl",
    during: bool = False,
    waited: tuple[Left, float] | None = None,
) -> None:
    """A call, its ticket as it stands, and how and how long its caller waited."""
    with transaction() as session:
        made = scenes.call(session, at=at, language=language)
        ticket = scenes.ticket(session, made, new_number(), Status.CLOSED, topic, Kind.INFORMATION)
        ticket.outcome, ticket.resolved_during_call = outcome, during
        if waited:
            row = scenes.waiting(session, made, Topic.LOGIN_LOCKED, at)
            scenes.left(row, waited[0], at + timedelta(seconds=waited[1]))


def figures(first: date = MONDAY, last: date = MONDAY) -> Report:
    with transaction() as session:
        return reports.report(session, Days(first, last))


@pytest.fixture
def busy(database: Engine) -> None:
    """A Monday with one call of each sort, and waits of 10, 20, 60 and 61 seconds."""
    comes(NINE, Outcome.RESOLVED_BY_LINE, during=True)
    comes(NINE, Outcome.GUIDED, Topic.BASIC_PASSWORD_FORGOTTEN)
    agent = Outcome.RESOLVED_BY_AGENT
    comes(NINE, agent, during=True, waited=(Left.BRIDGED, 10))
    comes(NINE, agent, during=False, waited=(Left.BRIDGED, 20))
    comes(NINE + timedelta(hours=2), Outcome.LEFT_OPEN, None, waited=(Left.BRIDGED, 60))
    comes(NINE, Outcome.LEFT_OPEN, language="uk", waited=(Left.BRIDGED, 61))
    comes(NINE, Outcome.ABANDONED, language="uk", waited=(Left.HANGUP, 5))
    comes(NINE, Outcome.INFORMED_OF_OUTAGE, Topic.OUTAGE)
    comes(NINE, Outcome.INTERNAL, None)
    comes(NINE, None, None)


@pytest.mark.usefixtures("busy")
def test_each_call_is_counted_once_by_how_it_ended() -> None:
    found = figures()
    assert found.all.calls == 8
    assert (found.last, found.internal) == (1, 1)
    assert found.all.endings == dict.fromkeys(Ending, 1) | {Ending.LEFT_OPEN: 2}
    assert (found.all.in_the_call.count, found.all.in_the_call.of) == (3, 8)


@pytest.mark.usefixtures("busy")
def test_hours_are_warsaws_and_topics_and_languages_begin_with_most() -> None:
    found = figures()
    assert [(hour, group.calls) for hour, group in enumerate(found.by_hour) if group.calls] == [
        (9, 7),
        (11, 1),
    ]
    assert found.busiest == 7
    assert found.by_topic[0][0] is Topic.LOGIN_LOCKED
    assert (None, 1) in [(topic, group.calls) for topic, group in found.by_topic]
    assert [(code, group.calls) for code, group in found.by_language] == [("pl", 6), ("uk", 2)]


@pytest.mark.usefixtures("busy")
def test_waits_are_those_of_the_answered_and_shares_those_of_all() -> None:
    waits = figures().waits
    assert (waits.ended, waits.answered, waits.hung_up) == (5, 4, 1)
    assert (waits.median_s, waits.nine_tenths_s) == (40, 61)
    assert [(share.count, share.of) for share in (waits.soon(0), waits.soon(1))] == [(2, 5), (3, 5)]
    assert figures().waits_by_language["uk"].median_s == 61


def test_a_day_is_warsaws_also_when_clocks_change(database: Engine) -> None:
    sunday = date(2026, 10, 25)
    begins, ends = (
        datetime(2026, 10, 24, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
    )
    for at in (begins - timedelta(seconds=1), begins, ends - timedelta(seconds=1), ends):
        comes(at, Outcome.GUIDED)
    assert figures(sunday, sunday).all.calls == 2


def test_where_nothing_is_to_be_counted_nothing_is_claimed(database: Engine) -> None:
    found = figures()
    assert found.all.calls == 0
    assert found.all.in_the_call.value is None
    assert found.waits.median_s is None
    assert found.busiest == 0


def test_the_figures_are_found_by_an_index(database: Engine) -> None:
    for query in (reports.tickets_query, reports.waits_query):
        asked = query(Days(MONDAY, TUESDAY)).compile(
            dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
            compile_kwargs={"literal_binds": True},
        )
        with database.begin() as connection:
            # With so few rows reading all of them is cheaper.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            plan = "\n".join(
                row[0]
                for row in connection.exec_driver_sql(f"EXPLAIN {str(asked).replace('%', '%%')}")
            )
        assert "Index Cond: ((opened_at >=" in plan or "Index Cond: ((left_at >=" in plan


@pytest.mark.usefixtures("busy")
def test_the_page_says_what_was_counted_and_how(desk: Desk) -> None:
    page = desk.get("/reports?first=2026-11-23&last=2026-11-23").text
    assert "<dd>8</dd>" in page
    assert "3 z 8" in page
    assert "linia + wskazówka + konsultant / rozmowy" in page
    assert "2 z 5" in page
    assert "40 s" in page


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ("first=2026-11-24&last=2026-11-23", "Ostatni dzień jest przed pierwszym."),
        ("first=2025-01-01&last=2026-11-23", "Raport obejmuje najwyżej 366 dni."),
        ("first=2026-11-23", "Wybierz ostatni dzień."),
        ("first=yesterday&last=2026-11-23", "Wybierz dzień, na przykład 2026-11-23."),
        ("first=0001-01-01&last=0001-01-02", "Wybierz dzień, na przykład 2026-11-23."),
        ("first=9999-12-31&last=9999-12-31", "Wybierz dzień, na przykład 2026-11-23."),
    ],
)
def test_days_that_are_none_are_told(desk: Desk, days: str, sentence: str) -> None:
    answer = desk.get(f"/reports?{days}")
    assert answer.status_code == 422
    assert sentence in answer.text


def test_without_days_it_is_the_last_seven(desk: Desk) -> None:
    days = reports.last_days(7, datetime.now(UTC))
    page = desk.get("/reports").text
    assert f'value="{days.first}"' in page
    assert "nie było żadnej zakończonej rozmowy" in page


@pytest.fixture(params=[(1440, "light"), (390, "dark"), (320, "light")])
def browser(
    request: pytest.FixtureRequest, chromium: Browser, address: str, busy: None
) -> Iterator[Page]:
    width, scheme = request.param
    with transaction() as session:
        scenes.ania(session)
    with window(chromium, address, width, scheme=scheme) as page:
        sits_down(page)
        yield page


def test_the_page_is_for_everybody(browser: Page) -> None:
    browser.goto("/tickets")
    browser.get_by_role("link", name="Raporty").click()
    browser.get_by_label("Pierwszy dzień").fill("2026-11-23")
    browser.get_by_label("Ostatni dzień").fill("2026-11-24")
    browser.get_by_role("button", name="Pokaż").click()
    expect(browser.get_by_role("img")).to_have_attribute(
        "aria-label", "Rozmowy według godziny; liczby są w tabeli"
    )
    bars = browser.locator("figure rect")
    expect(bars).to_have_count(24)
    heights = [float(bar.get_attribute("height") or 0) for bar in bars.all()]
    assert (heights[9], round(heights[11], 1)) == (100, 14.3)
    check(browser, browser.url)
