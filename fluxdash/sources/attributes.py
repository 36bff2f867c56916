"""The values that spans carry, as Jaeger and OTLP write them: typed tags and nested values become plain ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from fluxdash.semantic.spans import Attributes, Value

LONGEST = 20_000
"""Characters of one text that are kept: a stack trace fits, a whole conversation does not."""

MOST = 256
"""Attributes of one span, event or process that are kept."""

_DEEPEST = 16


def cut(text: str) -> str:
    """Return a text no longer than is kept; what is cut away is marked."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def of_tags(tags: Any) -> Attributes:
    """Return Jaeger's tags, `{"key", "type", "value"}`; raises TypeError or KeyError for what are none."""
    if tags is None:
        return ()
    return tuple([(cut(_text(tag["key"])), _of_tag(tag)) for tag in _list(tags)[:MOST]])


def of_otlp(pairs: Any) -> Attributes:
    """Return OTLP's attributes, `{"key", "value": {"stringValue": …}}`; raises as `of_tags`."""
    if pairs is None:
        return ()
    return tuple([(cut(_text(pair["key"])), plain(_of_any(pair.get("value"), 0))) for pair in _list(pairs)[:MOST]])


def plain(value: Any) -> Value:
    """Return what JSON holds as a value of an attribute: lists and objects as their text, nothing as an empty one."""
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return "" if value is None else cut(orjson.dumps(value).decode())


def whole(number: Any) -> int:
    """Return an integer that may be written as text or as a float without a fraction; raises TypeError, ValueError."""
    if type(number) is int:
        return number
    if isinstance(number, bool) or not isinstance(number, int | float | str):
        raise TypeError("not a whole number")
    if isinstance(number, float):
        if not number.is_integer():
            raise ValueError("not a whole number")
        return int(number)
    if isinstance(number, str) and (len(number) > 20 or not number.removeprefix("-").isdecimal()):
        raise ValueError("not a whole number")
    return int(number)


def _of_tag(tag: Mapping[str, Any]) -> Value:
    kind, value = tag.get("type"), tag.get("value")
    if kind == "string" and isinstance(value, str):
        return cut(value)
    if kind == "int64" and isinstance(value, str):
        return whole(value)  # beyond what a browser's number can hold, Jaeger writes text
    if kind == "float64" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return plain(value)


def _of_any(value: Any, depth: int) -> Any:
    """Unwrap OTLP's AnyValue into what JSON would hold."""
    if value is None:
        return ""
    if not isinstance(value, dict):
        raise TypeError("an attribute's value is not an object")
    if depth > _DEEPEST:
        return "…"
    if not value:
        return ""  # protobuf leaves out what is empty
    kind, inner = next(iter(value.items()))
    if kind == "stringValue":  # most are
        return _text(inner)
    match kind:
        case "intValue":
            return whole(inner)
        case "doubleValue":
            return _double(inner)
        case "boolValue":
            return bool(inner)
        case "arrayValue":
            return [_of_any(each, depth + 1) for each in _list((inner or {}).get("values", []))]
        case "kvlistValue":
            pairs = _list((inner or {}).get("values", []))
            return {_text(pair["key"]): _of_any(pair.get("value"), depth + 1) for pair in pairs}
        case _:
            return _text(inner)


def _double(value: Any) -> Value:
    if isinstance(value, str):  # "NaN", "Infinity" and "-Infinity" are no JSON numbers
        return cut(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value
