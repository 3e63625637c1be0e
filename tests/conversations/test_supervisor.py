"""The hidden key #: Marek's PIN, and what he switches with it; what nobody else can."""

import io
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

import words
from callcenter.announcements.board import board
from callcenter.announcements.notices import Notice, on_now
from callcenter.people import agents, pins
from callcenter.recordings import sounds
from callcenter.recordings.store import erase_overdue, for_announcement
from carrier.call import Spoke
from carrier.clocks import Doing
from carrier.network import Network
from carrier.webhooks import Kind as Sent
from carrier.webhooks import Request
from config import Settings
from ivr.flows import SCRIPT
from models import (
    Agent,
    Announcement,
    Call,
    Callback,
    Hearing,
    Kind,
    Outcome,
    PinAttempt,
    Recording,
    Role,
    Scope,
    Status,
    Turn,
    Way,
)
from models.session import transaction
from tests.conversations.callers import Caller
from tests.outages import Outage, outage_of
from tests.switched import announced

PIN, OTHER_PIN, WRONG = "395721", "604817", "111112"
SCOPES = {"1": Scope.SWITCHBOARD, "2": Scope.SERVICE}


@pytest.fixture(autouse=True)
def outage(
    clock: Callable[[datetime], object], network: Network, settings: Settings
) -> Iterator[Outage]:
    with outage_of(network, settings) as outage:
        yield outage


@pytest.fixture
def marek(network: Network) -> Caller:
    """A supervisor, calling from a telephone of his own."""
    return supervisor(network, "marek", PIN, "+48601000001")


@pytest.fixture
def ewa(network: Network) -> Caller:
    """Another supervisor."""
    return supervisor(network, "ewa", OTHER_PIN, "+48601000002")


def supervisor(network: Network, login: str, pin: str, number: str) -> Caller:
    with transaction() as session:
        made = agents.add_user(session, login, login.title(), "not this one", Role.SUPERVISOR)
        pins.set_pin(session, made, pin)
    return Caller.of(network, number)


def signs_in(caller: Caller, language: str = "pl", pin: str = PIN) -> None:
    caller.dials_in(language, "#")
    caller.is_told("supervisor-pin")
    caller.types(pin)
    caller.is_told("supervisor-greeting")


def on() -> tuple[Notice, ...]:
    return on_now(board().notices(), datetime.now(UTC))


def rows() -> list[Announcement]:
    with transaction() as session:
        return list(session.scalars(select(Announcement).order_by(Announcement.id)))


def agent(login: str) -> Agent:
    with transaction() as session:
        return session.scalars(select(Agent).where(Agent.login == login)).one()


def played(caller: Caller) -> list[str]:
    """The addresses of what was played in the call."""
    plays = (entry for entry in caller.call.entries if entry.kind == "play")
    return [urlsplit(str(entry.data["url"])).path for entry in plays]


def template(language: str, scope: Scope) -> str:
    return words.say(language, f"announce-{scope}-outage", ends="unknown", when="")


# Templates


@pytest.mark.parametrize("key", SCOPES)
def test_an_outage_is_heard_confirmed_and_out(
    marek: Caller, olena: Caller, language: str, key: str
) -> None:
    scope = SCOPES[key]
    signs_in(marek, language)
    marek.is_told("supervisor-state", on="no")
    marek.waits()
    marek.is_told("supervisor-menu")
    marek.presses(key)
    marek.is_told("supervisor-will-hear", "supervisor-confirm")
    marek.is_told("supervisor-text", text=template(language, scope))
    marek.is_told("supervisor-follows", scope=scope)
    assert on() == ()
    marek.presses("1")
    marek.is_told("supervisor-is-out")
    olena.dials()
    olena.hears(template("pl", scope))
    olena.hangs_up()
    marek.presses("5")
    marek.is_told("supervisor-state", on="yes")
    marek.hears(template(language, scope))
    marek.hangs_up()
    (made,) = rows()
    assert (made.scope, made.made_how, made.made_by_id) == (scope, Way.TELEPHONE, agent("marek").id)
    assert made.text == {code: template(code, scope) for code in words.LANGUAGES}
    assert made.sounds == {}


