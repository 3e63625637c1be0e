"""Ticket numbers: random, nine digits, and no slip of a finger makes one into another."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.tickets.ticket_numbers import is_number, new_number, part_written, written

NUMBERS = st.builds(new_number)


@given(NUMBERS)
def test_a_number_is_one(number: str) -> None:
    assert len(number) == 9
    assert number.isascii()
    assert number.isdigit()
    assert number[0] != "0"
    assert is_number(number)


@given(NUMBERS, st.integers(0, 8), st.sampled_from("0123456789"))
def test_one_mistyped_digit_is_noticed(number: str, at: int, digit: str) -> None:
    typed = number[:at] + digit + number[at + 1 :]
    assert is_number(typed) is (typed == number)


@given(NUMBERS, st.integers(0, 7))
def test_two_swapped_neighbours_are_noticed(number: str, at: int) -> None:
    typed = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert is_number(typed) is (typed == number)


@given(st.text(max_size=12))
def test_whatever_is_typed_is_judged(text: str) -> None:
    assert is_number(text) in (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "123456782",
        "#123456782",
        "# 123 456 782",
        "nr 123 456 782",
        "Nr. 123-456-782.",
        "123456782.",
        "123456782,",
        "(123 456 782)",
        "„123456782”",
        "ticket no. 123456782",
        "Ticket number: 123456782",
        "zgłoszenie nr 123456782",
        "ZGŁOSZENIE NR: 123.456.782",
        "numer zgłoszenia 123456782!",
        "№ 123456782",
        "номер звернення 123456782",
        "звернення № 123 456 782",
        "123\N{NO-BREAK SPACE}456\N{NO-BREAK SPACE}782",
        "123\N{NARROW NO-BREAK SPACE}456\N{THIN SPACE}782",
        "123\N{NON-BREAKING HYPHEN}456\N{EN DASH}782",
        "123 - 456 - 782",
        "123\N{ZERO WIDTH SPACE}456\N{SOFT HYPHEN}782",
        "\N{ZERO WIDTH NO-BREAK SPACE}123456782\r\n",
        "１２３４５６７８２",
        "١٢٣٤٥٦٧٨٢",
    ],
)
def test_a_number_as_people_write_it(text: str) -> None:
    assert written(text) == "123456782"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "nr",
        "12345678",
        "1234567820",
        "+48123456782",
        "faktura 123456782",
        "123456782x",
        "12345678²x",
        "123456782 123456782",
        "sip:123456782@x",
        "a123456782",
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert written(text) is None


@given(NUMBERS, st.text(max_size=40))
def test_whatever_surrounds_it_is_read_or_refused(number: str, text: str) -> None:
    assert written(text + number) in (number, None)
    assert part_written(f"nr {number[:4]}.") == number[:4]


def test_numbers_cannot_be_counted() -> None:
    numbers = [new_number() for _ in range(300)]
    assert len(set(numbers)) == 300
    steps = {int(after) - int(before) for before, after in pairwise(numbers)}
    assert len(steps) > 290
