"""What the REST interface refuses, in the carrier's own JSON."""

from flask import Response, jsonify


class RestError(Exception):
    """A refusal. ``code`` is the carrier's own, ``status`` the HTTP one."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        answer = jsonify(
            code=self.code,
            message=self.message,
            more_info=f"https://www.twilio.com/docs/errors/{self.code}",
            status=self.status,
        )
        answer.status_code = self.status
        return answer


def not_found(path: str) -> RestError:
    return RestError(404, 20404, f"The requested resource {path} was not found")


def invalid(code: int, message: str) -> RestError:
    return RestError(400, code, message)
