"""A gateway without sources: every number follows from its time, so that a test knows what a page must show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from fluxdash.errors import FluxDashError, SourceError
from fluxdash.semantic import records
from fluxdash.semantic.answer import Answer, Line, Note, Provenance, Samples
from fluxdash.semantic.dimensions import (
    ACCOUNT,
    CACHE,
    CACHE_TYPE,
    ERROR_TYPE,
    JOINT,
    MODEL,
    REGION,
    STATUS,
    STRATEGY,
    UNKNOWN,
    Dimension,
)
from fluxdash.semantic.exemplars import NO_EXEMPLARS, Exemplar, Exemplars, slowest
from fluxdash.semantic.leaves import Entry, Extent, Leaf, Leafing, Place, Whole
from fluxdash.semantic.measure import Amount, Distribution, Level, Measure
from fluxdash.semantic.measures import (
    CACHE_HITS,
    CACHE_MISSES,
    COST,
    FAILURES,
    INFERENCES,
    INPUT_TOKENS,
    MEASURES,
    OUTPUT_TOKENS,
    REQUESTS,
    SAVINGS,
)
from fluxdash.semantic.query import Query
from fluxdash.semantic.records import Record, Records
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.source import AUTO, Capability, Choice, Choices, SourceState

ACCOUNTS = (
    ("11111111-1111-4111-8111-111111111111", "acme-retail", 0.5),
    ("22222222-2222-4222-8222-222222222222", "borealis-bank", 0.3),
    ("33333333-3333-4333-8333-333333333333", "cobalt-games", 0.2),
)
MODELS = (("anthropic.claude-3-5-sonnet-20241022-v2:0", 0.6), ("meta.llama3-8b-instruct-v1:0", 0.4))
REGIONS = (("us-east-1", 0.5), ("us-west-2", 0.3), ("eu-west-1", 0.2))
CAUSES = (
    ("ThrottlingException", 0.62),
    ("ValidationException", 0.15),
    ("ModelTimeoutException", 0.11),
    ("ServiceUnavailable", 0.08),
    (UNKNOWN, 0.04),
)
_SHARES = {
    ACCOUNT: {value: share for value, _, share in ACCOUNTS},
    MODEL: dict(MODELS),
    REGION: dict(REGIONS),
    STATUS: {"success": 0.97, "error": 0.02, "timeout": 0.01},
    STRATEGY: {"cost": 0.7, "latency": 0.3},
    CACHE: {"hit": 0.24, "miss": 0.54, "off": 0.22},
    CACHE_TYPE: {"semantic": 0.15, "exact": 0.09},
    ERROR_TYPE: dict(CAUSES),
}
_LEVEL = 0.9931


@dataclass
class FakeGateway:
    """A gateway that answers from arithmetic; `wrong` are the errors it gives instead, by measure slug or `*`.

    Every condition leaves half of the requests. `log_reached` is where looking for them ends without any.
    """

    rate: float = 14.0
    wrong: dict[str, FluxDashError] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    causes: tuple[str, ...] = tuple(name for name, _ in CAUSES)
    asked: list[Query] = field(default_factory=list)
    batches: int = 0
    log_rows: int = 450
    log_ahead: int = 0
    log_error: str = "ThrottlingException: slow down"
    log_extent: Extent = field(default_factory=lambda: Extent(exact=True))
    log_reached: int | None = None
    exemplified: tuple[Exemplar, ...] = ()
    leafed: list[tuple[Leafing, Place | None, int]] = field(default_factory=list)

    def answer(self, query: Query, source: str = AUTO) -> Answer:
        found = self.answers([query])[0]
        if isinstance(found, FluxDashError):
            raise found
        return found

    def answers(self, queries: Sequence[Query], source: str = AUTO) -> list[Answer | FluxDashError]:
        self.asked.extend(queries)
        self.batches += 1
        return [self.wrong.get(query.measure.slug) or self.wrong.get("*") or self._answer(query) for query in queries]

    def choices(self, dimension: Dimension, scope: Scope) -> Choices:
        if "*" in self.wrong:
            raise self.wrong["*"]
        names = {value: name for value, name, _ in ACCOUNTS}
        total = self._amount(REQUESTS, scope.window.start, scope.window.seconds)
        shares = _SHARES[dimension].items()
        return Choices(tuple(Choice(value, names.get(value, value), round(total * share)) for value, share in shares))

    def statements(self, query: Query) -> tuple[str, ...]:
        return (f"SELECT {query.measure.slug}",)

    def samples(self, scope: Scope, by: Dimension, source: str = AUTO) -> Samples:
        """Nine requests in ten as long as half of all, the tenth as long as the longest of twenty."""
        if failed := self.wrong.get("samples") or self.wrong.get("*"):
            raise failed
        start, window = scope.window.start, scope.window
        n = round(self._amount(REQUESTS, start, window.seconds) * _share(scope))
        tallies = {group: round(n * share) for group, share in _cut(by).items()}
        times = (_latency(0.5, start), _latency(0.95, start))
        samples = {
            group: ((times[0], tally - tally // 10), (times[1], tally // 10)) for group, tally in tallies.items()
        }
        names = tuple((value, name) for value, name, _ in ACCOUNTS)
        return Samples(samples, Provenance("log", float(window.now), True, self.notes), names)

    def sample_statement(self, scope: Scope, by: Dimension, source: str = AUTO) -> str:
        return f"SELECT latencies BY {by}"

    def records(self, scope: Scope, order: str, n: int) -> Records:
        """Requests a second apart, each of which cost a tenth of a cent less than the one before."""
        if failed := self.wrong.get("records") or self.wrong.get("*"):
            raise failed
        total = round(self._amount(REQUESTS, scope.window.start, scope.window.seconds))
        rows = tuple(self._record(scope.window.end - 1 - i, i) for i in range(min(records.limit(n), total)))
        return Records(rows, Provenance("log", float(scope.window.now), True, self.notes), total)

    def record_statement(self, scope: Scope, order: str, n: int) -> str:
        return f"SELECT requests BY {records.order(order)} LIMIT {n}"

    def leaf(self, scope: Scope, how: Leafing, after: Place | None, n: int) -> Leaf:
        """Rows a second apart, as many as `log_rows`; their keys count from the newest one, `log_ahead` are newer."""
        if failed := self.wrong.get("log") or self.wrong.get("*"):
            raise failed
        self.leafed.append((how, after, n))
        end, rows = scope.window.end, _left(self.log_rows, scope)
        if self.log_reached is not None and how.at is None:
            return Leaf((), Provenance("log", float(scope.window.now), True), reached=self.log_reached)
        if how.ascending and after is not None:  # the rows above it, for the way back
            above = range(int(after.key) - 1, max(int(after.key) - 1 - n, -1), -1)
            return Leaf(tuple(self._placed(end, i) for i in above), Provenance("log", float(scope.window.now), True))
        began = -self.log_ahead if how.at is None else max(end - 1 - int(how.at), 0)
        first = began if after is None else int(after.key) + 1
        last = min(first + n, rows)
        entries = tuple(self._placed(end, i) for i in range(first, last))
        return Leaf(entries, Provenance("log", float(scope.window.now), True, self.notes), last < rows)

    def newer(self, scope: Scope, how: Leafing, than: Place) -> int:
        return int(than.key) + self.log_ahead

    def extent(self, scope: Scope, how: Leafing) -> Extent:
        if failed := self.wrong.get("log") or self.wrong.get("*"):
            raise failed
        return replace(self.log_extent, rows=_left(self.log_rows, scope))

    def whole(self, scope: Scope, at: Place) -> Whole | None:
        if not at.key.lstrip("-").isdecimal() or int(at.key) >= self.log_rows:
            return None
        told = self._entry(scope.window.end, int(at.key))
        fields = (("request_id", told.request_id), ("metadata", None))
        return Whole(told, fields, Provenance("log", float(scope.window.now), True))

    def leaf_statement(self, scope: Scope, how: Leafing, n: int) -> str:
        return f"SELECT requests BY {how.by} LIMIT {n}"

    def exemplars(self, scope: Scope) -> Exemplars:
        if not self.exemplified:
            return NO_EXEMPLARS
        rows = slowest(self.exemplified, scope.window)
        return Exemplars(rows, Provenance("prometheus", float(scope.window.now), True))

    def _placed(self, end: int, i: int) -> Entry:
        return Entry(self._entry(end, i), Place("2026-01-01 00:00:00", str(i)))

    def _entry(self, end: int, i: int) -> Record:
        """Every fifth request failed, every seventh tells as little as the log allows."""
        told = self._record(float(end - 1 - i), abs(i))
        if i % 7 == 6:
            return Record(time=told.time, status="success")
        if i % 5 == 4:
            told = replace(told, status="error", error=self.log_error, error_type="ThrottlingException", cost=0.0)
        return told

    def measures(self) -> tuple[Measure, ...]:
        return MEASURES

    def _record(self, time: float, i: int) -> Record:
        account, name, _ = ACCOUNTS[i % len(ACCOUNTS)]
        model, _ = MODELS[i % len(MODELS)]
        region, _ = REGIONS[i % len(REGIONS)]
        return Record(
            time=time, request_id=f"req_{i}", trace_id=f"{i:032x}", account=account, account_name=name, model=model,
            region=region, status="success", strategy="auto", latency=1.5, input_tokens=1000, output_tokens=200,
            cost=(200 - i) / 1000, list_price=(200 - i) / 1000, input_cost=(200 - i) / 2000, cache="miss",
        )  # fmt: skip

    def states(self) -> tuple[SourceState, ...]:
        failed = next((each for each in self.wrong.values() if isinstance(each, SourceError)), None)
        now = float(max(query.scope.window.now for query in self.asked)) if self.asked else None
        log = SourceState("log", "ok", now)
        if failed:
            return (SourceState("prometheus", "down", None, f"{failed.source} {failed.reason}"), log)
        jaeger = SourceState("jaeger", "absent", None, "JAEGER_URL is not set")
        return (SourceState("prometheus", "ok", now), log, jaeger)

    def capabilities(self) -> tuple[Capability, ...]:
        return ()

    def _answer(self, query: Query) -> Answer:
        question, window = query.question, query.scope.window
        groups: tuple[str | None, ...] = (None,)
        if question.by is not None:
            groups = self.causes if question.by == ERROR_TYPE else tuple(_cut(question.by))
        lines = [self._line(query, group) for group in groups]
        lines.sort(key=lambda line: -(line.total or 0))
        label = self.labels.get(query.measure.slug)
        exact = not isinstance(query.measure, Distribution)
        names = tuple((value, name) for value, name, _ in ACCOUNTS)
        provenance = Provenance("log", float(window.now or window.end), exact, self.notes, label)
        return Answer(query, window, tuple(line for line in lines if line.total is not None), provenance, names=names)

    def _line(self, query: Query, group: str | None) -> Line:
        question, window = query.question, query.scope.window
        share = _share(query.scope)
        if group is not None and question.by is not None:
            share *= _cut(question.by).get(group, 0.02)
        closed = [self._one(question.measure, question.q, start, window.step, share) for start in window.starts]
        running = [
            self._one(question.measure, question.q, start, min(window.step, window.now - start), share)
            for start in window.head
        ]
        counts = [self._sample(question.measure, start, window.step, share) for start in window.starts]
        total = self._total(question.measure, question.q, window, share)
        n = None if isinstance(question.measure, Level) else sum(count or 0 for count in counts)
        return Line(group, total, n, tuple(closed), tuple(counts), tuple(running))

    def _total(self, measure: Measure, q: float | None, window: Window, share: float) -> Amount:
        if isinstance(measure, Level):
            return _LEVEL if share else None
        if isinstance(measure, Distribution):
            weights = [self._sample(REQUESTS, start, window.step, share) or 0 for start in window.starts]
            values = [_latency(q or 0.95, start) for start in window.starts]
            whole = sum(weights)
            return sum(w * v for w, v in zip(weights, values, strict=True)) / whole if whole else None
        sums = {
            part.slug: sum(self._amount(part, start, window.step) * 1.0 for start in window.starts)
            if share == 1
            else sum(round(self._amount(part, start, window.step) * share) for start in window.starts)
            for part in measure.parts
        }
        return measure.of(sums)

    def _one(self, measure: Measure, q: float | None, start: int, seconds: int, share: float) -> Amount:
        if isinstance(measure, Level):
            return _LEVEL if share else None
        if isinstance(measure, Distribution):
            return _latency(q or 0.95, start) if self.rate * share else None
        parts = {
            part.slug: self._amount(part, start, seconds)
            if share == 1
            else float(round(self._amount(part, start, seconds) * share))
            for part in measure.parts
        }
        return measure.of(parts)

    def _sample(self, measure: Measure, start: int, step: int, share: float) -> Amount:
        parts = {part.slug: float(round(self._amount(part, start, step) * share)) for part in measure.sample.parts}
        return measure.sample.of(parts)

    def _amount(self, part: Measure, start: int, seconds: int) -> float:
        wave = 1 + 0.055 * math.sin(start / 540) + 0.03 * math.sin(start / 186 + 1) + 0.02 * math.sin(start * 7.13)
        requests = round(self.rate * wave * seconds)
        failures = min(round(requests * (0.01 + 0.09 * _bump(start))), requests)
        good = requests - failures
        hits = round(good * 0.78 * (0.31 + 0.012 * math.sin(start / 540)))
        per_part = {
            REQUESTS.slug: requests,
            FAILURES.slug: failures,
            INPUT_TOKENS.slug: good * 682,
            OUTPUT_TOKENS.slug: good * 259,
            COST.slug: round(requests * 0.00392, 6),
            SAVINGS.slug: round(hits * 0.0059, 6),
            CACHE_HITS.slug: hits,
            CACHE_MISSES.slug: round(good * 0.78) - hits,
            INFERENCES.slug: good - hits,
        }
        return float(per_part.get(part.slug, 0))


def _cut(by: Dimension) -> dict[str, float]:
    """The groups of a dimension, or of several crossed, with the share that each has of everything."""
    return {
        JOINT.join(value for value, _ in each): math.prod(share for _, share in each)
        for each in product(*(_SHARES[part].items() for part in by.parts))
    }


def _share(scope: Scope) -> float:
    share = 1.0
    for each in scope.filters:
        share *= sum(_SHARES[each.dimension].get(value, 0) for value in each.values)
    return share * 0.5 ** len(scope.conditions)


def _left(rows: int, scope: Scope) -> int:
    return rows // 2 ** len(scope.conditions)


def _bump(start: int) -> float:
    return math.exp(-((((start % 5400) - 2700) / 260) ** 2))


def _latency(q: float, start: int) -> float:
    base = {0.5: 0.89, 0.95: 3.62, 0.99: 7.05}[q]
    rise = {0.5: 0.1, 0.95: 1.9, 0.99: 2.6}[q]
    return base * (1 + 0.035 * math.sin(start / 480) + 0.02 * math.sin(start * 3.7)) + rise * _bump(start)
