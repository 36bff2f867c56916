"""The cells of the log's rows, and what stands around them: NULL is not nothing, about is not exactly."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest

from fluxdash.semantic.answer import Note, NoteKind, Provenance
from fluxdash.semantic.leaves import By, Entry, Extent, Leaf, Leafing, Place, Whole
from fluxdash.semantic.records import Record
from fluxdash.views import entry, extent, ledger
from fluxdash.views.patches import printed
from fluxdash.views.scene import Look
from fluxdash.views.times import Clock

AT = 1_795_003_199.9275  # 2026-11-18 11:59:59.9275 UTC
LOOK = Look(p95_objective=6.0)
EVIL = "<img src=x onerror=window.__xss=1>"


def cells(look: Look = LOOK, *, dated: bool = False, **told: object) -> ledger.Cells:
    (row,) = ledger.rows([Entry(Record(AT, **told), Place("2026-11-18 11:59:59", "1"))], look, {}, dated=dated)  # type: ignore[arg-type]
    return row


def drawer(**told: object) -> str:
    whole = Whole(Record(AT, **told), (("trace_id", ""), ("metadata", None)), Provenance("log", AT, True))  # type: ignore[arg-type]
    return json.dumps(
        [each.to_plotly_json() for each in entry.entry(whole, LOOK, {})], default=lambda each: each.to_plotly_json()
    )


def test_what_is_null_stays_null_and_a_zero_is_a_zero() -> None:
    empty = cells()
    assert [empty[name] for name in ("request_id", "account", "model", "latency", "cost", "cache", "input_tokens")] == [
        None
    ] * 7
    zero = cells(latency=0.0, cost=0.0, input_tokens=0, output_tokens=0, cache="miss", status="success")
    assert (zero["latency"], zero["cost"], zero["input_tokens"]) == ("0\xa0s", "0", "0")


def test_a_hit_costs_nothing_and_its_list_price_is_told_beside_it() -> None:
    row = cells(cache="hit", cost=0.0, list_price=0.01307)
    assert (row["cost"], row["worth"], row["free"]) == ("0, hit", "list price $0.01307", True)
    assert cells(cost=0.000001)["cost"] == "<\xa0$0.00001"


@pytest.mark.parametrize(
    ("latency", "share", "over"), [(0.01, 0.02, False), (5.0, 0.5, False), (6.0, 0.6, False), (30.0, 1.0, True)]
)
def test_the_latency_bar_ends_at_ten_seconds_and_marks_what_is_past_the_objective(
    latency: float, share: float, over: bool
) -> None:
    row = cells(latency=latency)
    assert (row["share"], row["over"]) == (share, over)
    assert not cells(Look(), latency=latency)["over"]


def test_times_are_in_the_zone_of_the_page_to_the_millisecond() -> None:
    assert cells()["time"] == "11:59:59.927"
    assert cells(Look(clock=Clock(ZoneInfo("Asia/Kolkata"))), dated=True)["time"] == "18 Nov 17:29:59.927"


def test_the_columns_name_the_zone_and_what_cannot_be_sorted_says_why() -> None:
    heads = {
        each["field"]: each for each in ledger.columns("IST", Leafing(By.COST, True), "", dated=True, narrow=False)
    }
    assert heads["time"]["headerName"] == "Time (IST)"
    assert {name for name, each in heads.items() if each["sortable"]} == {each.value for each in By}
    assert heads["cost"]["initialSort"] == "asc"
    refused = {each["field"]: each for each in ledger.columns("UTC", Leafing(), "too many", dated=False, narrow=False)}
    assert {name for name, each in refused.items() if each["sortable"]} == {"time"}
    assert len(ledger.columns("UTC", Leafing(), "", dated=False, narrow=True)) == 1


def test_how_many_rows_there_are_is_exact_or_says_about() -> None:
    assert extent.unit(Extent(50_512, True), Leafing()) == "50,512 rows, newest first"
    assert extent.unit(Extent(1, True), Leafing(By.COST)) == "1 row, dearest first"
    assert extent.unit(Extent(1_234_567), Leafing(ascending=True)) == "about 1.23\xa0M rows, oldest first"
    assert extent.unit(Extent(), Leafing()) == "newest first"


def test_the_footnote_says_which_rows_are_here_and_what_is_missing() -> None:
    leaf = Leaf((), Provenance("log", AT, True, (Note(NoteKind.PARTIAL, "The log starts later."),)), True)
    text = "".join(each if isinstance(each, str) else str(each.children) for each in extent.foot(leaf, 400, AT + 4))
    assert "rows 1–400 · more below" in text
    assert "The log starts later." in text


def test_the_export_tells_its_cap_before_it_begins() -> None:
    assert extent.export(Extent(61_000_000), True).title == "Export the first 50,000 rows, about 13 MB"
    assert extent.export(Extent(None), True).title == "Export the first 50,000 rows at most, about 13 MB"
    assert str(extent.export(Extent(1000, True), True).title).startswith("Export 1,000 rows, about ")
    assert "first 50,000" in str(extent.export(Extent(50_001, True), True).children)
    assert "first" not in str(extent.export(Extent(50_000, True), True).children)
    assert extent.export(Extent(0, True), False).disabled


def test_newer_rows_are_announced_and_none_is_no_news() -> None:
    assert extent.newer(0) is None
    assert "1,000+ newer rows" in str(extent.newer(1000))
    assert "1 newer row " in str(extent.newer(1))


def test_a_drawer_without_anything_known_still_tells_what_it_has() -> None:
    text = drawer()
    assert text.count("NULL in the log") >= 3
    assert "traces?id" not in text


def test_what_comes_from_the_log_is_text_in_the_drawer() -> None:
    text = drawer(request_id=EVIL, error=EVIL, status=EVIL, model=EVIL, trace_id="javascript:alert(1)")
    assert "dangerously" not in text
    assert '"traces?id=javascript%3Aalert%281%29"' in text
    assert printed(entry.missing()) != printed(entry.failed("a", "b"))


def test_what_it_cost_is_told_in_parts_that_add_up() -> None:
    text = drawer(cost=0.00479, list_price=0.00479, input_cost=0.00179, input_tokens=577, output_tokens=204)
    for part in ("$0.00479", "$0.00179", "$0.00300", "577", "204"):
        assert part in text
    assert "its list price is $0.01307" in drawer(cache="hit", cost=0.0, list_price=0.01307)
    assert "priced from the price list" in drawer(cost=0.1, list_price=0.1, estimated=True)
