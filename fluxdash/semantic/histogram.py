"""Quantiles from a histogram's cumulative buckets: linear inside a bucket, as Prometheus computes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


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
