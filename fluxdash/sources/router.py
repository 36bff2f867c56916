"""Which source answers which query: by what each can tell, how right it would be, and who is well."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NoReturn

from fluxdash.errors import BadRequest, FluxDashError, NotReported, SourceError, meant
from fluxdash.semantic import records
from fluxdash.semantic.answer import Answer, Line, NoteKind, Provenance, Samples
from fluxdash.semantic.dimensions import ACCOUNT, ERROR_TYPE, UNKNOWN, Dimension
from fluxdash.semantic.exemplars import NO_EXEMPLARS, Exemplars
from fluxdash.semantic.leaves import Extent, Leaf, Leafing, Place, Whole
from fluxdash.semantic.measure import Measure
from fluxdash.semantic.measures import MEASURES, REQUESTS
from fluxdash.semantic.query import MOST_GROUPS, Query
from fluxdash.semantic.records import Record, Records
from fluxdash.semantic.scope import Scope
from fluxdash.sources import noted
from fluxdash.sources.exemplars import LatencyExemplars
from fluxdash.sources.latencies import LATENCIES, BucketedLatencies, asked_of
from fluxdash.sources.ledger import LogLedger
from fluxdash.sources.rows import REQUESTS_LISTED, LogRows
from fluxdash.sources.source import AUTO, LOG, PROMETHEUS, Capability, Choice, Choices, SourceState, Store, Verdict

_ACCEPTED = 0.05
"""The share of doubt up to which no second source is asked."""

AccountNames = Callable[[], tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A store that can answer, and how well."""

    store: Store
    verdict: Verdict


