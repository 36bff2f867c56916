"""Tables of spend: the shares add up, changes are judged, and a model without a price has no false zero."""

from __future__ import annotations

from dataclasses import replace

from fluxdash.semantic.dimensions import ACCOUNT, MODEL, UNKNOWN
from fluxdash.semantic.measures import COST, COST_PER_REQUEST, REQUESTS, UNPRICED
from fluxdash.views.breakdown import spend_by_group, spend_by_model
from tests.views.reading import cells, every, marked, prop, text
from tests.views.scenes import WINDOW, answer, grouped, scene

BY_MODEL = COST.over_time(by=MODEL)
OPUS, SONNET = "anthropic.claude-3-opus-20240229-v1:0", "anthropic.claude-3-5-sonnet-20241022-v2:0"


def models(**more: object):
    cost = grouped(BY_MODEL, {OPUS: [60.0], SONNET: [40.0]})
    requests = grouped(REQUESTS.over_time(by=MODEL), {OPUS: [1000.0], SONNET: [20_000.0]})
    each = grouped(COST_PER_REQUEST.over_time(by=MODEL), {OPUS: [0.06], SONNET: [0.002]})
    return scene(cost, requests, each, **more)  # type: ignore[arg-type]


def test_a_model_s_row_has_its_spend_share_requests_price_and_change() -> None:
    before = grouped(BY_MODEL, {OPUS: [50.0], SONNET: [80.0]}, WINDOW.previous())
    total = answer(COST.over_time(), [26.0] * 5, window=WINDOW.previous())
    rows = cells(spend_by_model(models(before=[before, total])).beside)
    assert rows[0] == ["Model", "Spend", "Share", "Requests", "$ / request", "Change"]
    assert rows[1] == ["claude-3-opus", "$60.00", "60.0 %", "1,000", "$0.06000", "+20.0 %"]
    assert rows[2] == ["claude-3-5-sonnet", "$40.00", "40.0 %", "20,000", "$0.00200", "−50.0 %"]


def test_more_cost_is_a_warning_and_less_is_good() -> None:
    before = grouped(BY_MODEL, {OPUS: [50.0], SONNET: [80.0]}, WINDOW.previous())
    total = answer(COST.over_time(), [26.0] * 5, window=WINDOW.previous())
    drawn = spend_by_model(models(before=[before, total])).beside
    assert [each.className for each in marked(drawn, "delta")] == ["delta plain warn", "delta plain good"]


def test_without_comparison_there_is_no_column_of_changes() -> None:
    rows = cells(spend_by_model(models()).beside)
    assert rows[0][-1] == "$ / request"


def test_a_row_filters_by_its_model_and_so_does_its_slice() -> None:
    drawn = spend_by_model(models()).beside
    chosen = [prop(each, "data-filter") for each in every(drawn) if prop(each, "data-filter")]
    assert chosen == [f"model={OPUS}", f"model={SONNET}"] * 2


def test_the_hole_of_the_donut_holds_the_total() -> None:
    drawing = spend_by_model(models())
    assert text(marked(drawing.beside, "hole")) == "$100.00  5 min"
    assert "Spend by model: $100.00; most by claude-3-opus, $60.00" in drawing.sentence
    assert drawing.foot == "2 of 2 models"


def test_a_donut_has_five_slices_and_the_rest_as_a_grey_one() -> None:
    cost = grouped(BY_MODEL, {f"m{i}": [float(2 ** (9 - i))] for i in range(9)})
    drawn = spend_by_model(scene(cost)).beside
    slices = [each for each in every(marked(drawn, "ring")) if type(each).__name__ == "I"]
    assert len(slices) == 6
    assert slices[-1].style["background"] == "var(--c-other)"
    assert text(marked(drawn, "donut")).endswith("grey: all others, 2.9 %")
    assert (2**4 + 2**3 + 2**2 + 2) / sum(2 ** (9 - i) for i in range(9)) > 0.0285


def test_a_model_that_nobody_can_price_has_no_zero() -> None:
    cost = grouped(BY_MODEL, {OPUS: [60.0], "cohere.command-r": [0.0]})
    unpriced = grouped(UNPRICED.over_time(by=MODEL), {OPUS: [2.0], "cohere.command-r": [7.0]})
    each = grouped(COST_PER_REQUEST.over_time(by=MODEL), {OPUS: [0.06], "cohere.command-r": [0.0]})
    drawn = spend_by_model(scene(cost, unpriced, each)).beside
    rows = cells(drawn)
    assert [cell.strip() for cell in rows[2][1:]] == ["no price", "–", "–", "–"]
    assert rows[1][1].strip() == "$60.00"
    marks = marked(drawn, "unpriced")
    assert [each.title for each in marks] == [
        "2 requests used tokens that no price is in force for",
        "7 requests used tokens that no price is in force for",
    ]


def test_accounts_go_by_name_and_the_largest_has_the_longest_bar() -> None:
    cost = grouped(COST.top(200, by=ACCOUNT), {f"id-{i}": [float(100 - 8 * i)] for i in range(12)})
    named = replace(cost, names=(("id-0", "acme"),))
    drawing = spend_by_group(scene(named))
    rows = cells(drawing.beside)
    assert [row[0] for row in rows[1:]] == ["acme", *(f"id-{i}" for i in range(1, 8)), "4 more"]
    assert rows[-1][2] == "$96.00"
    widths = [each.style["width"] for each in every(drawing.beside) if type(each).__name__ == "I"]
    assert (widths[0], widths[1], widths[-1]) == ("100.0%", "92.0%", "96.0%")
    assert drawing.foot == "8 of 12 accounts"
    assert drawing.unit == "USD by account"


def test_what_the_log_left_empty_is_a_group_of_its_own_that_nothing_filters_by() -> None:
    cost = grouped(COST.over_time(by=ACCOUNT), {UNKNOWN: [3.0], "a": [1.0]})
    drawn = spend_by_group(scene(cost)).beside
    rows = [each for each in every(drawn) if type(each).__name__ == "Tr"][1:]
    assert [prop(each, "data-filter") for each in rows] == [None, "account=a"]


def test_the_table_for_the_csv_has_base_units_and_whole_names() -> None:
    table = spend_by_model(models()).table
    assert table is not None
    assert [each.heading for each in table.columns][1:3] == ["Spend (USD)", "Share (ratio)"]
    assert table.rows[0] == (OPUS, 60.0, 0.6, 1000.0, 0.06, None)


def test_the_table_of_other_groups_has_no_columns_that_nobody_asked_for() -> None:
    table = spend_by_group(scene(grouped(COST.top(200, by=ACCOUNT), {"a": [3.0], "b": [1.0]}))).table
    assert table is not None
    assert [each.name for each in table.columns] == ["Account", "Spend", "Share", "Spend in the window before"]
    assert [row[:3] for row in table.rows] == [("a", 3.0, 0.75), ("b", 1.0, 0.25)]
