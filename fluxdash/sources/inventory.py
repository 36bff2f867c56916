"""Which of a profile's metrics a Prometheus really has, with which labels, and since when."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fluxdash.errors import SourceError
from fluxdash.profiles.profile import Counter, Difference, Histogram, Metrics
from fluxdash.semantic.moments import rfc3339
from fluxdash.sources.prometheus import Prometheus

_LOOK_BACK = 31 * 86400
_KEEP = 60.0
_RETRY = 5.0


@dataclass(frozen=True, slots=True)
class Found:
    """One look: the labels of each metric (empty for one that does not exist), and the first hour with data."""

    labels: dict[str, frozenset[str]]
    since: int | None
    at: float
    error: SourceError | None = None


class Inventory:
    """Looks once a minute at most. While Prometheus cannot be asked, the documentation is believed."""

    def __init__(self, prometheus: Prometheus, metrics: Metrics, clock: Callable[[], float] = time.time) -> None:
        self._prometheus = prometheus
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        self._found: Found | None = None

    def look(self) -> Found:
        """Return what is there, from at most a minute ago; never raises."""
        with self._lock:
            found, now = self._found, self._clock()
            if found is None or now - found.at > (_RETRY if found.error else _KEEP):
                self._found = found = self._fresh(now)
            return found

    def exists(self, metric: str) -> bool:
        """Say whether the metric has series; an unanswered question counts as yes."""
        found = self.look()
        return bool(found.error) or bool(found.labels.get(metric))

    def carried(self, metric: str, documented: tuple[str, ...]) -> tuple[str, ...]:
        """Return the labels that a metric carries; its documented ones while Prometheus cannot be asked."""
        found = self.look()
        return documented if found.error else tuple(sorted(found.labels.get(metric, frozenset())))

    def uncovered(self, start: int) -> str:
        """Return a sentence when the data begin after `start` (epoch seconds), else an empty string."""
        since = self.look().since
        return f"Prometheus' data start at {rfc3339(since)}." if since is not None and start < since - 3600 else ""

    def _fresh(self, now: float) -> Found:
        end = int(now)
        try:
            labels = {
                metric: self._prometheus.labels(metric, end - _LOOK_BACK, end) for metric in set(names(self._metrics))
            }
            hours = range(end // 3600 * 3600 - _LOOK_BACK, end + 1, 3600)
            counted = self._prometheus.range(f"count({self._metrics.pulse})", hours[0], hours[-1], 3600).series
        except SourceError as err:
            return Found({}, None, now, err)
        since = min((int(series.points[0][0]) for series in counted if series.points), default=None)
        return Found(labels, since, now)


def names(metrics: Metrics) -> Iterator[str]:
    """Yield the name of every metric that a profile reads, histograms by their `_bucket`."""
    yield metrics.pulse
    for _, readings in metrics.readings:
        for reading in readings:
            match reading.expression:
                case Counter(metric=metric, zero_like=zero):
                    yield from (metric, *([zero] if zero else []))
                case Difference(minuend=minuend, subtrahend=subtrahend):
                    yield from (minuend.metric, subtrahend.metric)
                case Histogram(metric=metric):
                    yield f"{metric}_bucket"
