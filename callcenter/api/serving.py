"""The frame of every operation: token, scope, request, transaction, JSON."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Response, g, request
from prometheus_client import Counter
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, TooManyRequests, Unauthorized

from callcenter.api import repeating
from callcenter.api.openapi import Operation
from callcenter.api.problems import WrongFields
from callcenter.api.schemas import MASKED, Fault
from callcenter.people import attempts, tokens
from callcenter.people.attempts import Guess
from callcenter.people.tokens import State
from models import ApiToken, Role, TokenScope
from models.session import transaction

log = logging.getLogger(__name__)

# A program that was given a wrong token asks for some time before anybody notices.
FREE_WRONG = 20

_refused = Counter("centrala_tokens_refused", "Wrong tokens that came, by what they were.", ["why"])
LARGEST_BODY = 256 * 1024


def view_of(operation: Operation) -> Callable[..., Response]:
    """The view that answers a request with the operation; it takes the parts of its path."""

    def view(**named: str) -> Response:
        return _perform(operation, named)

    return view


def _perform(operation: Operation, named: dict[str, str]) -> Response:
    request.max_content_length = LARGEST_BODY
    bearer = _bearer()
    try:
        with transaction() as session:
            g.token = allow(session, bearer, operation.scope)
            response = _answered(session, operation, named)
    except Unauthorized:
        if bearer:
            _count_wrong(bearer)
        raise
    _note_use(g.token)
    return response


def _answered(session: Session, operation: Operation, named: dict[str, str]) -> Response:
    """The answer. An operation that adds something runs once for each Idempotency-Key."""
    adds = operation.status == HTTPStatus.CREATED
    if adds and (before := repeating.answered_before(session)):
        return before
    asked = [_question(operation.asks)] if operation.asks else []
    answer = operation.function(session, *asked, **named)
    context = MASKED if g.token.role is Role.AGENT else None
    written = answer.model_dump_json(context=context)
    response = Response(written, operation.status, content_type="application/json")
    if adds:
        repeating.remember(session, response)
    return response


def _bearer() -> str:
    given = request.authorization
    return given.token or "" if given and given.type == "bearer" else ""


def allow(session: Session, bearer: str, scope: TokenScope) -> ApiToken:
    """The token of the request. Raises Unauthorized if unknown, Forbidden without the scope."""
    token = tokens.find(session, bearer)
    if token is None:
        raise Unauthorized("Send a known token: Authorization: Bearer …")
    if (state := tokens.state_of(token, datetime.now(UTC))) is not State.VALID:
        raise Unauthorized(f"This token is {state}.")
    if scope not in token.scopes:
        raise Forbidden(f"This needs a token with the scope {scope}.")
    return token


def _count_wrong(bearer: str) -> None:
    """Raises TooManyRequests where too many wrong ones came from the client's address.

    Only now: a right token is never refused because of wrong ones from the same address.
    """
    guesser = attempts.key(Guess.TOKEN, attempts.client_of(request.environ))
    with transaction() as session:
        token = tokens.find(session, bearer)
        wait = attempts.begin(session, guesser, (), datetime.now(UTC), free=FREE_WRONG)
        if token and not wait:
            tokens.note_refusal(session, token.id)
    with suppress(OSError):  # a full disk must not stop the answer
        _refused.labels("ended" if token else "unknown").inc()
    if wait:
        told = f"Too many wrong tokens from this address. Ask again in {wait} seconds."
        raise TooManyRequests(told, retry_after=wait)


def _note_use(token: ApiToken) -> None:
    """Note the last use, which supervisors see. The answer does not depend on it."""
    now = datetime.now(UTC)
    if tokens.is_use_noted(token, now):
        return
    try:
        with transaction() as session:
            tokens.note_use(session, token.id, now)
    except SQLAlchemyError as fault:
        log.warning("the use of a token was not noted: %s", type(fault).__name__)


def _posted() -> object:
    """What was posted as JSON. Raises RequestEntityTooLarge before more than may be is read."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _question(asks: type[BaseModel]) -> BaseModel:
    asked: Any = request.args.to_dict() if request.method == "GET" else _posted()
    if not isinstance(asked, dict):
        raise WrongFields(Fault(field="body", message="The body must be a JSON object."))
    try:
        return asks.model_validate(asked)
    except ValidationError as fault:
        raise WrongFields(
            *(
                Fault(field=".".join(map(str, each["loc"])) or "body", message=each["msg"])
                for each in fault.errors()
            )
        ) from fault
