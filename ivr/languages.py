"""The languages of the line, and the keys of the first menu that change them."""

FIRST_LANGUAGE = "pl"
LANGUAGE_KEYS = {"8": "en", "7": "uk"}


def offered_languages(language: str) -> list[tuple[str, str]]:
    """Pairs of key and language, for a caller who hears `language`."""
    return [(key, other_language(language, key)) for key in LANGUAGE_KEYS]


def other_language(language: str, key: str) -> str:
    """The language after `key`, for a caller who hears `language`; else the first language."""
    wanted = LANGUAGE_KEYS[key]
    return FIRST_LANGUAGE if wanted == language else wanted
