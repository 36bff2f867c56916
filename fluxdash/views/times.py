"""How moments and windows are written on screen, in one zone that is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from fluxdash.semantic.units import MINUS, SPACE, span
from fluxdash.semantic.window import Window

_DAY = 86400


@dataclass(frozen=True, slots=True)
class Clock:
    """The zone that times on screen are written in."""

    zone: tzinfo = UTC

    def at(self, seconds: float) -> datetime:
        """Return a moment in this zone."""
        return datetime.fromtimestamp(seconds, self.zone)

    def name(self, seconds: float) -> str:
        """Return what the zone is called then, such as `UTC` or `CET`; `UTC−03` where it has no letters of its own."""
        name = self.at(seconds).tzname() or "UTC"
        return f"UTC{name.replace('-', MINUS)}" if name[0] in "+-" else name

    def offset(self, seconds: float) -> int:
        """Return how far the zone is ahead of UTC then, in seconds."""
        ahead = self.at(seconds).utcoffset()
        return 0 if ahead is None else int(ahead.total_seconds())

    def time(self, seconds: float) -> str:
        """Return `14:32`, with seconds where they matter."""
        return self.at(seconds).strftime("%H:%M:%S" if seconds % 60 else "%H:%M")

    def day(self, seconds: float, *, weekday: bool = False) -> str:
        """Return `23 Nov`, or `Mon 23 Nov`."""
        moment = self.at(seconds)
        return f"{moment:%a} {moment.day} {moment:%b}" if weekday else f"{moment.day} {moment:%b}"

    def days(self, now: float) -> dict[str, tuple[float, float | None]]:
        """Return where today, yesterday and this month begin and end; None for what is still running."""
        today = self.at(now).replace(hour=0, minute=0, second=0, microsecond=0)
        # A day is not always 24 hours long, but the date before today's always ends where today begins.
        before = datetime.combine(today.date() - timedelta(days=1), datetime.min.time(), self.zone)
        return {
            "today": (today.timestamp(), None),
            "yesterday": (before.timestamp(), today.timestamp()),
            "month": (today.replace(day=1).timestamp(), None),
        }

    def times(self, window: Window) -> str:
        """Return `Mon 23 Nov, 13:32 – 14:32`, with both days where they differ."""
        start, end = window.start, window.end
        if self.day(start) == self.day(end):
            return f"{self.day(start, weekday=True)}, {self.time(start)} – {self.time(end)}"
        return f"{self.day(start)}, {self.time(start)} – {self.day(end)}, {self.time(end)}"

    def window(self, window: Window) -> str:
        """Return `Mon 23 Nov, 13:32 – 14:32 UTC`, with both days where they differ."""
        return f"{self.times(window)}{SPACE}{self.name(window.end)}"

    def between(self, window: Window) -> str:
        """Return `between 13:32 and 14:32 UTC`, with both days where they differ."""
        start, end = self.time(window.start), self.time(window.end)
        if self.day(window.start) != self.day(window.end):
            start, end = f"{self.day(window.start)}, {start}", f"{self.day(window.end)}, {end}"
        return f"between {start} and {end}{SPACE}{self.name(window.end)}"

    def short(self, window: Window) -> str:
        """Return `12:32 – 13:32`, or the days for what is longer than one."""
        if window.seconds < _DAY:
            return f"{self.time(window.start)} – {self.time(window.end)}"
        return f"{self.day(window.start)} – {self.day(window.end)}"

    def start(self, window: Window) -> str:
        """Return where a window begins, as briefly as it can be told."""
        return self.time(window.start) if window.seconds < _DAY else self.day(window.start)


def previous_name(window: Window) -> str:
    """Return what the window before is called: `Previous hour`, `Previous 15 min`, `Previous 18 min 30 s`."""
    names = {3600: "hour", 86400: "day", 604800: "week"}
    return f"Previous {names.get(window.seconds) or _length(window.seconds)}"


def _length(seconds: int) -> str:
    """Return how long a window is, in two units where one does not do."""
    for least, size, smaller in ((2 * _DAY, _DAY, 3600), (3600, 3600, 60), (60, 60, 1)):
        rest = seconds % size // smaller * smaller
        if seconds >= least and rest:
            return f"{span(seconds - seconds % size)} {span(rest)}"
    return span(seconds)


def buckets(window: Window) -> str:
    """Return `1 min buckets · last one filling`."""
    filling = len(window.head)
    tail = "" if not filling else " · last one filling" if filling == 1 else f" · last {filling} filling"
    return f"{span(window.step)} buckets{tail}"
