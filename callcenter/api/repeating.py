"""A request with an `Idempotency-Key` is done once: sent again, it is answered as the first time.

The same key with another body is refused (draft-ietf-httpapi-idempotency-key-header).
"""

import re
from datetime import UTC, datetime
from hashlib import sha256

from flask import Response, g, request
from sqlalchemy.orm import Session

from callcenter.api.problems import WrongFields
from callcenter.api.schemas import Fault
from callcenter.outbox import idempotency

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~][ -~]{0,254}")


def answered_before(session: Session) -> Response | None:
    """The answer that the same request got. None where it has no key, or is the first."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise WrongFields(Fault(field=HEADER, message="1 to 255 ASCII characters"))
    if idempotency.is_first(session, _mark(key), datetime.now(UTC)):
        return None
    body, status, answer = idempotency.response_of(session, _mark(key)) or ("", "", "")
    if body != _body():
        raise WrongFields(Fault(field=HEADER, message="This key was used with another body"))
    return Response(answer, int(status), content_type="application/json")


def remember(session: Session, answer: Response) -> None:
    if key := request.headers.get(HEADER):
        kept = (_body(), str(answer.status_code), answer.get_data(as_text=True))
        idempotency.keep_response(session, _mark(key), kept)


def _mark(key: str) -> bytes:
    return idempotency.fingerprint("api", str(g.token.id), request.path, key)


def _body() -> str:
    return sha256(request.get_data()).hexdigest()
