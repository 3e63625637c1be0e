"""Tickets on the pages of the desk: found, read, written on."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from callcenter.calendar.deadlines import working_days_later
from callcenter.privacy import encryption
from callcenter.recordings import store
from callcenter.tickets.resolutions import for_topic
from callcenter.tickets.ticket_numbers import new_number
from config import Settings
from ivr.flows import SCRIPT
from models import (
    Agent,
    Announcement,
    Conversation,
    Kind,
    Left,
    Leg,
    Purpose,
    Recording,
    RecordingStatus,
    Scope,
    Status,
    Ticket,
    TicketNote,
    Topic,
    Way,
)
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk

NUMBER = "572943815"


@pytest.fixture
def number() -> str:
    """The number of Jan's ticket, whose call asked, was silent, and typed a PESEL."""
    number = new_number()
    with transaction() as session:
        made = scenes.call(session)
        scenes.turn(session, made, 1, "main/welcome", "1", "login/menu")
        scenes.turn(session, made, 2, "login/menu", "", "login/menu")
        scenes.turn(session, made, 3, "account/pesel", "•••", "consultant/connecting")
        scenes.ticket(session, made, number)
    return number


def test_a_ticket_is_found_by_its_number_however_it_is_spaced(desk: Desk, number: str) -> None:
    spaced = f" {number[:3]} {number[3:6]}-{number[6:]} "
    answer = desk.post("/tickets/find", {"number": spaced})
    assert (answer.status_code, answer.location) == (303, f"/tickets/{number}")


@pytest.mark.parametrize("way", ["#{}", "nr {}.", "ticket no. {}", "\N{NO-BREAK SPACE}{}"])
def test_a_number_as_people_write_it_is_found_at_each_door(
    desk: Desk, number: str, way: str
) -> None:
    written = way.format(number)
    for field in ("number", "anything"):
        answer = desk.post("/tickets/find", {field: written})
        assert (answer.status_code, answer.location) == (303, f"/tickets/{number}")
    pasted = desk.get(f"/tickets/{quote(written)}")
    assert (pasted.status_code, pasted.location) == (303, f"/tickets/{number}")
    with transaction() as session:
        other = new_number()
        scenes.ticket(session, scenes.call(session), other)
    form = {"what": "relate", "other": written, "version": "0"}
    desk.post(f"/tickets/{other}", form, page=f"/tickets/{other}")
    with transaction() as session:
        tied = session.scalars(select(Ticket).where(Ticket.number == other)).one()
        assert tied.related_to
        assert tied.related_to.number == number


@pytest.mark.parametrize(
    ("narrowed", "is_open"),
    [("", False), ("?status=open", False), ("?due=late", False), ("?topic=login_locked", True)],
)
def test_finer_filters_are_folded_unless_one_of_them_is_used(
    desk: Desk, narrowed: str, is_open: bool
) -> None:
    page = desk.get(f"/tickets{narrowed}").text
    assert ('<details class="finer" open>' in page) is is_open
    assert '<details class="finer"' in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("12345", "dziewięć cyfr"),
        ("123456789", "Któraś cyfra jest błędna"),
        (NUMBER[:-1] + "x", "dziewięć cyfr"),
    ],
)
def test_a_number_that_cannot_be_is_told(desk: Desk, typed: str, said: str) -> None:
    answer = desk.post("/tickets/find", {"number": typed})
    assert answer.status_code == 422
    assert answer.text.count(said) == 2
    assert 'href="#number"' in answer.text
    assert "<title>Błąd: " in answer.text


def test_a_number_that_nobody_has_is_told(desk: Desk) -> None:
    answer = desk.post("/tickets/find", {"number": new_number()})
    assert answer.status_code == 422
    assert "Nie ma zgłoszenia o tym numerze." in answer.text


@pytest.mark.parametrize("typed", ["501 234 567", "+48501234567", "501-234-567"])
def test_no_callers_number_stands_in_an_address(desk: Desk, number: str, typed: str) -> None:
    answer = desk.post("/tickets/find", {"caller": typed, "status": "resolved"})
    assert answer.status_code == 303
    assert answer.location == f"/tickets?status=resolved&caller_of={number}"
    listed = desk.get(answer.location).text
    assert f'href="/tickets/{number}"' in listed
    assert "+48\N{NO-BREAK SPACE}501\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567" in listed


@pytest.mark.parametrize("caller", [scenes.JAN, scenes.LONG_CALLER, "withheld", "unusable"])
def test_a_caller_as_shown_can_be_searched_again(desk: Desk, caller: str) -> None:
    with transaction() as session:
        number = scenes.ticket(session, scenes.call(session, caller), new_number()).number
    for language in ("pl", "en"):
        desk.post("/look", {"language": language, "back": "/"})
        page = desk.get(f"/tickets?caller_of={number}").text
        field = page.split('id="caller"')[1].split(">")[0]
        shown = field.split('value="')[1].split('"')[0]
        answer = desk.post("/tickets/find", {"caller": shown})
        assert answer.location == f"/tickets?caller_of={number}", shown


