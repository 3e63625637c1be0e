"""Cuts the part that we serve out of the carrier's whole description (see README.md)."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BASE = "/2010-04-01/Accounts"
ACCOUNT = f"{BASE}/{{AccountSid}}"
SERVED = {
    f"{BASE}/{{Sid}}.json": {"get"},
    f"{ACCOUNT}/Calls.json": {"get", "post"},
    f"{ACCOUNT}/Calls/{{Sid}}.json": {"get", "post"},
    f"{ACCOUNT}/Calls/{{CallSid}}/Recordings.json": {"get", "post"},
    f"{ACCOUNT}/Calls/{{CallSid}}/Recordings/{{Sid}}.json": {"get", "post", "delete"},
    f"{ACCOUNT}/Messages.json": {"get", "post"},
    f"{ACCOUNT}/Messages/{{Sid}}.json": {"get"},
    f"{ACCOUNT}/Recordings.json": {"get"},
    f"{ACCOUNT}/Recordings/{{Sid}}.json": {"get", "delete"},
    f"{ACCOUNT}/Queues.json": {"get", "post"},
    f"{ACCOUNT}/Queues/{{Sid}}.json": {"get", "post", "delete"},
    f"{ACCOUNT}/Queues/{{QueueSid}}/Members.json": {"get"},
    f"{ACCOUNT}/Queues/{{QueueSid}}/Members/{{CallSid}}.json": {"get", "post"},
    f"{ACCOUNT}/Conferences.json": {"get"},
    f"{ACCOUNT}/Conferences/{{Sid}}.json": {"get", "post"},
    f"{ACCOUNT}/Conferences/{{ConferenceSid}}/Participants.json": {"get", "post"},
    f"{ACCOUNT}/Conferences/{{ConferenceSid}}/Participants/{{CallSid}}.json": {
        "get",
        "post",
        "delete",
    },
    f"{ACCOUNT}/IncomingPhoneNumbers.json": {"get"},
    f"{ACCOUNT}/IncomingPhoneNumbers/{{Sid}}.json": {"get", "post"},
}
LEFT_OUT = {"examples", "example", "description", "summary", "tags", "x-twilio", "externalDocs"}


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    """The description of what we serve alone."""
    paths = {
        path: {"servers": whole["servers"]} | {verb: whole["paths"][path][verb] for verb in verbs}
        for path, verbs in SERVED.items()
    }
    for path in paths.values():
        for verb in path.values():
            _explode_arrays(verb)
    schemas: dict[str, Any] = {}
    for name in _named(paths):
        _take(name, whole["components"]["schemas"], schemas)
    security = whole["components"]["securitySchemes"]
    return {
        "openapi": whole["openapi"],
        "info": {"title": whole["info"]["title"], "version": whole["info"]["version"]},
        "servers": whole["servers"],
        "security": whole["security"],
        "paths": _bare(paths),
        "components": {"schemas": _bare(schemas), "securitySchemes": security},
    }


def _explode_arrays(verb: Any) -> None:
    body = verb.get("requestBody") if isinstance(verb, dict) else None
    for content in (body or {}).get("content", {}).values():
        fields = content["schema"].get("properties", {})
        arrays = [name for name, schema in fields.items() if schema.get("type") == "array"]
        if arrays:
            content["encoding"] = {name: {"style": "form", "explode": True} for name in arrays}


def _named(part: Any) -> Iterator[str]:
    yield from re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(part))


def _take(name: str, source: dict[str, Any], taken: dict[str, Any]) -> None:
    if name not in taken:
        taken[name] = source[name]
        for other in _named(source[name]):
            _take(other, source, taken)


def _bare(part: Any, *, names: bool = False) -> Any:
    """Without texts; a dict whose keys are names of fields keeps them all.

    The carrier's addresses of pages are relative, whatever it says of their format.
    """
    if isinstance(part, list):
        return [_bare(one) for one in part]
    if not isinstance(part, dict):
        return part
    if part.get("format") == "uri":
        part = {key: value for key, value in part.items() if key != "format"}
    return {
        key: _bare(value, names=key in ("properties", "schemas", "encoding"))
        for key, value in part.items()
        if names or key not in LEFT_OUT or (key == "description" and _is_answer(part))
    }


def _is_answer(part: dict[str, Any]) -> bool:
    """An answer needs its description, one without a body (204) has nothing else."""
    return "content" in part or set(part) == {"description"}


if __name__ == "__main__":
    text = json.dumps(cut(json.loads(Path(sys.argv[1]).read_text())), indent=1, sort_keys=True)
    (HERE / "twilio_api_v2010.json").write_text(text + "\n")
