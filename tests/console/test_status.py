"""What everybody can read: the page, the feed and the data, with a database and without."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from callcenter.announcements import drafts, switchboard, updates
from callcenter.announcements.board import board
from callcenter.announcements.drafts import Wanted
from callcenter.announcements.notices import Notice, Period
from callcenter.announcements.switchboard import Maker
from models import Scope, Template, Way
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk

NOON = datetime(2016, 2, 24, 11, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONSOLE = Maker(Way.CONSOLE)
PATHS = ("/status", "/status.json", "/status.rss")


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def announced(scope: Scope, template: Template, *periods: Period, at: datetime = NOON) -> Notice:
    notice = drafts.prepare(Wanted(scope, template, periods=periods), at)
    with transaction() as session:
        switchboard.announce(session, notice, CONSOLE)
    return notice


def over(notice: Notice, at: datetime) -> None:
    with transaction() as session:
        switchboard.end(session, notice.uid, CONSOLE, at)


def test_calm_is_said_explicitly(client: FlaskClient) -> None:
    assert "Nie ma awarii. Planowane prace: brak." in client.get("/status").text
    assert "No outage. Planned maintenance: none." in client.get("/status?language=en").text
    assert client.get("/status.json").json == {"current": [], "coming": [], "past": []}


def test_no_sign_in_no_cookie_and_a_short_memory(client: FlaskClient) -> None:
    announced(Scope.SWITCHBOARD, Template.OUTAGE)
    for path in PATHS:
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=5"
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_it_agrees_word_for_word_with_what_callers_hear(client: FlaskClient) -> None:
    notice = announced(Scope.SWITCHBOARD, Template.OUTAGE)
    page = client.get("/status").text
    assert notice.text["pl"] in page
    assert notice.text["uk"] in page
    assert notice.text["en"] in client.get("/status?language=en").text
    assert client.get("/status.json").json["current"][0]["text"] == notice.text  # type: ignore[index]
    assert notice.text["pl"] in client.get("/status.rss").text


def test_an_unknown_end_is_said(client: FlaskClient) -> None:
    announced(Scope.SWITCHBOARD, Template.OUTAGE)
    page = client.get("/status").text
    assert "Teraz nie działa: Centrala telefoniczna." in page
    assert "Koniec nie jest znany." in page
    assert "helpdesk-eclo@mf.gov.pl" in page
    assert "NOWE" in page
    assert "24 lutego 2016 roku od 12:00, do odwołania" in page


def test_each_entry_tells_its_time_effect_advice_and_next_word(client: FlaskClient) -> None:
    announced(Scope.SERVICE, Template.MAINTENANCE, Period(NOON, NOON + HOUR))
    tomorrow = NOON + timedelta(days=1)
    announced(Scope.SWITCHBOARD, Template.MAINTENANCE, Period(tomorrow, tomorrow + HOUR))
    page = client.get("/status").text
    assert page.count("Skutek") == page.count("Co robić tymczasem") == 2
    assert "Gdy ma się zakończyć: <time" in page
    assert "Gdy się zaczną: <time" in page
    assert "od 12:00 do 13:00" in page
    assert "Teraz nie działa: Usługa e-Klient." in page


def test_planned_maintenance_is_counted_while_all_is_calm(client: FlaskClient) -> None:
    announced(Scope.SERVICE, Template.MAINTENANCE, Period(NOON + HOUR, NOON + 2 * HOUR))
    assert "Nie ma awarii. Planowane prace: 1." in client.get("/status").text


def test_a_changed_date_is_named(client: FlaskClient) -> None:
    old = announced(Scope.SERVICE, Template.MAINTENANCE, Period(NOON + HOUR, NOON + 2 * HOUR))
    later = Period(NOON + 5 * HOUR, NOON + 6 * HOUR)
    new = drafts.prepare(Wanted(Scope.SERVICE, Template.MAINTENANCE, periods=[later]), NOON)
    with transaction() as session:
        switchboard.change(session, old.uid, new, CONSOLE, NOON)
    page = client.get("/status").text
    assert "Zmieniony termin" in page
    assert "Wcześniej: 24 lutego 2016 roku od 13:00 do 14:00." in page
    assert "od 17:00 do 18:00" in page
    assert "Zmieniony termin" in client.get("/status.rss").text


def test_the_history_tells_when_it_was_over_in_truth(
    client: FlaskClient, noon: time_machine.Traveller
) -> None:
    notice = announced(Scope.SERVICE, Template.OUTAGE)
    called_off = announced(
        Scope.SWITCHBOARD, Template.MAINTENANCE, Period(NOON + 5 * HOUR, NOON + 6 * HOUR)
    )
    noon.shift(HOUR)
    over(notice, NOON + HOUR)
    over(called_off, NOON + HOUR)
    page = client.get("/status").text
    assert "Nie ma awarii. Planowane prace: brak." in page
    assert "od 12:00 do 13:00" in page
    assert "Odwołano przed rozpoczęciem." in page
    noon.shift(timedelta(days=90))
    assert client.get("/status.json").json == {"current": [], "coming": [], "past": []}


def test_the_data_are_the_items_of_the_interface(client: FlaskClient) -> None:
    notice = announced(Scope.SERVICE, Template.OUTAGE)
    past = announced(Scope.SERVICE, Template.OUTAGE, Period(NOON - 2 * HOUR, NOON - HOUR))
    coming = announced(Scope.SERVICE, Template.OUTAGE, Period(NOON + HOUR))
    with transaction() as session:
        switchboard.heard_by(session, [notice.uid], scenes.call(session), NOON)
    found = client.get("/status.json").json
    assert found
    assert [[item["id"] for item in found[name]] for name in ("current", "coming", "past")] == [
        [notice.uid],
        [coming.uid],
        [past.uid],
    ]
    assert found["current"] == [
        {
            "id": notice.uid,
            "scope": "service",
            "text": notice.text,
            "windows": [{"starts_at": "2016-02-24T11:00:00Z", "ends_at": None}],
            "updates": [],
            "state": "on",
            "heard": 1,
        }
    ]


@pytest.fixture
def away(serve: Callable[..., Flask]) -> FlaskClient:
    """A browser of a process that does not reach the database."""
    return serve(database_url="postgresql+psycopg://postgres@127.0.0.1:1/centrala").test_client()


def test_without_a_database_the_boards_last_state_is_shown(
    client: FlaskClient, settings: Any, serve: Callable[..., Flask]
) -> None:
    notice = announced(Scope.SWITCHBOARD, Template.OUTAGE)
    coming = announced(Scope.SERVICE, Template.OUTAGE, Period(NOON + HOUR))
    board().put_unsaved(replace(notice, uid="5f3a", ended_at=NOON))
    away = serve(database_url="postgresql+psycopg://postgres@127.0.0.1:1/centrala").test_client()
    page = away.get("/status")
    assert page.status_code == 200
    assert notice.text["pl"] in page.text
    assert coming.text["pl"] in page.text
    assert "Historii nie można teraz pokazać." in page.text
    found = away.get("/status.json").json
    assert found
    assert [item["id"] for item in found["current"]] == [notice.uid]
    assert [item["id"] for item in found["coming"]] == [coming.uid]
    assert [item["id"] for item in found["past"]] == ["5f3a"]
    assert found["current"][0]["heard"] is None
    assert notice.text["pl"] in away.get("/status.rss").text


def test_who_is_signed_in_reads_it_without_a_database_too(
    desk: Desk, away: FlaskClient, database: Any
) -> None:
    cookie = desk.client.get_cookie("centrala", domain="centrala.example.org")
    assert cookie
    away.set_cookie("centrala", cookie.value, domain="localhost")
    assert away.get("/status").status_code == 200


def test_the_feed_is_rss(client: FlaskClient) -> None:
    """As https://www.rssboard.org/rss-specification asks."""
    announced(Scope.SWITCHBOARD, Template.OUTAGE)
    odd = Wanted(Scope.SERVICE, text={"pl": "<b> & „cudzysłów” ]]> 😀"})
    with transaction() as session:
        switchboard.announce(session, drafts.prepare(odd, NOON), CONSOLE)
    past = announced(Scope.SERVICE, Template.OUTAGE, Period(NOON - 2 * HOUR, NOON - HOUR))
    answer = client.get("/status.rss")
    assert answer.mimetype == "application/rss+xml"
    feed = etree.fromstring(answer.data)
    assert (feed.tag, feed.get("version")) == ("rss", "2.0")
    (channel,) = feed
    for name in ("title", "link", "description", "language"):
        assert channel.findtext(name), name
    items = channel.findall("item")
    assert len({item.findtext("guid") for item in items}) == len(items) == 3
    for item in items:
        assert item.findtext("title")
        assert str(item.findtext("link")).startswith("https://centrala.example.org/status")
        stamp = parsedate_to_datetime(str(item.findtext("pubDate")))
        assert stamp <= NOON
    assert "<b> & „cudzysłów” ]]> 😀" in str(items[1].findtext("description"))
    assert str(items[-1].findtext("guid")).startswith(past.uid)


