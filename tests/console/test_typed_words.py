"""No form and no command stores a PESEL that was typed among other words."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import JSON, Engine, String, select

from callcenter.people import agents, tokens
from callcenter.people.agents import Unfit, UnfitError, Work
from callcenter.tickets.ticket_numbers import new_number
from carrier.network import Network
from models import Agent, Base, Device, Role, Status, Topic, Turn
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk

PASSWORD = "zażółć gęślą jaźń"
PESEL = "44051401359"
WRITTEN = "440514\u200b - \u00ad01359"

# Where words stand that people type or send, and what is done about a PESEL there.
DOORS = {
    "agents.address": "refused",
    "agents.login": "refused",
    "agents.name": "refused",
    "announcements.text": "refused",
    "announcement_updates.text": "refused",
    "api_tokens.name": "refused",
    "announcements.made_by": "a token's name, or the login at the machine",
    "announcements.ended_by": "a token's name, or the login at the machine",
    "caller_cards.caller": "marked",
    "calls.caller": "marked",
    "pin_attempts.caller": "marked",
    "saved_filters.name": "masked",
    "tickets.caller": "marked",
    "ticket_notes.text": "masked",
    "ticket_words.words": "made of ticket_notes.text",
    "turns.input": "masked unless it answers the question",
    "turns.says": "masked unless it answers the question",
}
# What we or the carrier make: ids, codes, hashes, times, telephone numbers; words of our own.
OURS = set(
    """
