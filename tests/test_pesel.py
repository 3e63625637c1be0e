"""A PESEL in a note is put out of sight; what only looks like one stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.pesel import MASK, is_pesel, masked

ADAM = "44051401359"


@pytest.mark.parametrize(
    "written",
    [
        ADAM,
        "440514 01359",
        "440514-01359",
        "44 05 14 013 59",
        "440514\u00a001359",
        "440514–01359",
        "440514.01359",
        "440514/01359",
        "440514\n01359",
        "４４０５１４０１３５９",
    ],
)
def test_a_pesel_is_masked_however_it_is_written(written: str) -> None:
    assert masked(f"PESEL: {written}, pilne") == f"PESEL: {MASK}, pilne"
    assert masked(f"5 {written} 7 {written}.") == f"5 {MASK} 7 {MASK}."


@pytest.mark.parametrize(
    "text",
    [
        "44051401358",
        "zgłoszenie 482 915 306",
        "+48501234567",
        "+48 22 307 00 00",
        "61 1090 1014 0000 0712 1981 2874",
        "1" + ADAM,
        ADAM + "1",
        "",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert masked(text) == text


@given(before=st.text(max_size=20), after=st.text(max_size=20))
def test_words_around_it_stay(before: str, after: str) -> None:
    text = f"{before} / {ADAM} / {after}"
    found = masked(text)
    assert ADAM not in found
    assert masked(found) == found


def test_the_check_digit_decides() -> None:
    assert is_pesel(ADAM)
    assert not is_pesel("44051401358")
