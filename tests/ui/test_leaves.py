"""The ledger's callbacks as the browser asks them: leaf after leaf, what is forged is refused, what fails is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import dash
import pytest

from fluxdash.app import create_app
from fluxdash.errors import NotReported, SourceTimeout
from fluxdash.semantic.leaves import By, Extent, Leafing, Place
from fluxdash.settings import Settings
from fluxdash.ui import ids
from fluxdash.ui.reading import leafing
from tests.ui.fake import FakeGateway
from tests.ui.wire import VIEW, body, callback

NOW = 1_795_444_345.0
FIRST = {"startRow": 0, "endRow": 200, "sortModel": [], "filterModel": {}, "context": None}


def app(gateway: FakeGateway) -> dash.Dash:
    return create_app(Settings(), gateway, now=lambda: NOW)


def ask(gateway: FakeGateway, part: str, *values: Any) -> Any:
    """The status, and what each output is given."""
    made = app(gateway)
    asked = body(made, callback(made, part), list(values))
    answer = made.server.test_client().post("/_dash-update-component", json=asked)
    found = answer.get_json() if answer.status_code == 200 else {}
    return answer.status_code, {name: next(iter(each.values())) for name, each in found.get("response", {}).items()}


def leaf(gateway: FakeGateway, wanted: Any = FIRST, before: Any = None, **view: Any) -> tuple[int, dict[str, Any]]:
    made = app(gateway)
    asked = body(made, callback(made, "getRowsResponse"), [wanted, before, {**VIEW, **view}])
    answer = made.server.test_client().post("/_dash-update-component", json=asked)
    if answer.status_code != 200:
        return answer.status_code, {}
    told: dict[str, Any] = {}
    for name, props in answer.get_json()["response"].items():
        told |= {f"{name}.{prop}": value for prop, value in props.items()}
    return 200, told


def test_the_first_leaf_brings_rows_and_what_stands_around_them() -> None:
    status, told = leaf(FakeGateway())
    assert status == 200
    rows = told["ledger-grid.getRowsResponse"]
    assert (len(rows["rowData"]), rows["rowCount"]) == (200, None)
    assert told["ledger-unit.children"] == "450 rows, newest first"
    assert "rows 1–200 · more below" in json.dumps(told["ledger-foot.children"], ensure_ascii=False)
    assert told["ledger-blank.children"] is None
    assert told["ledger-banner.children"] is None


def test_each_leaf_begins_where_the_last_one_ended_and_the_end_is_told() -> None:
    gateway, before, ids_seen = FakeGateway(), None, []
    for start in (0, 200, 400):
        status, told = leaf(gateway, {**FIRST, "startRow": start}, before)
        assert status == 200
        before = told["ledger-leaves.data"]
        ids_seen += [row["place"] for row in told["ledger-grid.getRowsResponse"]["rowData"]]
    assert told["ledger-grid.getRowsResponse"]["rowCount"] == 450
    assert len(set(ids_seen)) == len(ids_seen) == 450
    assert [after.key if after else None for _, after, _ in gateway.leafed] == [None, "199", "399"]
    assert {n for *_, n in gateway.leafed} == {200}


def test_a_leaf_that_is_read_again_begins_where_it_began() -> None:
    gateway = FakeGateway()
    _, first = leaf(gateway)
    _, second = leaf(gateway, {**FIRST, "startRow": 200}, first["ledger-leaves.data"])
    leaf(gateway, {**FIRST, "startRow": 200}, second["ledger-leaves.data"])
    assert [after.key if after else None for _, after, _ in gateway.leafed] == [None, "199", "199"]


def test_the_places_of_another_reading_are_not_used() -> None:
    gateway = FakeGateway()
    _, first = leaf(gateway)
    _, told = leaf(gateway, {**FIRST, "startRow": 200}, first["ledger-leaves.data"], search="?range=1h&find=slow")
    assert told["ledger-grid.getRowsResponse"] == {"rowData": [], "rowCount": 200}
    assert len(gateway.leafed) == 1


@pytest.mark.parametrize(
    "wanted",
    [
        {}, [], "x", 7, {"startRow": -1}, {"startRow": 10**9}, {"startRow": "0"}, {"startRow": 1.5},
        {"startRow": 0, "sortModel": [{"colId": "x" * 999, "sort": "asc"}]},
        {"startRow": 0, "sortModel": [{"colId": "cost", "sort": "sideways"}]},
        {"startRow": 0, "sortModel": [{"colId": "cost", "sort": "asc"}] * 9},
    ],
)  # fmt: skip
def test_what_no_grid_would_ask_is_refused(wanted: Any) -> None:
    gateway = FakeGateway()
    assert leaf(gateway, wanted)[0] == 400
    assert not gateway.leafed


@pytest.mark.parametrize("cursor", ["", "x", "A" * 900, "WyJub3ciLCJrIixudWxsXQ"])
def test_a_place_that_was_never_given_out_is_told_and_asks_nothing(cursor: str) -> None:
    gateway = FakeGateway()
    _, first = leaf(gateway)
    before = {**first["ledger-leaves.data"], "places": [cursor]}
    status, told = leaf(gateway, {**FIRST, "startRow": 200}, before)
    assert status == 200
    assert told["ledger-grid.getRowsResponse"] == {"rowData": [], "rowCount": 200}
    assert len(gateway.leafed) == 1


def test_the_grid_says_what_to_sort_by_and_the_log_whether_it_can() -> None:
    by_cost = {**FIRST, "sortModel": [{"colId": "cost", "sort": "asc"}]}
    gateway = FakeGateway()
    _, told = leaf(gateway, by_cost)
    assert told["ledger-unit.children"] == "450 rows, cheapest first"
    gateway.log_extent = Extent(exact=False, unsortable="About 300,000 rows lie in the window.")
    _, told = leaf(gateway, by_cost)
    assert [how for how, *_ in gateway.leafed] == [Leafing(By.COST, True), Leafing()]
    assert told["ledger-unit.children"] == "about 450 rows, newest first"
    heads = {each["field"]: each for each in told["ledger-grid.columnDefs"]}
    assert heads["cost"]["headerTooltip"] == "About 300,000 rows lie in the window."
    assert not heads["cost"]["sortable"]
    assert heads["time"]["sortable"]


def test_a_name_that_is_no_order_is_none() -> None:
    assert leafing("?sort=id;drop&find=x") == Leafing(find="x")
    assert leafing("?sort=cost.asc") == Leafing(By.COST, True)
    assert leafing(f"?find={'x' * 300}&sort=cost") == Leafing(By.COST)
    assert leafing("?" + "a=1&" * 9999) == Leafing()


def test_a_log_without_an_index_is_warned_about_with_the_statement() -> None:
    statement = 'CREATE INDEX CONCURRENTLY ON "request_metrics" ("timestamp");'
    _, told = leaf(FakeGateway(log_extent=Extent(exact=True, index=statement, held=61_000_000)))
    banner = json.dumps(told["ledger-banner.children"])
    assert json.dumps(statement) in banner
    assert "all 61.0" in banner


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (SourceTimeout("The request log", "did not answer in 10 s"), "did not answer in 10 s"),
        (NotReported("The list of requests", ["There is no request log."]), "There is no request log."),
    ],
)
def test_a_log_that_does_not_answer_is_told_and_the_grid_ends(wrong: Any, said: str) -> None:
    _, told = leaf(FakeGateway(wrong={"log": wrong}))
    assert told["ledger-grid.getRowsResponse"] == {"rowData": [], "rowCount": 0}
    assert said in json.dumps(told["ledger-blank.children"])


def test_a_search_without_an_answer_names_what_was_searched() -> None:
    _, told = leaf(FakeGateway(log_rows=0), search="?range=1h&find=%3Cb%3Eslow")
    assert "<b>slow" in json.dumps(told["ledger-blank.children"])
    assert '"data-find"' in json.dumps(told["ledger-blank.children"])


def test_newer_rows_are_announced_for_a_live_view_in_its_own_order_alone() -> None:
    gateway = FakeGateway()
    _, first = leaf(gateway)
    leaves = first["ledger-leaves.data"]
    gateway.log_ahead = 12
    live = ask(gateway, ids.LEDGER_NEWER, VIEW, leaves)[1]
    assert "12 newer rows" in json.dumps(live)
    for search in ("?from=2026-11-23T10:00:00Z&to=2026-11-23T11:00:00Z", "?range=1h&sort=cost", "?range=6h"):
        assert ask(gateway, ids.LEDGER_NEWER, {**VIEW, "search": search}, leaves)[1] == {ids.LEDGER_NEWER: None}


AT = "?range=1h&at=2026-11-23T14:25:00Z"


def test_a_leaf_that_begins_at_a_moment_says_so_and_leads_back_up() -> None:
    gateway = FakeGateway()
    _, told = leaf(gateway, search=AT)
    assert gateway.leafed[0][0] == Leafing(at=pytest.approx(1_795_443_900.999999))  # type: ignore[arg-type]
    around = json.dumps([told["ledger-foot.children"], told["ledger-ways.children"]], ensure_ascii=False)
    assert "91 rows from 14:25:00.999 on · none below" in around
    assert '"data-ledger-at": "2026-11-23T14:2' in around  # the leaf above it
    assert '"data-ledger-at": ""' in around  # the newest
    _, first = leaf(FakeGateway())
    assert first["ledger-ways.children"] is None


def test_what_is_newest_of_all_has_nothing_newer() -> None:
    _, told = leaf(FakeGateway(), search="?range=1h&at=2026-11-23T14:32:10Z")
    newer, newest = (each["props"] for each in told["ledger-ways.children"]["props"]["children"])
    assert newer["disabled"]
    assert not newest.get("disabled")


def test_conditions_make_another_reading_and_hold_for_its_rows() -> None:
    gateway = FakeGateway()
    _, first = leaf(gateway)
    held = "?range=1h&where=latency:ge:1&where=status:known"
    _, told = leaf(gateway, {**FIRST, "startRow": 200}, first["ledger-leaves.data"], search=held)
    assert told["ledger-grid.getRowsResponse"] == {"rowData": [], "rowCount": 200}
    _, told = leaf(gateway, search=held)
    assert told["ledger-unit.children"] == "112 rows, newest first"
    assert told["ledger-grid.getRowsResponse"]["rowCount"] == 112


def test_conditions_that_no_request_meets_are_named_and_can_be_cleared() -> None:
    _, told = leaf(FakeGateway(log_rows=0), search="?range=1h&where=latency:ge:99&region=us-east-1")
    blank = json.dumps(told["ledger-blank.children"], ensure_ascii=False)
    assert "No request of region us-east-1 where Latency ≥ 99 s between" in blank
    assert '"data-where-drop": ""' in blank
    assert '"data-clear": "region"' in blank


def test_where_looking_took_too_long_it_is_said_up_to_when_and_how_to_go_on() -> None:
    gateway = FakeGateway(log_reached=1_795_441_200)  # 13:40
    _, told = leaf(gateway, search="?range=1h&find=needle")
    around = json.dumps([told["ledger-foot.children"], told["ledger-blank.children"]], ensure_ascii=False)
    assert "looked back to 13:40 · " in around
    assert "Nothing found so far" in around
    assert around.count('"data-ledger-at": "2026-11-23T13:39:59.999999Z"') == 2


def test_a_column_of_texts_is_sorted_by_letters_and_says_which_way() -> None:
    _, told = leaf(FakeGateway(), {**FIRST, "sortModel": [{"colId": "model", "sort": "asc"}]})
    assert told["ledger-unit.children"] == "450 rows, by model from A to Z"


def test_a_drawer_holds_every_field_and_null_is_legible() -> None:
    picked = {"place": str(Place("2026-01-01 00:00:00", "3")), "search": "?range=1h", "beat": 1}
    text = json.dumps(ask(FakeGateway(), "ledger-drawer", picked)[1])
    for part in ("req_3", "metadata", "NULL in the log", "traces?id=", "model=meta.llama3", "account=1111"):
        assert part in text, part


@pytest.mark.parametrize("key", ["99999", "x"])
def test_a_row_that_is_not_there_says_so_and_no_more(key: str) -> None:
    picked = {"place": str(Place("2026-01-01 00:00:00", key)), "search": "", "beat": 1}
    assert "No such request" in json.dumps(ask(FakeGateway(), "ledger-drawer", picked)[1])


@pytest.mark.parametrize("trace", ["javascript:alert(1)", "//evil", '"><script>', "../api?x=1#y"])
def test_a_trace_id_from_the_log_is_never_more_than_a_parameter(trace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = FakeGateway()
    entry = gateway._entry
    monkeypatch.setattr(gateway, "_entry", lambda end, i: replace(entry(end, i), trace_id=trace))
    picked = {"place": str(Place("2026-01-01 00:00:00", "3")), "search": "", "beat": 1}
    text = json.dumps(ask(gateway, "ledger-drawer", picked)[1])
    assert '"href": "traces?id=' in text
    assert f'"href": "{trace}' not in text
