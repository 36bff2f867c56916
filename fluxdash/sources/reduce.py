"""From cells to the lines of an answer: sums, ratios of sums, ranked groups and the rest. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fluxdash.semantic.answer import OTHER, Line
from fluxdash.semantic.histogram import Estimate, quantile
from fluxdash.semantic.measure import Amount, Linear, Measure
from fluxdash.semantic.query import MOST_GROUPS, Question, Shape
from fluxdash.sources.cells import EVERYTHING, Cells, total

Rows = Mapping[str, Sequence[Amount]]
"""One group's rows, by part."""


def additive(question: Question, size: int, cells: Cells) -> list[Line]:
    """Return a line a group of a measure made of sums.

    `size` is how many of the buckets are closed; those after them are the head. Each total is computed from the sums
    of the points drawn.
    """
    return [
        _sums(question.measure, group, _needed(question.measure, rows), size) for group, rows in cells.groups.items()
    ]


def _needed(measure: Measure, rows: Rows) -> Rows:
    """The rows a measure is computed from; the cells of a page hold many more."""
    wanted = dict.fromkeys(part.slug for part in (*measure.parts, *measure.sample.parts))
    return {part: rows[part] for part in wanted if part in rows}


def _sums(measure: Measure, group: str | None, rows: Rows, size: int) -> Line:
    totals = {part: total(row[:size]) for part, row in rows.items()}
    value, tally = _each(measure.of, rows), _each(_counter(measure.sample), rows)
    return Line(
        group=group or None,
        total=measure.of(totals),
        n=measure.sample.of(totals),
        values=tuple(value[:size]),
        counts=tuple(tally[:size]),
        head=tuple(value[size:]),
    )


def _counter(sample: Linear) -> Callable[[Mapping[str, Amount]], Amount]:
    return sample.of


def _each(compute: Callable[[Mapping[str, Amount]], Amount], rows: Rows) -> list[Amount]:
    parts = list(rows)
    return [compute(dict(zip(parts, amounts, strict=True))) for amounts in zip(*rows.values(), strict=True)]


def exact_quantiles(part: str, scale: float, size: int, buckets: Cells, whole: Cells, tally: str = "n") -> list[Line]:
    """Return a line a group from exact quantiles: those of the buckets, and those of the window as one bucket."""
    lines = []
    for group, rows in whole.groups.items():
        # The buckets may be older than the whole, and a group newer than they.
        gap: list[Amount] = [None] * buckets.size
        drawn = buckets.groups.get(group, {part: gap, tally: gap})
        values = [None if amount is None else amount * scale for amount in drawn[part]]
        value = rows[part][0]
        lines.append(
            Line(
                group=group or None,
                total=None if value is None else value * scale,
                n=rows[tally][0],
                values=tuple(values[:size]),
                counts=tuple(drawn[tally][:size]),
                head=tuple(values[size:]),
            )
        )
    return lines


def bucket_quantiles(q: float, scale: float, size: int, cells: Cells) -> list[Line]:
    """Return a line a group from histogram buckets; the window's quantile comes from the counts merged."""
    return [_merged(q, scale, group, rows, size) for group, rows in cells.groups.items()]


def _merged(q: float, scale: float, group: str | None, rows: Rows, size: int) -> Line:
    bounds = sorted(rows, key=float)
    numbers = [float(bound) * scale for bound in bounds]
    columns = [[rows[bound][i] for bound in bounds] for i in range(len(rows[bounds[0]]))]
    found = [_estimate(q, numbers, column) for column in columns]
    counts = [column[-1] if column else None for column in columns]
    whole = _estimate(q, numbers, [total(rows[bound][:size]) for bound in bounds])
    return Line(
        group=group or None,
        total=whole.value if whole else None,
        n=total(counts[:size]),
        values=tuple(each.value if each else None for each in found[:size]),
        counts=tuple(counts[:size]),
        head=tuple(each.value if each else None for each in found[size:]),
        at_least=bool(whole and whole.at_least),
    )


def _estimate(q: float, bounds: Sequence[float], column: Sequence[Amount]) -> Estimate | None:
    known = [amount for amount in column if amount is not None]
    return quantile(q, bounds, known) if len(known) == len(bounds) else None


def levels(part: str, size: int, cells: Cells) -> list[Line]:
    """Return a line a group of what the gateway states: the newest value stands for the window; there is no sample."""
    return [_level(group, rows[part], size) for group, rows in cells.groups.items()]


def _level(group: str | None, row: Sequence[Amount], size: int) -> Line:
    return Line(
        group=group or None,
        total=next((amount for amount in reversed(row[:size]) if amount is not None), None),
        n=None,
        values=tuple(row[:size]),
        counts=(None,) * size,
        head=tuple(row[size:]),
    )


def ranked(
    question: Question, lines: Sequence[Line], rest: Callable[[list[str]], Line | None]
) -> tuple[tuple[Line, ...], Line | None]:
    """Return the lines by total, largest first, and what lies past the first `n` as one line named Other.

    `rest` computes that line for the names of the groups it is to hold, or says that it cannot.
    """
    ordered = sorted(lines, key=lambda line: (line.total is None, -(line.total or 0.0), line.group or ""))
    most = question.n if question.n is not None else 10 if question.shape is Shape.TOP else MOST_GROUPS
    if question.by is None or len(ordered) <= most:
        return tuple(ordered), None
    return tuple(ordered[:most]), rest([line.group or EVERYTHING for line in ordered[most:]])


def other(question: Question, size: int, cells: Cells, groups: Sequence[str]) -> Line:
    """Return the line of several groups of a measure made of sums, added up before anything is divided."""
    chosen = [cells.groups[group] for group in groups]
    parts = list(_needed(question.measure, chosen[0]))
    rows = {part: [total(column) for column in zip(*(each[part] for each in chosen), strict=True)] for part in parts}
    return _sums(question.measure, OTHER, rows, size)


def merged_other(q: float, scale: float, size: int, cells: Cells, groups: Sequence[str]) -> Line:
    """Return the line of several groups of a histogram, from their counts added up."""
    bounds = list(dict.fromkeys(bound for group in groups for bound in cells.groups[group]))
    gap: list[Amount] = [None] * cells.size
    chosen = [[cells.groups[group].get(bound, gap) for group in groups] for bound in bounds]
    rows = {
        bound: [total(column) for column in zip(*each, strict=True)] for bound, each in zip(bounds, chosen, strict=True)
    }
    return _merged(q, scale, OTHER, rows, size)


def lowest_other(part: str, size: int, cells: Cells, groups: Sequence[str]) -> Line:
    """Return the line of several groups of what the gateway states: the lowest in each bucket."""
    columns = zip(*(cells.groups[group][part] for group in groups), strict=True)
    return _level(OTHER, [min((each for each in column if each is not None), default=None) for column in columns], size)
