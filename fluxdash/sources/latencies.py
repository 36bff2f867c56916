"""The latencies of each group as a histogram tells them: what lies in each of its buckets, evenly spread."""

from __future__ import annotations

from fluxdash.errors import NotReported
from fluxdash.profiles.profile import Histogram, Metrics
from fluxdash.semantic.answer import Note, NoteKind, Provenance, Samples
from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.histogram import spread
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.measures import LATENCY
from fluxdash.semantic.query import MOST_GROUPS, Query
from fluxdash.semantic.scope import Scope
from fluxdash.sources import matrix, promql
from fluxdash.sources.cached import Ribbons
from fluxdash.sources.cells import Cells, Spec
from fluxdash.sources.inventory import Inventory
from fluxdash.sources.prometheus import Prometheus
from fluxdash.sources.readings import pick
from fluxdash.sources.source import PROMETHEUS

LATENCIES = "Latency of single requests"


def asked_of(scope: Scope, by: Dimension) -> Query:
    """Return the question by which a source is chosen for samples: who tells the latency of the groups tells them."""
    return LATENCY.top(MOST_GROUPS, by=by).within(scope)


class BucketedLatencies:
    """Reads a histogram by group over the closed part of a window, as one bucket of time."""

    def __init__(
        self, prometheus: Prometheus, metrics: Metrics, ribbons: Ribbons, inventory: Inventory, origin: str
    ) -> None:
        self._prometheus = prometheus
        self._metrics = metrics
        self._ribbons = ribbons
        self._inventory = inventory
        self._origin = f"{PROMETHEUS}:{origin}:latencies"

    def samples(self, scope: Scope, by: Dimension) -> Samples:
        """Return the latencies of each group; raises NotReported or SourceError."""
        histogram, window = self._histogram(scope, by), scope.window
        text, filters = self._text(histogram, scope, by), scope.selection or ()

        def fetch(start: int, end: int, step: int) -> Cells:
            self._inventory.check()
            reply = self._prometheus.range(text, start + step, end, step)
            labels = self._metrics.grouping(by, histogram.labels)
            return matrix.cells(reply, start, end, step, labels, self._metrics.nulls, part=None)

        kept = self._ribbons.whole(f"{self._origin}:{text}", Spec((LATENCY.slug,), by, filters), window, fetch)
        how = (Note(NoteKind.ESTIMATED, "from histogram buckets"),)
        since = self._inventory.uncovered(window.start)
        partly = (Note(NoteKind.PARTIAL, each) for each in (*([since] if since else []), *kept.cells.warnings))
        return Samples(_spread(kept.cells, histogram.scale), Provenance(PROMETHEUS, kept.as_of, False, (*how, *partly)))

    def sample_statement(self, scope: Scope, by: Dimension) -> str:
        """Return the PromQL that `samples` asks, at the window's end; raises NotReported."""
        return self._text(self._histogram(scope, by), scope, by)

    def _text(self, histogram: Histogram, scope: Scope, by: Dimension) -> str:
        return promql.text(histogram, self._metrics, by, scope.selection or (), scope.window.seconds)

    def _histogram(self, scope: Scope, by: Dimension) -> Histogram:
        found = pick(LATENCY, self._metrics, self._inventory, by, scope.selection or ())
        if isinstance(found, str) or not isinstance(found.expression, Histogram):
            raise NotReported(LATENCIES, (found if isinstance(found, str) else "Prometheus keeps no histogram of it.",))
        return found.expression


def _spread(cells: Cells, scale: float) -> dict[str, tuple[tuple[float, int], ...]]:
    """Spread the counts of every group over its buckets; one that lacks a bound has no more there than below it."""
    bounds = sorted({bound for parts in cells.groups.values() for bound in parts}, key=float)
    if len(bounds) < 2:
        return {}
    counts = {group: _rising([parts[each][0] if each in parts else None for each in bounds]) for group, parts in
              cells.groups.items()}  # fmt: skip
    found = spread([float(each) * scale for each in bounds], counts)
    return {group: values for group, values in found.items() if values}


def _rising(amounts: list[Amount]) -> list[float]:
    found: list[float] = []
    for amount in amounts:
        found.append(max(amount or 0.0, found[-1] if found else 0.0))
    return found
