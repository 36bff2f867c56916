"""Which way to read a measure from Prometheus fits a query: the metrics must exist and carry the labels asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fluxdash.profiles.profile import Counter, Difference, Histogram, Metrics
from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.measure import Additive, Distribution
from fluxdash.semantic.scope import Filter
from fluxdash.sources.inventory import Inventory

Expression = Counter | Difference | Histogram


@dataclass(frozen=True, slots=True)
class Picked:
    """The reading to use, with the labels its metrics really carry, and the filters that cannot reach it."""

    expression: Expression
    ignored: tuple[Dimension, ...]
    label: str | None


def pick(
    measure: Additive | Distribution,
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
        return f"{_metric(existing[0][0])} carries no {by.slug}."
    asked = [each.dimension for each in filters]
    usable = [each for each in cut if all(_carries(each[0], metrics, dimension) is not None for dimension in asked)]
    picked = [
        Picked(
            _where_zero_is_cut_alike(expression, metrics, inventory, by),
            tuple(each for each in asked if not _carries(expression, metrics, each)),
            label,
        )
        for expression, label in usable
    ]
    return min(picked, key=lambda each: len(each.ignored)) if picked else f"No reading of {measure.slug} carries both."


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
