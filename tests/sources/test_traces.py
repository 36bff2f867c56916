"""The gateway's traces put together: stores in their order, the log beside them, and nobody sees what is not theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fluxdash.demo.accounts import ACCOUNTS
from fluxdash.demo.log import RequestLog
from fluxdash.demo.request import Request
from fluxdash.demo.spanlog import SpanLog
from fluxdash.demo.spans import spans
from fluxdash.demo.traffic import Traffic
from fluxdash.errors import BadRequest, NotReported, SourceError, SourceTimeout, SourceUnreachable
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.answer import NoteKind
from fluxdash.semantic.dimensions import ACCOUNT, ERROR_TYPE, MODEL, REGION
from fluxdash.semantic.scope import Filter, Grant, Scope
from fluxdash.semantic.spans import Process, Span
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import Found, TraceSearch
from fluxdash.semantic.window import Window
from fluxdash.sources.database import Database
from fluxdash.sources.sightings import NO_ACCOUNTS, NOT_KEPT, Sightings
from fluxdash.sources.source import SourceState
from fluxdash.sources.spans import SpanTable
from fluxdash.sources.summaries import REDACTED, matches, summary
from fluxdash.sources.survey import Survey
from fluxdash.sources.trace_store import Ask, Haul, Hit
from fluxdash.sources.tracerows import TraceRows
from fluxdash.sources.traces import TraceRouter

assert PROFILE.log is not None
assert PROFILE.tracing is not None
TRACING: Tracing = PROFILE.tracing
START, END = 1_795_003_200, 1_795_010_400
WINDOW = Window(START, END, 60, END + 60)
EVERYTHING = Scope(WINDOW)
ACME, BANK = ACCOUNTS[0].id, ACCOUNTS[1].id
CANARY = "CANARY_B_7f3"
AWAY = SourceUnreachable("Jaeger", "cannot be reached")

Requests = tuple[Request, ...]


@pytest.fixture(scope="module")
def requests() -> Requests:
    return tuple(Traffic(seed=9, rate=0.1).between(START, END))


@pytest.fixture(scope="module")
def logged(requests: Requests, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A log without a table of spans."""
    return write(tmp_path_factory.mktemp("logged") / "log.db", requests)