def test_what_was_heard_and_not_wanted_does_not_go_out(marek: Caller, language: str) -> None:
    signs_in(marek, language)
    marek.presses("1", "2")
    marek.is_told("supervisor-dropped", "supervisor-menu")
    marek.hangs_up()
    assert rows() == []


@pytest.mark.parametrize("before", ["", "1", "2", "4", "41"])
def test_a_hang_up_in_the_middle_puts_nothing_out(marek: Caller, before: str) -> None:
    signs_in(marek)
    marek.presses(*before)
    marek.hangs_up()
    assert rows() == []


def test_silence_puts_nothing_out_and_leads_to_a_consultant(marek: Caller) -> None:
    signs_in(marek)
    marek.presses("1")
    marek.waits(3)
    assert marek.is_waiting()
    marek.hangs_up()
    assert rows() == []


def test_the_same_outage_is_put_out_once(marek: Caller, language: str) -> None:
    announced(Scope.SERVICE, Way.CONSOLE)
    signs_in(marek, language)
    marek.hears(template(language, Scope.SERVICE))
    marek.presses("2")
    marek.is_told("supervisor-on-already", "supervisor-menu")
    marek.hangs_up()
    assert len(rows()) == 1


def test_two_supervisors_at_once_put_out_one(marek: Caller, ewa: Caller) -> None:
    signs_in(marek)
    signs_in(ewa, pin=OTHER_PIN)
    for one in (marek, ewa):
        one.presses("1")
        one.is_told("supervisor-confirm")
    marek.presses("1")
    marek.is_told("supervisor-is-out")
    ewa.presses("1")
    ewa.is_told("supervisor-on-already")
    for one in (marek, ewa):
        one.presses("3")
        one.is_told("supervisor-ending", "supervisor-end")
    ewa.presses("1")
    ewa.is_told("supervisor-is-ended")
    marek.presses("1")
    marek.is_told("supervisor-was-over")
    marek.hangs_up()
    ewa.hangs_up()
    (made,) = rows()
    assert (made.made_by_id, made.ended_by_id) == (agent("marek").id, agent("ewa").id)
    assert made.ended_how is Way.TELEPHONE


# Ending


def test_what_is_on_is_ended(marek: Caller, olena: Caller, language: str) -> None:
    announced(Scope.SERVICE, Way.CONSOLE)
    signs_in(marek, language)
    marek.presses("3")
    marek.is_told("supervisor-ending", "supervisor-end")
    marek.hears(template(language, Scope.SERVICE))
    marek.presses("*")
    marek.hears(template(language, Scope.SERVICE))
    assert on()
    marek.presses("1")
    marek.is_told("supervisor-is-ended", "supervisor-menu")
    marek.presses("3")
    marek.is_told("supervisor-none-on")
    marek.presses("5")
    marek.is_told("supervisor-state", on="no")
    marek.hangs_up()
    olena.dials()
    olena.does_not_hear(template("pl", Scope.SERVICE))
    olena.hangs_up()
    (made,) = rows()
    assert (made.ended_by_id, made.ended_how) == (agent("marek").id, Way.TELEPHONE)


def test_each_is_told_and_one_is_chosen(marek: Caller) -> None:
    announced(Scope.SERVICE, Way.CONSOLE, "Nie działa jedno.")
    announced(Scope.SERVICE, Way.CONSOLE, "Nie działa drugie.")
    announced(Scope.SERVICE, Way.CONSOLE, "Nie działa trzecie.")
    signs_in(marek)
    marek.does_not_hear("jedno")
    marek.presses("3")
    marek.hears("trzecie")
    marek.presses("2", "2")
    marek.hears("jedno")
    marek.presses("2")
    marek.is_told("supervisor-no-more")
    marek.presses("3", "2")
    marek.hears("drugie")
    marek.presses("1")
    marek.is_told("supervisor-is-ended")
    marek.hangs_up()
    assert [notice.text["pl"] for notice in on()] == ["Nie działa trzecie.", "Nie działa jedno."]


