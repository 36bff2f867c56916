"""Quantiles and values from a histogram's cumulative buckets: linear inside a bucket, as Prometheus computes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PLACES = 40
"""Values that stand for what lies inside a bucket, evenly apart."""

_STRIDE = 17
"""Has no divisor in common with PLACES, so that few observations lie apart, too."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantile that lies inside `[low, high]`; `at_least` when the rank falls beyond the last finite bound."""

    value: float
    low: float
    high: float
    at_least: bool = False


def quantile(q: float, bounds: Sequence[float], cumulative: Sequence[float]) -> Estimate | None:
    """Return the estimate of a quantile, or None without observations.

    `bounds` are the upper bounds in rising order, the last one infinite, and `cumulative` the count at or below each.
    Counts that fall from one bound to the next, as extrapolation can make them, are taken as equal.
    """
    if len(bounds) < 2 or not math.isinf(bounds[-1]):
        return None
    counts: list[float] = []
    for count in cumulative:
        counts.append(max(count, counts[-1] if counts else 0.0))
    total = counts[-1]
    if total <= 0:
        return None
    rank = q * total
    at = next(i for i, count in enumerate(counts) if count >= rank)
    if at == len(bounds) - 1:
        return Estimate(bounds[-2], bounds[-2], math.inf, at_least=True)
    low = bounds[at - 1] if at else min(0.0, bounds[0])
    before = counts[at - 1] if at else 0.0
    inside = counts[at] - before
    share = (rank - before) / inside if inside else 1.0
    return Estimate(low + (bounds[at] - low) * share, low, bounds[at])


def spread(bounds: Sequence[float], groups: Mapping[str, Sequence[float]]) -> dict[str, tuple[tuple[float, int], ...]]:
    """Return the cumulative counts of each group as (value, how often), rising: all together lie evenly in a bucket.

    One group goes on where the one before it ended, for the few of each would otherwise all lie at the bucket's end.
    What is beyond the last finite bound lies on it.
    """
    turn = [0] * len(bounds)
    return {group: _spread(bounds, cumulative, turn) for group, cumulative in groups.items()}


def _spread(bounds: Sequence[float], cumulative: Sequence[float], turn: list[int]) -> tuple[tuple[float, int], ...]:
    found: dict[float, int] = {}
    before, low = 0, min(0.0, bounds[0])
    for at, (high, count) in enumerate(zip(bounds, cumulative, strict=True)):
        reached = max(round(count), before)
        rounds, few = divmod(reached - before, PLACES)
        first, turn[at] = turn[at], turn[at] + few
        extra = {(first + each) * _STRIDE % PLACES for each in range(few)}
        for place in range(PLACES) if rounds else sorted(extra):
            value = bounds[-2] if math.isinf(high) else low + (high - low) * (place + 1) / PLACES
            found[value] = found.get(value, 0) + rounds + (place in extra)
        before, low = reached, high
    return tuple(sorted(found.items()))
