"""The list of calls: each filter, its wait and consultant, numbers as the role may see them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from callcenter.tickets.ticket_numbers import new_number
from models import Agent, CallStatus, Conversation, Left, Leg, Purpose, Status, Topic
from models.session import transaction
from tests.console import scenes
from tests.console.conftest import Desk


@pytest.fixture
def two_calls(desk: Desk) -> dict[str, str]:
    """Jan waited 42 s and talked with Marek; Olena, a day later, was busy. Their tickets."""
    with transaction() as session:
        jans = scenes.call(session)
        jan = scenes.ticket(session, jans, new_number())
        wait = scenes.waiting(session, jans, Topic.ERROR_REPORT, jans.started_at)
        wait.left_at, wait.how = jans.started_at + timedelta(seconds=42), Left.BRIDGED
        conversation = Conversation(
            room="room",
            ticket_id=jan.id,
            call_id=jans.id,
            made_at=scenes.MONDAY,
            began_at=scenes.MONDAY,
            ended_at=scenes.MONDAY,
        )
        session.add(conversation)
        session.flush()
        marek = session.scalars(select(Agent.id).where(Agent.login == "marek")).one()
        session.add(
            Leg(
                talk_id=conversation.id,
                agent_id=marek,
                purpose=Purpose.TAKE,
                asked_at=scenes.MONDAY,
                joined_at=scenes.MONDAY,
                ended_at=scenes.MONDAY,
            )
        )
        later = scenes.MONDAY + timedelta(days=1)
        olenas = scenes.call(session, scenes.OLENA, later, "uk")
        olenas.status = CallStatus.BUSY
        olena = scenes.ticket(session, olenas, new_number(), Status.OPEN)
        return {"jan": jan.number, "olena": olena.number, "marek": str(marek)}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"jan", "olena"}),
        ("first=2026-11-24", {"olena"}),
        ("last=2026-11-23", {"jan"}),
        ("first=2026-11-23&last=2026-11-24", {"jan", "olena"}),
        ("language=uk", {"olena"}),
        ("status=busy", {"olena"}),
        ("outcome=left_open", {"olena"}),
        ("waited=20", {"jan"}),
        ("waited=60", set()),
        ("agent={marek}", {"jan"}),
        ("direction=in", {"jan", "olena"}),
        ("direction=out", set()),
    ],
)
def test_calls_are_narrowed(
    desk: Desk, two_calls: dict[str, str], query: str, found: set[str]
) -> None:
    page = desk.get(f"/calls?{query.format(**two_calls)}").text
    assert {who for who in ("jan", "olena") if f"/tickets/{two_calls[who]}" in page} == found


def test_a_call_shows_its_wait_and_who_talked_and_masks_the_number(
    desk: Desk, two_calls: dict[str, str]
) -> None:
    page = desk.get("/calls?waited=20").text
    assert "42 s" in page
    assert 'data-label="Konsultant">Marek Wiśniewski</td>' in page
    assert "•567" in page
    assert "501" not in page.replace(two_calls["jan"], "")


@pytest.mark.parametrize(
    "query",
    [
        "first=x",
        "first=2026-11-24&last=2026-11-23",
        "agent=Jan",
        "waited=7",
        "status=burning",
        "direction=up",
    ],
)
def test_a_filter_that_cannot_be_is_told(desk: Desk, query: str) -> None:
    assert desk.get(f"/calls?{query}").status_code == 422
