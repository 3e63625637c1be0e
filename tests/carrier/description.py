"""Holds what goes through our REST interface against the carrier's own description of it."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, request
from jsonschema import Draft4Validator  # type: ignore[import-untyped]

DESCRIPTION = Path(__file__).parent / "openapi" / "twilio_api_v2010.json"


@cache
def description() -> dict[str, Any]:
    """The description with ``nullable`` in the words of JSON Schema."""
    whole: dict[str, Any] = _nullable(json.loads(DESCRIPTION.read_text()))
    return whole


def _nullable(part: Any) -> Any:
    if isinstance(part, list):
        return [_nullable(one) for one in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _nullable(value) for key, value in part.items() if key != "nullable"}
    return {"anyOf": [kept, {"type": "null"}]} if part.get("nullable") is True else kept


def watch(app: Flask) -> list[str]:
    """Judge every answer of an application; gives the list that faults are put on."""
    faults: list[str] = []

    def judge(response: Response) -> Response:
        if request.path.endswith(".json"):
            found = [*_in_request(request), *_in_response(request, response)]
            if response.status_code < 400:
                faults.extend(f"{request.method} {request.path}: {fault}" for fault in found)
        return response

    app.after_request(judge)
    return faults


def _operation(method: str, path: str) -> dict[str, Any]:
    """What the description says of a request; a fixed name goes before a placeholder."""
    for template, verbs in sorted(description()["paths"].items(), key=lambda item: -len(item[0])):
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method.lower() in verbs:
            found: dict[str, Any] = verbs[method.lower()]
            return found
    raise LookupError(f"the carrier has no {method} {path}")


def _in_request(asked: Request) -> list[str]:
    """Fields that the carrier does not know, misses, or would not take."""
    operation = _operation(asked.method, asked.path)
    body = operation.get("requestBody", {}).get("content", {})
    schema = body.get("application/x-www-form-urlencoded", {}).get("schema", {})
    known = schema.get("properties", {})
    form = {
        name: values if known.get(name, {}).get("type") == "array" else _value(values[0])
        for name, values in asked.form.lists()
    }
    queried = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
    strange = [name for name in form if name not in known]
    strange += [name for name in asked.args if name not in queried]
    missing = [name for name in schema.get("required", []) if name not in form]
    return [f"{name} is not a field" for name in strange] + [f"no {name}" for name in missing]


def _value(text: str) -> object:
    return {"true": True, "false": False}.get(text.lower(), text)


def _in_response(asked: Request, response: Response) -> list[str]:
    """Where an answer is not as described: its status, a field's type, an unknown field."""
    answers = _operation(asked.method, asked.path)["responses"]
    status = str(response.status_code)
    if status not in answers:
        return [f"the carrier does not answer {status}"]
    content = answers[status].get("content")
    if not content:
        return []
    schema = {**content["application/json"]["schema"], "components": description()["components"]}
    errors = Draft4Validator(schema).iter_errors(response.get_json())
    unknown = _unknown_fields(schema, response.get_json())
    return unknown + [
        f"{'.'.join(map(str, error.path))}: {error.message[:200]}" for error in errors
    ]


def _unknown_fields(schema: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """Fields of the answer that no description names; in a list, of its first thing."""
    known = _resolved(schema).get("properties", {})
    found = [f"{name} is not described" for name in answer if name not in known]
    for name, value in answer.items():
        things = _resolved(known.get(name, {})).get("items")
        if things and isinstance(value, list) and value and isinstance(value[0], dict):
            found += _unknown_fields(things, value[0])
    return found


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = description()["components"]["schemas"][name] if name else schema
    return found
