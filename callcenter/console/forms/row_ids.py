"""Row ids in addresses and forms: an id that no row can have is answered with 404."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter

HIGHEST = 2**63 - 1


class _RowId(IntegerConverter):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max": HIGHEST, **options})


def teach(app: Flask) -> None:
    """Let `<int:…>` in addresses of `app` be the number of a row."""
    app.url_map.converters["int"] = _RowId


def row_id(text: str) -> int:
    """What stands in a form. Raises ValueError for what is no row's number."""
    number = int(text)
    if not 0 < number <= HIGHEST:
        raise ValueError("no row's number")
    return number
