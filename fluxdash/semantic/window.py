"""The grid of time a question is asked on: aligned buckets in UTC, the closed ones and those still filling."""

from __future__ import annotations

from dataclasses import dataclass

from fluxdash.errors import BadRequest

LADDER = (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
"""The steps a bucket may have, in seconds: each divides the day, so calendar days are whole buckets."""

PRESETS = {"5m": 300, "15m": 900, "1h": 3600, "6h": 21600, "24h": 86400, "7d": 604800, "30d": 2592000}
"""The ranges with a button of their own, in seconds."""

SETTLE = 30
"""Seconds after its end before a bucket counts as closed: two scrapes, and the log's batch writes."""

TICK = 15
"""`now` is floored to this many seconds, so that all viewers of one scope ask equal questions."""

_PRESET_STEPS = {300: 15, 900: 15, 3600: 60, 21600: 300, 86400: 900, 604800: 7200, 2592000: 21600}
_MOST_BUCKETS = 100
_LONGEST = 730 * 86400


def step_for(seconds: int) -> int:
    """Return the bucket width for a range: the design's own for a preset, else the finest with at most 100 buckets."""
    if seconds in _PRESET_STEPS:
        return _PRESET_STEPS[seconds]
    return next((step for step in LADDER if seconds <= step * _MOST_BUCKETS), LADDER[-1])


@dataclass(frozen=True, slots=True)
class Window:
    """Closed buckets `[start, end)` of `step` seconds, and the head `[end, now)` that is still filling.

    All times are integer UTC epoch seconds; `start` and `end` are multiples of `step`. The head is drawn pale and left
    out of every total, rate and delta.
    """

    start: int
    end: int
    step: int
    now: int

    def __post_init__(self) -> None:
        if self.step <= 0 or self.start % self.step or self.end % self.step or self.start >= self.end:
            raise BadRequest("window", (self.start, self.end, self.step), "start < end, both multiples of the step")

    @classmethod
    def last(cls, seconds: int, now: float, step: int | None = None) -> Window:
        """Return the newest closed buckets that make up `seconds`; `now` is epoch seconds."""
        width = _checked_step(seconds, step)
        end = int(now - SETTLE) // width * width
        return cls(end - max(seconds // width, 1) * width, end, width, _floor(now))

    @classmethod
    def between(cls, start: float, end: float, now: float, step: int | None = None) -> Window:
        """Return the whole buckets that cover `[start, end)`; what lies after `now` is cut off."""
        if not 1e9 < start < end < 4e9:
            raise BadRequest("from", (start, end), "two times with from before to, in seconds since 1970 or RFC 3339")
        if start >= now - SETTLE:
            raise BadRequest("from", start, f"a time at least {SETTLE} s in the past")
        width = _checked_step(int(min(end, now) - start), step)
        last_closed = int(now - SETTLE) // width * width
        first = int(start) // width * width
        final = max(min(-(-int(end) // width) * width, last_closed), first + width)
        live = final >= last_closed
        return cls(first, final, width, max(_floor(now), final) if live else final)

    @property
    def seconds(self) -> int:
        """The length of the closed part, in seconds."""
        return self.end - self.start

    @property
    def size(self) -> int:
        """The number of closed buckets."""
        return (self.end - self.start) // self.step

    @property
    def starts(self) -> range:
        """The start of each closed bucket."""
        return range(self.start, self.end, self.step)

    @property
    def head(self) -> range:
        """The start of each bucket that is still filling; empty for a window that lies in the past."""
        return range(self.end, max(self.now, self.end), self.step)

    def previous(self) -> Window:
        """Return the window of equal length just before; it has no head."""
        return Window(self.start - self.seconds, self.start, self.step, self.start)

    def coarsened(self, least: int) -> Window:
        """Return the window on buckets at least `least` seconds wide; ends only move back, to whole buckets."""
        if self.step >= least:
            return self
        step = next((each for each in LADDER if each >= least), LADDER[-1])
        end = self.end // step * step
        start = min(end - max(self.seconds // step, 1) * step, end - step)
        return Window(start, end, step, max(self.now, end) if self.head else end)


def _checked_step(seconds: int, step: int | None) -> int:
    if seconds > _LONGEST:
        raise BadRequest("range", seconds, f"at most {_LONGEST // 86400} days")
    if step is None:
        if seconds < LADDER[0]:
            raise BadRequest("range", seconds, f"at least {LADDER[0]} s")
        return step_for(seconds)
    if step not in LADDER:
        raise BadRequest("step", step, f"one of {', '.join(str(each) for each in LADDER)} s")
    if seconds < step or seconds > step * 1000:
        raise BadRequest("step", step, "between 1 and 1,000 buckets in the range")
    return step


def _floor(now: float) -> int:
    return int(now) // TICK * TICK