class Router:
    """The gateway as pages and the API see it.

    Rows are exact, so the log goes first where it can answer cheaply and freshly; `prefer` turns that order round. A
    source that fails is followed by the next, which says so; where an answer leaves doubt, the better of two is given.
    """

    def __init__(
        self,
        stores: Sequence[Store],
        prefer: str,
        account_names: AccountNames,
        absent: Sequence[str],
        rows: LogRows | None = None,
        own: Sequence[Measure] = (),
        ledger: LogLedger | None = None,
        exemplars: LatencyExemplars | None = None,
        buckets: BucketedLatencies | None = None,
    ) -> None:
        self._stores = tuple(stores)
        self._prefer = prefer
        self._account_names = account_names
        self._absent = tuple(absent)
        self._rows = rows
        self._own = tuple(own)
        self._ledger = ledger
        self._exemplars = exemplars
        self._buckets = buckets
        self._threads: ThreadPoolExecutor | None = None

    def answer(self, query: Query, source: str = AUTO) -> Answer:
        if query.scope.selection is None:
            return _nothing(query)
        candidates, reasons = self._candidates(query.fair(), source)
        failures: list[SourceError] = []
        given: list[tuple[float, Answer, Verdict]] = []
        for each in candidates:
            try:
                answer = each.store.answer(query.fair(), each.verdict)
            except SourceError as err:
                if not given:  # a second opinion that could not be had takes nothing from the first
                    failures.append(err)
                continue
            given.append((_doubt(answer), answer, each.verdict))
            if given[-1][0] <= _ACCEPTED:
                break
        if given:
            _, answer, verdict = min(given, key=_wrongness)
            behind = [each.verdict.stale for each in candidates if each.verdict is not verdict and each.verdict.stale]
            return self._finished(query, answer, verdict, failures, behind)
        if failures:
            raise failures[0]
        raise NotReported(_asked(query), reasons)

    def answers(self, queries: Sequence[Query], source: str = AUTO) -> list[Answer | FluxDashError]:
        return list(self._pool().map(lambda each: self._attempt(each, source), queries))

    def statements(self, query: Query, source: str = AUTO) -> tuple[str, ...]:
        if query.scope.selection is None:
            return ()
        candidates, reasons = self._candidates(query.fair(), source)
        if not candidates:
            raise NotReported(_asked(query), reasons)
        # Whoever is away is not who answers now; asking to know would keep the reader waiting for a slow one.
        well = (each.store for each in candidates if each.store.state().status == "ok")
        return next(well, candidates[0].store).statements(query.fair())

    def samples(self, scope: Scope, by: Dimension, source: str = AUTO) -> Samples:
        if scope.selection is None:
            return Samples({}, _nobodys(scope))
        failures: list[SourceError] = []
        for teller, verdict in self._tellers(scope, by, source):
            try:
                found = teller.samples(scope, by)
            except SourceError as err:
                failures.append(err)
                continue
            notes = (*noted.of_samples(verdict, failures), *found.provenance.notes)
            told = replace(found.provenance, notes=notes)
            return replace(found, provenance=told, names=self._names(scope, by))
        raise failures[0]

    def sample_statement(self, scope: Scope, by: Dimension, source: str = AUTO) -> str:
        return "" if scope.selection is None else self._tellers(scope, by, source)[0][0].sample_statement(scope, by)

    def records(self, scope: Scope, order: str, n: int) -> Records:
        wanted, most = records.order(order), records.limit(n)
        if scope.selection is None:
            return Records((), _nobodys(scope), 0)
        found = self._log_rows().records(scope, wanted, most)
        names = dict(self._account_names())
        rows = (_named(each, names) for each in found.rows)
        return replace(found, rows=tuple(rows))

    def record_statement(self, scope: Scope, order: str, n: int) -> str:
        wanted, most = records.order(order), records.limit(n)
        return "" if scope.selection is None else self._log_rows().record_statement(scope, wanted, most)

    def leaf(self, scope: Scope, how: Leafing, after: Place | None, n: int) -> Leaf:
        if scope.selection is None:
            return Leaf((), _nobodys(scope))
        found = self._log_ledger().leaf(scope, how, after, n)
        names = dict(self._account_names())
        entries = (replace(each, record=_named(each.record, names)) for each in found.entries)
        return replace(found, entries=tuple(entries))

    def newer(self, scope: Scope, how: Leafing, than: Place) -> int:
        return 0 if scope.selection is None else self._log_ledger().newer(scope, how, than)

    def extent(self, scope: Scope, how: Leafing) -> Extent:
        return Extent(0, True) if scope.selection is None else self._log_ledger().extent(scope, how)

    def whole(self, scope: Scope, at: Place) -> Whole | None:
        if scope.selection is None:
            return None
        found = self._log_ledger().whole(scope, at)
        return replace(found, record=_named(found.record, dict(self._account_names()))) if found else None

    def leaf_statement(self, scope: Scope, how: Leafing, n: int) -> str:
        return "" if scope.selection is None else self._log_ledger().statement(scope, how, n)

    def exemplars(self, scope: Scope) -> Exemplars:
        return NO_EXEMPLARS if self._exemplars is None or scope.conditions else self._exemplars.within(scope)

    def measures(self) -> tuple[Measure, ...]:
        return (*MEASURES, *self._own)

    def choices(self, dimension: Dimension, scope: Scope) -> Choices:
        answer = self.answer(REQUESTS.top(MOST_GROUPS, by=dimension).within(scope.without(dimension)))
        groups = [(line.group, line.total) for line in answer.lines if line.group is not None]
        offered = tuple(Choice(group, answer.name(group), total or 0.0) for group, total in groups)
        return Choices(offered, max(answer.groups - len(answer.lines), 0))

    def states(self) -> tuple[SourceState, ...]:
        return (*(store.state() for store in self._stores), *(SourceState(name, "absent") for name in self._absent))

    def capabilities(self) -> tuple[Capability, ...]:
        return tuple(store.capability(measure) for measure in self.measures() for store in self._stores)

    def close(self) -> None:
        """Let go of all connections and threads."""
        for each in (*self._stores, self._exemplars):
            if each is not None:
                each.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _candidates(self, query: Query, source: str) -> tuple[list[Candidate], list[str]]:
        """Return those who can answer, best first, and the reasons of those who cannot."""
        stores = [each for each in self._stores if source in (AUTO, each.name)]
        if not self._stores:
            return [], ["No source is set up: PROMETHEUS_URL and DATABASE_URL are empty."]
        if not stores:
            there = [AUTO, *(each.name for each in self._stores)]
            raise BadRequest("source", source, f"one of {', '.join(there)}.{meant(source, there)}")
        judged = [Candidate(each, each.verdict(query)) for each in stores]
        able = [each for each in judged if not each.verdict.reason]
        able.sort(key=lambda each: (each.verdict.flaws, each.store.name != self._prefer))
        return able, [each.verdict.reason for each in judged if each.verdict.reason]

    def _finished(
        self, query: Query, answer: Answer, verdict: Verdict, failures: Sequence[SourceError], behind: Sequence[str]
    ) -> Answer:
        notes = (*noted.of_answer(query, verdict, failures, behind), *answer.provenance.notes)
        names = self._names(query.scope, query.question.by)
        return replace(answer, query=query, provenance=replace(answer.provenance, notes=notes), names=names)

    def _names(self, scope: Scope, by: Dimension | None) -> tuple[tuple[str, str], ...]:
        """Return the names of the accounts that the viewer may see, idle ones included: a budget may be theirs."""
        if by is None or ACCOUNT not in by.parts:
            return ()
        granted = scope.grant.accounts
        return tuple(pair for pair in self._account_names() if granted is None or pair[0] in granted)

    def _tellers(
        self, scope: Scope, by: Dimension, source: str = AUTO
    ) -> list[tuple[LogRows | BucketedLatencies, Verdict]]:
        """Return who tells latencies, best first, as for every number; raises NotReported where nobody does."""
        candidates, reasons = self._candidates(asked_of(scope, by), source)
        known = {LOG: self._rows, PROMETHEUS: self._buckets}
        found = [(teller, each.verdict) for each in candidates if (teller := known.get(each.store.name)) is not None]
        if not found:
            raise NotReported(LATENCIES, reasons)
        return found

    def _log_rows(self) -> LogRows:
        return self._rows or self._without_a_log()

    def _log_ledger(self) -> LogLedger:
        return self._ledger or self._without_a_log()

    def _without_a_log(self) -> NoReturn:
        reasons = ["There is no request log."]
        if any(store.name == PROMETHEUS for store in self._stores):
            reasons.append("Prometheus counts requests and sorts their latencies into buckets; it keeps none of them.")
        raise NotReported(REQUESTS_LISTED, reasons)

    def _attempt(self, query: Query, source: str) -> Answer | FluxDashError:
        try:
            return self.answer(query, source)
        except FluxDashError as err:
            return err

    def _pool(self) -> ThreadPoolExecutor:
        # Made on first use, after gunicorn has forked; a lost race costs one idle pool.
        if self._threads is None:
            self._threads = ThreadPoolExecutor(16, thread_name_prefix="fluxdash-ask")
        return self._threads


