"""Whatever is spoken comes in pieces that the carrier takes, and nothing of it is lost."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.twiml.voice_response import VoiceResponse

import words
from callcenter.announcements import drafts
from callcenter.announcements.drafts import Wanted
from callcenter.announcements.notices import Period
from carrier import grammar
from ivr import speech
from ivr.flows import SCRIPT
from ivr.line import Line
from ivr.script import Place
from ivr.speech import Speech
from ivr.transitions import Position
from ivr.twiml import building
from ivr.twiml.lengths import fits, pieces
from ivr.twiml.verbs import say
from models import Scope, Template

VOICES = ["Polly.Ola-Neural", "Google.uk-UA-Wavenet-A", "alice"]
WORDS = st.text(
    st.sampled_from("aż.,;?! \n\t\N{NO-BREAK SPACE}щ\u0301") | st.sampled_from("🇵🇱👩‍🚀漢&<"),
    max_size=900,
)
DOCUMENT = 64 * 1024
NOON = datetime(2026, 2, 24, 11, tzinfo=UTC)


def without_spaces(text: str) -> str:
    return "".join(text.split())


@settings(deadline=None)
@given(WORDS, st.integers(1, 8), st.sampled_from(VOICES))
def test_nothing_is_lost_and_each_piece_fits(text: str, times: int, voice: str) -> None:
    whole = text * times
    found = list(pieces(whole, voice))
    assert without_spaces("".join(found)) == without_spaces(whole)
    assert all(piece.strip() and fits(piece, voice) for piece in found)
    if fits(whole.strip(), voice):
        assert len(found) == bool(whole.strip())


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize(
    ("unit", "end"),
    [("Станція не працює. ", "."), ("станція, не працює ", ","), ("станція ", "я"), ("ą ", "ą")],
)
def test_it_is_cut_where_a_reader_would_pause(voice: str, unit: str, end: str) -> None:
    found = list(pieces(unit * 1000, voice))
    assert len(found) > 1
    assert all(piece.endswith(end) for piece in found[:-1])


def test_no_flag_family_or_accent_is_torn() -> None:
    for letter in ("🇺🇦", "👩‍👩‍👧‍👦", "и\u0306", "👍🏽"):
        for piece in pieces("x" + letter * 900, "Polly.Ola-Neural"):
            assert len(piece.removeprefix("x")) % len(letter) == 0


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("letter", ["щ", "🚧", "щ ", "Ж. ", "漢", "&", "ą"])
def test_the_longest_announcements_in_three_languages_are_one_document(
    scope: Scope, letter: str
) -> None:
    """Two at once, where each language is heard: the carrier plays the document."""
    text = dict.fromkeys(words.LANGUAGES, ("a" + letter * 600)[: drafts.LONGEST_TEXT])
    notices = [
        drafts.prepare(Wanted(scope, Template.OUTAGE, text, [Period(NOON)]), NOON) for _ in "12"
    ]
    line = Line(dict(zip(words.LANGUAGES, VOICES, strict=True)))
    prompts = [f"{each}:announcement:{one.uid}" for one in notices for each in words.LANGUAGES]
    spoken = Speech(tuple(prompts), {}, {one.uid: one for one in notices})
    at = Position("pl", Place("about", "bye"), step=3)
    document = building.build(SCRIPT, line, at, spoken)
    assert grammar.parse(document.encode(), "text/xml")
    assert len(document.encode()) < DOCUMENT
    assert speech.split(prompts[0], "pl") == ("pl", f"announcement:{notices[0].uid}")


def test_the_voice_decides() -> None:
    """3,100 bytes that are short once encoded: two Say for one maker, one for the other."""
    line = Line({"pl": "Polly.Ola-Neural", "uk": "Google.uk-UA-Wavenet-A"})
    for language, count in (("pl", 2), ("uk", 1)):
        response = VoiceResponse()
        say(response, line, language, "adaadaada " * 310)
        assert str(response).count("<Say") == count
