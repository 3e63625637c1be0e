"""What callers hear when something is out: word for word, in each language, in either scope."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

import words
from callcenter.announcements import drafts, switchboard
from callcenter.announcements.drafts import Wanted
from callcenter.announcements.notices import Notice, Period
from callcenter.announcements.switchboard import Maker
from callcenter.calendar.deadlines import WARSAW
from carrier.network import Network
from models import Callback, Hearing, Kind, Outcome, Scope, Status, Template, Topic, Way
from models.session import transaction
from tests.conversations.callers import Caller

MARKS = Maker(Way.CONSOLE)
Sets = Callable[[datetime], object]


@dataclass(frozen=True)
class Source:
    """An announcement of the help desk's own page: when it was made, and its times in Warsaw."""

    now: str
    template: Template
    windows: tuple[tuple[str, str | None], ...]

    def wanted(self, scope: Scope) -> Wanted:
        periods = [Period(warsaw(a), warsaw(b) if b else None) for a, b in self.windows]
        return Wanted(scope, self.template, periods=periods)


UNKNOWN_END = Source("2017-07-13 08:00", Template.OUTAGE, (("2017-07-13 08:00", None),))
THIS_MORNING = Source(
    "2016-04-11 09:15", Template.MAINTENANCE, (("2016-04-11 09:00", "2016-04-11 10:00"),)
)
TWO_WINDOWS = Source(
    "2016-02-24 12:30",
    Template.MAINTENANCE,
    (("2016-02-24 07:30", "2016-02-24 09:30"), ("2016-02-24 12:00", "2016-02-24 13:00")),
)
SOURCES = pytest.mark.parametrize(
    "source", [UNKNOWN_END, THIS_MORNING, TWO_WINDOWS], ids=["unknown", "one", "two"]
)


def warsaw(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW).astimezone(UTC)


def out(scope: Scope, text: dict[str, str] | None = None) -> Notice:
    """Out from now on, with no known end."""
    template = None if text else Template.OUTAGE
    return announced(Wanted(scope, template, text or {}))


def announced(wanted: Wanted) -> Notice:
    notice = drafts.prepare(wanted, datetime.now(UTC))
    with transaction() as session:
        switchboard.announce(session, notice, MARKS)
    return notice


def over(notice: Notice) -> None:
    with transaction() as session:
        switchboard.end(session, notice.uid, MARKS, datetime.now(UTC))


def known_to_speak(caller: Caller, language: str) -> None:
    """The caller called before, and chose the language."""
    caller.dials_in(language)
    caller.hangs_up()
    caller.language = language


def said(caller: Caller) -> list[tuple[str, str]]:
    """What was just spoken, in which language, in order."""
    return [(heard.language[:2], heard.text) for heard in caller.just_heard]


def requests() -> list[Callback]:
    with transaction() as session:
        return list(session.scalars(select(Callback)))


def hearings() -> int:
    with transaction() as session:
        return session.query(Hearing).count()


@SOURCES
def test_the_line_is_out(source: Source, clock: Sets, olena: Caller, language: str) -> None:
    known_to_speak(olena, language)
    clock(warsaw(source.now))
    notice = announced(source.wanted(Scope.SWITCHBOARD))
    olena.dials()
    assert said(olena)[0] == (language, notice.text[language])
    olena.is_told("outage-channels")
    olena.is_told("outage-callback", callback="yes")
    olena.is_not_told("main-menu")
    olena.waits()
    assert not olena.is_up
    ticket = olena.ticket()
    assert (ticket.topic, ticket.kind) == (Topic.OUTAGE, Kind.OUTAGE)
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.INFORMED_OF_OUTAGE)


@SOURCES
def test_the_service_is_out(source: Source, clock: Sets, olena: Caller, language: str) -> None:
    known_to_speak(olena, language)
    clock(warsaw(source.now))
    notice = announced(source.wanted(Scope.SERVICE))
    olena.dials()
    texts = [text for _, text in said(olena)]
    assert notice.text[language] in texts
    olena.is_told("main-menu")
    menu = words.say(language, "main-menu")
    assert texts.index(notice.text[language]) < texts.index(menu)
    olena.presses("5")
    olena.is_told("about-channels")
    olena.hangs_up()


@pytest.mark.parametrize("moment", ["2016-02-24 10:00", "2016-02-24 13:00", "2016-02-24 07:29"])
def test_outside_its_windows_nobody_hears_it(clock: Sets, olena: Caller, moment: str) -> None:
    clock(warsaw(moment))
    announced(TWO_WINDOWS.wanted(Scope.SWITCHBOARD))
    olena.dials()
    olena.is_told("main-greeting", "main-menu")
    olena.hangs_up()


