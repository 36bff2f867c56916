"""Daily and month-end cost to come, with an 80 % band and how well it held in a back test; or why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

import numpy as np

from fluxdash.analysis.backtest import BackTest, Outlook, Replay, filled
from fluxdash.analysis.days import Days, Flags, Month, days
from fluxdash.semantic.units import Unit, figure, percent

LEAST = 3
"""Full days that must be known."""

_GAPS = 0.25  # of the days may be unknown
_LOST = 3  # days in a row may be unknown just before today
_SILENT = 7  # days in a row without any spend: the gateway is out of use


@dataclass(frozen=True, slots=True)
class Day:
    """Dollars expected, and a band that holds them four times in five."""

    date: date
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """The running month's total: `spent` is what is known since `since`, `path` the total by the end of each day.

    `unknown` is what the hours of days that are over, and of which nothing is known, are estimated to have cost; it is
    not in `spent`, but in all the others.
    """

    spent: float
    since: date
    unknown: float
    expected: float
    low: float
    high: float
    path: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The days from the running one on, with what it has spent already; the month; and how far to trust them."""

    days: tuple[Day, ...]
    month: MonthEnd
    model: str
    history: int
    back_test: BackTest

    @property
    def sentence(self) -> str:
        """Return the model and its back test in words, for the panel."""
        test = self.back_test
        return (
            f"By {self.model}, from {self.history} days. In {test.origins} back tests it was off by "
            f"{figure(Unit.DOLLARS, test.error)} a day, {test.naive} by {figure(Unit.DOLLARS, test.naive_error)}; "
            f"the 80\u00a0% band held {percent(test.coverage, 0)} of the days."
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no forecast, in a sentence."""

    reason: str


def forecast(hours: Sequence[float | None], start: int, zone: tzinfo, horizon: int = 7) -> Forecast | Refusal:
    """Forecast `horizon` days from the running one on, and the running month.

    `hours` are dollars per closed hour from `start` (epoch seconds) without a break; None is an unknown hour. Now is
    their end. In a zone that is off by half an hour let them begin there, at local midnight. The month is counted
    from the first known hour in it, so give at least the whole month. Same input, same forecast.
    """
    found, month = days(hours, start, zone, horizon)
    reason, found = _judged(found)
    if reason:
        return Refusal(reason)
    known = np.isfinite(found.levels)
    levels = filled(found.levels)
    replay = Replay(levels, known, found.early, found.running.level(0.0), found.elapsed, len(found.ahead))
    outlook = replay.outlook()
    ahead = _days(found, outlook)
    past = dict(zip(found.past, levels.tolist(), strict=True))
    unknown = math.fsum(share * past.get(day, float(levels.mean())) for day, share in month.unknown)
    return Forecast(
        ahead[:horizon],
        _month(month, unknown, found, ahead, outlook),
        outlook.model,
        int(known.sum()),
        replay.back_test(),
    )


def _judged(found: Days) -> tuple[str, Days]:
    """Return why these days do not allow a forecast, or nothing, and the days from which on there are few gaps."""
    known = np.isfinite(found.levels)
    if known.any() and not (found.levels[known] > 0).any() and found.running.spent <= 0:
        return f"Nothing was spent in {_count(int(known.sum()))}, so there is nothing to forecast from.", found
    if (full := int(known.sum())) < LEAST:
        gaps = f" {_count(len(known) - full)} between are unknown." if len(known) > full else ""
        return f"{_count(full, 'full ')} of history: a forecast needs at least {LEAST}.{gaps}", found
    if (lost := _trailing(~known)) > _LOST:
        return f"The spend of the last {lost} days is unknown, so there is no level to start from.", found
    shares = np.cumsum(~known[::-1]) / np.arange(1, len(known) + 1)
    whole = [size for size in range(LEAST, len(known) + 1) if shares[size - 1] <= _GAPS and known[-size]]
    if not whole or known[-whole[-1] :].sum() < LEAST:
        return f"{len(known) - full} of {len(known)} days are unknown: too many gaps for a forecast.", found
    found = found.since(len(known) - whole[-1])
    spent = found.levels[np.isfinite(found.levels)]
    if (silent := _trailing(spent <= 0)) >= _SILENT:
        return f"Nothing was spent in the last {silent} days, so there is no level to start from.", found
    if 2 * (idle := int((spent <= 0).sum())) >= len(spent):
        return f"Nothing was spent on {idle} of {len(spent)} days: too rare for a forecast by day.", found
    return "", found


def _trailing(flags: Flags) -> int:
    return len(flags) if flags.all() else int(np.argmin(flags[::-1]))


def _count(number: int, kind: str = "") -> str:
    return f"{number} {kind}{'day' if number == 1 else 'days'}"


def _days(found: Days, outlook: Outlook) -> tuple[Day, ...]:
    """Return the days ahead; the first never ends below what is spent already."""
    return tuple(
        _day(day, length * level, length * reach, found.running.spent if day == found.ahead[0] else 0.0)
        for day, length, level, reach in zip(
            found.ahead, found.lengths.tolist(), outlook.levels.tolist(), outlook.reach.tolist(), strict=False
        )
    )


def _day(day: date, expected: float, reach: float, least: float) -> Day:
    least = max(least, 0.0)
    expected = max(expected, least)
    return Day(day, expected, max(expected - reach, least), max(expected + reach, expected))


def _month(month: Month, unknown: float, found: Days, ahead: Sequence[Day], outlook: Outlook) -> MonthEnd:
    """Return the month's total: spent so far, the unknown hours, and the days ahead up to its end."""
    today = found.ahead[0]
    total = month.spent - found.running.spent + unknown
    path = []
    for place, day in enumerate(
        each for each in ahead if (each.date.year, each.date.month) == (today.year, today.month)
    ):
        total += day.expected
        path.append(_day(day.date, total, float(outlook.total_reach[place]), month.spent))
    end = path[-1]
    return MonthEnd(month.spent, month.since, unknown, end.expected, end.low, end.high, tuple(path))