def test_what_tells_the_same_fact_ends_with_it(marek: Caller) -> None:
    announced(Scope.SERVICE, Way.CONSOLE, "Nie działa jedno.")
    announced(Scope.SERVICE, Way.API, "Nie  działa JEDNO.")
    announced(Scope.SERVICE, Way.API, "Nie działa drugie.")
    signs_in(marek)
    marek.presses("3", "2")
    marek.hears("jedno")
    marek.presses("1")
    marek.hangs_up()
    assert [notice.text["pl"] for notice in on()] == ["Nie działa drugie."]


def test_while_the_line_is_out_a_supervisor_gets_in(
    marek: Caller, olena: Caller, language: str
) -> None:
    marek.dials_in(language)
    marek.hangs_up()
    announced(Scope.SWITCHBOARD, Way.CONSOLE)
    marek.dials()
    marek.hears(template(language, Scope.SWITCHBOARD))
    marek.is_not_told("main-menu")
    marek.presses("#")
    marek.is_told("supervisor-pin")
    marek.types(PIN)
    marek.presses("3", "1")
    marek.is_told("supervisor-is-ended")
    marek.hangs_up()
    ticket = marek.ticket()
    assert (ticket.kind, ticket.topic, ticket.outcome) == (Kind.INTERNAL, None, Outcome.INTERNAL)
    olena.dials()
    olena.is_told("main-menu")
    olena.hangs_up()


def test_while_the_line_is_out_others_hear_so_again(olena: Caller) -> None:
    announced(Scope.SWITCHBOARD, Way.CONSOLE)
    olena.dials()
    olena.presses("#")
    olena.waits(3)
    olena.hears(template("pl", Scope.SWITCHBOARD))
    olena.waits()
    assert not olena.is_up
    assert olena.ticket().outcome is Outcome.INFORMED_OF_OUTAGE


# The ticket


def test_the_call_is_the_houses_own_from_the_pin_on(marek: Caller) -> None:
    marek.dials()
    marek.presses("#")
    assert marek.ticket().kind is Kind.UNKNOWN
    marek.types(PIN)
    ticket = marek.ticket()
    assert (ticket.kind, ticket.status, ticket.outcome) == (Kind.INTERNAL, Status.OPEN, None)
    marek.presses("9", "1", "1")
    assert marek.is_waiting()
    marek.hangs_up()
    ticket = marek.ticket()
    assert (ticket.kind, ticket.topic) == (Kind.INTERNAL, None)
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.INTERNAL)
    assert marek.texts() == []


def test_a_supervisor_is_no_caller_who_heard(marek: Caller) -> None:
    signs_in(marek)
    announced(Scope.SERVICE, Way.CONSOLE)
    marek.presses("5")
    marek.hears(template("pl", Scope.SERVICE))
    marek.presses("3")
    marek.hears(template("pl", Scope.SERVICE))
    marek.hangs_up()
    with transaction() as session:
        assert session.scalar(select(func.count(Hearing.id))) == 0


# The PIN


def test_three_misses_lead_to_a_consultant(marek: Caller, language: str) -> None:
    marek.dials_in(language, "#")
    marek.types("1234#")
    marek.is_told("notice-too-few-digits", counted=4, digits=6)
    marek.types(WRONG)
    marek.is_told("supervisor-pin-wrong", "supervisor-pin")
    marek.types(WRONG)
    assert marek.is_waiting()
    marek.hangs_up()
    ticket = marek.ticket()
    assert (ticket.kind, ticket.outcome) == (Kind.UNKNOWN, Outcome.ABANDONED)


