"""TraceQL: the text that asks Tempo for the spans of a search. Pure; every word from outside is quoted."""

from __future__ import annotations

from fluxdash.semantic.tracesearch import Tags

_BARE = ("true", "false")


def spanset(service: str, operation: str | None, tags: Tags = (), least: str = "", most: str = "") -> str:
    """Return the set of a service's spans of which all this holds at once; durations such as `250000us`, or empty."""
    conditions = [f"resource.service.name = {quoted(service)}"]
    conditions += [f"name = {quoted(operation)}"] if operation else []
    conditions += [_tag(key, value) for key, value in tags]
    conditions += [f"duration >= {least}"] if least else []
    conditions += [f"duration <= {most}"] if most else []
    return "{ " + " && ".join(conditions) + " }"


def quoted(text: str) -> str:
    """Return text as a string of TraceQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _tag(key: str, value: str) -> str:
    """A value is text to a search, but in Tempo a number is not equal to its digits."""
    if key == "error" and value in _BARE:
        return "status = error" if value == "true" else "status != error"
    name = f".{quoted(key)}"
    return f"({name} = {quoted(value)} || {name} = {value})" if _is_bare(value) else f"{name} = {quoted(value)}"


def _is_bare(value: str) -> bool:
    digits = value.removeprefix("-").replace(".", "", 1)
    return value in _BARE or (digits.isascii() and digits.isdigit() and value[-1:].isdigit() and len(digits) < 19)