def test_the_feed_speaks_english_when_asked(client: FlaskClient) -> None:
    notice = announced(Scope.SWITCHBOARD, Template.OUTAGE)
    feed = etree.fromstring(client.get("/status.rss?language=en").data)
    assert feed.findtext("channel/language") == "en"
    assert notice.text["en"] in str(feed.findtext("channel/item/description"))


@pytest.mark.parametrize("language", ["de", "xx", "pl'", ""])
def test_other_languages_are_polish(client: FlaskClient, language: str) -> None:
    assert '<html lang="pl">' in client.get(f"/status?language={language}").text


@pytest.mark.parametrize(
    ("query", "accepted", "language", "calm"),
    [
        ("", "uk", "uk", "Аварії немає. Заплановані роботи: немає."),
        ("", "uk-UA,uk;q=0.9,en;q=0.5", "uk", "Аварії немає."),
        ("", "de,en;q=0.4", "en", "No outage."),
        ("?language=uk", "en", "uk", "Аварії немає."),
        ("?language=pl", "uk", "pl", "Nie ma awarii."),
        ("", "de", "pl", "Nie ma awarii."),
    ],
)
def test_the_page_speaks_the_readers_language(
    client: FlaskClient, query: str, accepted: str, language: str, calm: str
) -> None:
    answer = client.get(f"/status{query}", headers={"Accept-Language": accepted})
    assert f'<html lang="{language}">' in answer.text
    assert calm in answer.text
    assert "Accept-Language" in answer.headers["Vary"]