def test_the_second_try_may_be_right(marek: Caller) -> None:
    marek.dials_in("pl", "#")
    marek.types(WRONG)
    marek.types(PIN)
    marek.is_told("supervisor-greeting")
    marek.hangs_up()


def test_the_pin_is_nowhere(marek: Caller, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        marek.dials_in("pl", "#")
        marek.types(WRONG)
        marek.types(PIN)
        marek.hangs_up()
    with transaction() as session:
        turns = [str(vars(turn)) for turn in session.scalars(select(Turn))]
        kept = [agent.pin for agent in session.scalars(select(Agent))]
    assert [turn.input for turn in marek.turns()] == ["#", "•••", "•••"]
    assert not [text for text in (*turns, *map(str, kept)) if PIN in text or WRONG in text]
    assert not [text for text in caplog.messages if PIN in text or WRONG in text]
    assert marek.ticket().pesel is None


def test_asked_once_a_call(marek: Caller) -> None:
    signs_in(marek)
    marek.presses("9", "#")
    marek.is_not_told("supervisor-pin")
    marek.is_told("supervisor-state", on="no")
    marek.hangs_up()
    marek.dials()
    marek.presses("#")
    marek.is_told("supervisor-pin")
    marek.hangs_up()


@pytest.mark.parametrize("changed", [{"active": False}, {"role": Role.AGENT}, {"pin": None}])
def test_who_is_no_supervisor_any_more_gets_nowhere(
    marek: Caller, changed: dict[str, object]
) -> None:
    with transaction() as session:
        one = session.scalars(select(Agent)).one()
        for name, value in changed.items():
            setattr(one, name, value)
    marek.dials_in("pl", "#")
    marek.types(PIN)
    marek.is_told("supervisor-pin-wrong")
    marek.hangs_up()


def test_who_leaves_in_the_middle_of_the_call_switches_nothing(marek: Caller) -> None:
    signs_in(marek)
    marek.presses("1")
    with transaction() as session:
        session.scalars(select(Agent)).one().active = False
    marek.presses("1")
    marek.is_told("supervisor-not-possible")
    marek.presses("9", "#")
    marek.is_told("supervisor-pin")
    marek.hangs_up()
    assert rows() == []


def guesses(caller: Caller, times: int) -> None:
    """Wrong PINs, two a call."""
    for _ in range(times // 2):
        caller.dials_in("pl", "#")
        caller.types(WRONG)
        caller.types(WRONG)
        caller.hangs_up()
    for _ in range(times % 2):
        caller.dials_in("pl", "#")
        caller.types(WRONG)
        caller.hangs_up()


def test_five_wrong_ones_close_the_telephone_to_a_number(marek: Caller, ewa: Caller) -> None:
    guesses(marek, 4)
    marek.dials_in("pl", "#")
    marek.types(WRONG)
    marek.types(PIN)
    marek.is_told("supervisor-pin-refused", "consultant-connecting")
    marek.hangs_up()
    signs_in(ewa, pin=OTHER_PIN)
    ewa.hangs_up()


def test_a_quarter_of_an_hour_opens_it_again(
    marek: Caller, clock: Callable[[datetime], object]
) -> None:
    guesses(marek, 5)
    clock(datetime.now(UTC) + timedelta(minutes=15))
    signs_in(marek)
    marek.hangs_up()


def attempts(count: int) -> None:
    """As many wrong ones from as many forged numbers."""
    with transaction() as session:
        for number in range(count):
            at = datetime.now(UTC) - timedelta(minutes=1)
            session.add(PinAttempt(caller=f"+4860200{number:04}", at=at))


def test_twenty_wrong_ones_close_it_to_everybody(
    marek: Caller, clock: Callable[[datetime], object]
) -> None:
    attempts(20)
    marek.dials_in("pl", "#")
    marek.types(PIN)
    marek.is_told("supervisor-pin-refused")
    marek.hangs_up()
    clock(datetime.now(UTC) + timedelta(hours=1))
    signs_in(marek)
    marek.hangs_up()


def test_but_not_to_a_number_from_which_a_right_one_came(marek: Caller, ewa: Caller) -> None:
    signs_in(marek)
    marek.hangs_up()
    attempts(20)
    signs_in(marek)
    marek.hangs_up()
    ewa.dials_in("pl", "#")
    ewa.types(OTHER_PIN)
    ewa.is_told("supervisor-pin-refused")
    ewa.hangs_up()
    guesses(marek, 5)
    marek.dials_in("pl", "#")
    marek.types(PIN)
    marek.is_told("supervisor-pin-refused")
    marek.hangs_up()


def test_a_withheld_number_is_never_a_known_one(marek: Caller, somebody: Caller) -> None:
    signs_in(somebody)
    somebody.hangs_up()
    attempts(20)
    somebody.dials_in("pl", "#")
    somebody.types(PIN)
    somebody.is_told("supervisor-pin-refused")
    somebody.hangs_up()


def test_a_repeated_request_is_one_guess(marek: Caller, out_of_balance: list[str]) -> None:
    out_of_balance.append("a request is sent again")
    marek.dials_in("pl", "#")
    marek.types(WRONG)
    first = [one for one in marek.requests if one.request.kind is Sent.VOICE][-1]
    again = marek.sends(first.request)
    assert again.body == first.body
    with transaction() as session:
        assert session.scalar(select(func.count(PinAttempt.id))) == 1
    marek.hangs_up()


# Forged addresses


def asks(caller: Caller, place: str, step: int, digits: str, **form: str) -> str:
    """What a signed request from that place of the script answers in the caller's call."""
    url = f"{caller.network.main.voice_url.removesuffix('/voice/incoming')}/voice/pl/{place}"
    fields = {**caller.call.fields(), "Digits": digits, **form}
    sent = caller.sends(Request(Sent.VOICE, f"{url}?try=0&step={step}&since=0", fields))
    assert sent.status == 200
    return sent.body


@pytest.mark.parametrize("digits", ["", "1", "*"])
def test_an_address_alone_opens_nothing(
    marek: Caller, olena: Caller, digits: str, out_of_balance: list[str]
) -> None:
    out_of_balance.append("requests are forged")
    notice = announced(Scope.SERVICE, Way.CONSOLE)
    olena.dials()
    for node in SCRIPT.flows["switching"].nodes:
        said = asks(olena, f"switching/{node}", 7, digits)
        assert words.say("pl", "main-menu") in said
    assert "supervisor" not in {key for turn in olena.turns() for key in turn.says}
    assert olena.ticket().kind is Kind.UNKNOWN
    assert [one.uid for one in on()] == [notice.uid]
    assert len(rows()) == 1
    olena.hangs_up()


def test_a_recording_of_a_supervisors_requests_opens_nothing(
    marek: Caller, olena: Caller, out_of_balance: list[str]
) -> None:
    """All that Marek's telephone sent, and the carrier signed, once more in Olena's call."""
    out_of_balance.append("requests are forged")
    signs_in(marek)
    marek.presses("1", "2")
    marek.hangs_up()
    said = [one.request for one in marek.requests if one.request.kind is Sent.VOICE]
    olena.dials()
    for request in said[2:]:
        if "/supervisor/pin" not in request.url:
            form = {**request.form, **olena.call.fields()}
            olena.sends(Request(Sent.VOICE, request.url, form))
    assert rows() == []
    assert olena.ticket().kind is Kind.UNKNOWN
    olena.hangs_up()


def test_before_the_pin_no_step_is_a_supervisors(marek: Caller, out_of_balance: list[str]) -> None:
    """The right PIN at step 2 opens nothing that lies before it."""
    out_of_balance.append("requests are forged")
    marek.dials()
    first = asks(marek, "switching/confirm", 9, "1")
    assert words.say("pl", "main-menu") in first
    marek.hangs_up()
    assert rows() == []


def test_an_unsigned_request_is_refused(marek: Caller, out_of_balance: list[str]) -> None:
    signs_in(marek)
    marek.presses("1")
    last = [one for one in marek.requests if one.request.kind is Sent.VOICE][-1].request
    url = last.url.replace("menu", "confirm")
    for forged in (Request(Sent.VOICE, url, last.form).forged(), last.unsigned()):
        assert marek.sends(forged).status == 403
    assert rows() == []
    marek.hangs_up()


# The own voice


def records(marek: Caller, key: str = "2", sound: bytes = b"") -> None:
    """Speak an announcement of that scope, and wait for it."""
    marek.presses("4")
    marek.is_told("supervisor-whose")
    marek.presses(key)
    marek.is_told("supervisor-record")
    marek.waits()
    speaks(marek, sound)
    marek.is_told("supervisor-not-here-yet", "supervisor-moment")
    marek.waits()


def speaks(marek: Caller, sound: bytes = b"") -> None:
    assert marek.is_doing(Doing.RECORDING)
    if sound:
        marek.network.tell(marek.call, Spoke(5, sound))
        marek.presses("1")
    else:
        marek.speaks(5, then="1")


def silence() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(80000))
    return out.getvalue()


def kept(settings: Settings) -> list[Path]:
    return sorted((settings.home / "sounds").glob("*"))


@pytest.fixture(autouse=True)
def no_sounds(settings: Settings) -> Iterator[None]:
    """The home's sounds are those of one test."""
    yield
    for file in kept(settings):
        file.unlink()


@pytest.mark.parametrize("key", SCOPES)
def test_the_own_voice_is_heard_back_kept_and_out(
    marek: Caller, olena: Caller, outage: Outage, language: str, key: str
) -> None:
    signs_in(marek, language)
    records(marek, key)
    outage.works()
    marek.waits()
    marek.is_told("supervisor-will-hear", "supervisor-keep")
    (mine,) = played(marek)
    assert rows() == []
    marek.presses("1")
    marek.is_told("supervisor-is-out")
    marek.hangs_up()
    (made,) = rows()
    assert mine == f"/sounds/{made.sounds[language]}.wav"
    assert list(made.sounds) == [language]
    assert made.text == {code: template(code, SCOPES[key]) for code in words.LANGUAGES}
    heard_in_every_language(olena, language, mine, SCOPES[key])


def heard_in_every_language(olena: Caller, spoken: str, mine: str, scope: Scope) -> None:
    """The recording in its language, the template's words in the others."""
    for code in words.LANGUAGES:
        other = Caller.of(olena.network, f"+4850300000{words.LANGUAGES.index(code)}")
        other.dials_in(code)
        other.hangs_up()
        other.dials()
        assert played(other) == ([mine] if code == spoken else [])
        heard = template(code, scope) in other.last_heard
        assert heard is (code != spoken)
        other.hangs_up()


def test_repeated_it_is_played_again(marek: Caller, outage: Outage) -> None:
    signs_in(marek)
    records(marek)
    outage.works()
    marek.waits()
    marek.presses("*")
    marek.is_told("supervisor-keep")
    marek.presses("8")
    marek.is_told("notice-wrong-key", "supervisor-keep")
    assert len(played(marek)) == 3
    marek.hangs_up()


def test_a_discarded_one_is_forgotten(marek: Caller, outage: Outage, settings: Settings) -> None:
    signs_in(marek)
    records(marek)
    outage.works()
    marek.waits()
    assert len(kept(settings)) == 1
    marek.presses("3")
    marek.is_told("supervisor-dropped")
    marek.hangs_up()
    assert rows() == []
    assert kept(settings) == []
    (recording,) = recordings()
    assert (recording.status, recording.file, recording.sound) == ("discarded", None, None)


def recordings() -> list[Recording]:
    with transaction() as session:
        return list(session.scalars(select(Recording).order_by(Recording.id)))


def test_it_is_spoken_again(marek: Caller, outage: Outage, settings: Settings) -> None:
    signs_in(marek)
    records(marek)
    outage.works()
    marek.waits()
    marek.presses("2")
    marek.is_told("supervisor-record")
    marek.waits()
    marek.speaks(9, then="1")
    marek.waits()
    outage.works()
    marek.waits()
    marek.presses("1")
    marek.is_told("supervisor-is-out")
    marek.hangs_up()
    (made,) = rows()
    first, second = recordings()
    assert (first.status, second.sound) == ("discarded", made.sounds["pl"])
    assert [file.stem for file in kept(settings)] == [made.sounds["pl"]]


def test_discarded_on_its_way_it_is_not_kept(
    marek: Caller, outage: Outage, settings: Settings
) -> None:
    signs_in(marek)
    records(marek)
    marek.presses("2")
    marek.is_told("supervisor-dropped")
    outage.works()
    marek.hangs_up()
    assert kept(settings) == []
    assert recordings()[0].file is None


def test_one_that_never_comes_leads_back(marek: Caller, outage: Outage) -> None:
    signs_in(marek)
    records(marek)
    marek.is_told("supervisor-not-here-yet", "supervisor-moment")
    marek.waits()
    marek.is_told("supervisor-not-here", "supervisor-menu")
    marek.presses("5")
    marek.is_told("supervisor-state", on="no")
    marek.hangs_up()
    assert rows() == []


def test_one_that_the_carrier_lost_leads_back(marek: Caller, outage: Outage) -> None:
    signs_in(marek)
    records(marek)
    marek.network.recordings.clear()
    outage.works()
    marek.waits()
    marek.is_told("supervisor-not-here", "supervisor-menu")
    marek.hangs_up()
    assert [one.status for one in recordings()] == ["discarded"]


def test_one_that_is_here_before_it_is_asked_for(
    marek: Caller, outage: Outage, settings: Settings, out_of_balance: list[str]
) -> None:
    """The worker was quicker than the answer, which the carrier had to send twice."""
    out_of_balance.append("an answer is sent by hand")
    signs_in(marek)
    marek.presses("4", "2")
    marek.waits()
    marek.loses_next(kind=Sent.VOICE)
    marek.speaks(5, then="1")
    lost = [one.request for one in marek.requests if one.request.kind is Sent.VOICE][-1]
    outage.works()
    assert recordings()[0].file
    assert kept(settings) == []
    with transaction() as session:
        call = session.scalars(select(Call)).one()
        made = for_announcement(session, call, lost.form["RecordingSid"], datetime.now(UTC))
        assert made
        assert made.sound is None
    outage.works()
    assert [file.stem for file in kept(settings)] == [recordings()[0].sound]


def test_a_recording_of_another_call_is_nobodys(marek: Caller, olena: Caller) -> None:
    """Olena's message stays hers, whatever a request in Marek's call names."""
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.speaks(5)
    olena.hangs_up()
    (message,) = recordings()
    signs_in(marek)
    with transaction() as session:
        call = session.scalars(select(Call).where(Call.sid == marek.sid)).one()
        assert for_announcement(session, call, message.sid, datetime.now(UTC)) is None
    assert not recordings()[0].is_announcement
    marek.hangs_up()


def test_silence_is_told_and_not_kept(marek: Caller, outage: Outage, settings: Settings) -> None:
    signs_in(marek)
    records(marek, sound=silence())
    outage.works()
    marek.waits()
    marek.is_told("supervisor-unfit", "supervisor-menu", unfit="silent")
    marek.hangs_up()
    assert rows() == []
    assert kept(settings) == []


def test_nothing_spoken_is_asked_again(marek: Caller) -> None:
    signs_in(marek)
    marek.presses("4", "1")
    marek.waits(2)
    marek.is_told("notice-nothing-recorded")
    marek.hangs_up()
    assert rows() == []


@pytest.mark.parametrize("when", ["speaking", "waiting", "heard"])
def test_a_hang_up_around_the_recording_puts_nothing_out(
    marek: Caller, outage: Outage, when: str
) -> None:
    signs_in(marek)
    if when == "speaking":
        marek.presses("4", "2")
        marek.waits()
        marek.hangs_up(while_speaking=5)
    else:
        records(marek)
    outage.works()
    if when == "heard":
        marek.waits()
        marek.is_told("supervisor-keep")
    if when != "speaking":
        marek.hangs_up()
    outage.works()
    assert rows() == []
    ticket = marek.ticket()
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, Outcome.INTERNAL)
    assert marek.texts() == []