def test_who_calls_for_the_first_time_hears_every_language(olena: Caller) -> None:
    notice = out(Scope.SWITCHBOARD)
    olena.dials()
    spoken = said(olena)
    told = [language for language, text in spoken if text in notice.text.values()]
    assert told == list(words.LANGUAGES)
    for language in words.LANGUAGES:
        assert (language, notice.text[language]) in spoken
        assert (language, words.say(language, "outage-channels")) in spoken
    olena.hangs_up()


def test_a_language_without_words_hears_polish_spoken_by_a_pole(olena: Caller) -> None:
    known_to_speak(olena, "uk")
    out(Scope.SWITCHBOARD, {"pl": "Nie działa.", "en": "Out of order."})
    olena.dials()
    assert said(olena)[0] == ("pl", "Nie działa.")
    olena.hangs_up()


def test_languages_can_be_chosen(olena: Caller) -> None:
    notice = out(Scope.SWITCHBOARD)
    olena.dials()
    for key, language in (("8", "en"), ("8", "pl"), ("7", "uk"), ("7", "pl")):
        olena.presses(key)
        assert said(olena)[0] == (language, notice.text[language])
        assert {text for _, text in said(olena)}.isdisjoint(
            {text for other, text in notice.text.items() if other != language}
        )
    olena.hangs_up()


def test_star_says_it_again(olena: Caller, language: str) -> None:
    known_to_speak(olena, language)
    notice = out(Scope.SWITCHBOARD)
    olena.dials()
    for _ in range(3):
        olena.presses("*")
        assert said(olena)[0] == (language, notice.text[language])
    olena.hangs_up()


@pytest.mark.parametrize("key", [*"0234569"])
def test_no_other_key_leads_anywhere(olena: Caller, key: str) -> None:
    known_to_speak(olena, "pl")
    out(Scope.SWITCHBOARD)
    olena.dials()
    olena.presses(key)
    olena.is_not_told("main-menu")
    olena.is_not_told("consultant-connecting")
    assert not olena.is_up or olena.just_heard
    if olena.is_up:
        olena.hangs_up()
    assert olena.ticket().outcome is Outcome.INFORMED_OF_OUTAGE
    assert requests() == []


def test_one_asks_for_a_call_when_it_is_over(olena: Caller, language: str) -> None:
    known_to_speak(olena, language)
    out(Scope.SWITCHBOARD)
    for _ in range(2):
        olena.dials()
        olena.presses("1")
        olena.is_told("outage-callback-kept")
        olena.is_told("goodbye")
    (request,) = requests()
    assert (request.number, request.language) == (olena.number, language)
    assert request.announcement_id


def test_another_outage_is_another_request(olena: Caller) -> None:
    for text in ("Pierwsza.", "Druga."):
        notice = out(Scope.SWITCHBOARD, {"pl": text})
        olena.dials()
        olena.presses("1")
        over(notice)
    assert len(requests()) == 2


def test_who_cannot_be_called_is_offered_no_call(somebody: Caller) -> None:
    notice = out(Scope.SWITCHBOARD)
    somebody.dials()
    texts = [text for _, text in said(somebody)]
    assert notice.text["pl"] in texts
    somebody.is_not_told("outage-callback", callback="yes")
    somebody.presses("1")
    assert requests() == []
    if somebody.is_up:
        somebody.hangs_up()


def test_a_service_message_comes_in_the_chosen_language(olena: Caller) -> None:
    notice = out(Scope.SERVICE)
    olena.dials()
    assert notice.text["pl"] in olena.last_heard
    for key, language in (("8", "en"), ("7", "uk"), ("7", "pl")):
        olena.presses(key)
        assert (language, notice.text[language]) in said(olena)
    olena.hangs_up()
    assert hearings() == 1


def test_in_the_main_menu_it_is_not_said_again(olena: Caller) -> None:
    notice = out(Scope.SERVICE)
    olena.dials()
    olena.presses("1", "9")
    assert notice.text["pl"] not in olena.last_heard
    olena.is_told("main-menu")
    olena.hangs_up()


@pytest.mark.parametrize("key", ["1", "2", "3"])
def test_requests_about_an_account_wait(olena: Caller, language: str, key: str) -> None:
    notice = out(Scope.SERVICE)
    olena.dials_in(language, "2", key)
    olena.is_told("account-service-out", service_out="yes")
    olena.hangs_up()
    over(notice)
    olena.dials()
    olena.presses("2", key)
    olena.is_not_told("account-service-out", service_out="yes")
    olena.hangs_up()


