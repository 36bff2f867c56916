"""The gateway's traces as pages see them: spans from the first store that has them, requests from the log."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from fluxdash.errors import NotReported, SourceError
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.spans import Span, text
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import MOST_TRACES, Found, Opened, TraceSearch, TraceSummary
from fluxdash.sources.database import Database
from fluxdash.sources.openings import SPANS_KEPT, Openings, fallback
from fluxdash.sources.shelf import Shelf
from fluxdash.sources.sightings import Sightings
from fluxdash.sources.source import LOG, SourceState
from fluxdash.sources.summaries import noted, told
from fluxdash.sources.trace_store import Ask, Haul, Hit, TraceStore

_FRESH = 10.0
_SEARCHES = 6
"""How many searches one search may become, where only spans tell what it filters by."""


class TraceRouter:
    """Asks the stores in their order: one that fails or is not there is followed by the next, and by the log."""

    def __init__(
        self,
        stores: Sequence[TraceStore],
        sightings: Sightings,
        tracing: Tracing,
        absent: Sequence[str] = (),
        database: Database | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._stores = tuple(stores)
        self._sightings = sightings
        self._tracing = tracing
        self._absent = tuple(absent)
        self._database = database
        self._clock = clock
        self._log = SourceState(LOG, "ok")
        self._openings = Openings(self._stores, sightings, tracing, clock)
        self._found: Shelf[Found] = Shelf(lambda _: _FRESH, 64)
        self._spread: Shelf[tuple[TraceSummary, ...]] = Shelf(lambda _: _FRESH, 16)
        self._alike: Shelf[tuple[Trace, ...]] = Shelf(
            lambda _: 6 * _FRESH, SPANS_KEPT, lambda traces: sum(len(each.nodes) for each in traces)
        )

    def search(self, search: TraceSearch) -> Found:
        if search.scope.selection is None:
            return Found((), Provenance("none", search.scope.window.now, True))
        return self._found.get(search, lambda: self._search(search))

    def statement(self, search: TraceSearch) -> str:
        if search.scope.selection is None:
            return ""
        ask, able = Ask.of(search), self._able(search)
        for store in able:
            try:
                if store.state().status != "down":  # who is, is followed by the next when it is searched, too
                    return self._said(store, search, ask)
            except SourceError:
                continue
        try:
            return self._sightings.statement(search, ask)
        except (SourceError, NotReported):
            if not able:
                raise
        return self._said(able[0], search, ask)

    def open(self, text: str, scope: Scope) -> Opened | None:
        trace_id = TraceId.pasted(text)
        return None if scope.selection is None else self._openings.open(trace_id, scope)

    def like(self, opened: Opened, scope: Scope) -> tuple[Trace, ...]:
        model = told(opened.trace, self._tracing, MODEL) or opened.model
        if model is None or scope.selection is None or opened.provenance.source == LOG:
            return ()
        return self._alike.get((opened.trace.id, model, scope), lambda: self._like(opened, model, scope))

    def around(self, scope: Scope) -> tuple[TraceSummary, ...]:
        if scope.selection is None:
            return ()
        return self._spread.get(scope, lambda: self._around(scope))

    def about(self, span: Span) -> str:
        return noted(span, self._tracing)

    def operations(self) -> tuple[str, ...]:
        return self._tracing.operations

    def states(self) -> tuple[SourceState, ...]:
        read = [self._log] if self._log.last_read else []
        stores = (store.state() for store in self._stores)
        return (*stores, *read, *(SourceState(name, "absent") for name in self._absent))

    def close(self) -> None:
        for store in self._stores:
            store.close()
        if self._database is not None:
            self._database.close()

    def _search(self, search: TraceSearch) -> Found:
        ask, failures = Ask.of(search), list[SourceError]()
        for store in self._able(search):
            try:
                return self._told(search, ask, self._haul(store, ask, search.scope.selection or ()), store, failures)
            except SourceError as err:
                failures.append(err)
        try:
            found = self._sightings.listed(search, ask, self._clock())
        except (SourceError, NotReported) as err:
            if failures:
                raise failures[0] from err
            raise
        self._log = self._log.read(self._clock())
        notes = (*found.provenance.notes, *fallback(failures))
        return replace(found, provenance=replace(found.provenance, notes=notes))

    def _able(self, search: TraceSearch) -> list[TraceStore]:
        """Return the stores to search, best first; none where the log lists what is searched for more exactly."""
        return [] if self._sightings.listable(search) else [each for each in self._stores if each.exists()]

    def _told(
        self, search: TraceSearch, ask: Ask, haul: Haul, store: TraceStore, failures: Sequence[SourceError]
    ) -> Found:
        self._openings.seen((hit.trace for hit in reversed(haul.hits) if hit.trace is not None), store)
        rows, notes = self._sightings.rows(haul, search.scope)
        total, traced = self._sightings.counted(search, ask, haul)
        if total is not None or any(row.record for row in rows):
            self._log = self._log.read(self._clock())
        source = Provenance(store.name, self._clock(), True, (*haul.notes, *notes, *fallback(failures)))
        return Found(rows, source, haul.older, haul.looked, total, traced)

    def _around(self, scope: Scope) -> tuple[TraceSummary, ...]:
        try:
            return self._sightings.spread(scope)
        except (SourceError, NotReported):
            return self.search(TraceSearch(scope)).rows

    def _haul(self, store: TraceStore, ask: Ask, filters: Sequence[Filter]) -> Haul:
        """Search a store; without a log, a filter that spans carry is searched for by each place that carries it."""
        asks = self._asks(ask, filters)
        if asks == [ask]:
            return store.search(ask, spans=bool(filters))
        return _merged([store.search(each, spans=True) for each in asks], ask.n)

    def _asks(self, ask: Ask, filters: Sequence[Filter]) -> list[Ask]:
        """Return what a store is asked for: what is searched for, or one search for each place of a filter."""
        places = [(each, self._tracing.places(each.dimension)) for each in filters]
        few = [(each, told) for each, told in places if 0 < len(told) * len(each.values) <= _SEARCHES]
        if self._sightings.has_rows or ask.of_one_span or not few:
            return [ask]
        chosen, there = few[0]
        return [
            replace(ask, operation=operation or None, tags=((key, value),))
            for operation, key in there
            for value in chosen.values
        ]

    def _said(self, store: TraceStore, search: TraceSearch, ask: Ask) -> str:
        return "\n".join(map(store.statement, self._asks(ask, search.scope.selection or ())))

    def _like(self, opened: Opened, model: str, scope: Scope) -> tuple[Trace, ...]:
        """Search for what asked for the same model, and keep what was answered by the same one."""
        store = next((each for each in self._stores if each.name == opened.provenance.source), None)
        if store is None:
            return ()
        place, request = opened.request, self._tracing.request
        key = next((key for operation, key in self._tracing.places(MODEL) if operation == request), None)
        asked = opened.trace.nodes[place].span.attribute(key) if key and place is not None else None
        tags = ((key, text(asked)),) if key and asked is not None else ()
        ask = Ask.of(TraceSearch(scope, operation=request if tags else None, tags=tags, n=MOST_TRACES))
        haul = store.search(ask, spans=True)
        visible = {row.id for row in self._sightings.rows(haul, Scope(scope.window, (), scope.grant))[0]}
        traces = (hit.trace for hit in haul.hits if hit.trace is not None and hit.summary.id in visible)
        return tuple(
            each for each in traces if each.id != opened.trace.id and told(each, self._tracing, MODEL) == model
        )


def _merged(hauls: Sequence[Haul], n: int) -> Haul:
    """Put several searches together; what began before the edge of one of them comes with the next page."""
    edge = max((haul.older for haul in hauls if haul.older is not None), default=None)
    hits: dict[object, Hit] = {hit.summary.id: hit for haul in hauls for hit in haul.hits}
    newest = sorted(hits.values(), key=lambda hit: hit.summary.start, reverse=True)
    kept = [hit for hit in newest if edge is None or hit.summary.start >= edge]
    if len(kept) > n:
        edge = kept[n - 1].summary.start
        kept = [hit for hit in kept if hit.summary.start >= edge]
    notes = tuple(dict.fromkeys(note for haul in hauls for note in haul.notes))
    return Haul(tuple(kept), edge, sum(haul.looked for haul in hauls), notes)
