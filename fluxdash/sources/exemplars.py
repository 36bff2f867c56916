"""The exemplars of a gateway's latency histogram: what Prometheus keeps of single requests, where it keeps any."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fluxdash.errors import BadPayload, SourceError, SourceSaturated
from fluxdash.profiles.profile import Counter, Histogram, Metrics
from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.dimensions import UNKNOWN
from fluxdash.semantic.exemplars import NO_EXEMPLARS, Exemplar, Exemplars, slowest
from fluxdash.semantic.measures import LATENCY
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.traceid import TraceId
from fluxdash.sources import promql
from fluxdash.sources.cached import Ribbons, Row
from fluxdash.sources.inventory import Inventory
from fluxdash.sources.prometheus import Prometheus
from fluxdash.sources.readings import pick
from fluxdash.sources.reply import NAME
from fluxdash.sources.source import PROMETHEUS

PATIENCE = 1.0
"""Seconds that a chart may be kept waiting for exemplars: it is whole without them."""

_QUIET = 60.0
"""Seconds for which nobody asks again after that failed: a server that refuses the question is not worth the wait."""

_TRACES = ("trace_id", "traceID", "TraceID", "traceId", "traceid")
"""The label that holds the trace; its name differs from one client library to the next."""


class LatencyExemplars:
    """Asks a Prometheus of its own, so that a slow answer takes no place from the questions that panels rest on."""

    def __init__(
        self,
        prometheus: Prometheus,
        metrics: Metrics,
        ribbons: Ribbons,
        inventory: Inventory,
        origin: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._prometheus = prometheus
        self._metrics = metrics
        self._ribbons = ribbons
        self._inventory = inventory
        self._origin = f"{PROMETHEUS}:{origin}:exemplars"
        self._clock = clock
        self._failed_at = -math.inf

    def within(self, scope: Scope) -> Exemplars:
        """Return the exemplars of a scope; none where a filter can't be applied to them, and none where asking fails.

        Never raises, and takes longer than a second at most once a minute.
        """
        if self._clock() - self._failed_at < _QUIET or (self._inventory.last and self._inventory.last.error):
            return NO_EXEMPLARS
        histogram, filters = self._histogram(scope)
        if histogram is None:
            return NO_EXEMPLARS
        counter = Counter(f"{histogram.metric}_bucket", histogram.labels, histogram.where)
        text, window = promql.selector(counter, self._metrics, filters), scope.window

        def fetch() -> tuple[Row, ...]:
            data = self._prometheus.exemplars(text, window.start, max(window.end, window.now))
            found = _read(data, self._wanted(histogram, filters), histogram.scale)
            return tuple((each.time, each.seconds, each.trace.padded) for each in slowest(found, window))

        try:
            listed = self._ribbons.listed(self._origin, f"{text}/{window.step}", window, fetch)
        except SourceSaturated:
            return NO_EXEMPLARS  # others are asking for theirs; that says nothing about the server
        except SourceError:
            self._failed_at = self._clock()
            return NO_EXEMPLARS
        return Exemplars(tuple(_exemplars(listed.rows)), Provenance(PROMETHEUS, listed.as_of, True))

    def close(self) -> None:
        """Close the pooled connections."""
        self._prometheus.close()

    def _histogram(self, scope: Scope) -> tuple[Histogram | None, tuple[Filter, ...]]:
        """Return what to read, and the filters; None unless every one of them reaches it."""
        filters = scope.selection
        if filters is None:
            return None, ()
        found = pick(LATENCY, self._metrics, self._inventory, None, filters)
        if isinstance(found, str) or found.ignored or found.label or not isinstance(found.expression, Histogram):
            return None, filters
        return found.expression, filters

    def _wanted(self, histogram: Histogram, filters: Sequence[Filter]) -> dict[str, frozenset[str]]:
        """Return the values that each label may have: what comes back is looked at again, for it names accounts."""
        wanted = {}
        for each in filters:
            label = self._metrics.label(each.dimension, histogram.labels)
            nulls = self._metrics.nulls if UNKNOWN in each.values else ()
            if label is not None:
                wanted[label] = frozenset((*each.values, *nulls))
        return wanted


def _read(data: Any, wanted: Mapping[str, frozenset[str]], scale: float) -> Iterator[Exemplar]:
    """Yield what an answer holds; what is no exemplar of a trace is passed over, what is no answer is BadPayload."""
    if not isinstance(data, list):
        raise BadPayload(NAME, "answered exemplars that are not a list")
    for series in data:
        labels = series.get("seriesLabels") if isinstance(series, dict) else None
        listed = series.get("exemplars") if isinstance(series, dict) else None
        if not isinstance(labels, dict) or not isinstance(listed, list):
            raise BadPayload(NAME, "answered exemplars that do not follow the contract")
        if not all(str(labels.get(label, "")) in values for label, values in wanted.items()):
            continue
        for each in listed:
            found = _exemplar(each, scale)
            if found is not None:
                yield found


def _exemplar(told: Any, scale: float) -> Exemplar | None:
    try:
        labels, seconds, moment = told["labels"], float(told["value"]) * scale, float(told["timestamp"])
        trace = next((TraceId.known(str(labels[name])) for name in _TRACES if labels.get(name)), None)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    sound = math.isfinite(seconds) and seconds >= 0 and math.isfinite(moment)
    return Exemplar(moment, seconds, trace) if trace is not None and sound else None


def _exemplars(rows: Sequence[Row]) -> Iterator[Exemplar]:
    for moment, seconds, text in rows:
        trace = TraceId.known(str(text))
        if trace is not None and isinstance(moment, float | int) and isinstance(seconds, float | int):
            yield Exemplar(moment, seconds, trace)
