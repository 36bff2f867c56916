"""Hours of spend as calendar days of a zone: how long each day is, what is known of it, and what was spent by now."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Slot: TypeAlias = tuple[date, int]  # the day of an hour and what the clock on the wall says

HOUR = 3600
_LONGEST = 26 * 7 * 24  # hours; older ones say little about the next month and take time
_KNOWN_ENOUGH = 0.75  # of a day's usual spend; the rest is then judged by it
_GAP = 1e-6  # of a usual day
_NOT_BEGUN = 24  # hours of zeros before the first spend
_NOTHING, _ABSURD = 1e-9, 1e12  # dollars an hour
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """Some hours of a day added up: dollars, the share of a usual day that is known, and the share with all hours."""

    spent: float = 0.0
    known: float = 0.0
    whole: float = 0.0

    def level(self, enough: float = _KNOWN_ENOUGH) -> float:
        """Return the spend as of a whole day of the usual length, in dollars; NaN where too little is known."""
        return max(self.spent / self.known, 0.0) if self.known > 0 and self.known >= enough * self.whole else math.nan


@dataclass(frozen=True, slots=True)
class Days:
    """The full days that are over, the running day, and the days ahead.

    Levels are dollars a day, each hour weighed by its usual share of one: so a day of 23 or 25 hours, one with an
    unknown hour and one that is not over yet can be compared.
    """

    past: tuple[date, ...]
    levels: Array  # of the past days; NaN where too little is known
    early: Array  # the same, judged only by the hours of the clock that are known of the running day
    running: Tally
    ahead: tuple[date, ...]  # from the running day on
    lengths: Array  # of the days ahead, as shares of a usual day

    @property
    def elapsed(self) -> float:
        """Return the share of the running day that is known."""
        return self.running.known / float(self.lengths[0])

    def since(self, first: int) -> Days:
        """Return the same without the first past days."""
        kept = self.past[first:], self.levels[first:], self.early[first:]
        return Days(*kept, self.running, self.ahead, self.lengths)


@dataclass(frozen=True, slots=True)
class Month:
    """What is known of the running month: dollars from `since` on, and what share of its past days is unknown."""

    spent: float
    since: date
    unknown: tuple[tuple[date, float], ...]


def days(hours: Sequence[float | None], start: int, zone: tzinfo, at_least: int) -> tuple[Days, Month]:
    """Cut hourly totals into days, and look ahead to the end of the month and at least `at_least` days.

    Hour i begins at `start` + 3600 i (epoch seconds) and belongs to the day in which its middle lies. None, and what
    is no number, is unknown. The running day is the one of the first hour that is not there yet.
    """
    start += max(len(hours) - _LONGEST, 0) * HOUR
    values = [_dollars(each) for each in hours[-_LONGEST:]]
    slots = _slots(start, len(values), at_least, zone)
    today = slots[len(values)][0]
    shares = _usual(slots, values)
    tallies = _tallies(slots, values, shares)
    first = _first(slots, values, _slot(start - HOUR, zone)[0])
    past = tuple(first + timedelta(days=each) for each in range((today - first).days))
    running = tallies.get(today, Tally())
    clocks = {clock for (day, clock), value in zip(slots, values, strict=False) if day == today and value is not None}
    by_now = _tallies(slots, values, shares, clocks)
    ahead = tuple(dict.fromkeys(day for day, _ in slots[len(values) :]))
    lengths = _tallies(slots, [0.0] * len(slots), shares)
    return (
        Days(
            past,
            np.array([tallies.get(each, Tally()).level() for each in past]),
            np.array([by_now.get(each, Tally()).level() for each in past]),
            running,
            ahead,
            np.array([lengths[each].whole for each in ahead]),
        ),
        _month(tallies, today),
    )


def _month(tallies: dict[date, Tally], today: date) -> Month:
    its = {day: tally for day, tally in tallies.items() if (day.year, day.month) == (today.year, today.month)}
    since = next((day for day, tally in its.items() if tally.known), today)
    return Month(
        max(math.fsum(each.spent for each in its.values()), 0.0),
        since,
        tuple(
            (day, gap) for day, each in its.items() if since <= day < today and (gap := each.whole - each.known) > _GAP
        ),
    )


def _dollars(value: float | None) -> float | None:
    if value is None or not abs(value) < _ABSURD:
        return None
    return float(value) if abs(value) >= _NOTHING else 0.0


def _slot(begin: int, zone: tzinfo) -> Slot:
    middle = datetime.fromtimestamp(begin + HOUR // 2, zone)
    return middle.date(), middle.hour


def _slots(start: int, count: int, at_least: int, zone: tzinfo) -> list[Slot]:
    """Return the hours that are there and those ahead, up to the last of its day."""
    slots = [_slot(start + each * HOUR, zone) for each in range(count + 1)]
    today = slots[-1][0]
    month_end = (today.replace(day=1) + timedelta(days=31)).replace(day=1) - _ONE_DAY
    last = max(month_end, today + timedelta(days=at_least - 1))
    while (ahead := _slot(start + len(slots) * HOUR, zone))[0] <= last:
        slots.append(ahead)
    return slots


def _usual(slots: Sequence[Slot], values: Sequence[float | None]) -> list[float]:
    """Return the share of a usual day that each hour of the clock has; an hour never seen is like the others."""
    spent, seen = [0.0] * 24, [0] * 24
    for (_, clock), value in zip(slots, values, strict=False):
        if value is not None:
            spent[clock] += max(value, 0.0)
            seen[clock] += 1
    means = [total / count for total, count in zip(spent, seen, strict=True) if count]
    other = sum(means) / len(means) if means else 0.0
    usual = [total / count if count else other for total, count in zip(spent, seen, strict=True)]
    # An hour in which nothing is ever spent still is a little of the day, or its first dollar would be an infinite one.
    least = 0.01 * sum(usual) / 24 or 1.0
    usual = [max(each, least) for each in usual]
    return [each / sum(usual) for each in usual]


def _tallies(
    slots: Iterable[Slot], values: Iterable[float | None], shares: Sequence[float], clocks: Container[int] = range(24)
) -> dict[date, Tally]:
    found: dict[date, Tally] = {}
    for (day, clock), value in zip(slots, values, strict=False):
        if clock in clocks:
            so_far, share = found.get(day, Tally()), shares[clock]
            found[day] = Tally(
                so_far.spent + (value or 0.0),
                so_far.known + (0.0 if value is None else share),
                so_far.whole + share,
            )
    return found


def _first(slots: Sequence[Slot], values: Sequence[float | None], before: date) -> date:
    """Return the first day that is known from its first hour on, and on which the gateway was already spending."""
    known = next((i for i, value in enumerate(values) if value is not None), len(values))
    begun = next((i for i, value in enumerate(values) if value), known)
    if begun - known >= _NOT_BEGUN:
        return slots[begun][0] + _ONE_DAY
    previous = slots[known - 1][0] if known else before
    return slots[known][0] + (_ONE_DAY if slots[known][0] == previous else timedelta())
