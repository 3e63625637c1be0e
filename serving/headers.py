"""The headers of every answer, whether from pages, programs, telephones or refusals.

Source: https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Head = list[tuple[str, str]]

CONTENT_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
_NOT_USED = "camera=(), geolocation=(), payment=(), usb=()"
PERMISSIONS = f"microphone=(), {_NOT_USED}"
# For pages that contain a telephone.
PERMISSIONS_OF_A_TELEPHONE = f"microphone=(self), {_NOT_USED}"
YEAR_S = 365 * 24 * 3600


def guarding(public_url: str) -> Head:
    """The headers for an installation whose address is `public_url`."""
    headers = [
        ("Content-Security-Policy", CONTENT_POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Permissions-Policy", PERMISSIONS),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]
    if public_url.startswith("https://"):
        headers.append(("Strict-Transport-Security", f"max-age={YEAR_S}; includeSubDomains"))
    return headers


class Guarded:
    """Adds `headers` to each answer of `application`, unless it sets its own."""

    def __init__(self, application: "WSGIApplication", headers: Sequence[tuple[str, str]]) -> None:
        self._application = application
        self._headers = headers

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer as the application does."""

        def start(status: str, head: Head, exc_info: Any = None) -> Callable[[bytes], object]:
            set_already = {name.lower() for name, _ in head}
            missing = [one for one in self._headers if one[0].lower() not in set_already]
            return start_response(status, head + missing, exc_info)

        return self._application(environ, start)