def _wrongness(given: tuple[float, Answer, Verdict]) -> tuple[int, bool, float, int]:
    """No completeness makes up for an ignored filter or another number; of equal doubts, who reaches back further."""
    doubt, _, verdict = given
    return len(verdict.ignored), bool(verdict.label), doubt, verdict.since


def _doubt(answer: Answer) -> float:
    """How much of the answer is missing, as a share: causes it cannot name; buckets nobody counted weigh a half."""
    missing = 0.5 if any(note.kind is NoteKind.PARTIAL for note in answer.provenance.notes) else 0.0
    if answer.query.question.by != ERROR_TYPE:
        return missing
    totals = {line.group: line.total or 0.0 for line in answer.lines}
    everything = sum(totals.values())
    return max(missing, totals.get(UNKNOWN, 0.0) / everything if everything else 1.0)


def _named(record: Record, names: Mapping[str, str]) -> Record:
    return replace(record, account_name=names.get(record.account or ""))


def _asked(query: Query) -> str:
    by = query.question.by
    return f"{query.measure.title} by {by.title.lower()}" if by else query.measure.title


def _nobodys(scope: Scope) -> Provenance:
    """Where an answer to a viewer who may see no account comes from: nothing was asked of anybody."""
    return Provenance("none", scope.window.now, True)


def _nothing(query: Query) -> Answer:
    line = Line(None, None, None, (None,) * query.scope.window.size, (None,) * query.scope.window.size)
    lines = () if query.question.by else (line,)
    return Answer(query, query.scope.window, lines, _nobodys(query.scope))
