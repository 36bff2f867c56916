"""The API described in OpenAPI 3.1, built from the same measures, dimensions and limits that it is checked by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fluxdash.semantic.dimensions import DIMENSIONS
from fluxdash.semantic.measure import Measure
from fluxdash.semantic.query import MOST_GROUPS, Shape
from fluxdash.semantic.window import LADDER, PRESETS

_TIME = {"type": "string", "description": "RFC 3339, or seconds since 1970"}
_NUMBER = {"type": ["number", "null"]}
_TEXT = {"type": ["string", "null"]}


def description(base: str, measures: Sequence[Measure]) -> dict[str, Any]:
    """Return the whole description; `base` is the path that the API is served under, `measures` all that it knows."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "FluxDash read API",
            "version": "1",
            "description": "The dashboard's own questions and answers. Values are in base units; null is unknown.",
        },
        "servers": [{"url": base or "/"}],
        "paths": {
            "/query": {"get": _operation("Ask one question", _parameters(measures), "Answer")},
            "/measures": {"get": _operation("List measures and dimensions, and who can tell them", [], "Measures")},
            "/openapi.json": {"get": _operation("This description", [], "Description")},
        },
        "components": {"schemas": _schemas()},
    }


def _operation(summary: str, parameters: list[dict[str, Any]], schema: str) -> dict[str, Any]:
    def response(text: str, name: str) -> dict[str, Any]:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        return {"description": text, "content": content}

    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": response("The answer", schema),
            "400": response("A parameter is wrong; the error says what is allowed", "Error"),
            "404": response("No source reports this measure in this form", "Error"),
            "502": response("The source failed", "Error"),
            "503": response("The source has too many calls in flight", "Error"),
            "504": response("The source did not answer in time", "Error"),
        },
    }


def _parameters(measures: Sequence[Measure]) -> list[dict[str, Any]]:
    def parameter(name: str, schema: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "in": "query", "schema": schema, "description": text, **more}

    slugs = [each.slug for each in DIMENSIONS]
    presets = ", ".join(PRESETS)
    return [
        parameter("measure", {"enum": [each.slug for each in measures]}, "What is asked", required=True),
        parameter("shape", {"enum": list(Shape), "default": "total"}, "One number, one a bucket, or ranked groups"),
        parameter("by", {"enum": slugs}, "The dimension to group by"),
        parameter(
            "range", {"type": "string", "default": "1h"}, f"The newest closed buckets: {presets}, or any duration"
        ),
        parameter("from", _TIME, "The start, instead of range"),
        parameter("to", _TIME, "The end, by default now"),
        parameter("step", {"enum": [*LADDER]}, "The bucket's width in seconds; a source may answer a wider one"),
        parameter("n", {"type": "integer", "minimum": 1, "maximum": MOST_GROUPS}, "How many groups; the rest is Other"),
        parameter("q", {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, "The quantile of a latency"),
        parameter("source", {"enum": ["auto", "log", "prometheus"], "default": "auto"}, "Who is to answer"),
        *(
            parameter(each.slug, {"type": "array", "items": {"type": "string"}}, f"Keep these {each.plural}")
            for each in DIMENSIONS
        ),
    ]


def _schemas() -> dict[str, Any]:
    def record(properties: dict[str, Any], *required: str) -> dict[str, Any]:
        return {"type": "object", "properties": properties, "required": list(required or properties)}

    row = record({"time": {"type": "string", "format": "date-time"}, "value": _NUMBER}, "value")
    row["additionalProperties"] = {"type": "string"}
    spread = record({"from": {"type": "string"}, "to": {"type": "string"}, "step": {"type": "integer"}})
    note = record({"kind": {"type": "string"}, "text": {"type": "string"}})
    error = record({"kind": {"type": "string"}, "message": {"type": "string"}})
    return {
        "Answer": record(
            {
                "measure": {"type": "string"},
                "title": {"type": "string"},
                "unit": {"type": "string"},
                "shape": {"enum": list(Shape)},
                "by": _TEXT,
                "q": _NUMBER,
                "range": spread,
                "rows": {"type": "array", "items": row},
                "groups": {"type": ["integer", "null"]},
                "n": _NUMBER,
                "source": {"type": "string"},
                "as_of": {"type": "string", "format": "date-time"},
                "exact": {"type": "boolean"},
                "notes": {"type": "array", "items": note},
            }
        ),
        "Measures": record({"measures": {"type": "array"}, "dimensions": {"type": "array"}}),
        "Description": {"type": "object"},
        "Error": record({"error": error}),
    }
