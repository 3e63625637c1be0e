"""Who calls, in every spelling a carrier gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.callers import LONGEST, can_be_called, can_receive_sms, parse_caller

WITHHELD = [
    "anonymous",
    "unknown",
    "restricted",
    "unavailable",
    "blocked",
    "private",
    "266696687",  # ANONYMOUS on a keypad
    "7378742833",  # RESTRICTED
    "86282452253",  # UNAVAILABLE
    "2562533",  # BLOCKED
    "8656696",  # UNKNOWN
]


@pytest.mark.parametrize("spelling", WITHHELD)
@pytest.mark.parametrize("written", ["{}", "+{}", " {} "])
def test_a_withheld_number_is_one_in_every_spelling(spelling: str, written: str) -> None:
    for text in (spelling, spelling.upper(), spelling.title()):
        assert parse_caller(written.format(text)) == "withheld"


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_nothing_is_withheld(nothing: str | None) -> None:
    assert parse_caller(nothing) == "withheld"


@pytest.mark.parametrize(
    "spelling",
    [
        "+48501234567",
        "501234567",
        "501 234 567",
        "501-234-567",
        "48501234567",
        "0048501234567",
        "+48 (501) 234-567",
        "tel:+48501234567",
    ],
)
def test_a_polish_number_is_one_number_in_every_spelling(spelling: str) -> None:
    assert parse_caller(spelling) == "+48501234567"


@pytest.mark.parametrize(
    ("spelling", "caller"),
    [
        ("+380501234567", "+380501234567"),
        ("+442071838750", "+442071838750"),
        ("22 123 45 67", "+48221234567"),
        ("sip:olena@example.org", "sip:olena@example.org"),
        ("sip:ółena@example.org;transport=tls", "sip:ółena@example.org;transport=tls"),
        ("client:olena", "client:olena"),
    ],
)
def test_other_callers_keep_their_address(spelling: str, caller: str) -> None:
    assert parse_caller(spelling) == caller


@pytest.mark.parametrize(
    "garbage",
    [
        "112",
        "+1",
        "abc",
        "😀",
        "+",
        "++48",
        "0",
        "-1",
        "sip",
        "9" * 400,
        "\x00",
        "sip:\x00",
        "1\n2",
    ],
)
def test_garbage_is_unusable(garbage: str) -> None:
    assert parse_caller(garbage) == "unusable"


@given(st.text(max_size=600) | st.from_regex(r"(sip:|client:|\+|00)?[ -~]*", fullmatch=True))
def test_whatever_comes_is_one_of_five_things(raw: str) -> None:
    caller = parse_caller(raw)
    assert len(caller) <= LONGEST
    assert caller.isprintable()
    is_number = caller.startswith("+") and caller[1:].isascii() and caller[1:].isdigit()
    is_address = caller.lower().startswith(("sip:", "sips:", "client:"))
    assert is_number or is_address or caller in ("withheld", "unusable")
    assert parse_caller(caller) in (caller, "withheld", "unusable")
    assert can_be_called(caller) is is_number
    assert not can_receive_sms(caller) or is_number


def test_a_long_address_is_cut() -> None:
    assert parse_caller("sip:" + "o" * 5000) == "sip:" + "o" * (LONGEST - 4)


@pytest.mark.parametrize(
    ("caller", "may"),
    [
        ("+48501234567", True),
        ("+380501234567", True),
        ("+12025550123", True),  # in America a number does not tell
        ("+48221234567", False),
        ("+48800123456", False),
        ("sip:olena@example.org", False),
        ("withheld", False),
        ("unusable", False),
    ],
)
def test_sms_go_to_numbers_that_may_be_mobile(caller: str, may: bool) -> None:
    assert can_receive_sms(caller) is may
