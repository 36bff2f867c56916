"""Which way to read a measure from Prometheus fits a query: the metrics must exist and carry the labels asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fluxdash.profiles.profile import Counter, Difference, Expression, Gauge, Histogram, Metrics, Read
from fluxdash.semantic.dimensions import ERROR_TYPE, UNKNOWN, Dimension
from fluxdash.semantic.scope import Filter
from fluxdash.sources import promql
from fluxdash.sources.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Picked:
    """The reading to use, with the labels its metrics really carry, and the filters that cannot reach it."""

    expression: Expression
    ignored: tuple[Dimension, ...]
    label: str | None


def pick(
    measure: Read,
    metrics: Metrics,
    inventory: Inventory,
    by: Dimension | None,
    filters: Sequence[Filter],
) -> Picked | str:
    """Return the reading that ignores the fewest filters, or a sentence that says why there is none."""
    readings = metrics.read(measure)
    if not readings:
        return f"Prometheus reports no {measure.title.lower()}."
    if not inventory.exists(metrics.pulse):
        family = metrics.pulse.partition("_")[0]
        return f"No {family} metrics yet: Prometheus answers, but no {family}_* series exist."
    there = [(_real(each.expression, inventory), each.label) for each in readings]
    existing = [(expression, label) for expression, label in there if expression is not None]
    if not existing:
        return f"Prometheus has no series {_metric(readings[0].expression)}."
    cut = [each for each in existing if by is None or _groups(each[0], metrics, by)]
    if not cut:
        assert by is not None
        expression = existing[0][0]
        lacking = [part.slug for part in by.parts if not _groups(expression, metrics, part)]
        return f"{_metric(expression)} carries no {' and no '.join(lacking or [by.slug])}."
    asked = [each.dimension for each in filters]
    usable = [each for each in cut if all(_carries(each[0], metrics, dimension) is not None for dimension in asked)]
    picked = [
        Picked(
            _where_zero_is_cut_alike(
                _with_unnamed(expression, metrics, inventory, by, filters), metrics, inventory, by
            ),
            tuple(each for each in asked if not _carries(expression, metrics, each)),
            label,
        )
        for expression, label in usable
    ]
    if not picked:
        return f"No reading of {measure.slug} carries both."
    best = min(picked, key=lambda each: len(each.ignored))
    return replace(best, expression=_with_unnamed(best.expression, metrics, inventory, by, filters))


def _real(expression: Expression, inventory: Inventory) -> Expression | None:
    """The expression with the labels that exist, or None when its metrics do not."""
    match expression:
        case Difference(minuend=minuend, subtrahend=subtrahend):
            above, below = _real(minuend, inventory), _real(subtrahend, inventory)
            both = isinstance(above, Counter) and isinstance(below, Counter)
            return Difference(above, below) if both else None  # type: ignore[arg-type]
        case Histogram(metric=metric, labels=labels):
            name = f"{metric}_bucket"
            return replace(expression, labels=inventory.carried(name, labels)) if inventory.exists(name) else None
        case Gauge(metric=metric, labels=labels):
            return replace(expression, labels=inventory.carried(metric, labels)) if inventory.exists(metric) else None
        case Counter(metric=metric, labels=labels, zero_like=zero):
            zero = zero if zero and inventory.exists(zero) else None
            if not inventory.exists(metric):
                # The documentation's labels must do: there is no series to show the real ones.
                return replace(expression, zero_like=zero) if zero and expression.implied else None
            return replace(expression, labels=inventory.carried(metric, labels), zero_like=zero)


def _where_zero_is_cut_alike(
    expression: Expression, metrics: Metrics, inventory: Inventory, by: Dimension | None
) -> Expression:
    """Drop the counter that stands for zero where it cannot be grouped like this one: it would invent a group."""
    if not isinstance(expression, Counter) or expression.zero_like is None or by is None:
        return expression
    cut = metrics.grouping(by, inventory.carried(expression.zero_like, expression.labels))
    return expression if cut else replace(expression, zero_like=None)


def _with_unnamed(
    expression: Expression, metrics: Metrics, inventory: Inventory, by: Dimension | None, filters: Sequence[Filter]
) -> Expression:
    """Where failures of unknown cause are asked for: all failures less those of the causes that are not.

    Most failures without a cause are in no counter of causes, so its own series `unknown` would be too few.
    """
    chosen = next((each for each in filters if each.dimension == ERROR_TYPE and UNKNOWN in each.values), None)
    if chosen is None or not isinstance(expression, Counter) or expression.rest_of is None:
        return expression
    whole = next((_real(each.expression, inventory) for each in metrics.read(expression.rest_of)), None)
    label = metrics.label(ERROR_TYPE, expression.labels)
    if not isinstance(whole, Counter) or label is None or (by is not None and ERROR_TYPE in by.parts):
        return expression
    wanted = "|".join(promql.literal(value) for value in (*chosen.values, *metrics.nulls))
    others = replace(
        expression,
        labels=tuple(each for each in expression.labels if each != label),
        where=(*expression.where, (label, "!~", wanted)),
        zero_like=whole.metric,
        rest_of=None,
    )
    return Difference(whole, others)


def _groups(expression: Expression, metrics: Metrics, by: Dimension) -> bool:
    """Whether the dimension can group it; the sides of a difference by the same labels, or they would never meet."""
    sides = (expression.minuend, expression.subtrahend) if isinstance(expression, Difference) else (expression,)
    labels = {metrics.grouping(by, side.labels) for side in sides}
    return len(labels) == 1 and () not in labels


def _carries(expression: Expression, metrics: Metrics, dimension: Dimension) -> bool | None:
    """Whether the dimension can cut it; None when it can cut one side of a difference and not the other."""
    if isinstance(expression, Difference):
        sides = {_carries(expression.minuend, metrics, dimension), _carries(expression.subtrahend, metrics, dimension)}
        return sides.pop() if len(sides) == 1 else None
    return bool(metrics.grouping(dimension, expression.labels))


def _metric(expression: Expression) -> str:
    return expression.minuend.metric if isinstance(expression, Difference) else expression.metric
