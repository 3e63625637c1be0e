"""The switchboard page, as Marek switches with it and Ania reads it."""

import io
import math
import re
import struct
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from callcenter.announcements import drafts, switchboard
from callcenter.announcements.board import board
from callcenter.announcements.drafts import Reason, Wanted
from callcenter.announcements.notices import Period
from callcenter.announcements.switchboard import Maker
from callcenter.calendar.local_times import TimeFault
from callcenter.console.layout import labels
from callcenter.console.switchboard import outage_labels
from callcenter.console.switchboard.outage_forms import shift_end
from callcenter.recordings.sounds import Unfit
from models import Announcement, Scope, Template, Way
from models.session import transaction
from tests.conftest import PUBLIC_URL
from tests.console.conftest import Desk

NOON = datetime(2016, 2, 24, 11, 0, tzinfo=UTC)
OUTAGE = {"until": "open", "scope": "switchboard", "template": "outage", "start": "now"}


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def marek(noon: object, signed_out: Desk) -> Desk:
    """The browser of Marek, who may switch; it is noon in Warsaw."""
    assert signed_out.signs_in("marek").status_code == 303
    return signed_out


def confirms(desk: Desk, **fields: str) -> TestResponse:
    return desk.post("/switchboard/confirm", {**OUTAGE, **fields}, page="/switchboard")


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the confirmation, nothing edited."""
    prepared = re.search(r'name="prepared"[^>]* value="([^"]+)"', page)
    assert prepared
    texts = re.findall(r'<textarea[^>]* name="(text_..)"[^>]*>\s*([^<]*)</textarea>', page)
    return {"prepared": prepared[1], **dict(texts)}


def announces(desk: Desk, page: str, **edited: str) -> TestResponse:
    return desk.post("/switchboard/announce", {**fields_of(page), **edited}, page="/switchboard")


def switches(desk: Desk, **fields: str) -> Announcement:
    """Both steps; the announcement that is out then."""
    assert announces(desk, confirms(desk, **fields).text).status_code == 303
    return rows()[-1]


def rows() -> list[Announcement]:
    with transaction() as session:
        return session.query(Announcement).order_by(Announcement.id).all()


def test_calm_is_said(desk: Desk) -> None:
    page = desk.get("/switchboard").text
    assert "Brak komunikatu: dzwoniący słyszą menu jak zawsze." in page
    assert "Nic nie jest planowane." in page
    assert "Nic jeszcze nie ogłoszono." in page


def test_nothing_goes_out_before_it_is_confirmed(marek: Desk) -> None:
    page = confirms(marek).text
    assert "Trwa awaria naszej centrali telefonicznej." in page
    assert "Наша телефонна станція" in page
    assert "aż ktoś zakończy" in page
    assert "naciśnij 1" in page
    assert re.search(r"\+48.22.307.00.00", page)
    assert rows() == []
    assert board().notices() == ()


def test_what_was_confirmed_goes_out(marek: Desk) -> None:
    made = switches(marek)
    assert (made.scope, made.template, made.made_how) == (
        Scope.SWITCHBOARD,
        Template.OUTAGE,
        Way.CONSOLE,
    )
    assert made.made_at == NOON
    (notice,) = board().on_now(NOON)
    page = marek.get("/switchboard").text
    for text in notice.text.values():
        assert text in page
    assert "Marek Wiśniewski" in page
    assert f"/switchboard/{made.uid}/end" in page


def test_the_words_can_be_edited_first(marek: Desk) -> None:
    page = confirms(marek).text
    announces(marek, page, text_pl="Zażółć gęślą jaźń.", text_uk=" ")
    (notice,) = board().on_now(NOON)
    assert notice.text["pl"] == "Zażółć gęślą jaźń."
    assert set(notice.text) == {"pl", "en"}


def test_words_that_cannot_go_out_are_told_and_kept(marek: Desk) -> None:
    page = confirms(marek).text
    answer = announces(marek, page, text_pl="", text_en="My words.")
    assert answer.status_code == 422
    assert "Wpisz polski tekst" in answer.text
    assert "My words." in answer.text
    assert announces(marek, page, text_en="x" * 601).status_code == 422
    assert rows() == []


def test_own_words(marek: Desk) -> None:
    fields = {"template": "own", "scope": "service", "text_pl": "Nie działa.", "until": "open"}
    made = switches(marek, **fields)
    assert (made.text, made.template) == ({"pl": "Nie działa."}, None)


@pytest.mark.parametrize("times", [2, 3])
def test_a_double_click_is_harmless(marek: Desk, times: int) -> None:
    page = confirms(marek).text
    for _ in range(times):
        assert announces(marek, page).status_code == 303
    assert len(rows()) == 1


def test_two_tabs_are_one_state_and_one_entry(marek: Desk, noon: time_machine.Traveller) -> None:
    first = confirms(marek).text
    noon.shift(timedelta(minutes=2))
    second = confirms(marek).text
    announces(marek, first)
    announces(marek, second)
    assert len(rows()) == 1
    assert marek.get("/switchboard").text.count("ogłosił(a)") == 1


def test_the_end_comes_first_and_must_be_chosen(marek: Desk) -> None:
    answer = confirms(marek, until="")
    assert answer.status_code == 422
    assert "Wybierz, do kiedy." in answer.text
    assert "do końca zmiany" in answer.text
    assert "14:00" in answer.text


def test_until_the_end_of_the_shift_as_it_was_offered(
    marek: Desk, noon: time_machine.Traveller
) -> None:
    page = marek.get("/switchboard").text
    offered = re.search(r'name="shift_ends_at"[^>]* value="([^"]+)"', page)
    assert offered
    noon.move_to(NOON + timedelta(hours=1, minutes=50))
    made = switches(marek, until="shift", shift_ends_at=offered[1])
    assert made.windows[0].ends_at == datetime(2016, 2, 24, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2016-02-24T12:00+01:00", "2016-02-24T14:00+01:00"),
        ("2016-02-24T13:50+01:00", "2016-02-24T22:00+01:00"),
        ("2016-02-24T23:00+01:00", "2016-02-25T06:00+01:00"),
        ("2016-03-26T23:00+01:00", "2016-03-27T06:00+02:00"),
        ("2016-10-29T23:00+02:00", "2016-10-30T06:00+01:00"),
    ],
)
def test_when_shifts_end(now: str, end: str) -> None:
    assert shift_end(datetime.fromisoformat(now)) == datetime.fromisoformat(end)


def test_windows_are_warsaws(marek: Desk) -> None:
    made = switches(
        marek,
        template="maintenance",
        until="time",
        ends_at="2016-07-02T09:30",
        start="time",
        starts_at="2016-07-02T07:30",
        from_2="2016-12-02T12:00",
        to_2="2016-12-02T13:00",
    )
    assert [
        (window.starts_at.hour, window.ends_at.hour) for window in made.windows if window.ends_at
    ] == [
        (5, 7),
        (11, 12),
    ]
    assert "07:30 do 09:30" in made.text["pl"]


def test_a_window_whose_start_passed_while_typing_is_a_window(
    marek: Desk, noon: time_machine.Traveller
) -> None:
    fields = {"start": "time", "starts_at": "2016-02-24T12:01", "template": "maintenance"}
    page = confirms(marek, **fields).text
    noon.shift(timedelta(minutes=5))
    announces(marek, page)
    (made,) = rows()
    assert made.windows[0].starts_at == NOON + timedelta(minutes=1)
    assert board().on_now(NOON + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"until": "time"}, "ends_at", "Wybierz, do kiedy."),
        ({"until": "time", "ends_at": "x"}, "ends_at", "Wybierz dzień i godzinę."),
        ({"until": "time", "ends_at": "2016-03-27T02:30"}, "ends_at", "Tej godziny nie ma"),
        ({"until": "time", "ends_at": "2016-10-30T02:30"}, "ends_at", "wypada dwa razy"),
        ({"until": "time", "ends_at": "2016-02-24T11:00"}, "ends_at", "Koniec musi być późniejszy"),
        ({"start": "time"}, "starts_at", "Wybierz, od kiedy."),
        ({"scope": "all"}, "scope", "Not a valid choice"),
        ({"scope": ""}, "scope", "Wybierz, co nie działa."),
        ({"template": "own"}, "text_pl", "Wpisz polski tekst"),
        ({"to_2": "2016-02-24T13:00"}, "from_2", "Wybierz dzień i godzinę."),
        (
            {
                "from_3": "2016-02-24T13:00",
                "to_3": "2016-02-24T12:00",
                "from_2": "2016-02-25T13:00",
            },
            "to_3",
            "Koniec musi być późniejszy",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    marek: Desk, fields: dict[str, str], field: str, sentence: str
) -> None:
    answer = confirms(marek, **fields)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    if sentence != "Not a valid choice":
        assert sentence in answer.text


def test_ending_asks_once_and_can_be_repeated(marek: Desk) -> None:
    made = switches(marek)
    path = f"/switchboard/{made.uid}/end"
    assert made.text["pl"] in marek.get(path).text
    assert board().on_now(NOON)
    for _ in range(2):
        answer = marek.post(path, {}, page=path)
        assert (answer.status_code, answer.location) == (303, "/switchboard#now")
    assert board().notices() == ()
    page = marek.get("/switchboard").text
    assert page.count("zakończył(a)") == 1
    assert "Już się zakończył." in marek.get(path).text


def test_a_changed_time_takes_the_place_of_the_old_one(marek: Desk) -> None:
    old = switches(marek, until="time", ends_at="2016-02-24T13:00")
    page = marek.get(f"/switchboard/{old.uid}/change").text
    assert "2016-02-24T13:00" in page
    assert f'value="{old.uid}"' in page
    confirmed = confirms(marek, replaces=old.uid, until="time", ends_at="2016-02-24T15:00").text
    assert "Zamiast" in confirmed
    for _ in range(2):
        assert announces(marek, confirmed).status_code == 303
    first, second = rows()
    assert (first.ended_at, second.replaces_id) == (NOON, first.id)
    assert [notice.uid for notice in board().on_now(NOON)] == [second.uid]
    late = confirms(marek, replaces=old.uid, until="time", ends_at="2016-02-24T16:00").text
    answer = announces(marek, late)
    assert answer.status_code == 422
    assert "ktoś go zmienił" in answer.text
    assert len(rows()) == 2


def test_both_of_two_equal_times_are_offered_and_taken(marek: Desk) -> None:
    """Asked for, taken, shown, offered, taken again."""
    sent = {"template": "maintenance", "start": "time", "until": "time"}
    sent |= {"starts_at": "2016-10-30T02:30", "ends_at": "2016-10-30T02:30"}
    asked = confirms(marek, **sent)
    assert asked.status_code == 422
    assert "Początek: Ta godzina wypada dwa razy" in asked.text
    assert 'name="starts_at-reading" value="summer"' in asked.text
    made = switches(marek, **sent, **{"starts_at-reading": "summer", "ends_at-reading": "winter"})
    assert "od 02:30 czasu letniego przez godzinę" in made.text["pl"]
    assert "02:30 czasu letniego" in marek.get("/switchboard").text
    page = marek.get(f"/switchboard/{made.uid}/change").text
    offered = {
        name: re.search(f'name="{name}"[^>]*value="([^"]*)"', page)[1]  # type: ignore[index]
        for name in ("starts_at", "ends_at")
    }
    assert offered == {
        "starts_at": "2016-10-30T02:30+02:00",
        "ends_at": "2016-10-30T02:30+01:00",
    }
    again = confirms(marek, **sent | offered, replaces=made.uid)
    assert again.status_code == 200
    assert "od 02:30 czasu letniego przez godzinę" in again.text


@pytest.mark.parametrize("seconds", ["00.5", "20"])
def test_a_window_within_a_minute_is_offered_as_it_can_be_taken(marek: Desk, seconds: str) -> None:
    made = switches(marek, until="time", ends_at=f"2016-02-24T12:00:{seconds}")
    page = marek.get(f"/switchboard/{made.uid}/change").text
    ends_at = re.search('name="ends_at"[^>]*value="([^"]*)"', page)[1]  # type: ignore[index]
    again = confirms(
        marek, until="time", ends_at=ends_at, start="time", starts_at="2016-02-24T12:00"
    )
    assert again.status_code == 200
    assert "od 12:00 do 12:01" in again.text


@pytest.mark.parametrize("prepared", ["", "x", "eyJ1aWQiOiIxIn0.x.y"])
def test_a_form_that_is_not_ours_is_refused(marek: Desk, prepared: str) -> None:
    fields = {"prepared": prepared, "text_pl": "Nie działa."}
    answer = marek.post("/switchboard/announce", fields, page="/switchboard")
    assert answer.status_code == 400
    assert rows() == []


@pytest.mark.parametrize("path", ["end", "change"])
def test_an_unknown_one_is_nowhere(marek: Desk, path: str) -> None:
    assert marek.get(f"/switchboard/5f3a/{path}").status_code == 404
    assert marek.post("/switchboard/5f3a/end", {}, "/switchboard").status_code == 404
    assert confirms(marek, replaces="5f3a").status_code == 404


def test_agents_read_and_do_not_switch(marek: Desk, app: Flask) -> None:
    made = switches(marek)
    confirmed = confirms(marek, scope="service").text
    ania = Desk(app.test_client())
    assert ania.signs_in("ania").status_code == 303
    page = ania.get("/switchboard").text
    assert made.text["pl"] in page
    assert "Marek Wiśniewski" in page
    assert "/end" not in page
    assert 'action="/switchboard/confirm"' not in page
    assert confirms(ania).status_code == 403
    assert announces(ania, confirmed).status_code == 403
    assert ania.get(f"/switchboard/{made.uid}/end").status_code == 403
    assert ania.post(f"/switchboard/{made.uid}/end", {}, "/desk").status_code == 403
    assert len(rows()) == 1


def test_every_page_says_what_callers_hear(marek: Desk) -> None:
    made = switches(marek)
    for path in ("/desk", "/tickets", "/calls", "/flows", "/nowhere"):
        page = marek.get(path).text
        assert "Dzwoniący słyszą teraz:" in page
        assert made.text["pl"] in page
    marek.post(f"/switchboard/{made.uid}/end", {}, "/switchboard")
    assert "Dzwoniący słyszą teraz:" not in marek.get("/desk").text


def test_what_is_on_but_not_heard_is_shown_too(marek: Desk, noon: time_machine.Traveller) -> None:
    for text in ("Pierwsze.", "Drugie.", "Trzecie."):
        noon.shift(timedelta(seconds=1))
        switches(marek, template="own", scope="service", text_pl=text)
    page = marek.get("/switchboard").text
    assert "Też włączone, ale niesłyszane" in page
    assert page.index("Trzecie.") < page.index("Też włączone")
    assert page.index("Też włączone") < page.index("Pierwsze.")


def beep(seconds: float = 1, loud: int = 12000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        samples = (int(loud * math.sin(i / 5)) for i in range(int(16000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return out.getvalue()


def uploads(desk: Desk, page: str, data: bytes, **fields: str) -> TestResponse:
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    body = {**fields_of(page), **fields, "csrf_token": token[1]}
    client: FlaskClient = desk.client
    return client.post(
        "/switchboard/announce",
        data={**body, "sound_pl": (io.BytesIO(data), "a.wav")},
        base_url=PUBLIC_URL,
        headers={"Referer": f"{PUBLIC_URL}/"},
        content_type="multipart/form-data",
    )


def test_a_recording_is_heard_before_it_goes_out(marek: Desk) -> None:
    heard = uploads(marek, confirms(marek).text, beep())
    assert heard.status_code == 200
    assert rows() == []
    sound = re.search(r'src="(/sounds/[0-9a-f]{32}\.wav)"', heard.text)
    assert sound
    assert marek.get(sound[1]).status_code == 200
    announces(marek, heard.text)
    (made,) = rows()
    assert list(made.sounds) == ["pl"]
    assert sound[1] in marek.get("/switchboard").text


def test_the_text_can_be_spoken_after_all(marek: Desk) -> None:
    heard = uploads(marek, confirms(marek).text, beep())
    without = announces(marek, heard.text, spoken_pl="y")
    assert without.status_code == 200
    assert "/sounds/" not in without.text
    announces(marek, without.text)
    assert rows()[0].sounds == {}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"no sound", "nie można odczytać"),
        (beep(loud=0), "nic nie słychać"),
        (beep(0.1), "za krótkie"),
    ],
)
def test_a_recording_that_is_none_is_refused_with_its_reason(
    marek: Desk, data: bytes, sentence: str
) -> None:
    answer = uploads(marek, confirms(marek).text, data, text_en="My words.")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "My words." in answer.text
    assert rows() == []


@pytest.mark.parametrize(
    ("codes", "known"),
    [
        (Scope, outage_labels.SCOPES),
        (Scope, outage_labels.CALLERS_GET),
        (Scope, outage_labels.EFFECTS),
        (Way, outage_labels.SWITCHED),
        (Reason, outage_labels.FAULTS),
        (TimeFault, outage_labels.FAULTS),
        (Unfit, outage_labels.FAULTS),
    ],
)
def test_each_code_has_a_word(codes: type[StrEnum], known: labels.Words) -> None:
    assert set(codes) <= set(known)


def test_it_is_switched_in_english_too(marek: Desk, serve: Callable[..., Flask]) -> None:
    marek.post("/look", {"language": "en", "back": "/switchboard"})
    page = confirms(marek).text
    assert "Check it, then switch it on" in page
    assert "on 24 February 2016 from 12:00, until further notice" in page


def test_an_announcement_with_more_windows_than_the_form_is_not_cut_by_it(marek: Desk) -> None:
    times = [
        Period(NOON + timedelta(hours=hour), NOON + timedelta(hours=hour, minutes=30))
        for hour in range(1, 5)
    ]
    wanted = Wanted(Scope.SERVICE, Template.MAINTENANCE, periods=times)
    with transaction() as session:
        made = switchboard.announce(session, drafts.prepare(wanted, NOON), Maker(Way.API))
    assert f"/switchboard/{made.uid}/change" not in marek.get("/switchboard").text
    assert marek.get(f"/switchboard/{made.uid}/change").status_code == 404


def test_a_supervisor_tells_what_became_known(marek: Desk) -> None:
    made = switches(marek)
    path = f"/switchboard/{made.uid}/update"
    assert path in marek.get("/switchboard").text
    for fields, fault in (
        ({"text_pl": ""}, "text_pl"),
        ({"text_pl": "x" * 601}, "text_pl"),
        ({"text_pl": "Wiemy.", "next_word_at": "2016-02-24T11:00"}, "next_word_at"),
        ({"text_pl": "Wiemy.", "next_word_at": "soon"}, "next_word_at"),
    ):
        answer = marek.post(path, fields, page=path)
        assert answer.status_code == 422
        assert f'<a href="#{fault}">' in answer.text
    sent = {"text_pl": "Wymieniamy dysk.", "next_word_at": "2016-02-24T14:00"}
    assert marek.post(path, sent, page=path).status_code == 303
    assert "Wymieniamy dysk." in marek.get(path).text
    assert "Wymieniamy dysk." in marek.get("/status").text
    assert board().on_now(NOON)[0].text["pl"] == made.text["pl"]