def test_a_voice_for_what_is_out_already_takes_its_place(
    marek: Caller, olena: Caller, outage: Outage
) -> None:
    """Who asked to be called when it is over keeps the wish; it is one outage to all."""
    before = announced(Scope.SWITCHBOARD, Way.CONSOLE)
    olena.dials_in("pl")
    olena.presses("1")
    marek.dials()
    marek.presses("#")
    marek.types(PIN)
    records(marek, "1")
    outage.works()
    marek.waits()
    marek.presses("1")
    marek.is_told("supervisor-is-out")
    marek.hangs_up()
    old, new = rows()
    assert (old.uid, new.replaces_id) == (before.uid, old.id)
    assert [notice.uid for notice in on()] == [new.uid]
    assert [window.starts_at for window in new.windows] == [old.windows[0].starts_at]
    with transaction() as session:
        assert session.scalars(select(Callback.announcement_id)).all() == [new.id]


def test_a_voice_is_given_to_each_language_in_turn(marek: Caller, outage: Outage) -> None:
    for language in words.LANGUAGES:
        signs_in(marek, language)
        records(marek)
        outage.works()
        marek.waits()
        marek.presses("1")
        marek.is_told("supervisor-is-out")
        marek.hangs_up()
    assert set(on()[0].sounds) == set(words.LANGUAGES)
    assert len(on()) == 1


