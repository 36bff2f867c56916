"""The models a forecast may choose from: naive ones, and the structural seasonal ones of statsmodels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import pandas  # noqa: F401  here, before there are threads: see _fitted

from fluxdash.analysis.days import Array

WEEK = 7
LEARNT = 2 * WEEK
"""Days that a model of statsmodels needs before its first forecast."""

_VARIES = 1e-6  # spread against the level, or in logarithms, under which there is nothing to fit
_MOST = 10.0  # times the highest day so far: no forecast goes beyond
# Nelder and Mead need no linear algebra: for two variances its threads would take more time than they save.
_FITTING = MappingProxyType(
    {"method": "nm", "maxiter": 100, "disp": False, "warn_convergence": False, "cov_type": "none"}
)
_TOP = 700.0  # the logarithm of the highest number that there is

Predict: TypeAlias = Callable[[Array, Sequence[int], int], Array]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to forecast: its name in plain words, the days it needs, and what it predicts.

    `predict(levels, origins, ahead)` returns for each origin (days known then, rising) the levels of so many days
    ahead, NaN where it cannot tell. It looks only at `levels[:origin]`, which holds no NaN.
    """

    name: str
    needs: int
    predict: Predict

    def predictions(self, levels: Array, origins: Sequence[int], ahead: int) -> Array:
        """Return the levels forecast from every origin, origin × day ahead; NaN where there is too little to go by."""
        able = [each for each in origins if each >= self.needs]
        found = np.full((len(origins), ahead), np.nan)
        if able:
            most = np.maximum.accumulate(levels)[np.array(able) - 1, None] * _MOST
            found[len(origins) - len(able) :] = np.clip(self.predict(levels, able, ahead), 0.0, most)
        return found


def _mean_of_last(count: int, levels: Array, origins: Sequence[int], ahead: int) -> Array:
    return np.array([np.full(ahead, levels[max(each - count, 0) : each].mean()) for each in origins])


def _mean_of_weekdays(weeks: int, levels: Array, origins: Sequence[int], ahead: int) -> Array:
    steps = np.arange(ahead)
    found = []
    for origin in origins:
        newest = origin - WEEK + steps % WEEK
        before = newest[:, None] - WEEK * np.arange(weeks)
        there = before >= 0
        found.append((levels[np.maximum(before, 0)] * there).sum(axis=1) / there.sum(axis=1))
    return np.array(found)


def _state_space(kind: Mapping[str, bool], levels: Array, origins: Sequence[int], ahead: int) -> Array:
    """Forecast from every origin, with parameters fitted when half the days or more were known; from the last, all."""
    found = np.full((len(origins), ahead), np.nan)
    for size in sorted({_fitted_at(origin, origins[-1]) for origin in origins}):
        rows = [row for row, origin in enumerate(origins) if _fitted_at(origin, origins[-1]) == size]
        found[rows] = _fitted(kind, levels, size, [origins[row] for row in rows], ahead)
    return found


def _fitted_at(origin: int, last: int) -> int:
    """Return the number of days to fit on: fourteen, doubled as often as they fit before the origin."""
    return origin if origin == last else LEARNT * 2 ** (origin // LEARNT).bit_length() // 2


def _fitted(kind: Mapping[str, bool], levels: Array, size: int, origins: Sequence[int], ahead: int) -> Array:
    """Return the forecasts from origins at or after `size`, fitted on the days before it; NaN where that cannot be.

    Importing statsmodels takes a second and 90 MB, so it waits for the first that is fitted. It imports pandas, which
    Plotly's JSON uses as soon as it is there at all: half imported in one thread, it would fail the other threads.
    """
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    learnt = levels[:size]
    # Weekly patterns grow with the level, so they are learnt in logarithms; days near zero have none to speak of.
    by_factor = learnt.min() > 0.05 * np.median(learnt) and levels[: origins[-1]].min() > 0
    scaled = np.log(levels[: origins[-1]]) if by_factor else levels[: origins[-1]]
    middle, spread = scaled[:size].mean(), scaled[:size].std()
    if spread <= _VARIES * (1.0 if by_factor else middle):
        return np.full((len(origins), ahead), np.nan)
    scaled = (scaled - middle) / spread
    with np.errstate(all="ignore"):
        model = UnobservedComponents(scaled[:size], irregular=True, seasonal=WEEK, stochastic_seasonal=False, **kind)
        try:
            # A single variance has nothing to be weighed against, so its size does not move the forecast.
            result = model.fit(**_FITTING) if model.k_params > 1 else model.filter([1.0])
        except np.linalg.LinAlgError:
            return np.full((len(origins), ahead), np.nan)  # these days do not determine it, so it is no candidate
        states = result.predicted_state[:, -1:]
        if len(scaled) > size:
            states = result.extend(scaled[size:]).predicted_state
        design, move = result.model.ssm["design"], result.model.ssm["transition"]
        found: Array = np.empty((len(origins), ahead))
        for step in range(ahead):
            found[:, step] = (design @ states[:, [each - size for each in origins]])[0]
            states = move @ states
        found = np.asarray(found * spread + middle)
        return np.exp(np.minimum(found, _TOP)) if by_factor else found


CANDIDATES = (
    Candidate("the last day", 1, partial(_mean_of_last, 1)),
    Candidate("the mean of the last 7 days", 1, partial(_mean_of_last, WEEK)),
    Candidate("the same day last week", WEEK, partial(_mean_of_weekdays, 1)),
    Candidate("the mean of the last 4 same weekdays", WEEK, partial(_mean_of_weekdays, 4)),
    Candidate("a constant level with a weekly pattern", LEARNT, partial(_state_space, {"level": True})),
    Candidate(
        "a moving level with a weekly pattern", LEARNT, partial(_state_space, {"level": True, "stochastic_level": True})
    ),
    Candidate(
        "a steady trend with a weekly pattern",
        LEARNT,
        partial(_state_space, {"level": True, "stochastic_level": True, "trend": True}),
    ),
)
