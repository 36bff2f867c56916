"""How wide a band must be to hold four days in five: drawn from the errors of forecasts of days that are over."""

from __future__ import annotations

import math

import numpy as np

from fluxdash.analysis.days import Array

COVERAGE = 0.8
UNSEEN = 2.0
"""The band's factor for a day of the week that never was seen."""

_MANY = 10  # errors from which their own quantile is drawn, without a prior
_FEW = 3
_PRIOR, _PRIOR_WEIGHT = 0.3, 2.0  # a day is off by 30 %, as if seen on two days
_GROWTH = 0.25  # of the band with the days ahead, where nothing was tried: days alike have none, a wandering level half


def half_widths(errors: Array, first: float) -> Array:
    """Return the half-widths for each day ahead, never narrower than for the day before.

    `errors` are relative ones, origin × day ahead, NaN where not known; `first` is what share of the first day is
    still to come.
    """
    found: list[float] = []
    for step in range(errors.shape[1]):
        # The first day may be half over, so its errors are its own; later ones are like their neighbours'.
        near = errors[:, :1] if step == 0 else errors[:, max(step - 1, 1) : step + 2]
        tries = int(np.isfinite(errors[:, step]).sum())
        if step and tries < _FEW:
            found.append(found[-1] * (1 + 1 / step) ** _GROWTH)
        else:
            width = _half_width(near[np.isfinite(near)], tries, _PRIOR * (1.0 if step else first))
            found.append(max(width, found[-1]) if step else width)
    return np.array(found)


def _half_width(errors: Array, tries: int, prior: float) -> float:
    """Return what COVERAGE of such errors stay within: their quantile (split conformal), or Student's with a prior."""
    if tries >= _MANY:
        rank = min(math.ceil((len(errors) + 1) * COVERAGE), len(errors))
        return float(np.sort(np.abs(errors))[rank - 1])
    weight = tries + _PRIOR_WEIGHT
    square = float(np.mean(errors**2)) if len(errors) else 0.0
    return _student(weight) * math.sqrt((tries * square + _PRIOR_WEIGHT * prior**2) / weight)


def half_widths_of_sums(errors: Array, reach: Array) -> Array:
    """Return the half-widths for sums of the first k days: between those of independent days and of days all alike."""
    sums = np.cumsum(np.nan_to_num(errors), axis=1)
    there = np.logical_or.accumulate(np.isfinite(errors)[:, ::-1], axis=1)[:, ::-1]
    least, most = np.sqrt(np.cumsum(reach**2)), np.cumsum(reach)
    found: list[float] = []
    for step in range(errors.shape[1]):
        own = sums[there[:, step], step]
        if len(own) >= _FEW:
            # Sums of neighbouring origins share most of their days: count them as if they did not overlap.
            apart = 1 + (len(own) - 1) / (step + 1)
            width = _student(apart + 2) * math.sqrt(float(np.mean(own**2)))
        else:
            width = found[-1] * (step + 1) / step if step else 0.0
        found.append(max(min(max(width, least[step]), most[step]), found[-1] if step else 0.0))
    return np.array(found)


def _student(freedom: float) -> float:
    """Return Student's t quantile for a band of COVERAGE, by its expansion around the normal one (1 % off at 3)."""
    z = 1.2815515655446004
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
