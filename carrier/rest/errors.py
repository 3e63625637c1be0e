"""What the REST interface refuses, in the carrier's own JSON."""

import math

from flask import Response, jsonify


class RestError(Exception):
    """A refusal. ``code`` is the carrier's own, ``status`` the HTTP one.

    With ``again_after`` it says in how many seconds it may be asked again.
    """

    def __init__(
        self, status: int, code: int, message: str, again_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.again_after = again_after

    def response(self) -> Response:
        answer = jsonify(
            code=self.code,
            message=self.message,
            more_info=f"https://www.twilio.com/docs/errors/{self.code}",
            status=self.status,
        )
        answer.status_code = self.status
        if self.again_after is not None:
            answer.headers["Retry-After"] = str(math.ceil(self.again_after))
        return answer


def not_found(path: str) -> RestError:
    return RestError(404, 20404, f"The requested resource {path} was not found")


def invalid(code: int, message: str) -> RestError:
    return RestError(400, code, message)


def too_many(again_after: float | None = None) -> RestError:
    return RestError(429, 20429, "Too Many Requests", again_after)