@pytest.fixture(scope="module")
def embedded(requests: Requests, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A log with the spans of all its requests beside it."""
    url = write(tmp_path_factory.mktemp("embedded") / "log.db", requests)
    log = SpanLog(url)
    log.insert(requests)
    log.close()
    return url


def write(file: Path, requests: Requests) -> str:
    url = f"sqlite:///{file}"
    log = RequestLog(url)
    log.insert(requests)
    log.close()
    return url


class Kept:
    """A store that holds the traces it is given, and notes what it was asked."""

    name = "jaeger"

    def __init__(self, traces: Sequence[Trace], failure: SourceError | None = None) -> None:
        self.traces = {each.id: each for each in traces}
        self.failure = failure
        self.asked: list[Ask | TraceId] = []

    def exists(self) -> bool:
        return True

    def search(self, ask: Ask, *, spans: bool = False) -> Haul:
        self._note(ask)
        hits = [Hit(summary(each, TRACING), each) for each in self.traces.values()]
        inside = [hit for hit in hits if ask.start <= hit.summary.start < ask.end and matches(hit, ask)]
        newest = sorted(inside, key=lambda hit: hit.summary.start, reverse=True)
        kept = newest[: ask.n]
        told = tuple(hit if spans else Hit(hit.summary) for hit in kept)
        return Haul(told, kept[-1].summary.start if len(newest) > ask.n else None, len(kept))

    def statement(self, ask: Ask) -> str:
        return f"newest {ask.n}"

    def trace(self, trace_id: TraceId) -> Trace | None:
        self._note(trace_id)
        return self.traces.get(trace_id)

    def beginning(self, prefix: TraceId, start: int, end: int) -> Sequence[TraceId]:
        self._note(prefix)
        return [each for each in self.traces if prefix.begins(each)]

    def link(self, trace_id: TraceId) -> str | None:
        return f"http://jaeger/trace/{trace_id}"

    def state(self) -> SourceState:
        return SourceState("jaeger", "down" if self.failure else "ok")

    def close(self) -> None: ...

    def _note(self, asked: Ask | TraceId) -> None:
        self.asked.append(asked)
        if self.failure is not None:
            raise self.failure


def of(request: Request) -> Trace:
    return Trace.of(TraceId(str(request.trace_id)), spans(request))


def router(*stores: Kept, url: str | None = None, table: bool = False, tracing: Tracing = TRACING) -> TraceRouter:
    """Traces over some stores and, with `url`, over a log; with `table` over its table of spans, too."""
    rows, names, more = None, lambda: (), []
    if url is not None:
        assert PROFILE.log is not None
        database = Database(url)
        survey = Survey(database, PROFILE.log, 200_000)
        rows, names = TraceRows(database, PROFILE.log, survey), survey.names
        more = [SpanTable(database, tracing)] if table else []
    return TraceRouter([*stores, *more], Sightings(rows, tracing, names), tracing, clock=lambda: END + 75.0)


def only(*filters: Filter, accounts: frozenset[str] | None = None) -> Scope:
    return Scope(WINDOW, filters, Grant(accounts))


def truth(requests: Requests, passes: Callable[[Request], bool] = lambda _: True) -> list[TraceId]:
    """The traces that should be found, newest first: by when the request was booked."""
    return [TraceId(str(each.trace_id)) for each in reversed(requests) if passes(each)]


def ids(found: Found) -> list[TraceId]:
    return [row.id for row in found.rows]


def notes(found: Any, kind: NoteKind) -> list[str]:
    return [each.text for each in found.provenance.notes if each.kind is kind]


def pages(traces: TraceRouter, search: TraceSearch) -> list[TraceId]:
    seen: list[TraceId] = []
    more: TraceSearch | None = search
    while more is not None:
        found = traces.search(more)
        seen += ids(found)
        more = replace(search, before=found.older) if found.older else None
    return seen


def test_a_list_says_what_the_log_knows_of_each_request(embedded: str, requests: Requests) -> None:
    found = router(url=embedded, table=True).search(TraceSearch(EVERYTHING, n=50))
    by_id = {TraceId(str(each.trace_id)): each for each in requests}
    names = {each.id: each.name for each in ACCOUNTS}
    assert len(found.rows) == 50
    for row in found.rows:
        request = by_id[row.id]
        assert row.record is not None
        assert (row.record.account, row.record.account_name) == (request.account_id, names[request.account_id])
        assert (row.model, row.region, row.record.output_tokens) == (
            request.model,
            request.region,
            request.output_tokens,
        )
        assert row.record.cost == pytest.approx(0.0 if request.cache_hit else float(request.total_cost or 0))
    assert (found.provenance.source, found.looked, found.total) == ("spans", 50, len(requests))


def test_how_many_match_and_how_many_of_them_have_a_trace_is_told(logged: str, requests: Requests) -> None:
    half = Kept([of(each) for each in requests[::2]])
    found = router(half, url=logged).search(TraceSearch(EVERYTHING))
    assert found.total == len(requests)
    assert found.traced == pytest.approx(0.5, abs=0.02)
    slow = router(half, url=logged).search(TraceSearch(EVERYTHING, least=2.0))
    assert slow.total == sum(each.latency_ms >= 2000 for each in requests)


def test_a_request_that_began_before_the_window_does_not_lack_a_trace(logged: str, requests: Requests) -> None:
    """Its row is in the window, for that bears the time at which it ended."""
    late = next(each for each in requests if each.latency_ms >= 8000 and each.time > START + 300)
    start = int(late.time) // 5 * 5
    window = Window(start, start + 300, 5, END + 60)
    found = router(Kept([of(each) for each in requests]), url=logged).search(TraceSearch(Scope(window), least=2.0))
    assert found.total == len(found.rows) + 1
    assert found.traced == 1


def test_a_filter_on_the_account_is_answered_by_the_log_to_the_last_request(embedded: str, requests: Requests) -> None:
    traces = router(url=embedded, table=True)
    search = TraceSearch(only(Filter.of(ACCOUNT, [ACME])), least=0.5, n=40)
    found = traces.search(search)
    assert found.provenance.source == "log"
    assert notes(found, NoteKind.FALLBACK) == [NOT_KEPT]
    mine = truth(requests, lambda each: each.account_id == ACME and each.latency_ms >= 500)
    assert pages(traces, search) == sorted(mine, key=pages(traces, search).index)
    assert set(ids(found)) == set(mine[:40])
    assert found.total == len(mine)


def test_errors_of_an_account_are_those_of_its_traces(embedded: str, requests: Requests) -> None:
    found = router(url=embedded, table=True).search(TraceSearch(only(Filter.of(ACCOUNT, [ACME])), errors=True))
    failed = truth(requests, lambda each: each.account_id == ACME and any(span.failed for span in spans(each)))
    assert set(ids(found)) == set(failed)
    assert found.provenance.source == "spans"


def test_without_a_log_the_spans_tell_the_model_wherever_they_do(requests: Requests) -> None:
    model = requests[0].model
    store = Kept([of(each) for each in requests])
    found = router(store).search(TraceSearch(only(Filter.of(MODEL, [model]))))
    asked = [(each.operation, each.tags) for each in store.asked if isinstance(each, Ask)]
    assert asked == [
        ("bedrock.invoke_model", (("bedrock.model_id", model),)),
        ("chat_completion", (("model.id", model),)),
    ]
    told = truth(requests, lambda each: (each.requested_model if each.cache_hit else each.model) == model)
    assert set(ids(found)) == set(told[: len(found.rows)])
    assert len(found.rows) > 10


def test_without_a_log_a_region_is_that_of_the_call(requests: Requests) -> None:
    store = Kept([of(each) for each in requests])
    found = router(store).search(TraceSearch(only(Filter.of(REGION, ["us-west-2"]))))
    assert set(ids(found)) == set(truth(requests, lambda each: each.region == "us-west-2" and not each.cache_hit)[:200])
    assert {row.region for row in found.rows} == {"us-west-2"}


def test_without_a_log_nobody_knows_the_account(requests: Requests) -> None:
    found = router(Kept([of(each) for each in requests])).search(TraceSearch(only(Filter.of(ACCOUNT, [ACME]))))
    assert (found.rows, notes(found, NoteKind.PARTIAL)) == ((), [NO_ACCOUNTS])


def test_a_cause_is_no_attribute_of_a_span_and_that_is_said(requests: Requests) -> None:
    found = router(Kept([of(each) for each in requests])).search(
        TraceSearch(only(Filter.of(ERROR_TYPE, ["ThrottlingException"])), errors=True)
    )
    assert notes(found, NoteKind.IGNORED_FILTER) == ["Cause filter not applied: no span carries it."]
    assert found.rows


def test_a_store_that_is_away_is_followed_by_the_next(embedded: str, requests: Requests) -> None:
    found = router(Kept([], AWAY), url=embedded, table=True).search(TraceSearch(EVERYTHING))
    assert found.provenance.source == "spans"
    assert notes(found, NoteKind.FALLBACK) == ["Jaeger cannot be reached"]
    assert len(found.rows) == 200


def test_with_the_log_alone_its_rows_are_the_traces(logged: str, requests: Requests) -> None:
    found = router(Kept([], AWAY), url=logged).search(TraceSearch(EVERYTHING, n=100))
    assert found.provenance.source == "log"
    assert notes(found, NoteKind.FALLBACK) == [NOT_KEPT, "Jaeger cannot be reached"]
    assert set(ids(found)) == set(truth(requests)[:100])
    assert {row.spans for row in found.rows} == {None}
    first = next(each for each in requests if TraceId(str(each.trace_id)) == found.rows[0].id)
    assert found.rows[0].start == round(first.time * 1e6) * 1000 - first.latency_ms * 10**6


def test_the_statement_is_that_of_who_answers(embedded: str, logged: str, requests: Requests) -> None:
    search, cause = TraceSearch(only()), TraceSearch(only(Filter.of(ERROR_TYPE, ["ThrottlingException"])))
    assert router(Kept([]), url=logged).statement(search) == f"newest {search.n}"
    assert "trace_spans" in router(url=embedded, table=True).statement(search)
    for asked in (search, cause):  # no span carries a cause
        kept = () if asked is search else (Kept([]),)
        assert 'FROM "request_metrics"' in router(*kept, url=logged).statement(asked)
    with pytest.raises(NotReported, match="Only spans tell these"):
        router(url=logged).statement(replace(search, operation="invoke"))
    assert router(Kept([])).statement(TraceSearch(only(accounts=frozenset()))) == ""


def test_the_statement_is_that_of_who_stands_in_for_a_store_that_is_away(logged: str) -> None:
    class Away(Kept):
        def statement(self, ask: Ask) -> str:
            """As one that is away before it was known which language it speaks."""
            raise AWAY

    search, tagged = TraceSearch(only()), TraceSearch(only(), tags=(("cache.type", "exact"),))
    for store in (Kept([], AWAY), Away([])):
        found = router(store, url=logged)
        assert 'FROM "request_metrics"' in found.statement(search)
    assert router(Kept([], AWAY), url=logged).statement(tagged) == f"newest {search.n}", "the log cannot tell"
    with pytest.raises(SourceUnreachable):
        router(Away([]), url=logged).statement(tagged)


def test_the_statement_holds_a_filter_that_the_store_is_asked_for() -> None:
    class Telling(Kept):
        def statement(self, ask: Ask) -> str:
            return f"{ask.operation} {ask.tags}"

    store, search = Telling([]), TraceSearch(only(Filter.of(MODEL, ["llama"])))
    alone = router(store)
    told = alone.statement(search).split("\n")
    alone.search(search)
    assert told == [store.statement(each) for each in store.asked if isinstance(each, Ask)]
    assert all("llama" in each for each in told)


def test_when_the_log_was_read_for_traces_is_told(embedded: str, logged: str, requests: Requests) -> None:
    for traces in (router(url=logged), router(url=embedded, table=True), router(Kept([of(requests[0])]), url=logged)):
        assert "log" not in {each.name for each in traces.states()}
        traces.search(TraceSearch(only()))
        assert {each.name: each.last_read for each in traces.states()}["log"] == END + 75.0
    alone = router(Kept([of(requests[0])]))
    alone.search(TraceSearch(only()))
    assert [each.name for each in alone.states()] == ["jaeger"]


def test_what_only_spans_can_tell_the_log_does_not_make_up(logged: str) -> None:
    tagged = TraceSearch(EVERYTHING, tags=(("cache.type", "exact"),))
    with pytest.raises(SourceUnreachable):
        router(Kept([], AWAY), url=logged).search(tagged)
    with pytest.raises(NotReported, match="Only spans tell these"):
        router(url=logged).search(tagged)


def test_with_nothing_at_all_it_is_said() -> None:
    with pytest.raises(NotReported, match="There is no request log"):
        router().search(TraceSearch(EVERYTHING))
    with pytest.raises(SourceUnreachable):
        router(Kept([], AWAY)).search(TraceSearch(EVERYTHING))
    assert router().open("ab" * 16, EVERYTHING) is None


def test_equal_searches_are_asked_once(requests: Requests) -> None:
    store = Kept([of(each) for each in requests])
    traces = router(store)
    for _ in range(3):
        traces.search(TraceSearch(EVERYTHING, least=1.0))
    assert len(store.asked) == 1


def test_a_trace_opens_with_its_row(embedded: str, requests: Requests) -> None:
    request = next(each for each in requests if len(spans(each)) == 6)
    opened = router(url=embedded, table=True).open(str(request.trace_id).upper(), EVERYTHING)
    assert opened is not None
    assert opened.record is not None
    assert (len(opened.trace.nodes), opened.request, opened.requests, opened.link) == (6, 0, 1, None)
    assert (opened.record.account, opened.provenance.source) == (request.account_id, "spans")


def test_a_trace_that_the_list_brought_whole_is_not_fetched_again(requests: Requests) -> None:
    store = Kept([of(each) for each in requests])
    traces = router(store)
    listed = traces.search(TraceSearch(only(Filter.of(MODEL, [requests[0].model])))).rows[0]
    opened = traces.open(listed.id.padded, EVERYTHING)
    assert opened is not None
    assert (opened.trace, opened.link) == (store.traces[listed.id], f"http://jaeger/trace/{listed.id}")
    assert listed.id not in store.asked
    assert traces.open(listed.id.padded, only(accounts=frozenset({ACME}))) is None  # nobody can tell whose it is


def test_a_log_may_spell_the_trace_otherwise(tmp_path: Path, requests: Requests) -> None:
    short = replace(requests[0], trace_id="6BE6B035A532B488")
    url = write(tmp_path / "log.db", (short,))
    store = Kept([Trace.of(TraceId("00000000000000006be6b035a532b488"), spans(short))])
    for text in ("6be6b035a532b488", "00000000000000006BE6B035A532B488"):
        opened = router(store, url=url).open(text, EVERYTHING)
        assert opened is not None
        assert opened.record is not None
        assert opened.link == "http://jaeger/trace/00000000000000006be6b035a532b488" or text == "6be6b035a532b488"


@pytest.mark.parametrize("where", ["embedded", "logged"])
def test_the_first_digits_open_a_trace_if_it_is_the_only_one(
    where: str, requests: Requests, request: pytest.FixtureRequest
) -> None:
    traces = router(url=request.getfixturevalue(where), table=True)
    wanted = str(requests[5].trace_id)
    opened = traces.open(wanted[:8], EVERYTHING)
    assert opened is not None
    assert opened.trace.id == TraceId(wanted)
    assert traces.open("deadbeef", EVERYTHING) is None


def test_the_beginning_of_several_traces_asks_for_more_digits() -> None:
    store = Kept([Trace.of(TraceId("4bf92f35" + tail * 24), []) for tail in "ab"])
    with pytest.raises(BadRequest, match="more digits"):
        router(store).open("4bf92f35", EVERYTHING)
    assert router(store).open("4bf92f35" + "a" * 24, EVERYTHING) is not None


@pytest.mark.parametrize("text", ["../api/services", "%2f", "?x=", "1234567", ""])
def test_what_is_no_id_reaches_nobody(text: str) -> None:
    store = Kept([])
    with pytest.raises(BadRequest):
        router(store).open(text, EVERYTHING)
    assert store.asked == []


def test_without_a_log_the_spans_tell_the_model_of_an_open_trace(requests: Requests) -> None:
    request = next(each for each in requests if not each.cache_hit and not each.failed)
    opened = router(Kept([of(request)])).open(str(request.trace_id), EVERYTHING)
    assert opened is not None
    assert (opened.record, opened.model) == (None, request.model)


def test_without_spans_a_request_is_one_bar(logged: str, requests: Requests) -> None:
    failed = next(each for each in requests if each.error_type)
    opened = router(Kept([]), url=logged).open(str(failed.trace_id), EVERYTHING)
    assert opened is not None
    (span,) = opened.trace.spans
    assert (span.name, span.failed, span.message) == ("chat_completion", True, failed.error_message)
    assert span.seconds == pytest.approx(failed.latency_ms / 1000)
    assert span.end == round(failed.time * 1e6) * 1000
    assert [dict(each.attributes) for each in span.events] == [
        {"exception.type": failed.error_type, "exception.message": str(failed.error_message).split(": ", 1)[1]}
    ]
    assert (opened.provenance.source, opened.trace.warnings) == (
        "log",
        ("These are no spans: the request log tells when the request ended, and how long it took.",),
    )


def test_a_store_that_is_away_is_said_beside_the_bar(logged: str, requests: Requests) -> None:
    opened = router(Kept([], AWAY), url=logged).open(str(requests[0].trace_id), EVERYTHING)
    assert opened is not None
    assert notes(opened, NoteKind.FALLBACK) == ["Jaeger cannot be reached"]


def test_a_trace_that_a_store_that_is_away_may_have_is_not_called_unknown(logged: str) -> None:
    with pytest.raises(SourceUnreachable):
        router(Kept([], AWAY), url=logged).open("deadbeef" * 4, EVERYTHING)
    assert router(Kept([]), url=logged).open("deadbeef" * 4, EVERYTHING) is None


# Traces to see a search among.


def test_a_search_is_seen_among_requests_from_all_over_the_window(logged: str, requests: Requests) -> None:
    every = {TraceId(str(each.trace_id)): each for each in requests}
    around = router(url=logged).around(EVERYTHING)
    assert 150 <= len({each.id for each in around}) == len(around) <= 200 < len(every) / 2
    for start in range(START, END, 1200):
        assert sum(start <= each.start / 1e9 < start + 1200 for each in around) > 10, start
    filtered = router(url=logged).around(only(Filter.of(MODEL, [requests[0].model])))
    assert {every[each.id].model for each in filtered} == {requests[0].model}


def test_without_a_log_it_is_seen_among_the_newest(requests: Requests) -> None:
    traces = router(Kept([of(each) for each in requests]))
    assert [each.id for each in traces.around(EVERYTHING)] == ids(traces.search(TraceSearch(EVERYTHING)))


# What a viewer with limited accounts may see (threats T05, T06, T13, T14, T15).


@pytest.mark.parametrize("kept", ["logged", "embedded"])
def test_while_a_store_is_away_another_accounts_trace_is_still_as_unknown(
    kept: str, requests: Requests, request: pytest.FixtureRequest
) -> None:
    traces = router(Kept([], AWAY), url=request.getfixturevalue(kept), table=kept == "embedded")
    theirs = next(each for each in requests if each.account_id == BANK)
    scope = only(accounts=frozenset({ACME}))
    for text in (str(theirs.trace_id), str(theirs.trace_id)[:8], "deadbeef" * 4, "deadbeef"):
        with pytest.raises(SourceUnreachable) as caught:
            traces.open(text, scope)
        assert str(caught.value) == str(AWAY)
    assert traces.open(str(theirs.trace_id), EVERYTHING) is not None


def test_around_a_search_there_are_granted_accounts_alone(embedded: str, logged: str, requests: Requests) -> None:
    mine = {TraceId(str(each.trace_id)) for each in requests if each.account_id == ACME}
    for traces in (router(url=embedded, table=True), router(url=logged)):
        around = traces.around(only(accounts=frozenset({ACME})))
        assert around
        assert {each.id for each in around} <= mine
        assert traces.around(only(accounts=frozenset())) == ()
    without_a_log = router(Kept([of(each) for each in requests]))
    assert without_a_log.around(only(accounts=frozenset({ACME}))) == ()


def test_another_accounts_trace_is_as_unknown_as_one_that_does_not_exist(embedded: str, requests: Requests) -> None:
    traces = router(url=embedded, table=True)
    mine, theirs = (next(each for each in requests if each.account_id == account) for account in (ACME, BANK))
    scope = only(accounts=frozenset({ACME}))
    assert traces.open(str(mine.trace_id), scope) is not None
    assert traces.open(str(theirs.trace_id), EVERYTHING) is not None  # kept at hand, for somebody else
    assert traces.open(str(theirs.trace_id), scope) is None
    assert traces.open(str(theirs.trace_id)[:8], scope) is None
    assert traces.open("deadbeef" * 4, scope) is None


def test_without_spans_the_row_decides(logged: str, requests: Requests) -> None:
    theirs = next(each for each in requests if each.account_id == BANK)
    assert router(url=logged).open(str(theirs.trace_id), only(accounts=frozenset({ACME}))) is None
    assert router(url=logged).open(str(theirs.trace_id), only(accounts=frozenset({BANK}))) is not None


@pytest.mark.parametrize("search", [{}, {"errors": True}, {"operation": "cache.lookup"}])
def test_a_search_finds_granted_accounts_alone(embedded: str, requests: Requests, search: dict[str, Any]) -> None:
    theirs = {TraceId(str(each.trace_id)) for each in requests if each.account_id != ACME}
    found = router(url=embedded, table=True).search(TraceSearch(only(accounts=frozenset({ACME})), **search))
    assert found.rows
    assert not theirs & set(ids(found))
    assert all(row.record is not None and row.record.account == ACME for row in found.rows)


def test_asking_for_another_account_finds_nothing_and_asks_nobody(requests: Requests) -> None:
    store = Kept([of(each) for each in requests])
    scope = only(Filter.of(ACCOUNT, [BANK]), accounts=frozenset({ACME}))
    for each in (scope, only(accounts=frozenset())):
        assert router(store).search(TraceSearch(each)).rows == ()
        assert router(store).open(str(requests[0].trace_id), each) is None
    assert store.asked == []


def test_without_a_log_whose_trace_it_is_cannot_be_told_so_it_is_not_shown(requests: Requests) -> None:
    store = Kept([of(each) for each in requests])
    scope = only(accounts=frozenset({ACME}))
    assert router(store).open(str(requests[0].trace_id), scope) is None
    assert router(store).search(TraceSearch(scope)).rows == ()


def test_a_log_that_is_away_shows_nothing_to_whom_not_all_is_shown(tmp_path: Path, requests: Requests) -> None:
    away = f"sqlite:///{tmp_path / 'none.db'}"
    traces = router(Kept([of(each) for each in requests]), url=away)
    scope = only(accounts=frozenset({ACME}))
    with pytest.raises(SourceError):
        traces.open(str(requests[0].trace_id), scope)
    with pytest.raises(SourceError):
        traces.search(TraceSearch(scope, tags=(("cache.type", "exact"),)))
    opened = traces.open(str(requests[0].trace_id), EVERYTHING)
    assert opened is not None
    assert opened.record is None
    found = traces.search(TraceSearch(EVERYTHING))
    assert notes(found, NoteKind.PARTIAL)[0].startswith("Without accounts and costs: ")
    assert len(found.rows) == 200


def shared(requests: Requests) -> Trace:
    """A trace of two accounts, whose resources say which spans are whose."""
    mine, theirs = requests[0], requests[1]
    ours = [replace(each, process=Process("gateway", (("account.id", ACME),))) for each in spans(mine)]
    words = (("prompt", CANARY), (CANARY, "x"))
    said = {"name": CANARY, "attributes": words, "message": CANARY, "warnings": (CANARY,)}
    process = Process(CANARY, (("account.id", BANK),))
    hidden = [replace(each, process=process, **said) for each in spans(theirs)]
    return Trace.of(TraceId("ab" * 16), [*ours, *hidden])


def test_of_a_trace_of_several_accounts_the_others_spans_say_nothing_but_when_they_were(requests: Requests) -> None:
    store = Kept([shared(requests)])
    opened = router(store).open("ab" * 16, only(accounts=frozenset({ACME})))
    assert opened is not None
    assert CANARY not in repr(opened)
    names = [span.name for span in opened.trace.spans]
    assert names.count(REDACTED) == len(spans(requests[1]))
    assert len(names) == len(spans(requests[0])) + len(spans(requests[1]))
    whole = router(store).open("ab" * 16, EVERYTHING)
    assert whole is not None
    assert CANARY in repr(whole)
    assert router(store).open("ab" * 16, only(accounts=frozenset({ACCOUNTS[5].id}))) is None


def test_an_account_that_a_span_claims_for_itself_is_not_believed(requests: Requests) -> None:
    claimed = [replace(each, attributes=(*each.attributes, ("account.id", ACME))) for each in spans(requests[0])]
    store = Kept([Trace.of(TraceId("cd" * 16), claimed)])
    assert router(store).open("cd" * 16, only(accounts=frozenset({ACME}))) is None


def test_a_trace_that_rows_of_several_accounts_share_is_seen_by_who_may_see_them_all(
    tmp_path: Path, requests: Requests
) -> None:
    session = "ef" * 16
    pair = [next(each for each in requests if each.account_id == account) for account in (ACME, BANK)]
    url = write(tmp_path / "log.db", tuple(replace(each, trace_id=session) for each in pair))
    store = Kept([Trace.of(TraceId(session), spans(replace(pair[0], trace_id=session)))])
    traces = router(store, url=url)
    assert traces.open(session, only(accounts=frozenset({ACME}))) is None
    opened = traces.open(session, only(accounts=frozenset({ACME, BANK})))
    assert opened is not None
    assert opened.record is not None
    assert (opened.requests, opened.record.account) == (2, ACME)  # the row that was booked when the request ended
    assert ids(traces.search(TraceSearch(only(accounts=frozenset({ACME})), operation="chat_completion"))) == []


def test_like_traces_are_of_the_same_model_and_of_granted_accounts(embedded: str, requests: Requests) -> None:
    traces = router(url=embedded, table=True)
    request = next(each for each in requests if each.account_id == ACME and not each.cache_hit and not each.failed)
    for scope in (EVERYTHING, only(accounts=frozenset({ACME}))):
        opened = traces.open(str(request.trace_id), scope)
        assert opened is not None
        alike = traces.like(opened, scope)
        oldest = min(each.start for each in alike)
        told = {
            TraceId(str(each.trace_id))
            for each in requests
            if (each.requested_model, each.model) == (request.requested_model, request.model)
            and (scope is EVERYTHING or each.account_id == ACME)
            and spans(each)[0].start >= oldest
        }
        assert {each.id for each in alike} == told - {opened.trace.id}
        assert len(alike) > 20


def test_nothing_is_compared_with_a_bar(logged: str, requests: Requests) -> None:
    traces = router(url=logged)
    opened = traces.open(str(requests[0].trace_id), EVERYTHING)
    assert opened is not None
    assert traces.like(opened, EVERYTHING) == ()


def test_the_operations_offered_are_those_of_the_documentation() -> None:
    store = Kept([Trace.of(TraceId("ab" * 16), [Span("a", None, CANARY, 0, 1)])])
    assert CANARY not in router(store).operations()
    assert "bedrock.invoke_model" in router(store).operations()
    assert store.asked == []


def test_how_each_store_is_is_known_without_asking(embedded: str) -> None:
    store = Kept([], SourceTimeout("Jaeger", "did not answer in 10 s"))
    traces = router(store, url=embedded, table=True)
    assert [(each.name, each.status) for each in traces.states()] == [("jaeger", "down"), ("spans", "ok")]
    assert store.asked == []
