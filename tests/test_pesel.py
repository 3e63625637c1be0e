"""A PESEL in a note is put out of sight; what only looks like one stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.privacy.pesel import MASK, is_pesel, masked

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


BETWEEN = {
    "two spaces": "  ",
    "no-break hyphen": "\u2011",
    "minus sign": "\u2212",
    "soft hyphen": "\u00ad",
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "underscore": "_",
    "colon": ":",
    "comma": ", ",
    "spaced dash": " - ",
    "stars": "**",
    "tags": "</b> <b>",
    "an entity": "&nbsp;",
    "a numbered entity": "&#160;",
    "an address's space": "%20",
    "a blank line": "\r\n\r\n",
    "slashes": " / ",
    "dots": "...",
    "a tab": "\t",
    "brackets": ") (",
    "a bullet": " • ",
    "a combining mark": "\u0301",
}


@pytest.mark.parametrize("gap", BETWEEN.values(), ids=BETWEEN)
def test_whatever_stands_between_two_digits_hides_no_pesel(gap: str) -> None:
    for parts in (("440514", "01359"), ("44", "05", "14", "01359"), tuple(ADAM)):
        assert masked(f"nr {gap.join(parts)} koniec") == f"nr {MASK} koniec"


@pytest.mark.parametrize("zero", "0０٠۰०𝟎⁰")
def test_digits_of_every_script_are_digits(zero: str) -> None:
    alike = [chr(ord(zero) + int(digit)) for digit in ADAM]
    if zero == "⁰":  # the first three superscripts stand elsewhere
        alike = ["⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in ADAM]
    assert masked("x" + "".join(alike)) == "x" + MASK


@pytest.mark.parametrize(
    "text",
    [
        "zgłoszenia 482915306, 731020458, 915306482",
        "tel. +48 12 123 45 67 albo 601 111 222",
        "2026-11-27 08:15, kwota 1 250,00 zł",
        "4405140135 i 9",
        "ul. Długa 44 m. 05, 14-013 Łódź 59",
    ],
)
def test_numbers_that_are_no_pesel_are_read(text: str) -> None:
    assert masked(text) == text


def test_overlapping_readings_leave_no_digit() -> None:
    assert masked("1 2 " + " ".join(ADAM) + " 7") == f"1 2 {MASK} 7"
