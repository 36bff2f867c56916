"""Where others that failed like a span are found: by the log's cause where it has any, else by the exception itself."""

from __future__ import annotations

from fluxdash.errors import FluxDashError
from fluxdash.semantic.dimensions import ERROR_TYPE
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.tracesearch import Found, TraceSearch
from fluxdash.sources.source import LOG
from fluxdash.sources.trace_store import Traces
from fluxdash.views.spandrawer import Same


def same(traces: Traces, kind: str, scope: Scope) -> Same | None:
    """Return how to search for an exception's type, with how many requests the log has that failed with it.

    The log may name it with or without its module. None for a type that nobody could search for.
    """
    kinds = list(dict.fromkeys((kind, kind.rpartition(".")[2] or kind)))
    try:
        scope = _only(Filter.of(ERROR_TYPE, kinds), scope)
        tagged = TraceSearch(scope.without(ERROR_TYPE), tags=(("exception.type", kind),))
    except FluxDashError:
        return None
    found = _found(traces, TraceSearch(scope, n=1))
    if found is not None and found.rows and found.provenance.source == LOG:
        return Same(kind, f"{ERROR_TYPE.slug}=" + "\n".join(kinds), found.total)
    return Same(kind, "tags=" + " ".join(f"{key}={_quoted(value)}" for key, value in tagged.tags))


def _only(wanted: Filter, scope: Scope) -> Scope:
    return Scope(scope.window, (*scope.without(wanted.dimension).filters, wanted), scope.grant)


def _found(traces: Traces, search: TraceSearch) -> Found | None:
    try:
        return traces.search(search)
    except FluxDashError:
        return None


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
