"""Our signature is the library's: over any address, port, key and letter."""

from collections.abc import Mapping
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from voice.signatures import Signatures

TOKEN = "7" * 32
LIBRARY = RequestValidator(TOKEN)

letters = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
schemes = st.sampled_from(["http", "https"])
hosts = st.sampled_from(["example.org", "localhost", "127.0.0.1", "a-b.example"])
ports = st.one_of(st.just(""), st.integers(1, 65535).map(":{}".format))
prefixes = st.sampled_from(["", "/line", "/a/b"])
public_urls = st.builds("{}://{}{}{}".format, schemes, hosts, ports, prefixes)
paths = st.lists(letters.map(quote), max_size=4).map(lambda parts: "/" + "/".join(parts))
queries = st.lists(st.tuples(letters, letters), max_size=3).map(
    lambda pairs: "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
)
asked = st.builds("{}?{}".format, paths, queries) | paths | letters.map("/{}".format)
pairs = st.lists(st.tuples(letters, letters | st.just("")), max_size=6)


def form_of(given: list[tuple[str, str]]) -> Mapping[str, str]:
    """The form as `webhooks` reads it: a plain dict unless a name stands twice."""
    plain = dict(given)
    return plain if len(plain) == len(given) else MultiDict(given)


@given(public_urls, asked, pairs)
@example("https://example.org", "/voice/incoming?", [("a", "1")])
@example("https://example.org", "/voice/incoming#", [])
@example("https://example.org:443", "/voice/incoming", [("a", "1"), ("a", "2")])
@example("http://example.org", "//voice;x", [("", "")])
def test_what_the_library_signs_is_covered(
    public: str, target: str, given: list[tuple[str, str]]
) -> None:
    form = form_of(given)
    made = LIBRARY.compute_signature(public + target, form)
    expected = LIBRARY.validate(public + target, form, made)
    signatures = Signatures(TOKEN, public)
    assert signatures.cover(target, form, made) is expected
    assert expected or not signatures.plainly_cover(target, form, made)


@given(public_urls, asked, pairs, letters, st.integers(0, 3))
def test_what_the_library_refuses_is_refused(
    public: str, target: str, given: list[tuple[str, str]], other: str, changed: int
) -> None:
    form = form_of(given)
    signed = [
        (public + target + quote(other), form),
        (public + target, {**form, other: other}),
        (public.replace("http", "https", 1) + target, form),
        (public + target, form),
    ][changed]
    made = LIBRARY.compute_signature(*signed)
    signature = other if changed == 3 else made
    expected = LIBRARY.validate(public + target, form, signature)
    assert Signatures(TOKEN, public).cover(target, form, signature) is expected


@pytest.mark.parametrize("public", ["https://example.org", "http://localhost:8000/line"])
@pytest.mark.parametrize("target", ["/voice/incoming", "/voice/pl/main/menu?try=0&step=1&since=6a"])
def test_what_the_carrier_usually_sends_needs_no_library(public: str, target: str) -> None:
    form = {"CallSid": "CA1", "From": "+48501234567", "FromCity": "", "CallerName": "Ołena"}
    made = LIBRARY.compute_signature(public + target, form)
    assert Signatures(TOKEN, public).plainly_cover(target, form, made)
