"""Questions as PromQL text: pure, so that each is tested by its exact text."""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.profiles.profile import Counter, Difference, Expression, Gauge, Histogram, Metrics
from fluxdash.semantic.dimensions import UNKNOWN, Dimension
from fluxdash.semantic.scope import Filter

_REGEX_SPECIAL = frozenset("\\.+*?()|[]{}^$")


def quoted(text: str) -> str:
    """Return a PromQL string literal that means exactly `text`; raises ValueError for a lone surrogate."""
    text.encode()
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def literal(text: str) -> str:
    """Return the regular expression that matches `text` and nothing else."""
    return "".join("\\" + char if char in _REGEX_SPECIAL else char for char in text)


def matcher(label: str, values: Sequence[str], nulls: Sequence[str]) -> str:
    """Return the matcher for a label having one of `values`; `unknown` stands for itself and all the null values."""
    wanted = [each for value in values for each in ((*nulls, value) if value == UNKNOWN else (value,))]
    if len(wanted) == 1:
        return f"{label}={quoted(wanted[0])}"
    return f"{label}=~{quoted('|'.join(literal(value) for value in wanted))}"


def text(reading: Expression, metrics: Metrics, by: Dimension | None, filters: Sequence[Filter], step: int) -> str:
    """Return the text that gives what a reading says of each bucket of `step` seconds, at the bucket's end."""
    match reading:
        case Histogram():
            return buckets(reading, metrics, by, filters, step)
        case Gauge():
            return last(reading, metrics, by, filters, step)
        case _:
            return increase(reading, metrics, by, filters, step)


def increase(
    reading: Counter | Difference, metrics: Metrics, by: Dimension | None, filters: Sequence[Filter], step: int
) -> str:
    """Return the text that gives, at the end of each bucket of `step` seconds, what the counter grew by in it.

    The sum stands outside of increase, so that a reset of one series never hides in another's growth.
    """
    if isinstance(reading, Difference):
        whole = increase(reading.minuend, metrics, by, filters, step)
        less = increase(reading.subtrahend, metrics, by, filters, step)
        # `a or b - c` would take c from b alone.
        return f"({whole}) - ({less})" if reading.minuend.zero_like else f"{whole} - ({less})"
    labels = metrics.grouping(by, reading.labels)
    grouping = f" by ({', '.join(labels)})" if labels else ""
    text = f"sum{grouping} (increase({selector(reading, metrics, filters)}[{step}s]))"
    if reading.scale != 1:
        text = f"{text} * {reading.scale!r}"
    if reading.zero_like is None:
        return text
    # Only where the other counter exists: an unknown metric must stay unknown, whatever the filter.
    zero = Counter(reading.zero_like, reading.labels)
    return f"{text} or 0 * sum{grouping} (increase({selector(zero, metrics, filters)}[{step}s]))"


def buckets(histogram: Histogram, metrics: Metrics, by: Dimension | None, filters: Sequence[Filter], step: int) -> str:
    """Return the text that gives each histogram bucket's growth, by its upper bound `le`."""
    grouping = ", ".join((*metrics.grouping(by, histogram.labels), "le"))
    counter = Counter(f"{histogram.metric}_bucket", histogram.labels, histogram.where)
    return f"sum by ({grouping}) (increase({selector(counter, metrics, filters)}[{step}s]))"


def last(gauge: Gauge, metrics: Metrics, by: Dimension | None, filters: Sequence[Filter], step: int) -> str:
    """Return the text that gives the lowest of what a gauge's series said last in each bucket."""
    labels = metrics.grouping(by, gauge.labels)
    grouping = f" by ({', '.join(labels)})" if labels else ""
    return f"min{grouping} (last_over_time({selector(gauge, metrics, filters)}[{step}s]))"


def selector(counter: Counter | Gauge, metrics: Metrics, filters: Sequence[Filter]) -> str:
    """Return the metric with its fixed matchers and those of the filters it carries the labels for."""
    matchers = [f"{label}{operator}{quoted(value)}" for label, operator, value in counter.where]
    for each in filters:
        label = metrics.label(each.dimension, counter.labels)
        if label is not None:
            matchers.append(matcher(label, each.values, metrics.nulls))
    return f"{counter.metric}{{{','.join(matchers)}}}" if matchers else counter.metric
