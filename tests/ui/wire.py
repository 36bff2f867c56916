"""Callbacks as the browser asks for them: the body of a request, from the app's own list of callbacks."""

from __future__ import annotations

import json
from typing import Any

import dash

VIEW = {"search": "?range=1h", "theme": "light", "narrow": False, "beat": 1}


def callback(app: dash.Dash, part: str) -> str:
    """Return the name of the one server callback whose outputs mention a part."""
    found = [name for name, each in app.callback_map.items() if part in name and "callback" in each]
    assert len(found) == 1, found
    return found[0]


def body(app: dash.Dash, name: str, values: list[Any], match: str = "overview.request-rate") -> dict[str, Any]:
    """Return the body that asks for a callback with these values of its inputs and states, in order."""
    spec = app.callback_map[name]
    declared = spec["output"]
    several = isinstance(declared, (list, tuple))
    outputs = [
        {"id": _concrete(each.component_id, match), "property": each.component_property}
        for each in (declared if several else [declared])
    ]
    given = iter(values)
    members = {kind: [_member(each, next(given), match) for each in spec[kind]] for kind in ("inputs", "state")}
    changed = [f"{spec['inputs'][0]['id']}.{spec['inputs'][0]['property']}"]
    return {"output": name, "outputs": outputs if several else outputs[0], "changedPropIds": changed, **members}


def _member(dependency: dict[str, Any], value: Any, match: str) -> Any:
    found = dependency["id"]
    if not found.startswith("{"):
        return {"id": found, "property": dependency["property"], "value": value}
    pattern = json.loads(found)
    if ["ALL"] in pattern.values():
        assert isinstance(value, list)
        return [
            {"id": {**pattern, "panel": f"overview.{place}"}, "property": dependency["property"], "value": each}
            for place, each in enumerate(value)
        ]
    return {"id": _concrete(pattern, match), "property": dependency["property"], "value": value}


def _concrete(found: Any, match: str) -> Any:
    if not isinstance(found, dict):
        return found
    return {key: value if isinstance(value, str) else match for key, value in found.items()}
