"""The list of tickets sorted, kept by a name, and decided several at once."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from callcenter.tickets import handling, search
from callcenter.tickets.decisions import Decider
from callcenter.tickets.search import Sort, Wanted
from callcenter.tickets.ticket_numbers import new_number
from models import Agent, SavedFilter, Status, Ticket, TicketNote
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk


@pytest.fixture
def three(desk: Desk) -> list[str]:
    """Three open tickets, opened a day after each other; the later, the sooner due."""
    numbers = []
    with transaction() as session:
        for day in range(3):
            made = scenes.call(session, at=scenes.MONDAY + timedelta(days=day))
            ticket = scenes.ticket(session, made, new_number(), Status.OPEN)
            ticket.due_at = scenes.MONDAY + timedelta(days=30 - day)
            ticket.changed_at = scenes.MONDAY + timedelta(days=(5, 4, 6)[day])
            numbers.append(ticket.number)
    return numbers


def shown(desk: Desk, address: str) -> list[str]:
    return re.findall(r'name="ticket" value="(\d+)\.', desk.get(address).text)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("-opened", [2, 1, 0]),
        ("opened", [0, 1, 2]),
        ("due", [2, 1, 0]),
        ("-due", [0, 1, 2]),
        ("-changed", [2, 0, 1]),
        ("changed", [1, 0, 2]),
    ],
)
def test_each_order_is_whole_page_by_page(
    desk: Desk, three: list[str], sort: str, order: list[int]
) -> None:
    wanted = [three[place] for place in order]
    page = desk.get(f"/tickets?sort={sort}").text
    assert re.findall(r'name="ticket" value="(\d+)\.', page) == wanted
    told = "descending" if sort.startswith("-") else "ascending"
    assert page.count("aria-sort") == 1
    assert f'aria-sort="{told}"' in page
    found, after = [], None
    with transaction() as session:
        session.scalars(select(Ticket)).first()
        for _ in three:
            one = search.find_tickets(session, Wanted(sort=Sort(sort)), after, size=1)
            found += [ticket.number for ticket in one.items]
            after = one.next
    assert (found, after) == (wanted, None)


def test_tickets_never_due_come_last_and_none_is_left_out(desk: Desk, three: list[str]) -> None:
    with transaction() as session:
        for _ in range(2):
            scenes.ticket(session, scenes.call(session), new_number())
        found, after = 0, None
        while found < 5:
            page = search.find_tickets(session, Wanted(sort=Sort.DUE_SOON), after, size=2)
            found, after = found + len(page.items), page.next
        assert (found, after) == (5, None)


@pytest.mark.parametrize("sort", ["caller", "-", "opened desc"])
def test_an_order_that_cannot_be_is_told(desk: Desk, sort: str) -> None:
    assert desk.get(f"/tickets?sort={sort}").status_code == 422


def many(desk: Desk, chosen: list[str], **fields: str) -> tuple[int, str]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.get("/tickets").text)
    assert token
    data = {**fields, "ticket": chosen, "csrf_token": token[1]}
    answer = desk.post_bare("/tickets/many", data)
    return answer.status_code, answer.text


ACTIONS = [
    ({"what": "assign", "assigned_to": "me"}, "assigned"),
    ({"what": "topic", "topic": "error_report"}, "topic_set"),
    ({"what": "due", "due_on": "2027-03-01"}, "due_set"),
    (
        {"what": "resolve", "topic": "basic_password_forgotten", "resolution": "password_changed"},
        "answered",
    ),
]


@pytest.mark.parametrize(("fields", "did"), ACTIONS)
def test_a_press_decides_each_once_and_names_what_others_did(
    desk: Desk, three: list[str], fields: dict[str, str], did: str
) -> None:
    with transaction() as session:
        ids = {each.login: each.id for each in session.scalars(select(Agent))}
        last = search.ticket_by_number(session, three[2])
        assert last
        handling.assign(session, last, Decider(ids["marek"], scenes.MONDAY), ids["marek"])
    fields = {key: str(ids["ania"]) if value == "me" else value for key, value in fields.items()}
    for _ in range(2):
        status, page = many(desk, [f"{number}.0" for number in three], **fields)
        assert status == 409
        assert "Marek Wiśniewski" in page
        assert page.count('class="number"') == 1
    with transaction() as session:
        notes = session.scalars(
            select(TicketNote).where(TicketNote.change["did"].as_string() == did)
        ).all()
        of_ania = [note for note in notes if note.author_id == ids["ania"]]
        assert len(of_ania) == 2
    assert many(desk, [f"{number}.0" for number in three[:2]], **fields)[0] == 303


@pytest.mark.parametrize(
    "fields",
    [
        {"what": "burn"},
        {"what": "topic", "topic": ""},
        {"what": "due"},
        {"what": "resolve", "topic": "about"},
        {"what": "assign", "assigned_to": "77"},
    ],
)
def test_what_cannot_be_done_changes_nothing(
    desk: Desk, three: list[str], fields: dict[str, str]
) -> None:
    assert many(desk, [f"{three[0]}.0"], **fields)[0] == 422
    assert many(desk, [], what="assign")[0] == 422
    with transaction() as session:
        assert not session.scalars(select(TicketNote)).all()


def test_filters_are_kept_by_name_for_one_person(desk: Desk, three: list[str]) -> None:
    for _ in range(2):
        kept = desk.post("/tickets/filters?status=open&sort=due", {"name": "Pilne"})
        assert kept.location == "/tickets?status=open&sort=due"
    page = desk.get("/tickets").text
    assert page.count(">Pilne</a>") == 1
    with transaction() as session:
        mine = session.scalars(select(SavedFilter)).one()
        marek = session.scalars(select(Agent.id).where(Agent.login == "marek")).one()
        session.add(SavedFilter(agent_id=marek, name="Marka", address={}))
        session.flush()
        theirs = session.scalars(select(SavedFilter).where(SavedFilter.name == "Marka")).one()
        ids = (mine.id, theirs.id)
    assert "Marka" not in desk.get("/tickets").text
    for each in ids:
        desk.post(f"/tickets/filters/{each}/delete", {})
    with transaction() as session:
        assert [each.name for each in session.scalars(select(SavedFilter))] == ["Marka"]
    assert desk.post("/tickets/filters?sort=x", {"name": "a"}).status_code == 422


@pytest.mark.parametrize(
    ("name", "said"), [("", "Nazwij te filtry."), ("x" * 61, "najwyżej 60 znaków")]
)
def test_a_name_that_does_not_fit_is_told_beside_the_list(
    desk: Desk, three: list[str], name: str, said: str
) -> None:
    answer = desk.post("/tickets/filters?status=open", {"name": name})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{name}"' in answer.text
    assert all(f'value="{number}.' in answer.text for number in three)
    with transaction() as session:
        assert session.scalars(select(SavedFilter)).all() == []


def test_what_was_ticked_and_typed_is_there_again(desk: Desk, three: list[str]) -> None:
    ticked = [f"{number}.0" for number in three[:2]]
    fields = {"what": "resolve", "ticket": ticked, "topic": "error_report", "resolution": ""}
    answer = desk.post("/tickets/many?status=open", fields)
    assert answer.status_code == 422
    assert "Wybierz rozwiązanie" in answer.text
    for each in ticked:
        assert re.search(f'type="checkbox" name="ticket" value="{each}" checked', answer.text)
    assert 'selected value="error_report"' in answer.text
