"""What a store of traces is to the rest of the house: protocols, and the small values that pass through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fluxdash.semantic.answer import Note
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.spans import Span
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import Found, Opened, Tags, TraceSearch, TraceSummary
from fluxdash.sources.source import SourceState

JAEGER = "jaeger"
TEMPO = "tempo"
SPANS = "spans"


@dataclass(frozen=True, slots=True)
class Ask:
    """What a store can be asked for: requests that began in `[start, end)`, in nanoseconds since 1970.

    `least` and `most` bound how long they took, in seconds; with `errors` a span of theirs failed; `operation` and
    `tags` hold on one span. `n` is how many are wanted, the newest of them.
    """

    start: int
    end: int
    n: int
    operation: str | None = None
    tags: Tags = ()
    least: float | None = None
    most: float | None = None
    errors: bool = False

    @property
    def of_one_span(self) -> bool:
        """Whether some span is described, rather than the request alone."""
        return bool(self.operation or self.tags)

    @classmethod
    def of(cls, search: TraceSearch, n: int | None = None) -> Ask:
        """Return what a search asks of the spans alone: all of it but the scope's filters."""
        return cls(
            search.start,
            search.end,
            n or search.n,
            search.operation,
            search.tags,
            search.least,
            search.most,
            search.errors,
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A trace that was found, with its spans where the store sent them along."""

    summary: TraceSummary
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class Haul:
    """What a store found, newest first. `older` says before when to go on, None when there is no more.

    `looked` is how many traces it took to find them. `notes` are what a reader must know of how they were chosen.
    """

    hits: tuple[Hit, ...]
    older: int | None
    looked: int
    notes: tuple[Note, ...] = ()


class TraceStore(Protocol):
    """One place that keeps spans."""

    @property
    def name(self) -> str:
        """`jaeger`, `tempo` or `spans`."""

    def exists(self) -> bool:
        """Whether it is there at all, well or not; never raises."""

    def search(self, ask: Ask, *, spans: bool = False) -> Haul:
        """Return the newest traces that match, with their `spans` if wanted; raises SourceError."""

    def statement(self, ask: Ask) -> str:
        """Return the address, TraceQL or SQL that a search begins with, for people to copy; raises as `search`."""

    def trace(self, trace_id: TraceId) -> Trace | None:
        """Return one trace, or None where it is not kept; raises SourceError."""

    def beginning(self, prefix: TraceId, start: int, end: int) -> Sequence[TraceId]:
        """Return a few traces whose id begins so, of those that began in `[start, end)`; raises SourceError."""

    def link(self, trace_id: TraceId) -> str | None:
        """Return where people can look at the trace in the store's own screen; None where it has none."""

    def state(self) -> SourceState:
        """Say how the store is, from what is known already."""

    def close(self) -> None:
        """Let go of connections."""


class Traces(Protocol):
    """The gateway's traces as a page sees them: one place for spans, with what the log knows of their requests."""

    def search(self, search: TraceSearch) -> Found:
        """Return the newest traces that match and that the viewer may see; raises NotReported or SourceError."""

    def statement(self, search: TraceSearch) -> str:
        """Return what a search asks of the store that answers it, for people to copy; raises as `search`."""

    def open(self, text: str, scope: Scope) -> Opened | None:
        """Return the trace whose id, or whose only possible id, begins like `text`.

        None for one that nobody knows and for one that the viewer may not see. Raises BadRequest or SourceError.
        """

    def like(self, opened: Opened, scope: Scope) -> tuple[Trace, ...]:
        """Return the newest other traces of requests to the same model in the window; raises as `search`."""

    def around(self, scope: Scope) -> tuple[TraceSummary, ...]:
        """Return some traces of the window to see a search among, whatever it is for; raises as `search`.

        They are from all over the window where the log can tell them cheaply, else they are the newest.
        """

    def about(self, span: Span) -> str:
        """Return what the gateway's spans tell that is worth a word beside a bar; often nothing."""

    def operations(self) -> tuple[str, ...]:
        """Return the operations that the gateway's documentation names."""

    def states(self) -> tuple[SourceState, ...]:
        """Return how each store of traces is, and when the log was read for them, without asking anything now."""

    def close(self) -> None:
        """Let go of all connections."""
