"""What is said and written to callers: every sentence in Polish, English and Ukrainian.

The sentences are Project Fluent messages in words/<language>/*.ftl, a file a theme; the facts of
facts.toml reach them as variables. All files are read when this is imported, and a file that
cannot be spoken is an error then, not during a call.

May import: nothing of ours.
"""

from functools import cache

from words.facts import FACTS
from words.language import Language, Value, WordsError
from words.spans import Span, clock, merged, season, when
from words.spoken import seconds, spoken_keys

__all__ = [
    "FACTS",
    "LANGUAGES",
    "Span",
    "Value",
    "WordsError",
    "clock",
    "has",
    "merged",
    "messages",
    "say",
    "season",
    "seconds",
    "spoken_keys",
    "topic",
    "topics",
    "variables",
    "when",
]

LANGUAGES = ("pl", "en", "uk")
TOPIC = "topic-"

_languages = {code: Language(code) for code in LANGUAGES}


def say(language: str, message: str, **variables: Value) -> str:
    """The text of `message`, with the facts filled in and in one line.

    Values are what JSON can hold: days as ISO dates, ticket numbers as text, counts as numbers,
    yes and no as booleans or as "yes" and "no". Variables that the message does not use are
    ignored; a given one hides the fact of the same name. Raises WordsError, naming it, for an
    unknown language or message, a missing variable, and a value the message has no words for.
    """
    if variables:
        return _spoken_by(language).say(message, variables)
    return _say_plain(language, message)


@cache
def _say_plain(language: str, message: str) -> str:
    return _spoken_by(language).say(message, {})


def variables(language: str, message: str) -> frozenset[str]:
    """The variables that must be given to `message`; facts are not among them."""
    return _spoken_by(language).variables(message)


def has(language: str, message: str) -> bool:
    return language in _languages and message in _languages[language].messages


def messages(language: str) -> frozenset[str]:
    """The names of all messages of `language`."""
    return _spoken_by(language).messages


def topics() -> tuple[str, ...]:
    """The codes of all topics: each has a message `topic-<code>` in every language.

    Raises WordsError where a language names other topics than Polish does.
    """
    named = {
        code: [name for name in language.messages if name.startswith(TOPIC)]
        for code, language in _languages.items()
    }
    first = named["pl"]
    if others := [code for code, names in named.items() if set(names) != set(first)]:
        raise WordsError(f"other topics than in Polish are named in {', '.join(others)}")
    return tuple(sorted(name.removeprefix(TOPIC) for name in first))


def topic(language: str, code: str) -> str:
    """The name of the topic `code`."""
    return say(language, f"{TOPIC}{code}")


def _spoken_by(language: str) -> Language:
    try:
        return _languages[language]
    except KeyError:
        raise WordsError(f"nobody here speaks {language!r}") from None
