"""The address of a list's next page."""

from typing import Any

from flask import url_for
from pydantic import BaseModel

from callcenter.tickets.paging import Place


def repeated(asked: BaseModel, *never: str) -> dict[str, Any]:
    """The parameters that the next page repeats. Those in `never` may not stand in an address."""
    return asked.model_dump(mode="json", exclude_defaults=True, exclude={"after", *never})


def next_page(endpoint: str, place: Place | None, kept: dict[str, Any]) -> str | None:
    """The address of the page that begins after `place`; None where nothing follows."""
    return url_for(f"api.{endpoint}", **kept, after=str(place)) if place else None
