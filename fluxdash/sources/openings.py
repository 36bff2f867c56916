"""How one trace is opened by its id: from the first store that has it, else as its request's row, if it may be seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fluxdash.errors import BadRequest, NotReported, SourceError
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.answer import Note, NoteKind, Provenance
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.records import Record
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import Opened
from fluxdash.sources import rowtrace
from fluxdash.sources.shelf import Shelf
from fluxdash.sources.sightings import Sightings
from fluxdash.sources.source import LOG
from fluxdash.sources.summaries import told
from fluxdash.sources.trace_store import TraceStore
from fluxdash.sources.tracerows import nearest

SPANS_KEPT = 20_000
"""Spans of all traces together that this process keeps at hand: each takes some 2 kB."""

_FRESH = 10.0
_UNKNOWN = 2.0
_SETTLED = 300.0
"""Seconds for which a trace is kept at hand that ended a minute before it was read: nothing comes any more."""

_GROWING = 60.0
_WHOLE = 32


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A trace and where it came from; `failures` are the stores that could not be asked."""

    trace: Trace | None
    source: str = ""
    link: str | None = None
    as_of: float = 0.0
    failures: tuple[SourceError, ...] = ()


class Openings:
    """Opens traces; what two viewers ask for within seconds is fetched once, and what each may see is judged anew."""

    def __init__(
        self,
        stores: Sequence[TraceStore],
        sightings: Sightings,
        tracing: Tracing,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._stores = tuple(stores)
        self._sightings = sightings
        self._tracing = tracing
        self._clock = clock
        self._fetched: Shelf[_Fetched] = Shelf(
            _keep,
            SPANS_KEPT,
            lambda found: len(found.trace.nodes) if found.trace else 1,
        )

    def seen(self, traces: Iterable[Trace], store: TraceStore) -> None:
        """Keep traces at hand that a search has brought whole: whoever opens one of them need not wait for it again."""
        for each in traces:
            self._fetched.put(each.id, _Fetched(each, store.name, store.link(each.id), self._clock()))

    def open(self, trace_id: TraceId, scope: Scope) -> Opened | None:
        """Return a trace by its id or by the beginning of one; None for what is not there or may not be seen.

        Raises BadRequest for the beginning of several traces, SourceError where a store that may have it failed.
        """
        opened = self._open(trace_id, scope)
        if opened is not None or len(trace_id.text) == _WHOLE:
            return opened
        whole = self._completed(trace_id, scope)
        return None if whole is None else self._open(whole, scope)

    def _open(self, trace_id: TraceId, scope: Scope) -> Opened | None:
        fetched = self._fetched.get(trace_id, lambda: self._fetch(trace_id))
        trace, notes = fetched.trace, fallback(fetched.failures)
        records = self._records(trace_id, trace, scope)
        own = [each for each in records if scope.grant.accounts is None or each.account in scope.grant.accounts]
        whole = trace or (rowtrace.trace(records[0], trace_id, self._tracing) if records else None)
        seen = None if whole is None else self._sightings.visible(whole, records, scope)
        if seen is None:  # what may not be seen is answered as what is not there, while stores are away too
            if fetched.failures:
                raise fetched.failures[0]
            return None
        if trace is None:
            source = Provenance(LOG, self._clock(), True, notes)
            return Opened(seen, 0, source, own[0], len(own), model=own[0].model)
        place = seen.request(self._tracing.request)
        record = None if place is None else nearest(own, seen.nodes[place].span.end)
        source = Provenance(fetched.source, fetched.as_of, True, notes)
        model = (record.model if record else None) or told(seen, self._tracing, MODEL)
        return Opened(seen, place, source, record, len(own), fetched.link, model)

    def _records(self, trace_id: TraceId, trace: Trace | None, scope: Scope) -> list[Record]:
        stretch = (trace.start, trace.end) if trace and trace.nodes else self._sightings.stretch(scope)
        try:
            return self._sightings.records([trace_id], *stretch)
        except SourceError:
            if trace is None or scope.grant.accounts is not None:  # only the log could tell, so nothing is shown
                raise
            return []

    def _fetch(self, trace_id: TraceId) -> _Fetched:
        failures: list[SourceError] = []
        for store in self._stores:
            try:
                trace = store.trace(trace_id) if store.exists() else None
            except SourceError as err:
                failures.append(err)
                continue
            if trace is not None:
                return _Fetched(trace, store.name, store.link(trace_id), self._clock(), tuple(failures))
        return _Fetched(None, failures=tuple(failures))

    def _completed(self, prefix: TraceId, scope: Scope) -> TraceId | None:
        """Return the only trace that begins with these digits; raises BadRequest where there are several."""
        start, end = self._sightings.stretch(scope)
        known = set(self._sightings.beginning(prefix, start, end, scope))
        for store in () if known else self._stores:
            try:
                known |= set(store.beginning(prefix, scope.window.start * 10**9, end) if store.exists() else ())
            except (SourceError, NotReported):
                continue  # whether it is well has been said already, or will be by whoever searches it
        seen = [each for each in known if scope.grant.accounts is None or self._open(each, scope) is not None]
        if len(seen) > 1:
            raise BadRequest("trace", prefix.text, "more digits: several traces begin so")
        return seen[0] if seen else None


def _keep(found: _Fetched) -> float:
    """Return for how many seconds: one that is not there may come any moment, and one that just ended may grow."""
    if found.trace is None:
        return _UNKNOWN
    settled = found.trace.end < (found.as_of - _GROWING) * NANOSECONDS and not found.failures
    return _SETTLED if settled else _FRESH


def fallback(failures: Sequence[SourceError]) -> tuple[Note, ...]:
    """Return the notes that say which stores had to be passed over."""
    return tuple(Note(NoteKind.FALLBACK, f"{err.source} {err.reason}") for err in failures)
