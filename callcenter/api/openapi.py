"""The description of the JSON interface (OpenAPI 3.1), made from its operations and classes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from callcenter.api.schemas import Problem
from models import TokenScope

REFUSALS = {
    401: "No token, one that is not known, or one that has ended.",
    403: "The token lacks the scope; it is named.",
    404: "There is nothing here.",
    422: "A field is wrong; it is named.",
    429: "Too many wrong tokens came from this address; Retry-After says when to ask again.",
}
REPEATED = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~][ -~]*$"},
    "description": "The same key and body again are answered as before, and add nothing.",
}


@dataclass(frozen=True)
class Operation:
    """One thing a program may ask for: GET takes `asks` from the address, others from a body."""

    method: str
    path: str
    function: Callable[..., BaseModel]
    asks: type[BaseModel] | None
    answers: type[BaseModel]
    scope: TokenScope = TokenScope.READ
    status: int = 200

    @property
    def name(self) -> str:
        return self.function.__name__


def describe(operations: Iterable[Operation], root: str) -> dict[str, Any]:
    """The OpenAPI document of `operations`, whose paths stand under `root`."""
    operations = list(operations)
    schemas = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        path = root + operation.path.replace("<", "{").replace(">", "}")
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, schemas)
    only_in_addresses = {op.asks.__name__ for op in operations if op.asks and op.method == "GET"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Centrala", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {k: v for k, v in schemas.items() if k not in only_in_addresses},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _schemas(operations: list[Operation]) -> dict[str, Any]:
    asked = {operation.asks for operation in operations if operation.asks}
    answered = {operation.answers for operation in operations} | {Problem}
    ordered = sorted(asked, key=lambda each: each.__name__)
    _by_class, document = models_json_schema(
        [
            *((each, "validation") for each in ordered),
            *((each, "serialization") for each in sorted(answered, key=lambda e: e.__name__)),
        ],
        ref_template="#/components/schemas/{model}",
    )
    found: dict[str, Any] = document["$defs"]
    return found


def _operation(operation: Operation, schemas: Mapping[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": (operation.function.__doc__ or "").strip(),
        "description": f"For tokens with the scope {operation.scope}.",
        "security": [{"token": [operation.scope]}],
        "parameters": [*_in_path(operation.path)],
        "responses": _responses(operation),
    }
    if operation.status == HTTPStatus.CREATED:
        described["parameters"].append(REPEATED)
    if operation.asks and operation.method == "GET":
        asked = schemas[operation.asks.__name__]["properties"]
        described["parameters"] += [_parameter(name, asked[name]) for name in asked]
    elif operation.asks:
        described["requestBody"] = {"required": True, "content": _json(operation.asks)}
    return described


def _in_path(path: str) -> Iterable[dict[str, Any]]:
    for part in path.split("/"):
        if part.startswith("<"):
            schema = {"type": "string"}
            yield {"name": part.strip("<>"), "in": "path", "required": True, "schema": schema}


def _parameter(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A field of a question as it stands in an address, where nothing can be null."""
    schema = {key: value for key, value in schema.items() if key != "title"}
    description = schema.pop("description", None)
    if "anyOf" in schema:
        schema = next(each for each in schema["anyOf"] if each.get("type") != "null")
    parameter: dict[str, Any] = {"name": name, "in": "query", "schema": schema}
    return parameter | ({"description": description} if description else {})


def _responses(operation: Operation) -> dict[str, Any]:
    refused = _json(Problem, "application/problem+json")
    good = {"description": "The answer.", "content": _json(operation.answers)}
    return {str(operation.status): good} | {
        str(status): {"description": why, "content": refused} for status, why in REFUSALS.items()
    }


def _json(model: type[BaseModel], kind: str = "application/json") -> dict[str, Any]:
    return {kind: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}