def test_a_missing_file_is_no_silence(
    marek: Caller, olena: Caller, outage: Outage, settings: Settings
) -> None:
    announced(Scope.SERVICE, Way.CONSOLE, sounds={"pl": "0" * 32})
    olena.dials()
    olena.hears(template("pl", Scope.SERVICE))
    assert played(olena) == []
    assert not sounds.is_kept("0" * 32)
    olena.hangs_up()


def test_what_never_went_out_is_erased_in_time_and_what_did_is_not(
    marek: Caller, outage: Outage, settings: Settings, clock: Callable[[datetime], object]
) -> None:
    signs_in(marek)
    records(marek)
    outage.works()
    marek.waits()
    marek.presses("1")
    marek.hangs_up()
    signs_in(marek, pin=PIN)
    marek.presses("4", "1")
    marek.waits()
    marek.speaks(9, then="1")
    marek.waits()
    outage.works()
    marek.hangs_up()
    assert len(kept(settings)) == 2
    clock(datetime.now(UTC) + timedelta(days=words.FACTS.kept_days, hours=1))
    with transaction() as session:
        erase_overdue(session, datetime.now(UTC))
    outage.works()
    assert [one.status for one in recordings()] == ["erased", "erased"]
    assert [file.stem for file in kept(settings)] == [rows()[0].sounds["pl"]]


def test_a_callers_message_never_becomes_a_sound(
    olena: Caller, outage: Outage, settings: Settings
) -> None:
    olena.dials_in("pl", "3", "2")
    olena.waits()
    olena.speaks(5)
    olena.hangs_up()
    outage.works()
    assert recordings()[0].file
    assert kept(settings) == []