def test_a_caller_who_never_called_is_told(desk: Desk, number: str) -> None:
    answer = desk.post("/tickets/find", {"caller": "601 000 000"})
    assert answer.status_code == 200
    assert "Nikt nie dzwonił z numeru" in answer.text
    assert number not in answer.text


def test_a_caller_who_cannot_be_is_told(desk: Desk) -> None:
    answer = desk.post("/tickets/find", {"caller": "Jan"})
    assert answer.status_code == 422
    assert 'href="#caller"' in answer.text


def test_filters_stand_in_the_address_and_in_the_form(desk: Desk, number: str) -> None:
    fields = {"topic": "basic_password_forgotten", "day": "2026-11-23", "language": "pl"}
    address = desk.post("/tickets/find", fields).location
    page = desk.get(address).text
    assert number in page.replace("\N{NO-BREAK SPACE}", "")
    assert 'selected value="basic_password_forgotten"' in page
    assert 'value="2026-11-23"' in page
    elsewhere = desk.get(address.replace("11-23", "11-24")).text
    assert "Nie ma takich zgłoszeń" in elsewhere


@pytest.mark.parametrize("query", ["status=burning", "day=yesterday", "topic=%00"])
def test_a_filter_that_cannot_be_is_told(desk: Desk, query: str) -> None:
    assert desk.get(f"/tickets?{query}").status_code == 422


@pytest.mark.parametrize("path", ["?after=x", "?caller_of=501234567", "/000000000", "/x"])
def test_an_address_that_is_nowhere_is_told(desk: Desk, path: str) -> None:
    answer = desk.get(f"/tickets{path}")
    assert answer.status_code == 404
    assert "Pod tym adresem nic nie ma." in answer.text


def test_a_list_goes_on_where_it_ended(desk: Desk) -> None:
    with transaction() as session:
        for minute in range(60):
            at = scenes.MONDAY + timedelta(minutes=minute)
            scenes.ticket(session, scenes.call(session, at=at), new_number())
    first = desk.get("/tickets").text
    onward = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = desk.get(onward).text
    assert first.count('scope="row"') == 50
    assert second.count('scope="row"') == 10
    assert 'rel="next"' not in second


def test_a_call_reads_as_it_went(desk: Desk, number: str) -> None:
    page = desk.get(f"/tickets/{number}").text
    for expected in (
        "Help Desk SISC",
        "<kbd>1</kbd>",
        "bez odpowiedzi",
        "<kbd>•••</kbd>",
        "po 9 s",
    ):
        assert expected in page
    assert page.index("<kbd>1</kbd>") < page.index("bez odpowiedzi") < page.index("<kbd>•••</kbd>")
    assert "09:15:09" in page
    assert 'datetime="2026-11-23T08:15:09Z"' in page


def test_words_of_the_waiting_loop_are_read_once(desk: Desk, number: str) -> None:
    with transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        chose = scenes.turn(
            session, ticket.call, 4, "consultant/waiting", "2", "consultant/message"
        )
        left = scenes.turn(session, ticket.call, 5, "consultant/connecting", "leave", "")
        chose.spoken = left.spoken = ["consultant-nobody"]
        left.result = "left_queue"
    page = desk.get(f"/tickets/{number}").text
    assert page.count("żaden konsultant") == 1
    assert "leave" not in page


def test_announcements_are_read_as_they_were_heard(desk: Desk, number: str) -> None:
    with transaction() as session:
        session.add(
            Announcement(
                uid="night",
                scope=Scope.SWITCHBOARD,
                text={"pl": "Awaria w nocy.", "en": "Out at night."},
                made_at=scenes.MONDAY,
                made_how=Way.CONSOLE,
            )
        )
        opening = session.scalars(select(Ticket)).one().call
        spoken = [f"{language}:announcement:night" for language in ("pl", "en", "uk")]
        opening.opening = {**opening.opening, "spoken": [*spoken, "announcement:forgotten"]}
    page = desk.get(f"/tickets/{number}").text
    assert page.count('<p lang="pl">Awaria w nocy.</p>') == 2
    assert page.count('<p lang="en">Out at night.</p>') == 1


def test_words_that_are_no_longer_kept_are_named(desk: Desk, number: str) -> None:
    with transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        ticket.call.opening = {**ticket.call.opening, "spoken": ["greeting-of-1998"]}
    assert "(greeting-of-1998)" in desk.get(f"/tickets/{number}").text


