"""Percentile dots: where each mark stands, which of them are faint, and upstream below end to end."""

from __future__ import annotations

import pytest

from fluxdash.semantic.measures import LATENCY, UPSTREAM_LATENCY
from fluxdash.views.dots import both, end_to_end, quantiles, upstream
from tests.views.reading import marked, prop, text
from tests.views.scenes import ranked, scene

SONNET, OPUS = "anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-3-opus-20240229-v1:0"
WHOLE = {SONNET: (1.0, 4.0, 8.0, 1000), OPUS: (4.0, 10.0, 20.0, 500)}


def spread(measure, rows: dict[str, tuple[float, float, float, float]], **more: object):
    tail, middle, extreme = quantiles(measure)
    places = ((tail, 1), (middle, 0), (extreme, 2))
    return [
        ranked(question, {model: (row[place], row[3]) for model, row in rows.items()}, **more)  # type: ignore[arg-type]
        for question, place in places
    ]


def rows(drawing) -> list:
    return marked(drawing.beside, "trk-r")


def pins(row) -> list[tuple[str, str, str | None]]:
    return [(each.className, each.style["left"], each.style.get("width")) for each in marked(row, "pin")]


def numbers(row) -> str:
    return text(row.children[2:])


def test_the_slowest_model_stands_first_with_its_p95_beside_it() -> None:
    drawing = end_to_end(scene(*spread(LATENCY, WHOLE)))
    assert [text(marked(each, "mdl")).strip() for each in rows(drawing)] == ["claude-3-opus", "claude-3-5-sonnet"]
    assert [numbers(each) for each in rows(drawing)] == ["10.00", "4.00"]
    assert text(marked(drawing.beside, "trk-h")).endswith("P95, s")
    assert drawing.unit == "seconds, end to end"


def test_each_quantile_is_a_mark_of_its_own_shape_in_its_place() -> None:
    drawing = end_to_end(scene(*spread(LATENCY, WHOLE)))
    assert pins(rows(drawing)[0]) == [
        ("pin from-to", "20.00%", "80.00%"),
        ("pin p50", "20.00%", None),
        ("pin p95", "50.00%", None),
        ("pin p99", "100.00%", None),
    ]
    assert marked(rows(drawing)[0], "p95")[0].style["--c"] == "var(--c3)"


@pytest.mark.parametrize(
    ("n", "faint"),
    [
        (299, []),
        (298, ["pin p99 weak"]),
        (59, ["pin p99 weak"]),
        (58, ["pin p50 weak", "pin p95 weak", "pin p99 weak"]),
    ],
)
def test_a_mark_is_faint_under_the_samples_its_quantile_needs(n: int, faint: list[str]) -> None:
    drawing = end_to_end(scene(*spread(LATENCY, {SONNET: (1.0, 4.0, 8.0, n)})))
    assert [kind for kind, *_ in pins(rows(drawing)[0]) if "weak" in kind] == faint
    assert numbers(rows(drawing)[0]) == (f"n {n}" if n < 59 else "4.00")


def test_fast_models_are_in_milliseconds() -> None:
    drawing = end_to_end(scene(*spread(LATENCY, {SONNET: (0.02, 0.08, 0.4, 1000)})))
    assert numbers(rows(drawing)[0]) == "80"
    assert text(marked(drawing.beside, "trk-h")).endswith("P95, ms")
    assert drawing.unit == "milliseconds, end to end"


def test_a_lower_bound_says_at_least() -> None:
    drawing = end_to_end(scene(*spread(LATENCY, {SONNET: (10.0, 30.0, 30.0, 1000)}, at_least=[SONNET])))
    assert numbers(rows(drawing)[0]) == "≥ 30.00"


def test_more_than_fifteen_models_say_so_and_all_are_in_the_table() -> None:
    many = {f"acme.m{place}": (1.0, 2.0 + place, 30.0, 1000) for place in range(20)}
    drawing = end_to_end(scene(*spread(LATENCY, many)))
    assert len(rows(drawing)) == 15
    assert "the slowest 15 of 20 models" in drawing.foot
    assert drawing.table is not None
    assert drawing.table.rows[0] == ("acme.m19", 1.0, 21.0, 30.0, 1000)
    assert len(drawing.table.rows) == 20


def test_a_click_filters_by_the_model() -> None:
    drawing = end_to_end(scene(*spread(LATENCY, WHOLE)))
    assert [prop(each, "data-filter") for each in rows(drawing)] == [f"model={OPUS}", f"model={SONNET}"]


def test_upstream_has_a_picture_of_its_own() -> None:
    drawing = upstream(scene(*spread(UPSTREAM_LATENCY, WHOLE)))
    assert [numbers(each) for each in rows(drawing)] == ["10.00", "4.00"]
    assert drawing.unit == "seconds, upstream inference alone"


def test_upstream_stands_below_end_to_end_on_one_scale() -> None:
    inner = {SONNET: (1.5, 5.0, 25.0, 700)}
    drawing = both(scene(*spread(LATENCY, WHOLE), *spread(UPSTREAM_LATENCY, inner)))
    assert [numbers(each) for each in rows(drawing)] == ["10.00", "–", "4.00", "5.00"]
    assert [text(marked(each, "below")) for each in rows(drawing)] == ["", "upstream", "", "upstream"]
    last = pins(rows(drawing)[3])
    assert last[-1] == ("pin p99", "83.33%", None)
    assert drawing.table is not None
    assert drawing.table.rows[1] == (SONNET, 1.0, 4.0, 8.0, 1000, 1.5, 5.0, 25.0, 700)


def test_without_upstream_the_end_to_end_latency_is_drawn_and_that_is_said() -> None:
    drawing = both(scene(*spread(LATENCY, WHOLE)))
    assert [numbers(each) for each in rows(drawing)] == ["10.00", "4.00"]
    assert drawing.foot.startswith("without upstream latency · ")


def test_the_hint_of_a_row_says_all_three_quantiles_and_the_sample() -> None:
    drawing = end_to_end(scene(*spread(LATENCY, WHOLE)))
    assert rows(drawing)[0].title.replace("\u00a0", " ") == "end to end: P50 4.00 s, P95 10.00 s, P99 20.00 s; n 500"
