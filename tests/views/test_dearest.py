"""The most expensive requests: a row and a card each, NULLs told as such, and no id from outside in a path."""

from __future__ import annotations

from datetime import UTC, datetime

from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.records import Record, Records
from fluxdash.views.dearest import dearest
from fluxdash.views.scene import Look
from tests.views.reading import cells, every, marked, prop, text

TIME = datetime(2026, 11, 22, 9, 14, 7, 412_000, tzinfo=UTC).timestamp()
WHOLE = Record(
    time=TIME, request_id="req_4b1e0000000000009c02", trace_id="ABCDEF0123456789", account="id-1",
    account_name="borealis-bank", model="anthropic.claude-3-opus-20240229-v1:0", region="eu-west-1", status="success",
    strategy="auto", latency=3.0, input_tokens=48_210, output_tokens=7_904, cost=1.4475, list_price=1.4475,
    input_cost=0.8, cache="miss",
)  # fmt: skip


def drawn(*rows: Record, total: int | None = 8_310_000, search: str = "?range=7d"):
    return dearest(Records(rows, Provenance("log", TIME, True), total), Look(), {}, search)


def links(component) -> list[str]:
    return [each.href for each in every(component) if type(each).__name__ == "A"]


def test_a_row_has_what_the_log_tells() -> None:
    drawing = drawn(WHOLE)
    rows = cells(drawing.beside)
    assert rows[1] == [
        "22 Nov 09:14:07.412", "req_…9c02", "borealis-bank", "claude-3-opus", "eu-west-1", "48,210", "7,904", "",
        "miss", "$1.4475", "Trace",
    ]  # fmt: skip
    assert drawing.unit == "top 1 of 8,310,000"
    assert rows[0][0] == "Time (UTC)"


def test_the_bar_is_the_input_s_part_and_the_output_s_part_of_the_cost() -> None:
    (bar,) = marked(drawn(WHOLE).beside, "parts")
    widths = [each.style["width"] for each in bar.children]
    assert widths == ["55.3%", "44.7%"]
    assert 0.8 / 1.4475 == 0.5526770293609672


def test_what_the_log_leaves_out_is_unknown_and_never_zero() -> None:
    row = cells(drawn(Record(time=TIME, cost=0.5)).beside)[1]
    assert row[1:4] == ["unknown", "unknown", "unknown"]
    assert row[5:8] == ["–", "–", "–"]
    assert row[-1] == "–"


def test_a_trace_is_linked_below_wherever_the_dashboard_is_served() -> None:
    drawing = drawn(WHOLE)
    assert links(drawing.beside) == ["traces?id=ABCDEF0123456789"] * 2
    assert drawing.link is not None
    assert drawing.link.href == "requests?range=7d"
    assert prop(drawing.link, "data-nav") == "1"


def test_an_id_from_outside_is_no_part_of_a_path() -> None:
    (first, second) = links(drawn(Record(time=TIME, cost=1.0, trace_id="../x?y=1&z#\"'")).beside)
    assert first == second == "traces?id=..%2Fx%3Fy%3D1%26z%23%22%27"


def test_on_small_screens_each_request_is_a_card() -> None:
    (card,) = marked(drawn(WHOLE).beside, "rcard")
    said = " ".join(text(card).split())
    assert said == "claude-3-opus borealis-bank $1.4475 22 Nov 09:14 · eu-west-1 · cache miss 48,210 in · 7,904 out"
    assert card.href.startswith("traces?id=")


def test_without_a_total_only_the_rows_are_counted() -> None:
    assert drawn(WHOLE, total=None).unit == "top 1"


def test_the_csv_has_every_field() -> None:
    table = drawn(WHOLE).table
    assert table is not None
    assert table.rows[0][:4] == ("2026-11-22T09:14:07.412+00:00", WHOLE.request_id, WHOLE.trace_id, "borealis-bank")
    assert table.rows[0][-2:] == (0.8, 1.4475)
