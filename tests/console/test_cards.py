"""The caller's card: typed once, seen at each call, never in clear, gone with the caller."""

import pytest
from sqlalchemy import func, select

from callcenter.callers import caller_cards
from callcenter.callers.caller_cards import Card
from callcenter.tickets.ticket_numbers import new_number
from models import Agent, CallerCard, CardChange
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk

JANS = {"version": "0", "name": "Jan Nowak", "company": "Spedycja", "note": "pesel 44051401359"}


def ticket_of(caller: str) -> str:
    with transaction() as session:
        return scenes.ticket(session, scenes.call(session, caller), new_number()).number


def test_a_card_is_seen_on_every_ticket_of_the_number_and_lies_sealed(desk: Desk) -> None:
    first, second = ticket_of(scenes.JAN), ticket_of(scenes.JAN)
    saved = desk.post(f"/tickets/{first}/card", JANS)
    assert (saved.status_code, saved.location) == (303, f"/tickets/{first}")
    for page in (f"/tickets/{second}", f"/tickets?caller_of={second}", f"/desk?ticket={second}"):
        text = desk.get(page).text
        assert "Jan Nowak" in text, page
        assert "44051401359" not in text, page
    with transaction() as session:
        kept = session.scalars(select(CallerCard)).one()
        assert b"Nowak" not in kept.sealed
        assert [each.who for each in caller_cards.history(session, scenes.JAN)] == ["Ania Nowak"]


def test_a_second_post_changes_nothing_and_a_change_meanwhile_is_named(desk: Desk) -> None:
    number = ticket_of(scenes.JAN)
    for _ in range(2):
        assert desk.post(f"/tickets/{number}/card", JANS).status_code == 303
    with transaction() as session:
        assert session.scalar(select(func.count(CardChange.id))) == 1
    answer = desk.post(f"/tickets/{number}/card", JANS | {"name": "Janina"})
    assert answer.status_code == 409
    assert "Ania Nowak" in answer.text
    assert 'value="Janina"' in answer.text


@pytest.mark.parametrize("caller", ["withheld", "unusable"])
def test_who_has_no_number_has_no_card(desk: Desk, caller: str) -> None:
    number = ticket_of(caller)
    assert desk.get(f"/tickets/{number}/card").status_code == 404
    assert f"/tickets/{number}/card" not in desk.get(f"/tickets/{number}").text


def test_a_card_is_erased_with_all_that_it_said(desk: Desk) -> None:
    with transaction() as session:
        author = session.scalars(select(Agent.id).where(Agent.login == "ania")).one()
        for caller in (scenes.JAN, scenes.OLENA):
            caller_cards.save_card(session, caller, Card("Olena"), author, scenes.MONDAY)
        caller_cards.erase_card(session, scenes.JAN)
        assert caller_cards.card_of(session, scenes.JAN) == Card()
        assert session.scalar(select(func.count(CardChange.id))) == 1
        assert caller_cards.card_of(session, scenes.OLENA).name == "Olena"
