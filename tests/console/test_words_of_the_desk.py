"""The desk's own words: each code has one, and each is also Polish."""

from enum import StrEnum
from pathlib import Path

import pytest
from babel.messages import extract
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale

from callcenter import console
from callcenter.announcements.ledger import Stage
from callcenter.console.flows import flow_labels
from callcenter.console.layout import labels
from callcenter.console.people import staff
from callcenter.console.reports import reports
from callcenter.console.switchboard import ledger
from callcenter.people.agents import Unfit
from callcenter.recordings.conversation_recordings import RecordingStanding
from callcenter.reporting.reports import Ending
from callcenter.tickets.decisions import DecisionKind, Reason
from callcenter.tickets.resolutions import Resolution
from ivr.flows import SCRIPT
from ivr.script import Can
from ivr.transitions import Result
from models import CallStatus, Kind, Left, Outcome, Role, Status, Topic

HERE = Path(console.__file__).parent
POLISH = HERE / "translations" / "pl" / "LC_MESSAGES"
METHODS = {"**.py": "python", "**.html": "jinja2", "**.xml": "jinja2"}
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (Status, labels.STATUSES),
        (Kind, labels.KINDS),
        (Topic, labels.TOPICS),
        (Outcome, labels.OUTCOMES),
        (CallStatus, labels.CALL_STATUSES),
        (Left, labels.LEFT),
        (Role, labels.ROLES),
        (Result, labels.RESULTS),
        (Resolution, labels.RESOLUTIONS),
        (DecisionKind, labels.ACTIONS),
        (Reason, labels.REASONS),
        (RecordingStanding, labels.RECORDED),
        (Can, flow_labels.CONDITIONS),
        (Ending, reports.ENDINGS),
        (Stage, ledger.CALL_BACKS),
        (Unfit, staff.UNFIT),
    ],
)
def test_each_code_has_a_word(codes: type[StrEnum], words: labels.Words) -> None:
    assert set(codes) == set(words)


@pytest.mark.parametrize("code", Resolution)
def test_a_resolution_is_read_at_a_glance(code: Resolution, app: Flask) -> None:
    for locale in ("pl", "en"):
        with app.test_request_context(), force_locale(locale):
            assert len(str(labels.RESOLUTIONS[code])) < 30


def test_each_flow_has_a_title() -> None:
    assert set(SCRIPT.flows) == set(flow_labels.FLOWS)


def test_each_word_is_also_polish() -> None:
    found = extract.extract_from_dir(
        HERE, [*METHODS.items()], keywords=KEYWORDS, comment_tags=(), strip_comment_tags=False
    )
    wanted = {message if isinstance(message, str) else message[0] for _, _, message, *_ in found}
    with (POLISH / "messages.po").open("rb") as file:
        catalogue = read_po(file, "pl")
    kept = _words(catalogue)
    assert {word for word in wanted if not any(kept.get(word, ()))} == set()
    assert set(kept) - wanted == set()


def test_what_is_read_is_what_is_written() -> None:
    """messages.mo is made of messages.po: pybabel compile -d callcenter/console/translations."""
    with (POLISH / "messages.po").open("rb") as file:
        written = _words(read_po(file, "pl"))
    with (POLISH / "messages.mo").open("rb") as file:
        assert _words(read_mo(file)) == written


def _words(catalogue: Catalog) -> dict[str, list[str]]:
    """Each message with its forms, one or several."""
    forms = {m.id if isinstance(m.id, str) else m.id[0]: m.string for m in catalogue if m.id}
    return {
        id_: [text] if isinstance(text, str) else list(text or ()) for id_, text in forms.items()
    }
