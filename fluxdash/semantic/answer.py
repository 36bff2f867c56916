"""An answer: lines of numbers on the window's buckets, and where they came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fluxdash.semantic.measure import Amount, Level
from fluxdash.semantic.moments import rfc3339
from fluxdash.semantic.query import Query, Shape
from fluxdash.semantic.window import Window

OTHER = "Other"
_UNWATCHED = 0.1
"""The share of a window's buckets that may be unknown, and the window still be compared with."""


class NoteKind(StrEnum):
    """What a note is about; a panel draws each kind in its own way."""

    IGNORED_FILTER = "ignored_filter"
    ESTIMATED = "estimated"
    PARTIAL = "partial"
    RELABELLED = "relabelled"
    FALLBACK = "fallback"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence a reader must know to read the number rightly."""

    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an answer comes from.

    `source` is `log` or `prometheus`; `as_of` the epoch seconds of its newest read; `exact` is False for estimates;
    `label` replaces the measure's title when the number is not quite it.
    """

    source: str
    as_of: float
    exact: bool
    notes: tuple[Note, ...] = ()
    label: str | None = None

    @property
    def ignored(self) -> frozenset[str]:
        """What it says of filters that were not applied: where it differs, so do the requests."""
        return frozenset(note.text for note in self.notes if note.kind is NoteKind.IGNORED_FILTER)


@dataclass(frozen=True, slots=True)
class Line:
    """One group's numbers; `group` is None when nothing is grouped by.

    `values` holds one number a closed bucket (base units, a count a bucket for additive measures, None where unknown),
    `counts` the sample size of each, `head` the buckets still filling. `total` is the number of the whole window, `n`
    its sample size. `at_least` marks a total that is only a lower bound (a quantile in a histogram's last bucket).
    """

    group: str | None
    total: Amount
    n: Amount
    values: tuple[Amount, ...] = ()
    counts: tuple[Amount, ...] = ()
    head: tuple[Amount, ...] = ()
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one query.

    `window` is the one really covered, which a source may have coarsened. `lines` are sorted by total, largest first;
    for `top` the rest is `other`, and `groups` says how many groups there are in all. `names` maps the groups to names
    for people where they differ (an account's UUID to its name).
    """

    query: Query
    window: Window
    lines: tuple[Line, ...]
    provenance: Provenance
    other: Line | None = None
    groups: int = 0
    names: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> Amount:
        """The window's number where nothing is grouped by; None when unknown."""
        return self.lines[0].total if self.lines else None

    @property
    def n(self) -> Amount:
        """The window's sample size where nothing is grouped by."""
        return self.lines[0].n if self.lines else None

    @property
    def is_empty(self) -> bool:
        """Whether no line knows any number, or all that is known is that nothing was counted."""
        if isinstance(self.query.measure, Level):
            return all(line.total is None for line in self.lines)
        # Failed requests are no sample of what they cost, and yet they may have cost something.
        return not any(line.total or line.n for line in self.lines)

    @property
    def watched(self) -> int | None:
        """How many closed buckets something is known of, be it that nothing happened; None of an answer without any."""
        size = self.window.size
        rows = [row for line in (*self.lines, self.other) if line for row in (line.values, line.counts)]
        rows = [row for row in rows if len(row) == size]
        # A ratio of nothing is not known although somebody looked: then how much it was of is.
        return sum(any(row[i] is not None for row in rows) for i in range(size)) if rows else None

    @property
    def watched_seconds(self) -> int:
        """The part of the window that somebody watched, which is what its total is of; all of it where none can say."""
        return self.window.step * (self.watched or self.window.size)

    @property
    def is_watched(self) -> bool:
        """Whether nearly all of its window is known, so that another one can be compared with it."""
        watched = self.watched
        if watched is None:
            return not any(note.kind is NoteKind.PARTIAL for note in self.provenance.notes)
        return watched >= (1 - _UNWATCHED) * self.window.size

    def name(self, group: str) -> str:
        """Return what people call a group."""
        return dict(self.names).get(group, group)

    def rows(self) -> Iterator[dict[str, object]]:
        """Yield the answer as flat rows: `time` (RFC 3339, start of the bucket), the dimension's slug, `value`."""
        by = self.query.question.by
        lines = (*self.lines, self.other) if self.other else self.lines
        for line in lines:
            label: dict[str, object] = {} if by is None or line.group is None else {by.slug: line.group}
            if label and by is not None and by.slug == "account":
                label["account_name"] = self.name(str(line.group))
            if self.query.question.shape is Shape.SERIES:
                for start, value in zip(self.window.starts, line.values, strict=True):
                    yield {"time": rfc3339(start), **label, "value": value}
            else:
                yield {**label, "value": line.total}


@dataclass(frozen=True, slots=True)
class Samples:
    """The latencies of each group of a dimension: `groups[group]` holds (seconds, how many took as long), rising.

    Not exact where latencies were put into bins, at most one percent wide, or come from a histogram's buckets: a note
    says so. A request without a latency is in none. `names` maps accounts to names for people.
    """

    groups: Mapping[str, tuple[tuple[float, int], ...]]
    provenance: Provenance
    names: tuple[tuple[str, str], ...] = ()
