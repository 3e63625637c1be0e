"""People and settings: who may change whom, and what cannot be."""

import re

from sqlalchemy import select

from callcenter.people import agents
from models import Agent, Device, Role
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk


def _person(login: str) -> Agent:
    with transaction() as session:
        return session.scalars(select(Agent).where(Agent.login == login)).one()


def _new(**more: str) -> dict[str, str]:
    given = {"login": "olga", "name": "Olga", "role": "agent", "password": "dość długie hasło"}
    return {**given, "languages": "uk", "device": "browser", "address": "", **more}


def test_people_are_for_supervisors_alone(desk: Desk) -> None:
    for path in ("/people", "/tokens", "/people/new", f"/people/{_person('marek').id}"):
        assert desk.get(path).status_code == 403
    assert desk.get("/people/me").status_code == 200


def test_marek_adds_olga_and_she_signs_in(signed_out: Desk) -> None:
    signed_out.signs_in("marek")
    answer = signed_out.post("/people/new", _new(device="number", address="22 123 45 67"))
    assert answer.status_code == 303
    olga = _person("olga")
    assert (olga.languages, olga.device, olga.address) == (["uk"], Device.NUMBER, "+48221234567")
    assert "Olga" in signed_out.get("/people").text
    with transaction() as session:
        assert agents.check_password(session, "olga", "dość długie hasło")


def test_what_cannot_be_is_said_at_its_field(signed_out: Desk) -> None:
    signed_out.signs_in("marek")
    for given, field in [
        (_new(login="ania"), "login"),
        (_new(password="x"), "password"),
        (_new(password="1234567890"), "password"),
        (_new(password="olga-olga-olga"), "password"),
        (_new(device="number"), "address"),
        (_new(languages="de"), "languages"),
    ]:
        answer = signed_out.post("/people/new", given)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text


def test_what_is_in_no_list_is_said_in_the_language_of_the_page(signed_out: Desk) -> None:
    signed_out.signs_in("marek")
    for given, field, told in [
        (_new(languages="de"), "languages", "Wybierz co najmniej jeden język."),
        (_new(topics="weather"), "topics", "Ten temat nie jest znany."),
        (_new(device="pigeon"), "device", "Nieprawidłowy wybór"),
        (_new(role="king"), "role", "Nieprawidłowy wybór"),
    ]:
        answer = signed_out.post("/people/new", given)
        assert answer.status_code == 422
        assert f'<a href="#{field}">{told}</a>' in answer.text
        assert "not a valid" not in answer.text


def test_a_supervisor_always_stays(signed_out: Desk) -> None:
    signed_out.signs_in("marek")
    given = _new(name="Marek W.", role="agent", languages="pl")
    del given["login"], given["password"]
    signed_out.post(f"/people/{_person('marek').id}", given)
    marek = _person("marek")
    assert (marek.name, marek.role, marek.active) == ("Marek W.", Role.SUPERVISOR, True)
    signed_out.post(f"/people/{_person('ania').id}", given | {"name": "Ania"})
    assert not _person("ania").active


def test_ania_sets_her_own(desk: Desk) -> None:
    assert re.search(r"name=.shortcuts.", desk.get("/people/me").text)
    wrong = desk.post("/people/me", {"device": "pigeon", "address": ""})
    assert wrong.status_code == 422
    assert '<a href="#device">Nieprawidłowy wybór</a>' in wrong.text
    own = {"device": "sip", "address": "sip:ania@example.org"}
    assert desk.post("/people/me", own).status_code == 303
    assert (_person("ania").device, _person("ania").shortcuts) == (Device.SIP, False)
    wrong = desk.post("/people/me", own | {"password": "zupełnie nowe hasło", "current": "x"})
    assert wrong.status_code == 422
    right = own | {"password": "zupełnie nowe hasło", "current": scenes.PASSWORD}
    assert desk.post("/people/me", right).status_code == 303
    assert desk.get("/people/me").status_code == 200


def test_marek_makes_a_token_sees_it_once_and_ends_it(signed_out: Desk) -> None:
    signed_out.signs_in("marek")
    given = {"name": "reports", "role": "agent", "scopes": "read", "days": "30"}
    shown = signed_out.post("/tokens", given, "/tokens")
    assert shown.status_code == 201
    found = re.search(r"ctr_[\w-]{43}", shown.text)
    assert found
    token = found[0]
    listed = signed_out.get("/tokens").text
    assert "reports" in listed
    assert token not in listed
    headers = {"Authorization": f"Bearer {token}"}
    assert signed_out.client.get("/api/v1/tickets", headers=headers).status_code == 200
    (path,) = re.findall(r'action="(/tokens/[0-9]+/revoke)"', listed)
    assert signed_out.post(path, {}, "/tokens").status_code == 303
    assert "unieważniony" in signed_out.get("/tokens").text
    assert signed_out.client.get("/api/v1/tickets", headers=headers).status_code == 401


def test_what_a_token_cannot_be_is_said_at_its_field(signed_out: Desk) -> None:
    signed_out.signs_in("marek")
    good = {"name": "reports", "role": "agent", "days": "30"}
    for wrong, field in (
        ({"name": " "}, "name"),
        ({"days": "0"}, "days"),
        ({"days": "3651"}, "days"),
        ({"days": "9" * 40}, "days"),
        ({"days": "soon"}, "days"),
        ({"days": ""}, "days"),
        ({"role": "king"}, "role"),
        ({"scopes": "fly"}, "scopes"),
    ):
        answer = signed_out.post("/tokens", {**good, **wrong}, "/tokens")
        assert answer.status_code == 422, wrong
        assert f'href="#{field}"' in answer.text
