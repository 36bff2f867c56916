"""The calendar month of the reporting zone in hours that are over: what to ask for, and where the month is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from fluxdash.semantic.measure import Amount
from fluxdash.semantic.window import SETTLE, Window

HOUR, DAY = 3600, 86_400
_STEPS = (3600, 1800, 900)
"""Buckets that fit both the grid of UTC and a zone's hours: a zone may be off by half or a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A month of a zone as seen at the end of its last closed hour; all times are UTC epoch seconds.

    `start` and `end` are the month's, `now` the end of the last hour that is over, on the clock of the zone; `step`
    is the bucket in which to ask.
    """

    zone: tzinfo
    start: int
    end: int
    now: int
    step: int

    @classmethod
    def at(cls, moment: float, zone: tzinfo) -> Calendar:
        """Return the month that the last closed hour before `moment` (epoch seconds) leads into."""
        over = int(moment) - SETTLE
        ahead = _ahead(over, zone)
        now = (over + ahead) // HOUR * HOUR - ahead
        first = datetime.fromtimestamp(now, zone).date().replace(day=1)
        start, end = _midnight(first, zone), _midnight(_next(first), zone)
        step = next(each for each in _STEPS if not (now % each or start % each) or each == _STEPS[-1])
        return cls(zone, start, end, now, step)

    @property
    def is_begun(self) -> bool:
        """Whether an hour of it is over."""
        return self.now > self.start

    @property
    def elapsed(self) -> float:
        """The share of the month that is over."""
        return (self.now - self.start) / (self.end - self.start)

    @property
    def month(self) -> Window:
        """The hours of the month that are over, of which there must be one."""
        return Window(self.start, self.now, self.step, self.now)

    @property
    def before(self) -> int:
        """Where the month before begins."""
        return _midnight(
            (datetime.fromtimestamp(self.start, self.zone).date() - timedelta(days=1)).replace(day=1), self.zone
        )

    def last(self, seconds: int) -> Window:
        """Return the newest hours that make up `seconds`."""
        return Window(self.now - seconds, self.now, self.step, self.now)

    def hours(self, values: Sequence[Amount]) -> tuple[Amount, ...]:
        """Return buckets as hours; one of which a part is not known is not known."""
        size = HOUR // self.step
        pieces = (values[i : i + size] for i in range(0, len(values), size))
        return tuple(None if None in each else sum(filter(None, each)) for each in pieces)


def _ahead(moment: float, zone: tzinfo) -> int:
    offset = datetime.fromtimestamp(moment, zone).utcoffset() or timedelta()
    return int(offset.total_seconds())


def _midnight(day: date, zone: tzinfo) -> int:
    return int(datetime.combine(day, time.min, zone).timestamp())


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
