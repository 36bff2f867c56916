"""What the log knows of traces: whose they are and what they cost, which may be seen, and how many there should be."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from fluxdash.errors import NotReported, SourceError
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.answer import Note, NoteKind, Provenance
from fluxdash.semantic.dimensions import ACCOUNT, ERROR_TYPE
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.records import Record
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import Found, TraceSearch, TraceSummary
from fluxdash.sources import rowtrace
from fluxdash.sources.source import LOG
from fluxdash.sources.summaries import owners, passes, redacted
from fluxdash.sources.trace_store import Ask, Haul, Hit
from fluxdash.sources.tracerows import TraceRows, nearest

NOT_KEPT = "Listed by the request log: a request whose spans were not kept opens as one bar."
NO_ACCOUNTS = "No span tells its account, and there is no request log that would."
ONLY_FAILED = "The log knows which requests failed, not which of their tries did."

AccountNames = Callable[[], tuple[tuple[str, str], ...]]


class Sightings:
    """Joins traces and rows by trace id. Without rows it knows only what the spans themselves say."""

    def __init__(self, rows: TraceRows | None, tracing: Tracing, names: AccountNames = lambda: ()) -> None:
        self._rows = rows
        self._tracing = tracing
        self._names = names

    @property
    def has_rows(self) -> bool:
        """Whether there is a log at all."""
        return self._rows is not None

    def listable(self, search: TraceSearch) -> bool:
        """Return whether the log lists what is searched for more exactly than spans do: by what they do not carry."""
        if self._rows is None or not search.scope.selection or search.of_spans or search.errors:
            return False
        try:
            return not self._rows.able()
        except SourceError:
            return False

    def listed(self, search: TraceSearch, ask: Ask, now: float) -> Found:
        """Return the newest rows that match, as traces; raises NotReported or SourceError."""
        rows = self._searchable(search)
        records, older = rows.search(search.scope, ask)
        found = self._summaries(records)
        notes = [Note(NoteKind.FALLBACK, NOT_KEPT)] + ([Note(NoteKind.PARTIAL, ONLY_FAILED)] if search.errors else [])
        newest = tuple(sorted(found, key=lambda row: row.start, reverse=True))
        source = Provenance(LOG, now, True, tuple(notes))
        return Found(newest, source, older, len(records), rows.count(search.scope, ask))

    def statement(self, search: TraceSearch, ask: Ask) -> str:
        """Return the SQL that `listed` runs; raises as it does."""
        return self._searchable(search).statement(search.scope, ask)

    def spread(self, scope: Scope) -> tuple[TraceSummary, ...]:
        """Return some rows from all over the window, as traces; raises NotReported where it is dear, or SourceError."""
        found = self._readable().spread(scope, Ask.of(TraceSearch(scope)))
        if found is None:
            raise NotReported("Traces", ("The window holds too many rows.",))
        return tuple(self._summaries(found))

    def rows(self, haul: Haul, scope: Scope) -> tuple[tuple[TraceSummary, ...], tuple[Note, ...]]:
        """Return what was found with its rows of the log, without what the filters or the grant leave out.

        Raises SourceError only where the log alone could tell what the viewer may see.
        """
        hits, filters = haul.hits, scope.selection or ()
        records, notes = self._beside(hits, scope)
        untold = [each for each in filters if each.dimension == ERROR_TYPE]
        asked = tuple(each for each in filters if each not in untold)
        notes += [Note(NoteKind.IGNORED_FILTER, "Cause filter not applied: no span carries it.") for _ in untold]
        kept = [hit for hit in hits if self._passes(hit, records.get(hit.summary.id, ()), asked)]
        if self._rows is None and any(each.dimension == ACCOUNT for each in asked) and not kept:
            notes.append(Note(NoteKind.PARTIAL, NO_ACCOUNTS))
        elif asked and len(kept) < len(hits):
            notes.append(Note(NoteKind.PARTIAL, f"{len(kept):,} of the newest {len(hits):,} pass the filters."))
        return tuple(self._joined(hit, records.get(hit.summary.id, ())) for hit in kept), tuple(notes)

    def records(self, ids: Sequence[TraceId], start: int, end: int) -> list[Record]:
        """Return the rows of some traces, newest first; none where the log cannot find them. Raises SourceError."""
        if self._rows is None or self._rows.able():
            return []
        return [self._named(each) for each in self._rows.of(ids, start, end)]

    def stretch(self, scope: Scope) -> tuple[int, int]:
        """Return when to look for a trace known by its id alone: ever, where that is cheap, or in the window."""
        window = scope.window
        ever = self._rows is not None and self._rows.small()
        return 0 if ever else window.start * NANOSECONDS, max(window.end, window.now) * NANOSECONDS

    def beginning(self, prefix: TraceId, start: int, end: int, scope: Scope) -> Iterable[TraceId]:
        """Return the traces of rows whose id begins so and whose account may be seen; none where it cannot be told."""
        try:
            found = [] if self._rows is None or self._rows.able() else self._rows.beginning(prefix, start, end)
        except SourceError:
            return ()
        granted = scope.grant.accounts
        visible = (each for each in found if granted is None or each.account in granted)
        return tuple(filter(None, (TraceId.known(each.trace_id) for each in visible)))

    def visible(self, trace: Trace, records: Sequence[Record], scope: Scope) -> Trace | None:
        """Return what the viewer may see of a trace: all of it, the spans of granted accounts, or None.

        A span belongs to the account that its resource names, else to that of the trace's rows in the log; one that
        nobody can assign is shown to nobody whose accounts are limited.
        """
        granted = scope.grant.accounts
        if granted is None:
            return trace
        accounts = {record.account for record in records}
        theirs = bool(accounts) and accounts <= granted
        told = owners(trace, self._tracing)
        hidden = frozenset(
            place for place, owner in enumerate(told) if not (theirs if owner is None else owner in granted)
        )
        if len(hidden) == len(told):
            return None
        return redacted(trace, hidden) if hidden else trace

    def counted(self, search: TraceSearch, ask: Ask, haul: Haul) -> tuple[int | None, Amount]:
        """Return how many requests of the log match, and the share that has a trace in what was covered.

        Both None where spans decide what matches, or where counting would be dear.
        """
        if self._rows is None or search.of_spans or search.errors:
            return None, None
        try:
            total = None if self._rows.able() else self._rows.count(search.scope, ask)
            if not total or search.scope.selection or haul.notes:
                return total, None
            covered = total if haul.older is None else self._rows.count(search.scope, replace(ask, start=haul.older))
        except SourceError:
            return None, None
        if not covered:
            return total, None
        return total, 1.0 if covered - haul.looked <= _edge(haul, ask, covered) else haul.looked / covered

    def _searchable(self, search: TraceSearch) -> TraceRows:
        rows = self._readable()
        if search.of_spans:
            raise NotReported("Traces by operation or tag", ("Only spans tell these, and no store of spans answers.",))
        return rows

    def _readable(self) -> TraceRows:
        reason = "There is no request log." if self._rows is None else self._rows.able()
        if self._rows is None or reason:
            raise NotReported("Traces", (reason,))
        return self._rows

    def _summaries(self, records: Iterable[Record]) -> list[TraceSummary]:
        ids = ((TraceId.known(record.trace_id), self._named(record)) for record in records)
        return [rowtrace.summary(record, each, self._tracing) for each, record in ids if each is not None]

    def _beside(self, hits: Sequence[Hit], scope: Scope) -> tuple[dict[TraceId, list[Record]], list[Note]]:
        if not hits:
            return {}, []
        first = min(hit.summary.start for hit in hits)
        last = max(hit.summary.start + round((hit.summary.seconds or 0) * NANOSECONDS) for hit in hits)
        ids = [hit.summary.id for hit in hits]
        try:
            found = self.records(ids, first, last)
        except SourceError as err:
            if scope.selection:
                raise
            return {}, [Note(NoteKind.PARTIAL, f"Without accounts and costs: {err.source.lower()} {err.reason}.")]
        grouped: dict[TraceId, list[Record]] = {}
        for record in found:
            trace_id = TraceId.known(record.trace_id)
            if trace_id is not None:
                grouped.setdefault(trace_id, []).append(record)
        return grouped, []

    def _passes(self, hit: Hit, records: Sequence[Record], filters: tuple[Filter, ...]) -> bool:
        if not records:
            return passes(hit, filters, self._tracing)
        for each in filters:
            told = {getattr(record, each.dimension.slug, None) for record in records}
            # A trace that several requests share is an account's only if all of them are.
            fits = told <= set(each.values) if each.dimension == ACCOUNT else bool(told & set(each.values))
            if not fits:
                return False
        return True

    def _joined(self, hit: Hit, records: Sequence[Record]) -> TraceSummary:
        row = hit.summary
        record = nearest(records, row.start + round((row.seconds or 0.0) * NANOSECONDS))
        if record is None:
            return row
        return replace(row, record=record, model=record.model or row.model, region=record.region or row.region)

    def _named(self, record: Record) -> Record:
        return replace(record, account_name=dict(self._names()).get(record.account or ""))


def _edge(haul: Haul, ask: Ask, covered: int) -> float:
    """How many requests the log may count and the store not, though it has all traces, and the other way round.

    A row bears the time at which its request ended, a trace the one at which it began: they differ by those under way
    when the stretch begins and when it ends, two Poisson numbers.
    """
    stretch = (ask.end - (ask.start if haul.older is None else haul.older)) / NANOSECONDS
    took = [hit.summary.seconds for hit in haul.hits if hit.summary.seconds is not None]
    under_way = covered * (sum(took) / len(took)) / stretch if took and stretch > 0 else 0.0
    return 1 + 3 * math.sqrt(2 * under_way)
