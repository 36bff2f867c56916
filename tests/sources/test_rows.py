"""Single requests and latencies from a log on SQLite: what is told of each, what is refused, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fluxdash.errors import NotReported, SourceUnreachable
from fluxdash.semantic.answer import NoteKind
from fluxdash.semantic.dimensions import ACCOUNT, CACHE_TYPE, JOINT, MODEL, REGION, STATUS, cross
from fluxdash.semantic.records import Order
from fluxdash.semantic.scope import Filter, Grant, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.cached import Ribbons
from fluxdash.sources.database import Database
from fluxdash.sources.log import LogSource
from fluxdash.sources.rows import LogRows
from fluxdash.sources.survey import Survey
from tests.sources.test_log import HOUR, LOG, NOON, Memory
from tests.sources.test_log import Desk as Log

COLUMNS = (
    "timestamp, account_id, request_id, trace_id, model_id, region, status, cache_hit, input_tokens, output_tokens,"
    " total_cost, input_cost, latency_ms, error_message, routing_strategy, metadata"
)
LIVE = Window(NOON - 3600, NOON, 60, NOON + 40)
SCOPE = Scope(HOUR)


class Desk(Log):
    def __init__(self, path: Path, columns: str = COLUMNS, most: int = 200_000) -> None:
        super().__init__(path, columns)
        self.most = most

    def rows(self) -> LogRows:
        """A reader that has looked at nothing yet, over the same cache."""
        survey = Survey(self.database, LOG, self.most, lambda: self.now)
        ribbons = Ribbons(self.cache, lambda: self.now)
        source = LogSource(self.database, LOG, ribbons, survey, "test")
        return LogRows(source, self.database, LOG, ribbons, survey, "test")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "log.db")
    yield made
    made.database.close()
    made.engine.dispose()


def test_each_group_has_the_latencies_of_its_requests(desk: Desk) -> None:
    for latency in (500, 500, 250):
        desk.write("11:30:00", latency=latency, region="r")
    desk.write("11:30:00", model="n", latency=125, region="")
    desk.write("11:00:00", latency=None)
    desk.write("12:00:10", latency=7)
    found = desk.rows().samples(Scope(LIVE), cross(MODEL, REGION))
    assert found.groups == {f"m{JOINT}r": ((0.25, 1), (0.5, 2)), f"n{JOINT}unknown": ((0.125, 1),)}
    assert (found.provenance.source, found.provenance.exact, found.provenance.notes) == ("log", True, ())


def test_with_many_rows_latencies_are_rounded_and_the_reader_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fluxdash.sources.rows.EXACT_ROWS", 1)
    for latency in (500, 1240, 1249):
        desk.write("11:00:00" if latency == 500 else "11:59:59", latency=latency)
    found = desk.rows().samples(SCOPE, MODEL)
    assert found.groups == {"m": ((0.5, 1), (1.245, 2))}
    assert not found.provenance.exact
    assert [note.kind for note in found.provenance.notes] == [NoteKind.ESTIMATED]
    assert "% 10" in desk.rows().sample_statement(SCOPE, MODEL)


def test_filters_and_the_grant_narrow_what_is_listed(desk: Desk) -> None:
    desk.write("11:30:00", account_id="u", latency=1)
    desk.write("11:30:01", account_id="v", latency=2)
    desk.write("11:30:02", account_id="u", latency=3, status="error")
    seen = Scope(HOUR, (Filter(STATUS, ("success",)),), Grant(frozenset({"u"})))
    assert desk.rows().samples(seen, ACCOUNT).groups == {"u": ((0.001, 1),)}
    assert [row.account for row in desk.rows().records(seen, Order.NEWEST, 10).rows] == ["u"]
    assert "'v'" not in desk.rows().record_statement(seen, Order.NEWEST, 10)
    assert "IN ('u')" in desk.rows().record_statement(seen, Order.NEWEST, 10)


def test_a_request_is_told_with_all_that_is_known_and_nothing_besides(desk: Desk) -> None:
    desk.write("11:30:00.25", account_id="u", latency=500, input_tokens=5, cache_hit=True, request_id="q", trace_id="",
               metadata='{"cache_type": "exact"}')  # fmt: skip
    (row,) = desk.rows().records(SCOPE, Order.COST, 5).rows
    assert (row.time, row.latency, row.input_tokens, row.output_tokens) == (NOON - 1799.75, 0.5, 5, None)
    assert (row.cost, row.list_price, row.input_cost) == (0.0, 0.5, 0.0)
    assert (row.cache, row.cache_type, row.account, row.account_name) == ("hit", "exact", "u", None)
    assert (row.request_id, row.trace_id, row.error, row.region, row.strategy) == ("q", None, None, None, None)


def test_a_failure_that_used_nothing_cost_nothing_and_what_nobody_can_price_is_unknown(desk: Desk) -> None:
    desk.write("11:30:00", status="error", total_cost=None, error_message="Throttling: slow")
    desk.write("11:30:01", total_cost=0, input_tokens=10)
    unpriced, failed = desk.rows().records(SCOPE, Order.NEWEST, 5).rows
    assert (failed.cost, failed.list_price, failed.input_cost, failed.error) == (0.0, 0.0, 0.0, "Throttling: slow")
    assert (unpriced.cost, unpriced.list_price, unpriced.estimated) == (None, None, False)


def test_what_was_priced_from_the_list_is_an_estimate(desk: Desk) -> None:
    desk.execute("CREATE TABLE model_pricing (model_id, region, effective_date, input_per_1k, output_per_1k)")
    desk.execute("INSERT INTO model_pricing VALUES ('m', 'r', '2026-01-01 00:00:00', 0.01, 0.02)")
    desk.write("11:30:00", region="r", total_cost=0, input_tokens=1000, output_tokens=500)
    desk.write("11:30:01", region="r")
    found = desk.rows().records(SCOPE, Order.NEWEST, 5)
    assert [(row.cost, row.input_cost, row.estimated) for row in found.rows] == [(0.5, None, False), (0.02, 0.01, True)]
    assert not found.provenance.exact
    assert [note.text for note in found.provenance.notes][:1] == ["1 requests priced from the price list"]


def test_the_newest_are_those_up_to_now_and_the_dearest_those_of_the_windows_cost(desk: Desk) -> None:
    desk.write("11:30:00", request_id="closed")
    desk.write("12:00:20", request_id="head")
    desk.write("12:00:50", request_id="after")
    newest = desk.rows().records(Scope(LIVE), Order.NEWEST, 5)
    assert ([row.request_id for row in newest.rows], newest.total) == (["head", "closed"], 2)
    dearest = desk.rows().records(Scope(LIVE), Order.COST, 5)
    assert ([row.request_id for row in dearest.rows], dearest.total) == (["closed"], 1)


def test_a_list_that_is_cut_off_says_how_many_there_are(desk: Desk) -> None:
    for second in range(9):
        desk.write(f"11:30:0{second}", model="m" if second else "n", total_cost=second)
    found = desk.rows().records(Scope(HOUR, (Filter(MODEL, ("m",)),)), Order.COST, 3)
    assert ([row.cost for row in found.rows], found.total) == ([8, 7, 6], 8)


def test_columns_that_are_not_there_are_unknown(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "bare.db", "timestamp, model_id, latency_ms, status, total_cost")
    desk.write("11:30:00")
    (row,) = desk.rows().records(SCOPE, Order.NEWEST, 5).rows
    assert (row.time, row.model, row.latency) == (NOON - 1800, "m", 0.1)
    assert {row.account, row.cost, row.list_price, row.cache, row.cache_type, row.error, row.trace_id} == {None}
    with pytest.raises(NotReported, match=r"no column request_metrics\.cache_hit, request_metrics\.input_tokens"):
        desk.rows().records(SCOPE, Order.COST, 5)
    with pytest.raises(NotReported, match=r"no column request_metrics\.region"):
        desk.rows().samples(SCOPE, cross(MODEL, REGION))
    for statement in (
        lambda: desk.rows().record_statement(SCOPE, Order.COST, 5),
        lambda: desk.rows().sample_statement(SCOPE, REGION),
    ):
        with pytest.raises(NotReported, match="no column"):
            statement()
    with pytest.raises(NotReported, match=r"no column request_metrics\.cache_hit"):
        desk.rows().records(Scope(HOUR, (Filter(CACHE_TYPE, ("exact",)),)), Order.NEWEST, 5)
    desk.database.close()


def test_too_many_rows_are_refused_with_what_to_do_but_the_newest_are_found_by_their_index(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "large.db", most=5)
    for second in range(10):
        desk.write(f"11:30:0{second}")
    with pytest.raises(NotReported, match=r"About 10 rows lie in the window: a shorter one can be read"):
        desk.rows().records(SCOPE, Order.COST, 5)
    # What a quantile rests on is read like every number that nobody else can tell: whether to ask is the router's.
    assert sum(count for _, count in desk.rows().samples(SCOPE, MODEL).groups["m"]) == 10
    said = r'no index on timestamp: with one it can be read\. Its owner can run `CREATE INDEX "ix_request_metrics_time'
    with pytest.raises(NotReported, match=said):
        desk.rows().records(SCOPE, Order.NEWEST, 5)
    assert "ORDER BY cost" in desk.rows().record_statement(SCOPE, Order.COST, 5), "people may read what we do not"
    desk.execute("CREATE INDEX by_time ON request_metrics (timestamp)")
    found = desk.rows().records(SCOPE, Order.NEWEST, 5)
    assert ([row.time for row in found.rows], found.total) == ([NOON - 1791 - second for second in range(5)], None)
    assert desk.rows().records(SCOPE, Order.NEWEST, 50).total == 10
    with pytest.raises(NotReported):
        desk.rows().records(SCOPE, Order.COST, 5)
    desk.database.close()


def test_what_many_ask_for_is_read_once(desk: Desk) -> None:
    desk.write("11:30:00")
    before = desk.rows().records(SCOPE, Order.COST, 1), desk.rows().samples(SCOPE, MODEL)
    desk.write("11:31:00", total_cost=9.0)
    assert (desk.rows().records(SCOPE, Order.COST, 1), desk.rows().samples(SCOPE, MODEL)) == before
    assert desk.rows().records(SCOPE, Order.COST, 2).rows[0].cost == 9.0


def test_a_log_that_cannot_be_opened_is_an_error_and_not_a_refusal(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gone.db'}")
    survey, ribbons = Survey(database, LOG, 200_000), Ribbons(Memory())
    source = LogSource(database, LOG, ribbons, survey, "test")
    rows = LogRows(source, database, LOG, ribbons, survey, "test")
    for ask in (lambda: rows.samples(SCOPE, MODEL), lambda: rows.records(SCOPE, Order.COST, 5)):
        with pytest.raises(SourceUnreachable):
            ask()
    assert source.state().status == "down"
    database.close()