def test_what_followed_stands_on_the_ticket(desk: Desk, number: str) -> None:
    with transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        scenes.callback(session, ticket, scenes.JAN)
        scenes.message(session, ticket, scenes.JAN)
        scenes.recording(session, ticket.call)
        wait = scenes.waiting(session, ticket.call, Topic.ABOUT, ticket.opened_at)
        scenes.left(wait, Left.CALLBACK, ticket.opened_at + timedelta(seconds=130))
        other = scenes.ticket(session, scenes.call(session), new_number(), kind=Kind.COMPLAINT)
        other.related_to_id = ticket.id
        about = other.number
    page = desk.get(f"/tickets/{number}").text
    for expected in ("Oddzwonić na", "SMS na", "Nagrana wiadomość", "2 min 10 s", "reklamacja"):
        assert expected in page
    assert f'href="/tickets/{about}"' in page
    assert f'href="/tickets/{number}"' in desk.get(f"/tickets/{about}").text


def test_ania_writes_a_note(desk: Desk, number: str) -> None:
    text = "Pan Jan, PESEL 44051401359, prosi o telefon.\r\n<b>Pilne</b>"
    answer = desk.post(f"/tickets/{number}/notes", {"text": text})
    assert answer.status_code == 303
    page = desk.get(answer.location).text
    assert "Ania Nowak" in page
    assert "PESEL •••••••••••, prosi" in page
    assert "&lt;b&gt;Pilne" in page
    with transaction() as session:
        note = session.scalars(select(TicketNote)).one()
        assert "44051401359" not in note.text
        assert note.author_id


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 10_001])
def test_a_note_that_cannot_be_saved_is_not_lost(desk: Desk, number: str, text: str) -> None:
    answer = desk.post(f"/tickets/{number}/notes", {"text": text})
    assert answer.status_code == 422
    assert 'href="#text"' in answer.text
    assert text in answer.text
    with transaction() as session:
        assert session.scalars(select(TicketNote)).all() == []


def test_an_empty_desk_says_so(desk: Desk) -> None:
    assert "Nie ma jeszcze zgłoszeń" in desk.get("/tickets").text
    assert "Nikt jeszcze nie dzwonił." in desk.get("/calls").text
    page = desk.get("/desk").text
    for expected in ("Nikt nie czeka.", "Nie ma do kogo oddzwaniać."):
        assert expected in page


def test_the_desk_shows_who_waits_and_what_is_late(desk: Desk) -> None:
    with transaction() as session:
        made = scenes.call(session)
        late = scenes.ticket(session, made, new_number(), Status.OPEN)
        late.due_at = scenes.MONDAY - timedelta(days=400)
        scenes.waiting(session, made, Topic.LOGIN_LOCKED, scenes.MONDAY)
    page = desk.get("/desk").text
    assert "Czeka 1 osoba" in page
    assert "zablokowane logowanie" in page
    assert "po terminie" in page
    assert '<strong class="late">' in desk.get("/tickets").text
    with transaction() as session:
        session.execute(update(Ticket).values(status=Status.CLOSED))
    assert '<strong class="late">' not in desk.get("/tickets").text


def test_the_script_is_read_in_each_language(desk: Desk) -> None:
    for language, word in (("pl", "naciśnij"), ("en", "press"), ("uk", "натисніть")):
        page = desk.get(f"/flows?language={language}").text
        assert f'lang="{language}"' in page
        assert word in page


def test_every_place_of_the_script_is_shown_once(desk: Desk) -> None:
    page = desk.get("/flows").text
    for place, _node in SCRIPT.places():
        assert page.count(f'id="{place.flow}.{place.node}"') == 1, place


def test_a_message_can_be_heard_by_those_who_read_its_ticket(
    desk: Desk, number: str, settings: Settings
) -> None:
    encryption.bind(settings.data_key)
    store.bind(settings.home)
    with transaction() as session:
        call_id = session.scalars(select(Ticket.call_id).where(Ticket.number == number)).one()
        left = Recording(
            sid="RE1",
            call_id=call_id,
            status=RecordingStatus.COMPLETED,
            duration_s=4,
            made_at=scenes.MONDAY,
            file=store.keep("RE1", b"RIFF what was said"),
        )
        session.add(left)
        session.flush()
        address = f"/tickets/{number}/recordings/{left.id}.wav"
    assert address in desk.get(f"/tickets/{number}").text
    heard = desk.get(address)
    assert (heard.status_code, heard.mimetype, heard.data) == (
        200,
        "audio/wav",
        b"RIFF what was said",
    )
    assert "no-store" in heard.headers["Cache-Control"]


def test_a_message_is_not_to_be_had_through_another_ticket(desk: Desk, number: str) -> None:
    assert desk.get(f"/tickets/{number}/recordings/999999.wav").status_code == 404


