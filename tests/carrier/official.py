"""The official client, led to our network."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

OWN = "+48222222222"
JAN = "+48501234567"


class OfficialTransport(TwilioHttpClient):  # type: ignore[misc]
    """The official client's transport, led to our network."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self.base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        there = urlsplit(url)._replace(scheme=self.base.scheme, netloc=self.base.netloc)
        return super().request(method, urlunsplit(there), *args, **kwargs)


def refused(code: int) -> Any:
    """The carrier refuses with that code."""
    return pytest.raises(TwilioRestException, check=lambda error: error.code == code)
