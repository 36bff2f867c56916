"""Answers, capabilities and errors as the JSON that goes over the wire."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from fluxdash.errors import BadRequest, FluxDashError, NotReported, SourceError
from fluxdash.semantic.answer import Answer
from fluxdash.semantic.dimensions import DIMENSIONS
from fluxdash.semantic.measure import Distribution, Level, Measure, Ratio
from fluxdash.semantic.moments import rfc3339
from fluxdash.sources.source import Capability


def answer(given: Answer) -> dict[str, Any]:
    """Return an answer: what was asked, over which buckets, the rows, and where they come from.

    Values are in base units (see `unit`), null where unknown. An account is its UUID, with `account_name` beside it.
    """
    question, source = given.query.question, given.provenance
    return {
        "measure": question.measure.slug,
        "title": source.label or question.measure.title,
        "unit": question.measure.unit.value,
        "shape": question.shape.value,
        "by": question.by.slug if question.by else None,
        "q": question.q,
        "range": {"from": rfc3339(given.window.start), "to": rfc3339(given.window.end), "step": given.window.step},
        "rows": [{**row, "value": _plain(row["value"])} for row in given.rows()],
        "groups": given.groups if question.by else None,
        "n": _plain(given.n) if question.by is None else None,
        "source": source.source,
        "as_of": rfc3339(round(source.as_of, 3)),
        "exact": source.exact,
        "notes": [{"kind": note.kind.value, "text": note.text} for note in source.notes],
    }


def measures(every: Iterable[Measure], capabilities: Iterable[Capability]) -> dict[str, Any]:
    """Return every measure and dimension, with what each source can tell of it and why it cannot."""
    known = list(capabilities)
    return {
        "measures": [_measure(each, [found for found in known if found.measure == each]) for each in every],
        "dimensions": [{"slug": each.slug, "title": each.title} for each in DIMENSIONS],
    }


def error(err: FluxDashError) -> dict[str, Any]:
    """Return an error: its kind, a sentence, and what is allowed or why nobody could answer."""
    told: dict[str, Any] = {"kind": _kind(err), "message": str(err)}
    match err:
        case BadRequest():
            told |= {"field": err.field, "allowed": err.allowed}
        case NotReported():
            told |= {"reasons": list(err.reasons)}
        case SourceError():
            told |= {"source": err.source, "reason": err.reason}
        case _:
            pass
    return {"error": told}


def _plain(value: object) -> object:
    """A number without the dust of binary fractions: twelve digits hold a micro-dollar in a million dollars."""
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):  # JSON has no word for it
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else float(f"{value:.12g}")


def _measure(measure: Measure, capabilities: list[Capability]) -> dict[str, Any]:
    kinds = ((Distribution, "quantile"), (Ratio, "ratio"), (Level, "level"))
    kind = next((name for form, name in kinds if isinstance(measure, form)), "sum")
    return {
        "slug": measure.slug,
        "title": measure.title,
        "unit": measure.unit.value,
        "kind": kind,
        "meaning": measure.meaning,
        "sources": {
            each.source: {"dimensions": [by.slug for by in each.dimensions], "reason": each.reason or None}
            for each in capabilities
        },
    }


def _kind(err: FluxDashError) -> str:
    match err:
        case BadRequest():
            return "bad_request"
        case NotReported():
            return "not_reported"
        case SourceError(kind=kind):
            return kind
        case _:
            return "failed"
