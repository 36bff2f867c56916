"""What the models would have said on the days that are over: which to trust, how far off, and how wide a band to draw.

Everything is replayed: at each origin (a number of days known then) the model is chosen and its band drawn from the
errors that could be seen by that day, and only then compared with what came. So the error and the coverage that are
reported are those of the whole procedure on days it had not seen, not of the winner in hindsight.

Errors are relative to the level of their origin, the mean of the seven days before it, so that those of a smaller
gateway tell about the larger one that it became.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fluxdash.analysis.band import UNSEEN, half_widths, half_widths_of_sums
from fluxdash.analysis.candidates import CANDIDATES, WEEK
from fluxdash.analysis.days import Array, Flags

_TAUGHT = 8 * WEEK  # origins before each whose errors count; older ones tell about another gateway
_SCORED = 6 * WEEK  # origins, the newest half but no more; the others only teach
_JUDGED = 2  # days that a model must have been tried on before it can be chosen
_LIKE = 8  # days of the same weekday that tell how much of it is over by now
_LAST_DAY, _PLAIN, _LAST_WEEK = range(3)  # the places in CANDIDATES of those that stand for the naive ones


@dataclass(frozen=True, slots=True)
class BackTest:
    """How the forecast did on the days that are over, up to seven days ahead; errors are mean absolute ones in dollars.

    `error` and `naive_error` are of the same days. `coverage` is the share of the held-out days inside the band.
    """

    origins: int
    error: float
    naive: str
    naive_error: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """Levels of the days ahead with half-widths of their band, and half-widths for the sum of the first k of them."""

    model: str
    levels: Array
    reach: Array
    total_reach: Array


class Replay:
    """The forecasts of every model from every origin, and what came of them.

    `levels` holds no gaps; `known` says which are measured. `early` and `pace` are the levels as judged by the hours
    known of the first day ahead, which are the share `elapsed` of it.
    """

    def __init__(self, levels: Array, known: Flags, early: Array, pace: float, elapsed: float, ahead: int) -> None:
        size = len(levels)
        self.origins = np.arange(max(size - _TAUGHT - _SCORED, 1), size + 1)
        self.ahead = max(ahead, WEEK)
        self.known = known
        self.predicted = np.array([each.predictions(levels, self.origins.tolist(), self.ahead) for each in CANDIDATES])
        self.share = np.zeros(len(self.origins))
        if elapsed > 0:
            self.share = _shares(elapsed * early, levels, known, self.origins)
            spent = elapsed * np.append(early, pace)[self.origins]
            # The rest of the day as planned, or the more like the day so far the later it is: the errors decide.
            self.predicted = np.concatenate([_with(self.predicted, spent, self.share, each) for each in (0.0, 1.0)])
        self.targets = self.origins[:, None] + np.arange(self.ahead)
        self.came = np.append(np.where(known, levels, np.nan), np.nan)[np.minimum(self.targets, size)]
        recent = np.array([levels[max(each - WEEK, 0) : each].mean() for each in self.origins])
        self.scale = np.where(recent > 0, recent, levels.mean())
        self.errors = (self.came - self.predicted) / self.scale[:, None]

    def back_test(self) -> BackTest:
        """Return how choosing and drawing the band went at every origin."""
        done = len(self.origins) - 1
        rows = list(range(max(min(done // 2, done - WEEK), done - _SCORED, 0), done))
        replayed = [self._outlook(row, WEEK) for row in rows]
        came = self.came[rows, :WEEK]
        off = np.abs(came - np.array([each.levels for each in replayed]))
        inside = off <= np.array([each.reach for each in replayed]) + 1e-9 * self.scale[rows, None]
        scored = np.isfinite(came)
        for naive in (_LAST_WEEK, _LAST_DAY):
            its = np.abs(came - self.predicted[naive, rows, :WEEK])
            both = scored & np.isfinite(its)
            if both.any():
                break
        return BackTest(
            len(rows),
            float(off[both].mean()),
            CANDIDATES[naive].name,
            float(its[both].mean()),
            float(inside[scored].mean()),
        )

    def outlook(self) -> Outlook:
        """Return the forecast from now."""
        return self._outlook(len(self.origins) - 1, self.ahead)

    def _outlook(self, row: int, ahead: int) -> Outlook:
        seen = self.targets[:row] < self.origins[row]
        seen[: max(row - _TAUGHT, 0)] = False
        model = self._chosen(row, seen[:, :WEEK])
        errors = np.where(seen, self.errors[model, :row], np.nan)[:, :ahead]
        reach = half_widths(errors, 1 - self.share[row])
        weekdays = {day % WEEK for day in np.flatnonzero(self.known[: self.origins[row]])}
        reach *= [1.0 if target % WEEK in weekdays else UNSEEN for target in self.targets[row, :ahead].tolist()]
        scale = self.scale[row]
        return Outlook(
            CANDIDATES[model % len(CANDIDATES)].name,
            self.predicted[model, row, :ahead],
            reach * scale,
            half_widths_of_sums(errors, reach) * scale,
        )

    def _chosen(self, row: int, seen: Flags) -> int:
        """Return the model with the least error against the mean of seven days, on the days that both were tried on.

        With one week behind, a weekly pattern is more likely than none, but no day has yet shown it: it is assumed.
        """
        errors = np.where(seen, np.abs(self.errors[:, :row, :WEEK]), np.nan)
        best, chosen = math.inf, _PLAIN
        for model in range(len(self.predicted)):
            if not np.isfinite(self.predicted[model, row]).all():
                continue
            tried = np.isfinite(errors[model])
            if len(set(self.targets[:row, :WEEK][tried].tolist())) < _JUDGED:
                if model == _LAST_WEEK:
                    return model
                continue
            own, plain = errors[model][tried].sum(), errors[_PLAIN][tried].sum()
            score = own / plain if plain > 0 else math.inf if own > 0 else 0.0
            if score < best:
                best, chosen = score, model
        return chosen


def _with(predicted: Array, spent: Array, share: Array, trust: float) -> Array:
    """Return the forecasts with a first day of which a share is spent; `trust` is what the day's own pace counts."""
    found, plan = predicted.copy(), predicted[:, :, 0]
    weight = trust * share
    pace = spent / np.where(share > 0, share, 1.0)
    found[:, :, 0] = np.where(np.isfinite(spent), spent + (1 - share) * ((1 - weight) * plan + weight * pace), plan)
    return found


def _shares(by_now: Array, levels: Array, known: Flags, origins: NDArray[np.int_]) -> Array:
    """Return what share of the first day ahead is over by now, as seen from every origin: judged by days alike."""
    found = []
    for origin in origins.tolist():
        alike = np.arange(origin - WEEK, -1, -WEEK)[:_LIKE]
        alike = alike[known[alike] & np.isfinite(by_now[alike])]
        before = alike if len(alike) else np.flatnonzero(known[:origin] & np.isfinite(by_now[:origin]))
        whole = levels[before].sum()
        found.append(min(float(by_now[before].sum() / whole), 1.0) if whole > 0 else 0.0)
    return np.array(found)


def filled(levels: Array) -> Array:
    """Return the levels with each unknown day like the same weekday before, else the days before, else the next."""
    found = levels.copy()
    for day in np.flatnonzero(~np.isfinite(levels)):
        if day >= WEEK:
            found[day] = found[day - WEEK]
        elif day:
            found[day] = found[:day].mean()
        else:
            found[day] = levels[np.isfinite(levels)][0]
    return found
