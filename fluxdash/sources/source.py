"""What a source is to the rest of the house: protocols and the small values that pass through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fluxdash.errors import FluxDashError
from fluxdash.semantic.answer import Answer, Samples
from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.exemplars import Exemplars
from fluxdash.semantic.leaves import Extent, Leaf, Leafing, Place, Whole
from fluxdash.semantic.measure import Measure
from fluxdash.semantic.query import Query
from fluxdash.semantic.records import Records
from fluxdash.semantic.scope import Scope

AUTO = "auto"
LOG = "log"
PROMETHEUS = "prometheus"

TITLES = {LOG: "request log", PROMETHEUS: "Prometheus", "jaeger": "Jaeger", "tempo": "Tempo", "spans": "table of spans"}
"""What a source is called on screen, in the middle of a sentence."""

_SLUGS = {title.lower(): slug for slug, title in TITLES.items()}


def slug_of(source: str) -> str:
    """Return the short name of what an error or an answer calls its source; `other` for what is none of ours."""
    name = source.lower().removeprefix("the ")
    return name if name in TITLES else _SLUGS.get(name, "other")


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source is: `ok`, `down` or `absent`, with the epoch seconds of its last good read and the reason."""

    name: str
    status: str
    last_read: float | None = None
    reason: str = ""

    def read(self, as_of: float) -> SourceState:
        """Return the state after a good read; one that came from the cache does not make the source older."""
        return SourceState(self.name, "ok", max(as_of, self.last_read or 0.0))

    def failed(self, reason: str) -> SourceState:
        """Return the state after a failure: how it was read last stays known."""
        return SourceState(self.name, "down", self.last_read, reason)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value a filter offers: what it stands for, what it is called, and its requests in the window."""

    value: str
    name: str
    requests: float


@dataclass(frozen=True, slots=True)
class Choices:
    """The values a filter offers, busiest first, and how many `more` there are."""

    offered: tuple[Choice, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Capability:
    """What one source can say about one measure: by which dimensions, and if not at all, why."""

    source: str
    measure: Measure
    dimensions: tuple[Dimension, ...]
    reason: str = ""


class Gateway(Protocol):
    """The gateway as a page sees it: one place that answers every question."""

    def answer(self, query: Query, source: str = AUTO) -> Answer:
        """Answer one query; raises NotReported, BadRequest or SourceError."""

    def answers(self, queries: Sequence[Query], source: str = AUTO) -> list[Answer | FluxDashError]:
        """Answer several queries at once; what fails stands as its error in its place."""

    def statements(self, query: Query, source: str = AUTO) -> tuple[str, ...]:
        """Return the PromQL or SQL that answers a query, for people to copy; raises NotReported or BadRequest."""

    def samples(self, scope: Scope, by: Dimension, source: str = AUTO) -> Samples:
        """Return how long the requests of each group took; raises as `answer` does."""

    def sample_statement(self, scope: Scope, by: Dimension, source: str = AUTO) -> str:
        """Return the SQL or PromQL that tells samples, for people to copy; raises NotReported."""

    def records(self, scope: Scope, order: str, n: int) -> Records:
        """Return the first `n` (at most 200) requests, by `cost` or the `newest`; raises as `answer` does."""

    def record_statement(self, scope: Scope, order: str, n: int) -> str:
        """Return the SQL that tells records, for people to copy; raises NotReported or BadRequest."""

    def leaf(self, scope: Scope, how: Leafing, after: Place | None, n: int) -> Leaf:
        """Return up to `n` (at most 1,000) rows that follow a place, or the first ones; raises as `answer` does."""

    def newer(self, scope: Scope, how: Leafing, than: Place) -> int:
        """Return how many rows came after a place, counted up to 1,000; raises as `answer` does."""

    def extent(self, scope: Scope, how: Leafing) -> Extent:
        """Return how many rows there are to leaf through, and what that allows; raises as `answer` does."""

    def whole(self, scope: Scope, at: Place) -> Whole | None:
        """Return one row with every field, or None where the viewer may see none there; raises as `answer` does."""

    def leaf_statement(self, scope: Scope, how: Leafing, n: int) -> str:
        """Return the SQL of the first `n` rows, for people to copy; raises NotReported or BadRequest."""

    def exemplars(self, scope: Scope) -> Exemplars:
        """Return single requests of the scope with their traces, the slowest of each bucket; none where none are kept.

        Never raises, and is quick: a chart is whole without them.
        """

    def measures(self) -> tuple[Measure, ...]:
        """Return every measure that can be asked for by name, the user's own ones last."""

    def choices(self, dimension: Dimension, scope: Scope) -> Choices:
        """Return the values of a dimension that exist in the scope, busiest first; at most 200 of them."""

    def states(self) -> tuple[SourceState, ...]:
        """Return how each configured source is, without asking it anything now."""

    def capabilities(self) -> tuple[Capability, ...]:
        """Return what each source can say about each measure."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one source can answer one query, and at what price in rightness.

    `reason` says why it cannot; empty when it can. `ignored` are the filters it would not apply, `label` the title its
    number would need instead of the measure's, `expensive`, `stale` and `uncovered` each one sentence or empty; where
    the data begin only inside the window, `since` is when (epoch seconds), else 0.
    """

    source: str
    reason: str = ""
    ignored: tuple[Dimension, ...] = ()
    label: str | None = None
    expensive: str = ""
    stale: str = ""
    uncovered: str = ""
    since: int = 0

    @property
    def flaws(self) -> int:
        """How far from right the answer would be: a source with fewer flaws goes first."""
        return (
            4 * len(self.ignored) + 3 * bool(self.label) + 2 * bool(self.stale or self.uncovered) + bool(self.expensive)
        )


class Store(Protocol):
    """One place a gateway keeps its numbers, as the router sees it."""

    @property
    def name(self) -> str:
        """`log` or `prometheus`."""

    def verdict(self, query: Query) -> Verdict:
        """Say whether and how well the query can be answered; asks nothing new of a source that is down."""

    def answer(self, query: Query, verdict: Verdict) -> Answer:
        """Answer the query as the verdict said; raises SourceError."""

    def statements(self, query: Query) -> tuple[str, ...]:
        """Return the texts that answer the query."""

    def capability(self, measure: Measure) -> Capability:
        """Say what can be told about a measure."""

    def state(self) -> SourceState:
        """Say how the source is, from what is known already."""

    def close(self) -> None:
        """Let go of connections."""
