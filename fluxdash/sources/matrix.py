"""Prometheus' matrices as cells: the point at the end of a bucket is the bucket's."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence

from fluxdash.errors import BadPayload
from fluxdash.semantic.dimensions import JOINT, UNKNOWN
from fluxdash.semantic.measure import Amount
from fluxdash.sources.cells import EVERYTHING, Cells, total
from fluxdash.sources.reply import NAME, Reply, Series


def cells(
    reply: Reply,
    start: int,
    end: int,
    step: int,
    labels: Sequence[str],
    nulls: Sequence[str],
    *,
    part: str | None,
    least: float = -math.inf,
    merged: Callable[[float, float], float] = operator.add,
) -> Cells:
    """Put a matrix on the grid: the point at a bucket's end is the bucket's; `part=None` takes the part from `le`.

    `merged` makes one number of what several series say of one group, as all that mean `unknown` do.
    """
    size = (end - start) // step
    groups: dict[str, dict[str, list[Amount]]] = {}
    for series in reply.series:
        values = (series.labels.get(label, "") for label in labels)
        group = JOINT.join(UNKNOWN if value in nulls else value for value in values) if labels else EVERYTHING
        rows = groups.setdefault(group, {})
        row = rows.setdefault(part or _bound(series), [None] * size)
        for moment, amount in series.points:
            at = round((moment - start) / step) - 1
            if 0 <= at < size and amount is not None:
                known, told = row[at], max(amount, least)
                row[at] = told if known is None else merged(known, told)
    return Cells(start, step, size, groups, reply.warnings)


def _bound(series: Series) -> str:
    """The upper bound of a bucket, written one way: `le` is "1" for one client and "1.0" for the next."""
    try:
        return repr(float(series.labels.get("le", "+Inf")))
    except ValueError as err:
        raise BadPayload(NAME, "answered a histogram whose bounds are no numbers") from err


def with_rest(slug: str, causes: Cells, whole: Cells, total_slug: str) -> Cells:
    """Add the group `unknown`: what the whole counts and no cause does."""
    counted = whole.groups.get(EVERYTHING, {}).get(total_slug, [None] * causes.size)
    named = [total(rows[slug][i] for rows in causes.groups.values()) for i in range(causes.size)]
    rest = [None if all_ is None else _less(all_, some or 0.0) for all_, some in zip(counted, named, strict=True)]
    known = causes.groups.get(UNKNOWN, {}).get(slug, [None] * causes.size)
    unknown = [total((one, two)) for one, two in zip(rest, known, strict=True)]
    groups = {group: dict(rows) for group, rows in causes.groups.items()}
    if any(unknown):
        groups[UNKNOWN] = {slug: unknown}
    return Cells(causes.start, causes.step, causes.size, groups, causes.warnings + whole.warnings)


def _less(whole: float, named: float) -> float:
    """What is left; sums of floats differ in their last digits, and that is nobody's request."""
    rest = whole - named
    return rest if rest > 1e-9 * whole else 0.0