def test_no_word_of_the_page_is_left_in_english(
    client: FlaskClient, noon: time_machine.Traveller
) -> None:
    """Every state at once, in Ukrainian: what is not Cyrillic is a name or an address."""
    ended = announced(Scope.SERVICE, Template.OUTAGE)
    called_off = announced(Scope.SERVICE, Template.MAINTENANCE, Period(NOON + 5 * HOUR))
    noon.shift(HOUR)
    over(ended, NOON + HOUR)
    over(called_off, NOON + HOUR)
    announced(Scope.SWITCHBOARD, Template.OUTAGE, at=NOON + HOUR)
    announced(Scope.SERVICE, Template.MAINTENANCE, Period(NOON + 5 * HOUR, NOON + 6 * HOUR))
    page = client.get("/status?language=uk").text
    seen = re.sub("<head>.*?</head>|<nav.*?</nav>|<[^>]*>", " ", page, flags=re.DOTALL)
    names = {"Help", "Desk", "SISC", "Klient", "mail", "helpdesk", "eclo", "NOWE", "JSON"}
    assert set(re.findall("[A-Za-z]{4,}", seen)) <= names


@pytest.mark.parametrize("language", ["pl", "en", "uk"])
def test_what_was_called_off_did_not_happen_and_what_ended_is_past(
    client: FlaskClient, noon: time_machine.Traveller, language: str
) -> None:
    was = {
        "pl": ("Usługa e-Klient nie działała", "odwołane przed rozpoczęciem", "Trwa awaria"),
        "en": ("The e-Customer service did not work", "called off before", "is out of order"),
        "uk": ("Сервіс e-Klient не працював", "скасовано до початку", "не працює через"),
    }[language]
    ended = announced(Scope.SERVICE, Template.OUTAGE)
    called_off = announced(
        Scope.SWITCHBOARD, Template.MAINTENANCE, Period(NOON + 5 * HOUR, NOON + 6 * HOUR)
    )
    noon.shift(HOUR)
    over(ended, NOON + HOUR)
    over(called_off, NOON + HOUR)
    page = client.get(f"/status?language={language}").text
    assert was[0] in page
    assert was[2] not in page
    entry = re.search(f'<details[^>]*id="{called_off.uid}">.*?</details>', page, re.DOTALL)
    assert entry
    assert was[1] in entry[0]
    assert not re.search("Skutek|Effect|Наслідок", entry[0])
    feed = etree.fromstring(client.get(f"/status.rss?language={language}").data)
    titles = {str(item.findtext("guid"))[:16]: item for item in feed.iter("item")}
    assert was[1] in str(titles[called_off.uid].findtext("title"))
    assert was[0] in str(titles[ended.uid].findtext("description"))


