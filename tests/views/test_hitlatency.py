"""Hits against misses: each type of hits has a line of its own, on a scale that holds milliseconds and seconds."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from fluxdash.semantic.answer import Answer
from fluxdash.semantic.dimensions import CACHE, CACHE_TYPE, HIT, MISS, OFF, UNKNOWN
from fluxdash.semantic.measures import LATENCY
from fluxdash.views.hitlatency import hit_latency
from fluxdash.views.scene import Drawing
from tests.views.scenes import courses, scene

MIDDLE, TAIL = (LATENCY.over_time(by=CACHE, q=q) for q in (0.5, 0.95))
BY_TYPE = LATENCY.over_time(by=CACHE_TYPE, q=0.5)
BY_CACHE = {MISS: [1.2, 1.3, 1.2, 1.4, 1.3], HIT: [0.04] * 5, OFF: [2.0] * 5}


def drawn(drawing: Drawing) -> dict[str, dict]:
    assert drawing.figure is not None
    return {trace["uid"]: trace for trace in drawing.figure["data"]}


def labels(drawing: Drawing) -> list[tuple[str, float]]:
    assert drawing.figure is not None
    return [(note["text"], note["y"]) for note in drawing.figure["layout"]["annotations"]]


def test_hits_are_drawn_by_type_where_the_type_is_told() -> None:
    types = courses(BY_TYPE, {"semantic": [0.09] * 5, "exact": [0.02] * 5})
    drawing = hit_latency(scene(courses(MIDDLE, BY_CACHE), types))
    traces = drawn(drawing)
    assert [traces[each]["y"] for each in ("miss", "exact", "semantic")] == [BY_CACHE[MISS], [0.02] * 5, [0.09] * 5]
    assert {name for name, _ in labels(drawing)} == {"<b>Miss</b>", "<b>Exact</b>", "<b>Semantic</b>"}
    assert "hit" not in traces


@pytest.mark.parametrize("types", [(), (courses(BY_TYPE, {UNKNOWN: [0.09] * 5}),)], ids=["none", "not recorded"])
def test_hits_are_one_line_where_no_type_is_told(types: tuple) -> None:
    drawing = hit_latency(scene(courses(MIDDLE, BY_CACHE), *types))
    assert [name for name, _ in labels(drawing)] == ["<b>Hit</b>", "<b>Miss</b>"]


def test_requests_that_never_asked_the_cache_have_no_line() -> None:
    drawing = hit_latency(scene(courses(MIDDLE, BY_CACHE)))
    assert not [name for name in drawn(drawing) if "off" in name]


def test_the_scale_is_in_powers_of_ten_around_the_values() -> None:
    axis = hit_latency(scene(courses(MIDDLE, BY_CACHE))).figure["layout"]["yaxis"]  # type: ignore[index]
    assert axis["type"] == "log"
    assert axis["tickvals"] == pytest.approx([0.01, 0.1, 1, 10])
    assert [each.replace("\u00a0", " ") for each in axis["ticktext"]] == ["10 ms", "100 ms", "1 s", "10 s"]
    assert axis["range"][0] == pytest.approx(-2)
    assert axis["range"][1] == pytest.approx(1, abs=0.01)


def test_inside_one_power_of_ten_there_are_ticks_between() -> None:
    axis = hit_latency(scene(courses(MIDDLE, {MISS: [2.0] * 5}))).figure["layout"]["yaxis"]  # type: ignore[index]
    assert axis["tickvals"] == pytest.approx([1, 2, 5, 10])


def test_a_hit_in_no_time_lies_on_the_floor_and_says_what_it_took() -> None:
    traces = drawn(hit_latency(scene(courses(MIDDLE, {MISS: [1.0] * 5, HIT: [0.0] * 5}))))
    assert traces["hit"]["y"] == [0.001] * 5
    assert traces["hit"]["customdata"][0].replace("\u00a0", " ") == "<b>0 s</b>"


def test_names_at_the_ends_do_not_touch() -> None:
    types = courses(BY_TYPE, {"semantic": [0.021] * 5, "exact": [0.02] * 5})
    levels = [level for _, level in labels(hit_latency(scene(courses(MIDDLE, BY_CACHE), types)))]
    assert all(above - below > 0.1 for below, above in pairwise(levels))
    assert levels[0] == pytest.approx(math.log10(0.02))


def test_a_p95_of_few_samples_is_faint_and_a_median_is_not() -> None:
    few = {MISS: [1.0] * 5}
    tail = drawn(hit_latency(scene(courses(TAIL, few, n=100))))
    assert tail["miss"]["y"] == [None] * 5
    assert tail["miss-faint"]["y"] == [1.0] * 5
    middle = drawn(hit_latency(scene(courses(MIDDLE, few, n=100))))
    assert middle["miss"]["y"] == [1.0] * 5


def test_the_unit_and_the_sentence_name_the_quantile() -> None:
    drawing = hit_latency(scene(courses(TAIL, BY_CACHE)))
    assert drawing.unit == "P95, log scale"
    assert "Latency of hits and misses, P95: Miss 1.30 s of n 1,000" in drawing.sentence.replace("\u00a0", " ")


def test_the_name_of_a_type_from_outside_is_no_html() -> None:
    types = courses(BY_TYPE, {"<img src=x>": [0.1] * 5})
    drawing = hit_latency(scene(courses(MIDDLE, BY_CACHE), types))
    assert not [name for name, _ in labels(drawing) if "<img" in name]
    assert not [trace for trace in drawing.figure["data"] if "<" in trace["name"]]  # type: ignore[index]


def test_the_table_to_read_holds_the_lines_that_are_drawn_and_no_other() -> None:
    types = courses(BY_TYPE, {"semantic": [0.09] * 5, "exact": [0.02] * 5})
    table = hit_latency(scene(courses(MIDDLE, BY_CACHE), types)).table
    assert table is not None
    names = ["P50 latency, Miss", "P50 latency, Semantic", "P50 latency, Exact"]
    assert sorted(each.name for each in table.columns[1:]) == sorted(names)
    assert table.rows[3][1 + [each.name for each in table.columns[1:]].index(names[0])] == 1.4


def test_a_point_stands_for_the_hits_of_its_type_or_for_all_where_the_type_is_not_told() -> None:
    def groups(*answers: Answer) -> dict[str, str | None]:
        figure = hit_latency(scene(courses(MIDDLE, BY_CACHE), *answers)).figure
        assert figure is not None
        return {each["name"]: each["group"] for each in figure["layout"]["meta"]["points"]["ranks"]}

    types = courses(BY_TYPE, {"semantic": [0.09] * 5, "exact": [0.02] * 5, UNKNOWN: [0.05] * 5})
    told = {"Exact": "cache_type=exact", "Semantic": "cache_type=semantic", "Type not recorded": "cache=hit"}
    assert groups(types) == {"Miss": "cache=miss", **told}
    assert groups() == {"Miss": "cache=miss", "Hit": "cache=hit"}