agents.device agents.languages agents.password agents.pin agents.role agents.session_salt
agents.ring api_tokens.scopes attempts.kind outgoing_counts.key outgoing_counts.scope
outgoing_counts.service saved_filters.address
agents.topics announcements.ended_how announcements.made_how announcements.scope
announcements.sounds announcements.template announcements.uid api_tokens.role
callbacks.call_sid callbacks.language callbacks.number callbacks.outcome calls.language
calls.opening calls.recording calls.sid calls.status jobs.fault jobs.function legs.call_sid
legs.how legs.number legs.purpose presences.away presences.state presences.wish
recordings.file recordings.sid
recordings.sound recordings.status recordings.unfit talks.room text_messages.language
text_messages.number text_messages.purpose text_messages.refused text_messages.sid
ticket_notes.change tickets.kind tickets.language tickets.left_at tickets.number tickets.outcome
tickets.resolution tickets.status tickets.topic turns.credit turns.kind turns.language
turns.leads_to turns.node turns.result turns.spoken turns.topic waiting.how waiting.language
waiting.queue waiting.topic
""".split()  # noqa: SIM905 - a page of names is read as words
)


def test_every_column_of_words_has_a_door() -> None:
    texts = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String | JSON) or str(column.type) == "TSVECTOR"
    }
    assert texts - OURS == set(DOORS)


def rows() -> str:
    """All that all tables hold, each value on a line, with digits of a value in a row."""
    with transaction() as session:
        values = [
            json.dumps(value, default=str, ensure_ascii=False)
            for table in Base.metadata.tables.values()
            for row in session.execute(select(table))
            for value in row
        ]
    return "\n".join(re.sub(r"\D", "", value) for value in values)


@pytest.fixture
def number(signed_out: Desk) -> str:
    with transaction() as session:
        made = scenes.call(session)
        return scenes.ticket(session, made, new_number(), Status.OPEN, Topic.LOGIN_LOCKED).number


@pytest.mark.parametrize("written", [PESEL, WRITTEN])
def test_a_note_has_none(signed_out: Desk, number: str, written: str) -> None:
    signed_out.signs_in("ania")
    typed = {"what": "note", "text": f"Pan {written} dzwonił", "version": "0"}
    assert signed_out.post(f"/tickets/{number}", typed).status_code == 303
    signed_out.post(f"/desk/work/{number}/draft", {"text": f"szkic {written}"})
    signed_out.post(f"/desk/work/{number}/note", {"text": f"Pani {written} dzwoniła"})
    assert PESEL not in rows()
    assert "dzwonił" in signed_out.get(f"/tickets/{number}").text


@pytest.mark.parametrize("written", [PESEL, WRITTEN])
def test_an_announcement_has_none(client: FlaskClient, signed_out: Desk, written: str) -> None:
    with transaction() as session:
        token = tokens.create_token(session, "tests", Role.SUPERVISOR)
    body = {"scope": "service", "text": {"pl": "Awaria.", "en": f"Outage {written}."}}
    headers = {"Authorization": f"Bearer {token}"}
    refused = client.post("/api/v1/announcements", json=body, headers=headers)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "text.en")  # type: ignore[index]
    assert PESEL not in refused.text
    signed_out.signs_in("marek")
    typed = {"until": "open", "scope": "service", "template": "own", "start": "now"}
    refused = signed_out.post(
        "/switchboard/confirm", {**typed, "text_pl": f"Awaria {written}"}, "/switchboard"
    )
    assert refused.status_code == 422
    assert PESEL not in rows()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"login": PESEL}, Unfit.PERSONAL_LOGIN),
        ({"login": "440514.01359"}, Unfit.PERSONAL_LOGIN),
        ({"name": f"Jan {PESEL}"}, Unfit.PERSONAL_NAME),
        ({"name": "Jan 440514 - 01359"}, Unfit.PERSONAL_NAME),
        ({"work": Work(device=Device.SIP, address=f"sip:{PESEL}@example.org")}, None),
    ],
)
def test_nobody_of_the_desk_is_named_by_one(
    database: Engine, given: dict[str, Any], what: Unfit | None
) -> None:
    person = {"login": "jan", "name": "Jan", "password": PASSWORD, "role": Role.AGENT}
    with transaction() as session, pytest.raises(UnfitError) as refused:
        agents.add_user(session, **{**person, **given})
    assert refused.value.what is (what or Unfit.PERSONAL_ADDRESS)
    with transaction() as session, pytest.raises(ValueError, match="PESEL"):
        tokens.create_token(session, f"skrypt {PESEL}", Role.AGENT)
    assert PESEL not in rows()


def test_a_caller_is_known_again_without_one(network: Network) -> None:
    callers = [f"sip:{PESEL}@example.org", "client:440514-01359", f"sip:{PESEL}@example.org"]
    for caller in callers:
        phone = network.telephone(caller)
        phone.dials()
        phone.hangs_up()
    with transaction() as session:
        known = session.scalars(select(Base.metadata.tables["tickets"].c.caller)).all()
    assert PESEL not in rows()
    assert sorted(map(known.count, known)) == [1, 2, 2]
    assert {name.split("-")[0] for name in known} == {"sip:pesel", "client:pesel"}


@pytest.mark.parametrize("typed", [PESEL, PESEL[:9], PESEL[:6]])
def test_digits_that_fit_no_question_are_kept_from_the_log(network: Network, typed: str) -> None:
    phone = network.telephone("+48501234567")
    phone.dials()
    phone.presses("4")
    phone.types(typed)
    phone.waits()
    phone.hangs_up()
    with transaction() as session:
        kept = [*session.scalars(select(Turn.input).order_by(Turn.step))]
    assert "•••" in kept
    assert PESEL[:6] not in rows()


def test_a_login_is_one_however_it_is_written(database: Engine) -> None:
    with transaction() as session:
        agents.add_user(session, "ania", "Ania Nowak", PASSWORD, Role.AGENT)
    for login in ("ANIA", "ａｎｉａ", " Ania "):
        with transaction() as session, pytest.raises(UnfitError) as refused:
            agents.add_user(session, login, "Inna", PASSWORD, Role.AGENT)
        assert refused.value.what is Unfit.TAKEN


@pytest.mark.parametrize(
    "again", ["Ania Nowak", "ania  nowak", "\u0410nia Nowak", "Anı\u0061 Nowak"]
)
def test_namesakes_are_told_apart(database: Engine, again: str) -> None:
    with transaction() as session:
        first = agents.add_user(session, "ania", "Ania Nowak", PASSWORD, Role.AGENT)
        second = agents.add_user(session, "anka", again, PASSWORD, Role.AGENT)
        assert (first.name, second.name[-7:]) == ("Ania Nowak (ania)", " (anka)")
        agents.set_person(session, second, second.name, Role.AGENT, active=True)
        assert second.name.count("(anka)") == 1
        agents.set_person(session, second, "Anna Lis", Role.AGENT, active=True)
        assert (first.name, second.name) == ("Ania Nowak", "Anna Lis")


@pytest.mark.parametrize(
    "name",
    [
        "a\u202eb",
        "\u2067Jan",
        "...",
        "\u2800",
        "\u3164",
        "\u0301\u0302",
        "Jan\nKowalski",
        "\x07Jan",
        "\u200b",
    ],
)
def test_a_name_that_cannot_be_read_is_refused(database: Engine, name: str) -> None:
    with transaction() as session, pytest.raises(UnfitError):
        agents.add_user(session, "jan", name, PASSWORD, Role.AGENT)
    with transaction() as session:
        assert session.scalar(select(Agent.id).where(Agent.login == "jan")) is None


@pytest.mark.parametrize(
    "text",
    ["\u200b", "\u2800", "\u2060 \u200d", "...", "\u3164", "\u0301", "?!", "🙂", "\u202eAwaria"],
)
def test_an_announcement_that_cannot_be_heard_is_refused(client: FlaskClient, text: str) -> None:
    with transaction() as session:
        token = tokens.create_token(session, "tests", Role.SUPERVISOR)
    for given in ({"pl": text}, {"pl": "Awaria", "en": text}):
        answer = client.post(
            "/api/v1/announcements",
            json={"scope": "service", "template": None, "text": given},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 422
