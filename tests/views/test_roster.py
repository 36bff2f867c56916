"""All models: a row each with what is known of it, a dash for what is not, and a row of everything."""

from __future__ import annotations

from dataclasses import replace

from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import AVAILABILITY, COST, COST_PER_REQUEST, ERROR_RATE, LATENCY, THROUGHPUT
from fluxdash.semantic.query import MOST_GROUPS
from fluxdash.views.roster import NEEDED, SPARE, roster
from tests.views.reading import cells, every, marked, prop
from tests.views.scenes import answer, ranked, scene

SONNET, HAIKU = "anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-3-5-haiku-20241022-v1:0"
ERRORS = {SONNET: (0.0626, 14824), HAIKU: (0.0038, 12079)}


def needed(errors=ERRORS):
    return [
        ranked(NEEDED[0], errors),
        ranked(NEEDED[1], {model: (1 - share, n) for model, (share, n) in errors.items()}),
    ]


def each(measure, rows, q: float | None = None):
    return ranked(measure.top(MOST_GROUPS, by=MODEL, q=q), rows)


def whole(measure, total: float, n: float = 26903, q: float | None = None):
    return answer(measure.total(q=q), [total], total=total, n=n)


FULL = [
    each(LATENCY, {SONNET: (1.62, 14824), HAIKU: (0.78, 12079)}, 0.5),
    each(LATENCY, {SONNET: (5.38, 14824), HAIKU: (2.05, 12079)}, 0.95),
    each(LATENCY, {SONNET: (9.6, 14824), HAIKU: (3.7, 298)}, 0.99),
    each(THROUGHPUT, {SONNET: (198.04, 100), HAIKU: (308.0, 100)}),
    each(COST_PER_REQUEST, {SONNET: (0.00525, 14824), HAIKU: (0.00133, 12079)}),
    each(COST, {SONNET: (77.83, 14824), HAIKU: (16.07, 12079)}),
    whole(ERROR_RATE, 0.0362),
    whole(AVAILABILITY, 0.9638),
    whole(LATENCY, 1.2, q=0.5),
    whole(LATENCY, 4.4, q=0.95),
    whole(LATENCY, 8.0, q=0.99),
    whole(THROUGHPUT, 220.5),
    whole(COST_PER_REQUEST, 0.00349),
    whole(COST, 93.9),
]


def test_a_row_has_every_number_of_its_model() -> None:
    head, first, second, last = cells(roster(scene(*needed(), *FULL)).beside)
    assert [each.strip() for each in head] == [
        "Model", "Full id", "Status", "Requests", "Available", "Errors", "P50", "P95", "P99", "Output tok/s",
        "$ / request", "Spend",
    ]  # fmt: skip
    assert [each.strip() for each in first] == [
        "claude-3-5-sonnet", SONNET, "Unhealthy", "14,824", "93.74 %", "6.26 %", "1.62 s", "5.38 s", "9.60 s", "198.0",
        "$0.00525", "$77.83",
    ]  # fmt: skip
    assert second[2].strip() == "Healthy"
    assert [each.strip() for each in last] == [
        "All 2 models", "", "", "26,903", "96.38 %", "3.62 %", "1.20 s", "4.40 s", "8.00 s", "220.5", "$0.00349",
        "$93.90",
    ]  # fmt: skip


def test_what_no_source_tells_is_a_dash() -> None:
    _, first, _, last = cells(roster(scene(*needed())).beside)
    assert first[6:] == ["–"] * 6
    assert last[3:] == ["–"] * 9


def test_a_quantile_of_few_samples_is_faint_and_says_on_how_many_it_rests() -> None:
    drawing = roster(scene(*needed(), *FULL))
    (few,) = marked(drawing.beside, "few")
    assert few.children == "3.70\u00a0s"
    assert few.title.startswith("n\u00a0298")


def test_a_cost_that_is_not_quite_it_goes_by_its_own_name() -> None:
    priced = each(COST, {SONNET: (90.0, 14824)})
    named = replace(priced, provenance=replace(priced.provenance, label="List-price cost, hits included"))
    head = cells(roster(scene(*needed(), named)).beside)[0]
    assert head[-1].strip() == "List-price cost, hits included"


def test_a_click_filters_by_the_model_but_not_in_the_row_of_everything() -> None:
    drawing = roster(scene(*needed(), *FULL))
    rows = [prop(each, "data-filter") for each in every(drawing.beside) if type(each).__name__ == "Tr"]
    assert rows == [None, f"model={SONNET}", f"model={HAIKU}", None]


def test_of_many_models_fifty_are_listed_and_all_are_counted() -> None:
    many = {f"acme.m{place:02}": (place / 1000, 1000) for place in range(73)}
    drawing = roster(scene(*needed(many)))
    assert len(cells(drawing.beside)) == 1 + 50 + 1
    assert drawing.foot == "50 of 73 models, the worst"
    assert cells(drawing.beside)[-1][0] == "All 73 models"
    assert drawing.table is not None
    assert len(drawing.table.rows) == 74


def test_one_model_needs_no_row_of_everything() -> None:
    assert len(cells(roster(scene(*needed({SONNET: (0.01, 1000)}))).beside)) == 2


def test_the_table_to_read_has_the_same_numbers() -> None:
    drawing = roster(scene(*needed(), *FULL))
    assert drawing.table is not None
    assert drawing.table.rows[0] == (
        SONNET, "Unhealthy", 14824, 1 - 0.0626, 0.0626, 1.62, 5.38, 9.6, 198.04, 0.00525, 77.83,
    )  # fmt: skip
    assert drawing.table.rows[-1] == (
        "All models", "", 26903, 0.9638, 0.0362, 1.2, 4.4, 8.0, 220.5, 0.00349, 93.9,
    )  # fmt: skip


def test_every_question_of_the_table_is_asked() -> None:
    questions = {each.query.question for each in FULL}
    assert questions <= {*NEEDED, *SPARE}