def test_what_became_known_is_told_everywhere(client: FlaskClient) -> None:
    notice = announced(Scope.SERVICE, Template.OUTAGE)
    text = {"pl": "Wymieniamy dysk.", "en": "We change a disk."}
    with transaction() as session:
        made = switchboard.of_uid(session, notice.uid)
        for _ in range(2):
            updates.add(session, made, text, NOON + 2 * HOUR, None, NOON)
    for language, words in (("pl", text["pl"]), ("en", text["en"]), ("uk", text["pl"])):
        page = client.get(f"/status?language={language}").text
        assert page.count(words) == 1
        assert "2016-02-24T13:00:00Z" in page
        assert words in client.get(f"/status.rss?language={language}").text
    (item,) = (client.get("/status.json").json or {})["current"]
    assert item["updates"] == [
        {"at": "2016-02-24T11:00:00Z", "text": text, "next_word_at": "2016-02-24T13:00:00Z"}
    ]


def test_ninety_days_are_bars_with_a_table(
    client: FlaskClient, noon: time_machine.Traveller
) -> None:
    outage = announced(Scope.SERVICE, Template.OUTAGE)
    announced(Scope.SERVICE, Template.OUTAGE, Period(NOON + HOUR / 2, NOON + HOUR))
    announced(Scope.SERVICE, Template.MAINTENANCE, Period(NOON - 72 * HOUR, NOON - 71 * HOUR))
    announced(Scope.SERVICE, Template.MAINTENANCE, Period(NOON + 90 * HOUR, NOON + 91 * HOUR))
    noon.shift(14 * HOUR)
    over(outage, NOON + 13 * HOUR)
    figure = client.get("/status").text.split("<figure")[2]
    assert figure.count("<rect") == 90
    assert figure.count('class="outage"') == 2
    assert figure.count('class="maintenance"') == 1
    rows = re.findall(r'<th scope="row">([^<]*)</th><td>(\d+)</td><td>(\d+)</td>', figure)
    assert rows == [
        ("25 lut 2016", "60", "0"),
        ("24 lut 2016", "720", "0"),
        ("21 lut 2016", "0", "60"),
    ]


def test_a_demo_says_so_here_too(client: FlaskClient, serve: Callable[..., Flask]) -> None:
    assert "Wersja pokazowa" in client.get("/status").text
    real = serve(demo=False).test_client()
    assert "Wersja pokazowa" not in real.get("/status").text


def test_an_hour_that_clocks_repeat_is_told_once(client: FlaskClient) -> None:
    begins = datetime(2016, 10, 30, 0, 30, tzinfo=UTC)
    announced(Scope.SERVICE, Template.MAINTENANCE, Period(begins, begins + HOUR))
    page = client.get("/status").text
    assert page.count("02:30") == 1
    assert "od 02:30 czasu letniego przez godzinę" in page
