"""Who calls, in every spelling a carrier gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.callers.identity import LONGEST, is_number, parse_caller

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
    "7748283",  # PRIVATE
]
PIECES = [
    *("sip:", "sips:", "client:", "tel:", "<", ">", '"', "@", "host", "Example.COM", ":5060"),
    *("+", "00", "0", "48", "501234567", "7", "39", "52", "(", "-", " ", "%2B", ";ext=1", "?x"),
    *("anonymous", "%61nonymous", "no", "caller", "id", "user", "invalid", ".", "İ", "²"),
]


@pytest.mark.parametrize("spelling", WITHHELD)
@pytest.mark.parametrize("written", ["{}", "+{}", " {} "])
def test_a_withheld_number_is_one_in_every_spelling(spelling: str, written: str) -> None:
    for text in (spelling, spelling.upper(), spelling.title()):
        assert parse_caller(written.format(text)) == "withheld"


@pytest.mark.parametrize(
    "spelling",
    [
        "Withheld",
        "No Caller ID",
        "no-caller-id",
        "Private Number",
        "PRIVATE_CALLER",
        "Out of Area",
        "Unknown Number",
        "Not available",
        "Numer zastrzeżony",
        "brak numeru",
        "NoCallerID",
        "UnknownNumber",
        "Undisclosed",
        "невідомий номер",
        "anonymous;tag=1",
        "anonymous@anonymous.invalid",
        "jan@anonymous.invalid",
        "sip:anonymous@anonymous.invalid",
        "sip:Anonymous@192.0.2.1:5060",
        "SIP:restricted@pbx.example",
        "sips:unavailable@x.example",
        "sip:%61nonymous@x.example",
        "sip:jan@anonymous.invalid;user=phone",
        "sip:266696687@x.example",
        "sip:+266696687@x.example",
        '"Anonymous" <sip:anonymous@x.example>',
        '"Anonymous" <sip:+48501234567@x.example>',
        "Private Caller <+48501234567>",
        "sip:anonymous;tag=1@x.example",
        "client:anonymous",
        "Client:Unknown",
        "tel:anonymous",
        "+266696687",
    ],
)
def test_who_withholds_the_number_is_nobody_by_whatever_way(spelling: str) -> None:
    assert parse_caller(spelling) == "withheld"


@pytest.mark.parametrize(
    ("spelling", "caller"),
    [
        ("380501234567", "+380501234567"),
        ("12125550123", "+12125550123"),
        ("486287061", "+48486287061"),
        ("00380501234567", "+380501234567"),
        ("+3800501234567", "+380501234567"),
        ("0048501234567", "+48501234567"),
    ],
)
def test_a_number_without_its_plus_is_read_where_one_reading_is_valid(
    spelling: str, caller: str
) -> None:
    assert parse_caller(spelling) == caller


@pytest.mark.parametrize(
    "name", ["jan501234567", "user-501234567", "Firma 501234567", "501234567 Jan", "5O1234567"]
)
def test_letters_make_it_no_number(name: str) -> None:
    assert parse_caller(name) == "unusable"


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
        "TEL:+48-501-234-567;phone-context=+48",
        "tel:501234567;phone-context=+48",
        "tel:%2B48501234567",
        '"Jan" <tel:+48501234567>',
        "+480501234567",
        "+48 0 501 234 567",
        "0501234567",
        "+48501234567;ext=12",
        "+48\u2011501\u2011234\u2011567",
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
        ("tel:15123456789;phone-context=+49", "+4915123456789"),
        ("+270000000", "+270000000"),  # of no range that is known: kept as it came
        ("sip:+48501234567@example.org;user=phone", "sip:+48501234567@example.org"),
        ("sip:user@example.org", "sip:user@example.org"),
        ("client:caller", "client:caller"),
        ("sip:olena@example.org", "sip:olena@example.org"),
        ("sip:ółena@example.org;transport=tls", "sip:ółena@example.org"),
        ("SIP:Jan@Example.COM", "sip:Jan@example.com"),
        ("sips:jan@EXAMPLE.com:5061;user=phone?x=y", "sips:jan@example.com:5061"),
        ('"Jan Kowalski" <sip:jan@example.com>', "sip:jan@example.com"),
        ("sip:jan:word@example.com", "sip:jan@example.com"),
        ("client:olena", "client:olena"),
        ("CLIENT:Olena", "client:Olena"),
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
        "tel:501234567;phone-context=pbx.example",
    ],
)
def test_garbage_is_unusable(garbage: str) -> None:
    assert parse_caller(garbage) == "unusable"


@given(
    st.text(max_size=600)
    | st.from_regex(r"(sip:|client:|\+|00)?[ -~]*", fullmatch=True)
    | st.from_regex(r"\+?[0-9]{1,17}", fullmatch=True)
    | st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
)
def test_whatever_comes_is_one_of_five_things(raw: str) -> None:
    caller = parse_caller(raw)
    assert len(caller) <= LONGEST
    assert caller.isprintable()
    is_a_number = caller.startswith("+") and caller[1:].isascii() and caller[1:].isdigit()
    is_address = caller.lower().startswith(("sip:", "sips:", "client:"))
    assert is_a_number or is_address or caller in ("withheld", "unusable")
    assert parse_caller(caller) == caller
    assert is_number(caller) is is_a_number


def test_a_long_address_is_cut() -> None:
    assert parse_caller("sip:" + "o" * 5000) == "sip:" + "o" * (LONGEST - 4)
