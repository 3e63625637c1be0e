"""The labels in exported files."""

from collections.abc import Callable, Mapping

from flask_babel import lazy_gettext as _l

from callcenter.console.layout.labels import (
    KINDS,
    LANGUAGES,
    OUTCOMES,
    RESOLUTIONS,
    STATUSES,
    TOPICS,
    Words,
)

COLUMNS: Words = {
    "number": _l("Ticket"),
    "status": _l("Status"),
    "opened_at": _l("Opened"),
    "caller": _l("Caller"),
    "topic": _l("Topic"),
    "kind": _l("Kind"),
    "language": _l("Language"),
    "outcome": _l("Outcome"),
    "resolution": _l("Resolution"),
    "assigned_to": _l("With"),
    "resolved_during_call": _l("during the call"),
    "resolved_at": _l("Resolved"),
    "due_at": _l("Due"),
    "related_to": _l("About the ticket"),
    "merged_into": _l("Merged into"),
}


def said_in_files() -> Callable[[str, object], str]:
    """The words for a list that is taken along, in the language of this request.

    Made at once, because the file is written when the request is over.
    """
    columns: Mapping[str, Words] = {
        "status": STATUSES,
        "topic": TOPICS,
        "kind": KINDS,
        "language": LANGUAGES,
        "outcome": OUTCOMES,
        "resolution": {code.value: label for code, label in RESOLUTIONS.items()},
        "resolved_during_call": {True: _l("yes"), False: _l("no")},
        "caller": {"withheld": _l("number withheld"), "unusable": _l("unusable number")},
    }
    known = {
        name: {value: str(label) for value, label in words.items()}
        for name, words in columns.items()
    }
    return lambda name, value: known.get(name, {}).get(value, str(value))
