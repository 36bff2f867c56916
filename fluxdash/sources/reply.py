"""Prometheus' JSON envelope: one parser for every answer of Prometheus and its relatives, good or bad."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fluxdash.errors import BadPayload, SourceError, SourceForbidden, SourceRejected, SourceTimeout, SourceUnreachable
from fluxdash.semantic.measure import Amount

NAME = "Prometheus"


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its labels, and its points as (epoch seconds, value), sorted, each time once.

    A value that is NaN or infinite is None: it is no number to add up or draw. Native histograms are left out.
    """

    labels: Mapping[str, str]
    points: tuple[tuple[float, Amount], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer: `series` of a query, or `data` as it came for everything else, and the warnings beside it."""

    series: tuple[Series, ...]
    data: Any
    warnings: tuple[str, ...] = ()


def parse(status: int, body: bytes) -> Reply:
    """Return the good answer in a response; raises the SourceError that fits for every other one.

    Looks at the code first and parses JSON whatever the Content-Type: errors come as text, and a login page as 200.
    """
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError as err:
        raise _plain(status, body) from err
    if not isinstance(envelope, dict):
        raise BadPayload(NAME, "answered JSON that is not an envelope")
    if not 200 <= status < 300 or envelope.get("status") == "error":
        raise _error(status, envelope)
    if envelope.get("status") != "success":
        raise BadPayload(NAME, "answered JSON that is not an envelope")
    if "data" not in envelope:
        raise BadPayload(NAME, "answered success without data")
    told = envelope.get("warnings")
    warnings = [str(each) for each in told] if isinstance(told, list) else []
    if envelope.get("isPartial"):
        warnings.append("the answer is partial: a storage node did not take part")
    data = envelope["data"]
    return Reply(_series(data), data, tuple(warnings))


def _series(data: Any) -> tuple[Series, ...]:
    if not isinstance(data, dict) or "resultType" not in data:
        return ()
    try:
        result = data["result"]
        if not isinstance(result, list):
            raise TypeError("a result is not a list")
        match data["resultType"]:
            case "matrix":
                return tuple(Series(_labels(each), _points(each.get("values", ()))) for each in result)
            case "vector":
                return tuple(Series(_labels(each), _points([each["value"]])) for each in result if "value" in each)
            case "scalar":
                return (Series({}, _points([result])),)
            case "string":
                return ()
            case other:
                raise BadPayload(NAME, f"answered a result of type {other!r}")
    except (TypeError, ValueError, KeyError, AttributeError) as err:
        raise BadPayload(NAME, "answered a result that does not follow the contract") from err


def _labels(series: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in series["metric"].items()}


def _points(values: Any) -> tuple[tuple[float, Amount], ...]:
    # Later entries win over earlier ones of the same time; the order of what comes is not trusted.
    points = {_moment(time): _number(text) for time, text in values}
    return tuple(sorted(points.items()))


def _moment(time: Any) -> float:
    if not isinstance(time, int | float):
        raise TypeError("a sample time is not a number")
    return round(float(time), 3)


def _number(text: Any) -> Amount:
    if not isinstance(text, str):
        raise TypeError("a sample value is not a string")
    value = float(text)
    return value if math.isfinite(value) else None


def _error(status: int, envelope: Mapping[str, Any]) -> SourceError:
    kind, text = str(envelope.get("errorType", "")), str(envelope.get("error", "no reason given"))[:300]
    if kind == "timeout":
        return SourceTimeout(NAME, "ran out of time", hint=text)
    if status in (401, 403):
        return SourceForbidden(NAME, "refused the credentials", hint=text)
    if status in (502, 503, 504) or kind in ("unavailable", "not_found"):
        return SourceUnreachable(NAME, "is starting, stopping or not reachable behind its proxy", hint=text)
    if status == 429:
        return SourceRejected(NAME, "has too many queries already", hint=text)
    return SourceRejected(NAME, "refused the query", hint=text)


def _plain(status: int, body: bytes) -> SourceError:
    text = body[:200].decode(errors="replace").strip()
    if status in (401, 403):
        return SourceForbidden(NAME, "refused the credentials", hint=text)
    if status in (502, 503, 504):
        return SourceUnreachable(NAME, "is starting, stopping or not reachable behind its proxy", hint=text)
    if 200 <= status < 300:
        looks = "an HTML page; a login page or a wrong address" if text[:1] == "<" else "something that is not JSON"
        return BadPayload(NAME, f"answered {looks}", hint=text)
    return SourceRejected(NAME, f"answered {status}", hint=text)
