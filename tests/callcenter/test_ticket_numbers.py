"""Ticket numbers: random, nine digits, and no slip of a finger makes one into another."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from callcenter.ticket_numbers import is_number, new_number

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


def test_numbers_cannot_be_counted() -> None:
    numbers = [new_number() for _ in range(300)]
    assert len(set(numbers)) == 300
    steps = {int(after) - int(before) for before, after in pairwise(numbers)}
    assert len(steps) > 290
