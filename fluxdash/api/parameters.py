"""The parameters of an API call, checked: every one known, of the right form, and said what is allowed if not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from fluxdash.errors import BadRequest, meant
from fluxdash.semantic import wording
from fluxdash.semantic.dimensions import DIMENSIONS, dimension
from fluxdash.semantic.measure import Distribution, Measure
from fluxdash.semantic.measures import measure
from fluxdash.semantic.query import MOST_GROUPS, Query, Question, Shape
from fluxdash.sources.source import AUTO

OWN = ("measure", "shape", "by", "range", "from", "to", "step", "n", "q", "source")
NAMES = (*OWN, *(each.slug for each in DIMENSIONS))


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked call: the query, and the source it is to be asked of."""

    query: Query
    source: str


def query(args: MultiDict[str, str], now: float, measures: Sequence[Measure]) -> Asked:
    """Return what a call asks of some measures; raises BadRequest naming the parameter and what is allowed."""
    words = {name: args.getlist(name) for name in args}
    for name in words:
        if name not in NAMES:
            raise BadRequest("parameter", name, f"one of {', '.join(NAMES)}.{meant(name, NAMES)}")
    slug = wording.one(words, "measure")
    if not slug:
        raise BadRequest("measure", slug, "a measure; GET api/v1/measures lists them")
    asked = measure(slug, measures)
    by = wording.one(words, "by")
    shape = _shape(wording.one(words, "shape", "total") or "")
    q = _quantile(wording.one(words, "q"))
    if isinstance(asked, Distribution):
        q = 0.95 if q is None else q
    elif q is not None:
        raise BadRequest("q", q, f"left out: {slug} is not a quantile")
    question = Question(asked, shape, dimension(by) if by else None, _groups(wording.one(words, "n")), q)
    return Asked(question.within(wording.scope(words, now)), wording.one(words, "source", AUTO) or AUTO)


def none(args: MultiDict[str, str]) -> None:
    """Refuse every parameter."""
    for name in args:
        raise BadRequest("parameter", name, "none here")


def _shape(text: str) -> Shape:
    try:
        return Shape(text)
    except ValueError as err:
        raise BadRequest("shape", text, f"one of {', '.join(Shape)}.{meant(text, Shape)}") from err


def _quantile(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        q = round(float(text), 6)
    except ValueError as err:
        raise BadRequest("q", text, "a number between 0 and 1, such as 0.95") from err
    if not (math.isfinite(q) and 0 < q < 1):
        raise BadRequest("q", text, "a number between 0 and 1, such as 0.95")
    return q


def _groups(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_GROUPS):
        raise BadRequest("n", text, f"a whole number from 1 to {MOST_GROUPS}")
    return int(text)
