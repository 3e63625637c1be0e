"""The languages of the line, as callers change them: by a key of the first menu."""

FIRST_LANGUAGE = "pl"
LANGUAGE_KEYS = {"8": "en", "7": "uk"}


def offered_languages(language: str) -> list[tuple[str, str]]:
    """The keys that change the language, and to what, for a caller who hears `language`."""
    return [(key, other_language(language, key)) for key in LANGUAGE_KEYS]


def other_language(language: str, key: str) -> str:
    """What a caller who hears `language` hears after `key`: its language, or the first again."""
    wanted = LANGUAGE_KEYS[key]
    return FIRST_LANGUAGE if wanted == language else wanted