def test_who_waits_for_a_consultant_hears_it_once(olena: Caller, language: str) -> None:
    olena.dials_in(language, "0")
    assert olena.is_waiting()
    notice = out(Scope.SERVICE)
    olena.waits()
    assert (language, notice.text[language]) in said(olena)
    for _ in range(3):
        olena.waits()
        assert notice.text[language] not in [text for _, text in said(olena)]
    olena.hangs_up()
    assert hearings() == 1


def test_who_waits_when_the_line_goes_out_hears_it_and_keeps_the_place(olena: Caller) -> None:
    olena.dials_in("pl", "0")
    notice = out(Scope.SWITCHBOARD)
    olena.waits()
    assert ("pl", notice.text["pl"]) in said(olena)
    assert olena.is_waiting()
    olena.hangs_up()


def test_who_waits_is_promised_the_call_that_will_come(olena: Caller, language: str) -> None:
    olena.dials_in(language, "0")
    out(Scope.SWITCHBOARD)
    olena.waits()
    olena.presses("1")
    olena.is_told("consultant-callback-kept", line_out="yes")
    assert [request.number for request in requests()] == [olena.number]
    olena.hangs_up()


def test_the_next_call_after_a_switch_hears_it_and_after_the_end_does_not(
    olena: Caller, jan: Caller
) -> None:
    olena.dials()
    olena.is_told("main-menu")
    notice = out(Scope.SWITCHBOARD)
    jan.dials()
    assert notice.text["pl"] in [text for _, text in said(jan)]
    jan.hangs_up()
    over(notice)
    jan.dials()
    jan.is_told("main-menu")
    jan.hangs_up()
    olena.hangs_up()


def test_the_line_is_told_before_the_service_and_no_fact_twice(olena: Caller) -> None:
    known_to_speak(olena, "pl")
    service = out(Scope.SERVICE)
    out(Scope.SERVICE, {"pl": service.text["pl"].replace(" ", "  ").upper(), "en": "Out."})
    line = out(Scope.SWITCHBOARD)
    olena.dials()
    first, second, third = (text for _, text in said(olena)[:3])
    assert first == line.text["pl"]
    assert " ".join(second.split()).casefold() == service.text["pl"].casefold()
    assert third == words.say("pl", "outage-channels")
    olena.hangs_up()


def test_of_three_the_two_that_are_most_urgent_are_told(olena: Caller) -> None:
    known_to_speak(olena, "pl")
    old = out(Scope.SERVICE, {"pl": "Najstarszy."})
    line = out(Scope.SWITCHBOARD)
    new = out(Scope.SERVICE, {"pl": "Najnowszy."})
    olena.dials()
    told = [text for _, text in said(olena)]
    assert told[:2] == [line.text["pl"], new.text["pl"]]
    assert old.text["pl"] not in told
    olena.hangs_up()
    assert hearings() == 2


def test_it_ends_while_it_is_heard(olena: Caller, clock: Sets) -> None:
    """Words that were begun are said to their end; a key then still leads on."""
    notice = out(Scope.SWITCHBOARD)
    olena.dials()
    over(notice)
    olena.presses("*")
    assert olena.just_heard
    if olena.is_up:
        olena.hangs_up()
    olena.dials()
    olena.is_told("main-menu")
    olena.hangs_up()


def test_the_ledger_ties_each_call_to_it(olena: Caller, jan: Caller, network: Network) -> None:
    out(Scope.SWITCHBOARD)
    for caller in (olena, jan, olena):
        caller.dials()
        caller.hangs_up()
    assert hearings() == 3


@pytest.mark.parametrize("key", ["5", "0", "9"])
def test_a_language_that_is_not_known_stays_so_after_a_wrong_key(olena: Caller, key: str) -> None:
    out(Scope.SWITCHBOARD)
    olena.dials()
    first = said(olena)
    olena.presses(key)
    again = said(olena)
    assert again[-len(first) :] == first
    assert {language for language, _ in again} == {"pl", "en", "uk"}
    olena.hangs_up()


def test_who_pressed_hash_by_chance_was_informed_all_the_same(olena: Caller) -> None:
    out(Scope.SWITCHBOARD)
    olena.dials()
    olena.presses("#")
    olena.hangs_up()
    ticket = olena.ticket()
    assert (ticket.topic, ticket.outcome) == (Topic.OUTAGE, Outcome.INFORMED_OF_OUTAGE)
