"""What an idle desk shows of the day."""

from datetime import timedelta

from sqlalchemy import Engine

from callcenter.reporting.proportions import Proportion
from callcenter.reporting.today import day_of
from callcenter.tickets.ticket_numbers import new_number
from models import Left, Status, Topic
from models.session import transaction
from tests.console import scenes

NOW = scenes.MONDAY + timedelta(hours=3)


def test_the_day_counts_waits_and_what_is_mine(database: Engine) -> None:
    with transaction() as session:
        ania, marek = scenes.ania(session), scenes.marek(session)
        empty = day_of(session, ania.id, NOW)
        assert (empty.waiting, empty.longest_since, empty.soon.value) == (0, None, None)
        for seconds in (5, 20, 21):
            wait = scenes.waiting(session, scenes.call(session), Topic.ABOUT, scenes.MONDAY)
            wait.left_at, wait.how = scenes.MONDAY + timedelta(seconds=seconds), Left.BRIDGED
        for minutes in (1, 2):
            since = NOW - timedelta(minutes=minutes)
            scenes.waiting(session, scenes.call(session), Topic.ABOUT, since)
        for hours, whose in ((-1, ania), (1, ania), (2, ania), (-1, marek), (48, ania)):
            made = scenes.ticket(session, scenes.call(session), new_number(), Status.OPEN)
            made.due_at, made.assigned_to_id = NOW + timedelta(hours=hours), whose.id
        session.flush()
        day = day_of(session, ania.id, NOW)
        assert (day.waiting, day.longest_since) == (2, NOW - timedelta(minutes=2))
        assert day.soon == Proportion(2, 3)
        assert (day.late, day.due_today, day.taken) == (1, 2, 0)
