"""Which of a profile's metrics a Prometheus really has, with which labels, and since when."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, replace

from fluxdash.errors import SourceError, SourceTimeout
from fluxdash.profiles.profile import Counter, Difference, Expression, Gauge, Histogram, Metrics
from fluxdash.semantic.moments import said
from fluxdash.sources.glance import Glance
from fluxdash.sources.prometheus import Prometheus
from fluxdash.sources.reply import NAME, Reply

_LOOK_BACK = 31 * 86400
_KEEP = 30.0
_RETRY = 5.0
_AT_ONCE = 4
"""Questions of one look in flight at a time: a dozen, one after the other, would take a distant server too long."""


@dataclass(frozen=True, slots=True)
class Found:
    """One look: the labels of each metric (empty for one that does not exist), and since when there are data.

    The data may be up to `margin` seconds older than `since`, the first moment of a grid that saw them. `at` is when
    a look last succeeded, in epoch seconds; 0 before the first.
    """

    labels: dict[str, frozenset[str]]
    since: int | None
    margin: int = 0
    at: float = 0.0
    error: SourceError | None = None


class Inventory:
    """Looks every half minute, `patience` seconds each. Until it could look once, the documentation is believed."""

    def __init__(
        self,
        prometheus: Prometheus,
        metrics: Metrics,
        clock: Callable[[], float] = time.time,
        patience: float = 10.0,
    ) -> None:
        self._prometheus = prometheus
        self._metrics = metrics
        self._patience = patience
        self._found = Glance(self._look, lambda found: _RETRY if found.error else _KEEP, clock)

    def look(self) -> Found:
        """Return what is there, from at most half a minute ago; never raises."""
        return self._found.now()

    @property
    def last(self) -> Found | None:
        """What the last look found, without looking now."""
        return self._found.last

    def check(self) -> None:
        """Raise SourceTimeout when the last look got no answer in time: asking now would only take as long again."""
        error = self.look().error
        if isinstance(error, SourceTimeout):
            raise SourceTimeout(error.source, error.reason, hint=error.hint) from error

    def exists(self, metric: str) -> bool:
        """Say whether the metric has series; an unanswered question counts as yes."""
        found = self.look()
        return bool(found.labels.get(metric)) if found.labels else bool(found.error)

    def carried(self, metric: str, documented: tuple[str, ...]) -> tuple[str, ...]:
        """Return the labels that a metric carries; its documented ones while Prometheus cannot be asked."""
        found = self.look()
        return tuple(sorted(found.labels.get(metric, frozenset()))) if found.labels else documented

    def uncovered(self, start: int) -> str:
        """Return a sentence when the data begin after `start` (epoch seconds), else an empty string."""
        since = self.since(start)
        return f"Prometheus' data start at {said(since)}." if since else ""

    def since(self, start: int) -> int:
        """Return when the data begin where that is after `start`, else 0; both in epoch seconds."""
        found = self.look()
        return found.since if found.since is not None and start < found.since - found.margin else 0

    def _look(self, now: float) -> Found:
        end = int(now)
        last = time.monotonic() + self._patience
        first, *others = dict.fromkeys(names(self._metrics))
        hours = range(end // 3600 * 3600 - _LOOK_BACK, end + 1, 3600)
        minutes = range(end // 60 * 60 - 7200, end + 1, 60)
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fluxdash-look")
        try:
            # One question goes ahead: a server that is away is not asked a dozen times.
            labels = {first: self._prometheus.labels(first, end - _LOOK_BACK, end)}
            asked = {name: pool.submit(self._prometheus.labels, name, end - _LOOK_BACK, end) for name in others}
            text = f"count({self._metrics.pulse})"
            # By the hour a month back, and by the minute for a Prometheus that was started just now.
            counts = [
                pool.submit(self._prometheus.range, text, grid[0], grid[-1], grid.step) for grid in (hours, minutes)
            ]
            labels |= {name: each.result(last - time.monotonic()) for name, each in asked.items()}
            first_seen = [_first(each.result(last - time.monotonic())) for each in counts]
        except NotInTime:
            return self._failed(SourceTimeout(NAME, f"did not answer in {self._patience:g} s"))
        except SourceError as err:
            return self._failed(err)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        by_hour, by_minute = first_seen
        if by_hour is None:
            return Found(labels, by_minute, minutes.step, now)
        return Found(labels, by_hour, hours.step, now)

    def _failed(self, error: SourceError) -> Found:
        known = self._found.last
        return replace(known, error=error) if known else Found({}, None, error=error)


def _first(reply: Reply) -> int | None:
    """The time of the first point of any series, in epoch seconds."""
    return min((int(each.points[0][0]) for each in reply.series if each.points), default=None)


def names(metrics: Metrics) -> Iterator[str]:
    """Yield the name of every metric that a profile reads, histograms by their `_bucket`."""
    yield metrics.pulse
    for _, readings in metrics.readings:
        for reading in readings:
            yield from _read(reading.expression)


def _read(expression: Expression) -> Iterator[str]:
    match expression:
        case Counter(metric=metric, zero_like=zero):
            yield from (metric, *([zero] if zero else []))
        case Difference(minuend=minuend, subtrahend=subtrahend):
            yield from (*_read(minuend), *_read(subtrahend))
        case Histogram(metric=metric):
            yield f"{metric}_bucket"
        case Gauge(metric=metric):
            yield metric
