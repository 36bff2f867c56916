"""What may reach the dispatcher: bodies of the right size, depth and form, for callbacks that exist, ids that fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from flask import Request

from fluxdash.ui.intake import refuse

LARGEST = 256 * 1024
"""Bytes of a callback's body."""

DEEPEST = 24
_MOST_IDS = 64
_LONGEST_NAME = 200
_FIELDS = frozenset({"output", "outputs", "inputs", "state", "changedPropIds", "parsedChangedPropsIds"})

Dependency = Mapping[str, Any]


def inspect(request: Request, callbacks: Mapping[str, Any]) -> None:
    """Refuse, with 400 or 413, a body that no page of ours would send; what passes is dispatched."""
    request.max_content_length = LARGEST
    if request.mimetype != "application/json":
        refuse(415, "body", "application/json")
    if request.content_length is None:
        refuse(400, "body", "a Content-Length")
    if request.content_length > LARGEST:
        refuse(413, "body", f"at most {LARGEST} bytes")
    try:
        body = orjson.loads(request.get_data(cache=True))
    except orjson.JSONDecodeError:
        refuse(400, "body", "JSON in UTF-8")
    if not isinstance(body, dict) or not set(body) <= _FIELDS:
        refuse(400, "body", "a callback's body")
    if _depth(body) > DEEPEST:
        refuse(400, "body", f"at most {DEEPEST} levels")
    _check(body, callbacks)


def _check(body: dict[str, Any], callbacks: Mapping[str, Any]) -> None:
    output = body.get("output")
    callback = callbacks.get(output) if isinstance(output, str) else None
    # A callback of the browser has no function here, so nobody may ask for it.
    if not isinstance(callback, Mapping) or "callback" not in callback:
        refuse(400, "output", "a callback of this dashboard")
    matched: dict[str, str] = {}
    declared = callback["output"]
    several = isinstance(declared, (list, tuple))
    outputs = body.get("outputs")
    given = outputs if several else [outputs]
    expected: list[Dependency] = [
        {"id": each.component_id, "property": each.component_property} for each in (declared if several else [declared])
    ]
    _members("outputs", given, expected, matched)
    _members("inputs", body.get("inputs"), [_parsed(each) for each in callback["inputs"]], matched)
    _members("state", body.get("state", []), [_parsed(each) for each in callback["state"]], matched)
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(each, str) for each in changed):
        refuse(400, "changedPropIds", "a list of names")


def _members(field: str, given: Any, expected: list[Dependency], matched: dict[str, str]) -> None:
    if not isinstance(given, list) or len(given) != len(expected):
        refuse(400, field, f"{len(expected)} members")
    for each, wanted in zip(given, expected, strict=True):
        if _is_many(wanted["id"]):
            if not isinstance(each, list) or len(each) > _MOST_IDS:
                refuse(400, field, "a list of members")
            for one in each:
                _member(field, one, wanted, {})
        else:
            _member(field, each, wanted, matched)


def _member(field: str, given: Any, wanted: Dependency, matched: dict[str, str]) -> None:
    if not isinstance(given, dict) or not set(given) <= {"id", "property", "value"}:
        refuse(400, field, "id, property and value")
    if given.get("property") != wanted["property"] or not _fits(given.get("id"), wanted["id"], matched):
        refuse(400, field, "the ids and properties of the callback")


def _fits(given: Any, wanted: Any, matched: dict[str, str]) -> bool:
    """Return whether an id is the declared one; MATCH stands for one short name, the same one everywhere."""
    if not isinstance(wanted, Mapping):
        return bool(given == wanted)
    if not isinstance(given, dict) or set(given) != set(wanted):
        return False
    for key, value in wanted.items():
        name = given[key]
        if not isinstance(name, str) or len(name) > _LONGEST_NAME:
            return False
        if _is_wild(value):
            if matched.setdefault(key, name) != name and _wildcard(value) == "MATCH":
                return False
        elif name != value:
            return False
    return True


def _parsed(dependency: Dependency) -> Dependency:
    """Return a dependency whose id is as it was declared; Dash keeps those with wildcards as text."""
    found = dependency["id"]
    return {**dependency, "id": json.loads(found) if isinstance(found, str) and found.startswith("{") else found}


def _is_many(wanted: Any) -> bool:
    return isinstance(wanted, Mapping) and any(_is_wild(each) and _wildcard(each) == "ALL" for each in wanted.values())


def _is_wild(value: Any) -> bool:
    return not isinstance(value, str)


def _wildcard(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value.value)


def _depth(value: Any) -> int:
    """Return how deeply lists and objects are nested, without recursion."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        item, level = waiting.pop()
        deepest = max(deepest, level)
        if level > DEEPEST:
            break
        if isinstance(item, dict):
            waiting += [(each, level + 1) for each in item.values()]
        elif isinstance(item, list):
            waiting += [(each, level + 1) for each in item]
    return deepest
