"""Wrong secrets make the next attempt wait, and nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from callcenter.people import attempts
from callcenter.people.attempts import FREE, FREE_UNDER_ATTACK, Guess, key
from models.session import transaction

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
PAIR, WIDER = key(Guess.PAIR, "ania", "a"), (key(Guess.ACCOUNT, "ania"), key(Guess.ADDRESS, "a"))


@pytest.mark.parametrize(
    ("wrong", "free", "since_s", "waits"),
    [
        (4, FREE, 0, 0),
        (5, FREE, 0, 30),
        (5, FREE, 29.5, 1),
        (5, FREE, 30, 0),
        (6, FREE, 0, 60),
        (7, FREE, 0, 120),
        (99, FREE, 0, 900),
        (1, FREE_UNDER_ATTACK, 0, 30),
    ],
)
def test_waits_double_to_a_quarter_of_an_hour(
    wrong: int, free: int, since_s: float, waits: int
) -> None:
    assert attempts.wait_s(wrong, free, timedelta(seconds=since_s)) == waits


def test_who_waits_is_not_counted_and_the_right_one_begins_anew(database: Engine) -> None:
    with transaction() as session:
        for _wrong in range(FREE):
            assert attempts.begin(session, PAIR, WIDER, NOW) == 0
        for _early in range(3):
            assert attempts.begin(session, PAIR, WIDER, NOW) == 30
        assert attempts.begin(session, PAIR, WIDER, NOW + timedelta(seconds=30)) == 0
        assert attempts.failures_of(session, Guess.ACCOUNT) == FREE + 1
        attempts.note_success(session, PAIR, WIDER)
        assert attempts.failures_of(session, Guess.ACCOUNT) == FREE
        assert attempts.begin(session, PAIR, WIDER, NOW) == 0


def test_many_at_once_gain_nothing(database: Engine) -> None:
    def tries(_number: int) -> int:
        with transaction() as session:
            return attempts.begin(session, PAIR, WIDER, NOW)

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(tries, range(24)))
    assert waits.count(0) == FREE


def test_a_day_of_rest_forgets(database: Engine) -> None:
    with transaction() as session:
        for _wrong in range(FREE):
            attempts.begin(session, PAIR, WIDER, NOW)
        assert attempts.begin(session, PAIR, WIDER, NOW + timedelta(hours=25)) == 0
        assert attempts.failures_of(session, Guess.ACCOUNT) == 1
