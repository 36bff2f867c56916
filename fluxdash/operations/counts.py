"""What FluxDash counts of itself, as metrics of prometheus_client; the words of their labels are the code's own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from fluxdash.telemetry import Telemetry

PREFIX = "fluxdash_"
_UPSTREAM = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_REQUEST = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Counts(Telemetry):
    """Counts in a registry of its own: what the application around it counts keeps apart, and so do two of these where
    a process is alone.

    `folder` is where prometheus_client keeps the counts of several processes, and None for a process alone: the library
    decides that once, when it is first imported, by the variable PROMETHEUS_MULTIPROC_DIR.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._registry = own = CollectorRegistry()
        self._panels = Counter(
            "fluxdash_panel_state_total",
            "Panels drawn, by how they stood, where from, and what was lacking.",
            ("source", "state", "reason"),
            registry=own,
        )
        self._upstream = Histogram(
            "fluxdash_upstream_seconds",
            "How long callers waited for calls to a source, and how these ended.",
            ("source", "outcome"),
            registry=own,
            buckets=_UPSTREAM,
        )
        self._resting = Gauge(
            "fluxdash_breaker_open",
            "Pools of connections, in all processes, that leave a source alone because it could not be reached.",
            ("source",),
            registry=own,
            multiprocess_mode="livesum",
        )
        self._shed = Counter(
            "fluxdash_shed_total",
            "Calls to a source that were not made: all places taken, or the source is left alone.",
            ("source", "reason"),
            registry=own,
        )
        self._abandoned = Gauge(
            "fluxdash_abandoned_threads",
            "Threads in calls to a source that outlived their deadline and that nobody waits for any more.",
            ("source",),
            registry=own,
            multiprocess_mode="livesum",
        )
        self._cache = Counter(
            "fluxdash_cache_total",
            "Answers by how much of them was kept: all (fresh), all but the newest (stale), nothing (miss).",
            ("result",),
            registry=own,
        )
        self._in_flight = Gauge(
            "fluxdash_http_requests_in_flight",
            "Requests that are being answered.",
            registry=own,
            multiprocess_mode="livesum",
        )
        self._answered = Histogram(
            "fluxdash_http_request_seconds",
            "How long requests took, by route and status.",
            ("route", "status"),
            registry=own,
            buckets=_REQUEST,
        )
        for result in ("fresh", "stale", "miss"):  # there from the start, so that the first one is an increase
            self._cache.labels(result)

    def collect(self) -> Iterable[Metric]:
        """Yield what was counted, by all processes that share the folder."""
        found = MultiProcessCollector(None, str(self._folder)) if self._folder else self._registry  # type: ignore[no-untyped-call]
        for metric in found.collect():
            # The application around us may keep its counts in the same folder; they are not ours to tell.
            if metric.name.startswith(PREFIX):
                metric.samples = [each for each in metric.samples if not each.name.endswith("_created")]
                yield metric

    def asked(self, source: str, seconds: float, outcome: str) -> None:
        self._upstream.labels(source, outcome).observe(seconds)

    def refused(self, source: str, why: str) -> None:
        self._shed.labels(source, why).inc()

    def rests(self, source: str, resting: bool) -> None:
        self._resting.labels(source).inc(1 if resting else -1)

    def abandoned(self, source: str, change: int) -> None:
        self._abandoned.labels(source).inc(change)

    def cached(self, result: str) -> None:
        self._cache.labels(result).inc()

    def drew(self, state: str, source: str, reason: str) -> None:
        self._panels.labels(source, state, reason).inc()

    def entered(self) -> None:
        self._in_flight.inc()

    def left(self, route: str, status: int, seconds: float, request: str) -> None:
        self._in_flight.dec()
        self._answered.labels(route, str(status)).observe(seconds)
