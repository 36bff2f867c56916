"""What traces can be searched for, and what a search finds: the newest that match, and how many there may be."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from fluxdash.errors import BadRequest
from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.records import Record
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace

MOST_TRACES = 200

_MOST_TAGS = 10
_LONGEST_TEXT = 255
_LONGEST_TAGS = 2000
_LONGEST = 86400.0
_POWERS = {"us": -6, "µs": -6, "ms": -3}
_MULTIPLES = {"m": 60, "min": 60, "h": 3600}
_DURATION = re.compile(r"(\d{1,9}(?:[.,]\d{1,6})?)[ \u00a0]*(us|µs|ms|s|min|m|h|)", re.ASCII)
_TAG = re.compile(r'([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?:\s+|$)')

Tags = tuple[tuple[str, str], ...]
"""Attributes a span must have, each with the value it must have as text."""


@dataclass(frozen=True, slots=True)
class TraceSearch:
    """Which traces are wanted: of the scope's window and filters, newest first, at most `n`.

    `least` and `most` bound how long the request took, in seconds. `errors` keeps the failed requests alone.
    `operation` and `tags` must be found together on one span. `before` continues a search: only what began before it,
    in nanoseconds since 1970. Raises BadRequest for what nobody could mean.
    """

    scope: Scope
    operation: str | None = None
    least: float | None = None
    most: float | None = None
    errors: bool = False
    tags: Tags = ()
    before: int | None = None
    n: int = MOST_TRACES

    def __post_init__(self) -> None:
        for field, length in (("min duration", self.least), ("max duration", self.most)):
            if length is not None and not (math.isfinite(length) and 0 <= length <= _LONGEST):
                raise BadRequest(field, length, "a duration from 0 to a day")
        if self.least is not None and self.most is not None and self.most < self.least:
            raise BadRequest("max duration", self.most, f"at least the min duration, {self.least:g} s")
        if self.operation is not None:
            _check_text("operation", self.operation)
        if len(self.tags) > _MOST_TAGS:
            raise BadRequest("tags", len(self.tags), f"at most {_MOST_TAGS}")
        for key, value in self.tags:
            _check_text("tags", key)
            _check_text("tags", value)
        if self.before is not None and not self.start < self.before <= 4_000_000_000 * NANOSECONDS:
            raise BadRequest("before", self.before, "a moment after the start of the window")
        if not 1 <= self.n <= MOST_TRACES:
            raise BadRequest("n", self.n, f"a whole number from 1 to {MOST_TRACES}")

    @property
    def is_narrowed(self) -> bool:
        """Whether something in particular is wanted, of all that the scope holds."""
        return any((self.operation, self.least, self.most, self.errors, self.tags))

    @property
    def start(self) -> int:
        """The first moment that counts, in nanoseconds since 1970."""
        return self.scope.window.start * NANOSECONDS

    @property
    def end(self) -> int:
        """The moment that no longer counts: `before`, or the end of the window with its head."""
        window = self.scope.window
        return self.before if self.before is not None else max(window.end, window.now) * NANOSECONDS

    @property
    def told(self) -> tuple[str, ...]:
        """What is searched for beside the scope, as the address says it."""
        bounds = (("min", self.least), ("max", self.most))
        return (
            *([f"operation = {self.operation}"] if self.operation else []),
            *(f"{name} = {value:g} s" for name, value in bounds if value is not None),
            *(["errors only"] if self.errors else []),
            *(f"{key} = {value}" for key, value in self.tags),
        )

    @property
    def of_spans(self) -> bool:
        """Whether it asks for what only spans can tell."""
        return bool(self.tags or self.operation)


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """One trace in a list; what is not known of it is None.

    `start` is in nanoseconds since 1970, `seconds` how long the request took. `failed` says whether the request did,
    `spans` and `errors` count spans. `model` and `region` are those used, from the log where it knows the request and
    from the spans otherwise; `record` is the request's row.
    """

    id: TraceId
    start: int
    seconds: Amount = None
    operation: str | None = None
    service: str | None = None
    model: str | None = None
    region: str | None = None
    failed: bool | None = None
    spans: int | None = None
    errors: int | None = None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, newest first; all of it unless `older` says where to go on.

    `older` is the `before` of the search that continues this one. `looked` is how many traces were looked at to find
    these, `total` how many requests of the log match, and `traced` the share of the log's requests that have a trace,
    in the stretch that was covered; both None where that cannot be told cheaply.
    """

    rows: tuple[TraceSummary, ...]
    provenance: Provenance
    older: int | None = None
    looked: int | None = None
    total: int | None = None
    traced: Amount = None


@dataclass(frozen=True, slots=True)
class Opened:
    """One trace in full: its spans, which of them is the request, and the request's row where the log has it.

    `link` leads to the trace in the store's own screen. `requests` counts the rows of the log that share the trace.
    `model` is the one used, from the row where it knows, and from the spans otherwise.
    """

    trace: Trace
    request: int | None
    provenance: Provenance
    record: Record | None = None
    requests: int = 0
    link: str | None = None
    model: str | None = None


def seconds(text: str, field: str) -> float | None:
    """Return the seconds of `2 s`, `250ms`, `1.5` or `1min`, None for nothing written; raises BadRequest."""
    if not text.strip():
        return None
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        raise BadRequest(field, text, "a duration such as 250ms, 2 s or 1.5min")
    # In decimals, or 700 ms would be a little more than 0.7 s, and a request of just that would not be found.
    number = Decimal(match[1].replace(",", ".")).scaleb(_POWERS.get(match[2], 0))
    return float(number * _MULTIPLES.get(match[2], 1))


def tags(text: str) -> Tags:
    """Return the tags of `cache.type=exact error=true model="a b"`; raises BadRequest."""
    found, rest = [], text.strip()
    if len(rest) > _LONGEST_TAGS:
        raise BadRequest("tags", rest, f"at most {_LONGEST_TAGS} characters")
    while rest:
        match = _TAG.match(rest)
        if match is None:
            raise BadRequest("tags", text, 'key=value pairs such as cache.type=exact, with "…" around spaces')
        quoted = match[2]
        value = match[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        found.append((match[1], value))
        rest = rest[match.end() :]
    return tuple(found)


def _check_text(field: str, text: str) -> None:
    if not text or len(text) > _LONGEST_TEXT or not text.isprintable():
        raise BadRequest(field, text, f"1 to {_LONGEST_TEXT} printable characters")
