"""Working days and last moments in Warsaw."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.calendar.deadlines import (
    WARSAW,
    answer_due,
    complaint_due,
    is_working_day,
    spoken_day,
)

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-06-08", True),  # a Monday
        ("2026-06-06", False),  # a Saturday
        ("2026-06-07", False),  # a Sunday
        ("2026-06-04", False),  # Corpus Christi
        ("2026-01-01", False),
        ("2026-01-06", False),
        ("2026-04-06", False),  # Easter Monday
        ("2026-05-01", False),
        ("2026-05-03", False),
        ("2026-08-15", False),
        ("2026-11-01", False),
        ("2026-11-11", False),
        ("2024-12-24", True),  # free since 2025
        ("2025-12-24", False),
        ("2026-12-24", False),
        ("2026-12-25", False),
        ("2026-12-26", False),
        ("2026-12-31", True),
        ("2026-05-04", True),
        ("2026-11-02", True),
    ],
)
def test_working_days_are_those_of_poland(day: str, works: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        ("2026-06-08T10:00:00+02:00", "2026-06-22T23:59:59+02:00"),
        # Opened on a free day: counted from the next working one.
        ("2026-06-06T10:00:00+02:00", "2026-06-19T23:59:59+02:00"),
        # Over Corpus Christi.
        ("2026-06-01T08:00:00+02:00", "2026-06-16T23:59:59+02:00"),
        # Over Christmas Eve, Christmas, New Year and Epiphany.
        ("2026-12-18T08:00:00+01:00", "2027-01-07T23:59:59+01:00"),
        # Over both changes of the clocks.
        ("2026-03-20T08:00:00+01:00", "2026-04-03T23:59:59+02:00"),
        ("2026-10-16T08:00:00+02:00", "2026-10-30T23:59:59+01:00"),
        # The day is Warsaw's: half past midnight there is the day before in UTC.
        ("2026-06-08T00:30:00+02:00", "2026-06-22T23:59:59+02:00"),
        ("2026-06-07T23:59:59+02:00", "2026-06-19T23:59:59+02:00"),
    ],
)
def test_an_answer_is_due_at_the_end_of_the_tenth_working_day(opened: str, due: str) -> None:
    assert answer_due(datetime.fromisoformat(opened).astimezone(UTC)) == _moment(due)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("answered", "due"),
    [
        ("2026-06-08T10:00:00+02:00", "2026-06-11T23:59:59+02:00"),
        ("2026-06-08T00:00:00+02:00", "2026-06-11T23:59:59+02:00"),
        ("2026-06-08T23:59:59+02:00", "2026-06-11T23:59:59+02:00"),
        ("2026-03-27T12:00:00+01:00", "2026-03-30T23:59:59+02:00"),
        ("2026-10-23T12:00:00+02:00", "2026-10-26T23:59:59+01:00"),
        ("2026-12-30T12:00:00+01:00", "2027-01-02T23:59:59+01:00"),
    ],
)
def test_a_complaint_is_possible_to_the_end_of_the_third_day(answered: str, due: str) -> None:
    assert complaint_due(_moment(answered).astimezone(UTC)) == _moment(due)


@given(MOMENTS)
def test_a_deadline_is_the_last_second_of_a_working_day_in_warsaw(opened: datetime) -> None:
    due = answer_due(opened).astimezone(WARSAW)
    assert due.strftime("%H:%M:%S") == "23:59:59"
    assert is_working_day(due.date())
    first = opened.astimezone(WARSAW).date()
    between = [first + timedelta(days=n) for n in range(1, (due.date() - first).days + 1)]
    assert sum(map(is_working_day, between)) == 10


@given(MOMENTS)
def test_a_later_ticket_is_never_due_earlier(opened: datetime) -> None:
    assert answer_due(opened) <= answer_due(opened + timedelta(hours=7))
    assert complaint_due(opened) - opened <= timedelta(days=4, hours=1)


def test_a_day_is_spoken_as_it_is_in_warsaw() -> None:
    assert spoken_day(datetime(2026, 6, 7, 22, 30, tzinfo=UTC)) == "2026-06-08"
