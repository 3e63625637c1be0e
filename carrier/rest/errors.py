"""Refusals of the REST interface, in the carrier's JSON."""

import math

from flask import Response, jsonify


class RestError(Exception):
    """A refusal. ``code`` is the carrier's, ``status`` the HTTP status.

    ``again_after`` is the time to wait before a retry, in seconds.
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
