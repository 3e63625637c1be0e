"""Where a page may lead that was told its way by an address or a form: into this house alone."""

import re
from urllib.parse import unquote, urlsplit

# Browsers drop tabs and line breaks, and read a backslash as a slash.
_TRICKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\\]")
_MOST_LAYERS = 5


def own_path(address: str | None) -> str | None:
    """`address` when it is a path of this site, else None: no link leads elsewhere.

    It is read as given and with its percent signs decoded, as often as there is something to
    decode: whoever decodes it once more still finds a path.
    """
    if not address:
        return None
    path, _question, _query = address.partition("?")
    layers = _MOST_LAYERS
    while layers and _is_path(path):
        if (decoded := unquote(path)) == path:
            return None if _TRICKS.search(address) else address
        path, layers = decoded, layers - 1
    return None


def _is_path(text: str) -> bool:
    if not text.startswith("/") or "//" in text or _TRICKS.search(text):
        return False
    parts = urlsplit(text)
    return not (parts.scheme or parts.netloc)
