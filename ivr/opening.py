"""The first words of a call: the main menu, or the reason why there is none."""

from collections.abc import Sequence
from typing import Any

from callcenter.announcements.notices import Notice
from ivr import speech
from ivr.flows import SCRIPT
from ivr.script import Place
from models import Outcome, Scope

OVER = SCRIPT.also_entered[0]


def first_words(language: str, on: Sequence[Notice], language_known: bool) -> dict[str, Any]:
    """The opening of an inbound call, in the form of Call.opening."""
    line_is_out = _is_out(on)
    place = SCRIPT.outage if line_is_out else SCRIPT.entry
    opening = _opening(place, language, on, line_is_out)
    if line_is_out and not language_known:
        opening["spoken"] = speech.in_every_language(opening["spoken"])
    return opening


def words_of_ours(language: str, on: Sequence[Notice]) -> dict[str, Any]:
    """The opening of our callback after an outage: the line works again, or is out again."""
    return _opening(SCRIPT.outage if _is_out(on) else OVER, language, on, informed=True)


def _is_out(on: Sequence[Notice]) -> bool:
    return speech.is_out(on, Scope.SWITCHBOARD) == "yes"


def _opening(place: Place, language: str, on: Sequence[Notice], informed: bool) -> dict[str, Any]:
    node = SCRIPT.node(place)
    return {
        "leads_to": str(place),
        "language": language,
        "spoken": speech.prompts(node, on),
        "says": {},
        "topic": node.topic,
        "credit": Outcome.INFORMED_OF_OUTAGE if informed else None,
    }


def place_of(written: str) -> Place:
    """The place that `str(place)` wrote."""
    flow, _, node = written.partition("/")
    return Place(flow, node)
