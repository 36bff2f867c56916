"""Which source answers: the one that is most nearly right, and the next one when it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from fluxdash.errors import (
    BadRequest,
    FluxDashError,
    NotReported,
    SourceError,
    SourceSaturated,
    SourceTimeout,
    SourceUnreachable,
)
from fluxdash.semantic.answer import Answer, Line, NoteKind, Provenance, Samples
from fluxdash.semantic.dimensions import ACCOUNT, CACHE_TYPE, ERROR_TYPE, MODEL, REGION, Dimension, cross
from fluxdash.semantic.measure import Additive, Measure
from fluxdash.semantic.measures import COST, FAILURES, HIT_RATE, MEASURES, REQUESTS
from fluxdash.semantic.query import Query
from fluxdash.semantic.records import Order, Record, Records
from fluxdash.semantic.scope import Filter, Grant, Scope
from fluxdash.semantic.units import Unit
from fluxdash.semantic.window import Window
from fluxdash.sources.router import Router
from fluxdash.sources.source import LOG, PROMETHEUS, Choice, SourceState, Verdict
from tests.sources.fakes import FakeStore

SCOPE = Scope(Window.last(3600, 1_795_003_200))
QUERY = COST.total().within(SCOPE)
DOWN = SourceUnreachable("Prometheus", "cannot be reached")


def router(
    *stores: FakeStore,
    prefer: str = "auto",
    names: tuple[tuple[str, str], ...] = (),
    absent: Sequence[str] = (),
    rows: object = None,
    own: Sequence[Measure] = (),
    buckets: object = None,
) -> Router:
    return Router(stores, prefer, lambda: names, absent, rows, own, buckets=buckets)  # type: ignore[arg-type]


def two(log: Verdict | None = None, prometheus: Verdict | None = None) -> tuple[FakeStore, FakeStore]:
    return FakeStore(LOG, log), FakeStore(PROMETHEUS, prometheus)


def notes(answer: Answer, kind: NoteKind) -> list[str]:
    return [note.text for note in answer.provenance.notes if note.kind is kind]


def test_rows_are_exact_and_go_first() -> None:
    log, prometheus = two()
    assert router(log, prometheus).answer(QUERY).provenance.source == LOG
    assert (log.asked, prometheus.asked) == ([QUERY], [])


def test_the_order_can_be_turned_round() -> None:
    assert router(*two(), prefer=PROMETHEUS).answer(QUERY).provenance.source == PROMETHEUS
    assert router(*reversed(two()), prefer=LOG).answer(QUERY).provenance.source == LOG


@pytest.mark.parametrize(
    ("log", "prometheus", "first"),
    [
        (Verdict(LOG, expensive="About 900,000 rows."), Verdict(PROMETHEUS), PROMETHEUS),
        (Verdict(LOG, stale="5 min behind."), Verdict(PROMETHEUS), PROMETHEUS),
        (Verdict(LOG, uncovered="The log starts at noon."), Verdict(PROMETHEUS), PROMETHEUS),
        (Verdict(LOG, expensive="Many rows."), Verdict(PROMETHEUS, label="List-price cost"), LOG),
        (Verdict(LOG, stale="Behind."), Verdict(PROMETHEUS, label="List-price cost"), LOG),
        (Verdict(LOG, stale="Behind."), Verdict(PROMETHEUS, ignored=(REGION,)), LOG),
        (Verdict(LOG, stale="Behind.", expensive="Many."), Verdict(PROMETHEUS, ignored=(REGION,)), LOG),
        (Verdict(LOG, reason="No table."), Verdict(PROMETHEUS, ignored=(REGION,)), PROMETHEUS),
        (Verdict(LOG), Verdict(PROMETHEUS, reason="No series."), LOG),
    ],
)
def test_the_source_with_the_fewest_flaws_answers(log: Verdict, prometheus: Verdict, first: str) -> None:
    assert router(*two(log, prometheus)).answer(QUERY).provenance.source == first


def test_a_filter_that_is_not_applied_weighs_more_than_anything_else() -> None:
    worst = Verdict(LOG, label="Almost cost")
    assert worst.flaws < Verdict(LOG, ignored=(REGION,)).flaws < Verdict(LOG, ignored=(REGION, MODEL)).flaws
    assert Verdict(LOG, expensive="x").flaws < Verdict(LOG, stale="x").flaws < worst.flaws
    assert Verdict(LOG).flaws == 0


def test_a_source_that_fails_is_followed_by_the_next_which_says_so() -> None:
    log, prometheus = two()
    log.failure = SourceTimeout("The request log", "did not answer in 10 s")
    answer = router(log, prometheus).answer(QUERY)
    assert answer.provenance.source == PROMETHEUS
    assert notes(answer, NoteKind.FALLBACK) == ["The request log did not answer in 10 s"]
    assert len(log.asked) == 1


def test_when_all_fail_the_first_failure_is_told() -> None:
    log, prometheus = two()
    log.failure, prometheus.failure = SourceTimeout("The request log", "too slow"), DOWN
    with pytest.raises(SourceTimeout, match="The request log: too slow"):
        router(log, prometheus).answer(QUERY)


def test_one_source_alone_that_fails_is_an_error_and_never_a_zero() -> None:
    with pytest.raises(SourceUnreachable, match="Prometheus: cannot be reached"):
        router(FakeStore(PROMETHEUS, failure=DOWN)).answer(QUERY)


def test_what_nobody_reports_is_told_with_everybodys_reason() -> None:
    silent = two(Verdict(LOG, reason="The log holds no region."), Verdict(PROMETHEUS, reason="No such label."))
    with pytest.raises(NotReported) as told:
        router(*silent).answer(COST.top(3, by=REGION).within(SCOPE))
    assert told.value.reasons == ("The log holds no region.", "No such label.")
    assert told.value.subject == "Cost by region"
    assert [store.asked for store in silent] == [[], []]


def test_without_any_source_that_is_said() -> None:
    with pytest.raises(NotReported, match="No source is set up"):
        router().answer(QUERY)


def test_one_source_can_be_asked_for() -> None:
    log, prometheus = two(Verdict(LOG), Verdict(PROMETHEUS, ignored=(REGION,)))
    assert router(log, prometheus).answer(QUERY, PROMETHEUS).provenance.source == PROMETHEUS
    prometheus.failure = DOWN
    with pytest.raises(SourceUnreachable):
        router(log, prometheus).answer(QUERY, PROMETHEUS)
    assert log.asked == []


def test_a_source_asked_for_that_cannot_tell_says_why() -> None:
    stores = two(Verdict(LOG), Verdict(PROMETHEUS, reason="No series."))
    with pytest.raises(NotReported) as told:
        router(*stores).answer(QUERY, PROMETHEUS)
    assert told.value.reasons == ("No series.",)


@pytest.mark.parametrize("source", ["promethues", "jaeger", "", "LOG"])
def test_an_unknown_source_is_refused(source: str) -> None:
    with pytest.raises(BadRequest, match="one of auto, log, prometheus"):
        router(*two()).answer(QUERY, source)


def test_an_unknown_source_is_met_with_what_was_probably_meant() -> None:
    with pytest.raises(BadRequest, match="Did you mean 'prometheus'"):
        router(*two()).answer(QUERY, "promethues")


@pytest.mark.parametrize("by", [None, MODEL])
def test_who_may_see_nothing_gets_an_empty_answer_and_nobody_is_asked(by: Dimension | None) -> None:
    log, prometheus = two()
    scope = Scope(SCOPE.window, (Filter(ACCOUNT, ("b",)),), Grant(frozenset({"a"})))
    answer = router(log, prometheus).answer(COST.over_time(by=by).within(scope))
    assert answer.is_empty
    assert answer.total is None
    assert all(row["value"] is None for row in answer.rows())
    assert (log.asked, prometheus.asked) == ([], [])
    assert router(log, prometheus).statements(COST.over_time(by=by).within(scope)) == ()


def test_an_answer_says_which_filters_it_ignored_and_what_it_is_called() -> None:
    verdict = Verdict(PROMETHEUS, ignored=(REGION,), label="List-price cost, hits included")
    answer = router(FakeStore(PROMETHEUS, verdict)).answer(QUERY)
    assert notes(answer, NoteKind.IGNORED_FILTER) == ["Region filter not applied: Prometheus carries no region here"]
    assert notes(answer, NoteKind.RELABELLED) == ["List-price cost, hits included"]
    assert answer.provenance.label == "List-price cost, hits included"


def test_an_answer_from_a_log_that_is_behind_says_so() -> None:
    answer = router(FakeStore(LOG, Verdict(LOG, stale="The request log is 5 min behind Prometheus."))).answer(QUERY)
    assert notes(answer, NoteKind.PARTIAL) == ["The request log is 5 min behind Prometheus."]


def test_an_answer_that_skipped_a_log_that_is_behind_says_why() -> None:
    answer = router(*two(Verdict(LOG, stale="The request log is 5 min behind Prometheus."))).answer(QUERY)
    assert answer.provenance.source == PROMETHEUS
    assert notes(answer, NoteKind.FALLBACK) == ["The request log is 5 min behind Prometheus."]


def test_causes_come_from_who_can_name_them() -> None:
    log, prometheus = two()
    log.lines = (Line("unknown", 9.0, 10.0), Line("Timeout", 1.0, 10.0))
    prometheus.lines = (Line("Throttling", 8.0, 10.0), Line("unknown", 0.3, 10.0))
    answer = router(log, prometheus).answer(FAILURES.over_time(by=ERROR_TYPE).within(SCOPE))
    assert answer.provenance.source == PROMETHEUS
    prometheus.lines = (Line("unknown", 10.0, 10.0),)
    answer = router(log, prometheus).answer(FAILURES.over_time(by=ERROR_TYPE).within(SCOPE))
    assert answer.provenance.source == LOG


def test_of_two_who_miss_the_windows_start_the_one_that_reaches_back_further_answers() -> None:
    start = SCOPE.window.start
    log, prometheus = two(
        Verdict(LOG, expensive="Many rows.", uncovered="The log starts at noon.", since=start + 600),
        Verdict(PROMETHEUS, uncovered="Prometheus' data start at one.", since=start + 3000),
    )
    assert router(log, prometheus).answer(QUERY).provenance.source == LOG
    prometheus.says = replace(prometheus.says, since=start + 300)
    assert router(log, prometheus).answer(QUERY).provenance.source == PROMETHEUS


def test_a_second_opinion_that_cannot_be_had_takes_nothing_from_the_first() -> None:
    log = FakeStore(LOG)
    log.lines = (Line("unknown", 9.0, 10.0), Line("Timeout", 1.0, 10.0))
    answer = router(log, FakeStore(PROMETHEUS, failure=DOWN)).answer(FAILURES.over_time(by=ERROR_TYPE).within(SCOPE))
    assert answer.provenance.source == LOG
    assert notes(answer, NoteKind.FALLBACK) == []


def test_a_filter_on_what_a_rate_judges_by_is_not_applied_to_it_and_says_so() -> None:
    log = FakeStore(LOG)
    asked = HIT_RATE.total().within(replace(SCOPE, filters=(Filter(REGION, ("r",)), Filter(CACHE_TYPE, ("exact",)))))
    answer = router(log).answer(asked)
    assert log.asked[0].scope.filters == (Filter(REGION, ("r",)),)
    assert answer.query == asked
    text = "Cache type filter not applied: it decides what counts for the cache hit rate"
    assert notes(answer, NoteKind.IGNORED_FILTER) == [text]


def test_a_filter_is_applied_to_what_it_does_not_judge() -> None:
    log = FakeStore(LOG)
    asked = COST.total().within(replace(SCOPE, filters=(Filter(CACHE_TYPE, ("exact",)),)))
    assert notes(router(log).answer(asked), NoteKind.IGNORED_FILTER) == []
    assert log.asked == [asked]


def test_no_completeness_makes_up_for_a_filter_that_is_not_applied() -> None:
    log, prometheus = two(Verdict(LOG), Verdict(PROMETHEUS, ignored=(ACCOUNT,)))
    log.lines = (Line("unknown", 9.0, 10.0), Line("Timeout", 1.0, 10.0))
    prometheus.lines = (Line("Throttling", 500.0, 600.0),)
    answer = router(log, prometheus).answer(FAILURES.over_time(by=ERROR_TYPE).within(SCOPE))
    assert answer.provenance.source == LOG


def test_accounts_have_their_names() -> None:
    names = (("u-1", "Acme"),)
    answer = router(*two(), names=names).answer(COST.top(3, by=ACCOUNT).within(SCOPE))
    assert (answer.name("u-1"), answer.name("u-2")) == ("Acme", "u-2")
    assert router(*two(), names=names).answer(COST.top(3, by=MODEL).within(SCOPE)).names == ()


def test_several_questions_are_answered_in_their_order_and_fail_alone() -> None:
    log = FakeStore(LOG)
    gateway = router(log)
    good, bad = QUERY, REQUESTS.total().within(Scope(SCOPE.window, (), Grant(frozenset())))
    answers = gateway.answers([good, bad, good])
    assert [each.query for each in answers if isinstance(each, Answer)] == [good, bad, good]
    log.failure = SourceSaturated("The request log", "4 calls are in flight already")
    failed = gateway.answers([good, good])
    assert all(isinstance(each, FluxDashError) for each in failed)
    gateway.close()
    assert log.closed


def test_choices_of_a_filter_leave_that_filter_out() -> None:
    log = FakeStore(LOG)
    log.lines = (Line("m", 5.0, 5.0), Line("n", None, None))
    scope = Scope(SCOPE.window, (Filter(MODEL, ("m",)), Filter(REGION, ("r",))))
    assert router(log).choices(MODEL, scope).offered == (Choice("m", "m", 5.0), Choice("n", "n", 0.0))
    assert log.asked[0].scope.filters == (Filter(REGION, ("r",)),)


def test_statements_are_those_of_the_source_that_would_answer() -> None:
    assert router(*two(Verdict(LOG, reason="no"))).statements(QUERY) == ("asked of prometheus",)
    away = SourceTimeout("The request log", "did not answer in 10 s")
    assert router(FakeStore(LOG, failure=away), FakeStore(PROMETHEUS)).statements(QUERY) == ("asked of prometheus",)
    assert router(FakeStore(LOG, failure=away)).statements(QUERY) == ("asked of log",)
    with pytest.raises(NotReported):
        router(FakeStore(LOG, Verdict(LOG, reason="no"))).statements(QUERY)


def test_each_source_has_a_state_even_when_it_is_not_there() -> None:
    states = router(FakeStore(LOG), absent=(PROMETHEUS,)).states()
    assert states == (SourceState(LOG, "ok"), SourceState(PROMETHEUS, "absent"))


def test_every_source_says_what_it_can_tell_of_every_measure() -> None:
    told = router(*two()).capabilities()
    assert [(each.measure, each.source) for each in told] == [
        (measure, source) for measure in MEASURES for source in (LOG, PROMETHEUS)
    ]


class Rows:
    """A log that lists what it is asked for, and notes it; or whoever else tells latencies."""

    def __init__(self, source: str = LOG, failure: SourceError | None = None) -> None:
        self.asked: list[object] = []
        self.source = source
        self.failure = failure

    def samples(self, scope: Scope, by: Dimension) -> Samples:
        self.asked.append(by)
        if self.failure is not None:
            raise self.failure
        return Samples({"u": ((0.5, 2),)}, Provenance(self.source, 1.0, True))

    def records(self, scope: Scope, order: Order, n: int) -> Records:
        self.asked.append((order, n))
        return Records((Record(1.0, account="u"), Record(2.0, account="v"), Record(3.0)), Provenance(LOG, 1.0, True), 3)

    def sample_statement(self, scope: Scope, by: Dimension) -> str:
        return f"latencies by {by}" if self.source == LOG else f"buckets by {by}"

    def record_statement(self, scope: Scope, order: Order, n: int) -> str:
        return f"{n} by {order}"


def test_single_requests_are_asked_of_the_log_and_accounts_have_their_names() -> None:
    rows = Rows()
    gateway = router(*two(), rows=rows, names=(("u", "Acme"),))
    assert [each.account_name for each in gateway.records(SCOPE, "cost", 3).rows] == ["Acme", None, None]
    assert gateway.samples(SCOPE, cross(ACCOUNT, MODEL)).names == (("u", "Acme"),)
    assert gateway.samples(SCOPE, MODEL).names == ()
    assert rows.asked == [(Order.COST, 3), cross(ACCOUNT, MODEL), MODEL]
    assert gateway.record_statement(SCOPE, "newest", 5) == "5 by newest"
    assert gateway.sample_statement(SCOPE, MODEL) == "latencies by model"


@pytest.mark.parametrize(("order", "n"), [("dearest", 10), ("", 10), ("cost", 0), ("cost", 201), ("newest", -1)])
def test_an_order_or_a_number_that_cannot_be_is_refused(order: str, n: int) -> None:
    rows = Rows()
    gateway = router(rows=rows)
    for ask in (gateway.records, gateway.record_statement):
        with pytest.raises(BadRequest, match=r"order=.*one of cost, newest|n=.*from 1 to 200"):
            ask(SCOPE, order, n)
    assert rows.asked == []


def test_without_a_log_nobody_can_list_requests_and_the_reader_is_told_why() -> None:
    gateway = router(FakeStore(PROMETHEUS))
    with pytest.raises(NotReported, match=r"The list of requests .* no request log\. Prometheus counts"):
        gateway.records(SCOPE, "newest", 5)
    with pytest.raises(NotReported, match=r"There is no request log\.$"):
        router().records(SCOPE, "newest", 5)


@pytest.mark.parametrize(
    ("log", "prometheus", "told"),
    [
        (Verdict(LOG), Verdict(PROMETHEUS), LOG),
        (Verdict(LOG, expensive="Many rows."), Verdict(PROMETHEUS), PROMETHEUS),
        (Verdict(LOG, expensive="Many rows."), Verdict(PROMETHEUS, reason="It carries no model."), LOG),
        (Verdict(LOG, reason="It has no such column."), Verdict(PROMETHEUS), PROMETHEUS),
    ],
)
def test_latencies_are_told_by_whoever_tells_the_quantile(log: Verdict, prometheus: Verdict, told: str) -> None:
    gateway = router(*two(log, prometheus), rows=Rows(), buckets=Rows(PROMETHEUS))
    assert gateway.answer(QUERY).provenance.source == told
    assert gateway.samples(SCOPE, MODEL).provenance.source == told
    assert gateway.sample_statement(SCOPE, MODEL).startswith("latencies" if told == LOG else "buckets")


def test_latencies_name_the_filters_that_are_not_applied_and_who_failed_before() -> None:
    ignored = Verdict(PROMETHEUS, ignored=(REGION,))
    failed = SourceTimeout("The request log", "did not answer in 10 s")
    gateway = router(*two(None, ignored), rows=Rows(LOG, failed), buckets=Rows(PROMETHEUS))
    notes = [(note.kind, note.text) for note in gateway.samples(SCOPE, MODEL).provenance.notes]
    assert notes == [
        (NoteKind.IGNORED_FILTER, "Region filter not applied: Prometheus carries no region here"),
        (NoteKind.FALLBACK, "The request log did not answer in 10 s"),
    ]
    alone = router(FakeStore(LOG), rows=Rows(LOG, failed))
    with pytest.raises(SourceTimeout):
        alone.samples(SCOPE, MODEL)


def test_latencies_can_be_asked_of_one_source_and_nobody_else_answers_for_it() -> None:
    gateway = router(*two(), rows=Rows(), buckets=Rows(PROMETHEUS))
    assert gateway.samples(SCOPE, MODEL, PROMETHEUS).provenance.source == PROMETHEUS
    without = router(*two(Verdict(LOG, reason="It has no such column.")), rows=Rows(), buckets=Rows(PROMETHEUS))
    with pytest.raises(NotReported, match="It has no such column"):
        without.samples(SCOPE, MODEL, LOG)


def test_a_viewer_who_may_see_nothing_is_listed_nothing_and_nobody_is_asked() -> None:
    rows, nobody = Rows(), Scope(SCOPE.window, (), Grant(frozenset()))
    gateway = router(rows=rows)
    assert gateway.samples(nobody, MODEL).groups == {}
    assert (gateway.records(nobody, "cost", 5).rows, gateway.records(nobody, "cost", 5).total) == ((), 0)
    assert gateway.sample_statement(nobody, MODEL) == gateway.record_statement(nobody, "cost", 5) == ""
    assert rows.asked == []


def test_a_users_own_measures_stand_behind_ours() -> None:
    own = Additive(slug="retries", title="Retries", unit=Unit.COUNT, meaning="calls that were made again")
    gateway = router(FakeStore(LOG), own=(own,))
    assert gateway.measures() == (*MEASURES, own)
    assert gateway.capabilities()[-1].measure is own


def test_the_values_that_a_filter_does_not_offer_are_counted() -> None:
    class Cut(FakeStore):
        def answer(self, query: Query, verdict: Verdict) -> Answer:
            return replace(super().answer(query, verdict), groups=260)

    log = Cut(LOG)
    log.lines = tuple(Line(f"m{i}", 1.0, 1.0) for i in range(200))
    found = router(log).choices(MODEL, SCOPE)
    assert (len(found.offered), found.more) == (200, 60)


def test_a_grant_never_tells_the_names_of_accounts_outside_it() -> None:
    names = (("u", "Acme"), ("v", "Borealis"))
    scope = Scope(SCOPE.window, (), Grant(frozenset({"u"})))
    gateway = router(FakeStore(LOG), rows=Rows(), names=names)
    assert gateway.answer(COST.top(5, by=ACCOUNT).within(scope)).names == (("u", "Acme"),)
    assert gateway.samples(scope, cross(ACCOUNT, MODEL)).names == (("u", "Acme"),)
    assert gateway.answer(COST.top(5, by=ACCOUNT).within(SCOPE)).names == names
