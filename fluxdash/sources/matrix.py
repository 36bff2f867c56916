"""Prometheus' matrices as cells: the point at the end of a bucket is the bucket's."""

from __future__ import annotations

import math
from collections.abc import Sequence

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
) -> Cells:
    """Put a matrix on the grid: the point at a bucket's end is the bucket's; `part=None` takes the part from `le`."""
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
                row[at] = max(amount, least) + (row[at] or 0.0)
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
    rest = [None if all_ is None else max(all_ - (some or 0.0), 0.0) for all_, some in zip(counted, named, strict=True)]
    known = causes.groups.get(UNKNOWN, {}).get(slug, [None] * causes.size)
    unknown = [total((one, two)) for one, two in zip(rest, known, strict=True)]
    groups = {group: dict(rows) for group, rows in causes.groups.items()}
    if any(unknown):
        groups[UNKNOWN] = {slug: unknown}
    return Cells(causes.start, causes.step, causes.size, groups, causes.warnings + whole.warnings)