def _recorded_conversation(number: str, settings: Settings, *logins: str) -> str:
    """The address of a conversation about the ticket in which those of the desk were."""
    encryption.bind(settings.data_key)
    store.bind(settings.home)
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        conversation = Conversation(
            room="r", ticket_id=ticket.id, call_id=ticket.call_id, made_at=scenes.MONDAY
        )
        session.add(conversation)
        session.flush()
        for login in logins:
            who = session.scalars(select(Agent.id).where(Agent.login == login)).one()
            joined = {"asked_at": scenes.MONDAY, "joined_at": scenes.MONDAY}
            leg = Leg(talk_id=conversation.id, agent_id=who, purpose=Purpose.TAKE, **joined)
            leg.ended_at = scenes.MONDAY + timedelta(minutes=3)
            session.add(leg)
        kept = Recording(
            sid="RE2",
            call_id=ticket.call_id,
            talk_id=conversation.id,
            status=RecordingStatus.COMPLETED,
            duration_s=170,
            made_at=scenes.MONDAY,
            kept_until=scenes.MONDAY + timedelta(days=30),
            file=store.keep("RE2", b"RIFF what was said"),
        )
        session.add(kept)
        session.flush()
        return f"/tickets/{number}/recordings/{kept.id}.wav"


def test_a_talk_is_heard_by_who_was_in_it_and_that_is_written_down_once(
    desk: Desk, number: str, settings: Settings
) -> None:
    address = _recorded_conversation(number, settings, "ania")
    assert address in desk.get(f"/tickets/{number}").text
    for _ in range(3):
        assert desk.get(address).data == b"RIFF what was said"
    page = desk.get(f"/tickets/{number}").text
    assert page.count("odsłuchuje nagranie rozmowy") == 1
    with transaction() as session:
        (note,) = session.scalars(select(TicketNote))
        assert (
            note.author_id == session.scalars(select(Agent.id).where(Agent.login == "ania")).one()
        )


def test_others_of_the_desk_see_that_there_is_one_and_may_not_hear_it(
    desk: Desk, number: str, settings: Settings
) -> None:
    address = _recorded_conversation(number, settings)
    page = desk.get(f"/tickets/{number}").text
    assert "Nagrana rozmowa z konsultantem" in page
    assert address not in page
    assert desk.get(address).status_code == 403
    with transaction() as session:
        assert session.scalars(select(TicketNote)).all() == []


def test_supervisors_hear_talks_they_were_not_in(
    signed_out: Desk, number: str, settings: Settings
) -> None:
    address = _recorded_conversation(number, settings)
    signed_out.signs_in("marek")
    assert signed_out.get(address).status_code == 200


def test_a_talk_is_not_to_be_had_through_another_ticket(
    signed_out: Desk, number: str, settings: Settings
) -> None:
    address = _recorded_conversation(number, settings)
    with transaction() as session:
        other = scenes.ticket(session, scenes.call(session), new_number())
        elsewhere = address.replace(number, other.number)
    signed_out.signs_in("marek")
    assert signed_out.get(elsewhere).status_code == 404


def test_an_empty_board_is_no_failed_search(desk: Desk) -> None:
    assert "Nic tu nie czeka" in desk.get("/tickets?due=late").text
    assert "Nie ma takich zgłoszeń" in desk.get("/tickets?due=late&language=uk").text


def test_nobody_is_given_a_ticket_who_is_not_there(desk: Desk, number: str) -> None:
    given = {
        "topic": Topic.LOGIN_LOCKED.value,
        "resolution": for_topic(Topic.LOGIN_LOCKED)[0],
        "due": working_days_later(datetime.now(UTC), 3).date().isoformat(),
        "to": "999999",
    }
    assert desk.post(f"/desk/work/{number}/leave-open", given).status_code == 422
    given["to"] = ""
    assert desk.post(f"/desk/work/{number}/leave-open", given).status_code == 303


@pytest.mark.parametrize(
    ("due", "why"),
    [("9999-12-31", "zbyt odległy"), ("2020-01-07", "jeszcze nie minął"), ("sunday", "roboczy")],
)
def test_the_desk_promises_no_day_that_nobody_works_on(
    desk: Desk, number: str, due: str, why: str
) -> None:
    if due == "sunday":
        today = datetime.now(UTC).date()
        due = (today + timedelta(days=13 - today.weekday())).isoformat()
    given = {
        "topic": Topic.LOGIN_LOCKED.value,
        "resolution": for_topic(Topic.LOGIN_LOCKED)[0],
        "due": due,
    }
    refused = desk.post(f"/desk/work/{number}/leave-open", given)
    assert why in refused.text, (refused.status_code, refused.text[:300])
    with transaction() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        assert ticket.in_hands_since is None
