"""Usage by model: the largest keep their colours, the rest is Other, and nothing of the whole is lost."""

from __future__ import annotations

import pytest

from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import COST, REQUESTS, TOKENS
from fluxdash.views.patches import traces as printed
from fluxdash.views.template import PALETTES, clear
from fluxdash.views.usage import cost_by_model, parts, requests_by_model, tokens_by_model
from tests.views.reading import marked, prop, text
from tests.views.scenes import grouped, scene

SONNET, HAIKU = "anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-3-5-haiku-20241022-v1:0"
TWO = {HAIKU: [60.0] * 5, SONNET: [30.0] * 5}


def by_name(drawing) -> dict[str, dict]:
    return {trace["name"]: trace for trace in drawing.figure["data"] if not trace["uid"].endswith("-faint")}


def test_models_stand_in_the_order_of_their_colours_and_not_of_their_size() -> None:
    drawing = requests_by_model(scene(grouped(REQUESTS.over_time(by=MODEL), TWO)))
    assert list(by_name(drawing)) == ["claude-3-5-sonnet", "claude-3-5-haiku"]
    sonnet = by_name(drawing)["claude-3-5-sonnet"]
    assert sonnet["fillcolor"] == clear(PALETTES["light"]["c1"], 0.88)
    assert sonnet["meta"] == {"filter": f"model={SONNET}"}


@pytest.mark.parametrize(
    ("view", "measure", "height", "unit"),
    [
        (requests_by_model, REQUESTS, 0.5, "req/s, stacked"),
        (tokens_by_model, TOKENS, 30.0, "tokens per minute, stacked"),
        (cost_by_model, COST, 1800.0, "USD per hour, stacked"),
    ],
)
def test_each_measure_has_its_pace(view, measure, height: float, unit: str) -> None:
    drawing = view(scene(grouped(measure.over_time(by=MODEL), TWO)))
    assert by_name(drawing)["claude-3-5-sonnet"]["y"] == [height] * 5
    assert drawing.unit == unit


def test_eight_are_named_and_the_rest_is_other() -> None:
    many = {f"acme.m{place}": [float(place + 1)] * 5 for place in range(12)}
    answer = grouped(REQUESTS.over_time(by=MODEL), many)
    found = parts(answer, scene(answer))
    assert len(found) == 9
    assert found[-1].name == "Other"
    assert found[-1].line.total == (1 + 2 + 3 + 4) * 5
    assert sum(each.line.total or 0 for each in found) == sum(sum(row) for row in many.values())


def test_nine_models_are_all_named_for_other_would_be_one_of_them() -> None:
    many = {f"acme.m{place}": [float(place + 1)] * 5 for place in range(9)}
    answer = grouped(REQUESTS.over_time(by=MODEL), many)
    assert "Other" not in [each.name for each in parts(answer, scene(answer))]


def test_the_legend_names_each_layer_and_filters_by_it() -> None:
    drawing = requests_by_model(scene(grouped(REQUESTS.over_time(by=MODEL), TWO)))
    entries = marked(drawing.beside, "legend")[0].children
    assert [text(each).strip() for each in entries] == ["claude-3-5-sonnet", "claude-3-5-haiku"]
    assert [prop(each, "data-filter") for each in entries] == [f"model={SONNET}", f"model={HAIKU}"]


def test_two_models_that_change_places_are_no_patch_of_each_other() -> None:
    one = requests_by_model(scene(grouped(REQUESTS.over_time(by=MODEL), {"a": [2.0] * 5, "b": [1.0] * 5})))
    other = requests_by_model(scene(grouped(REQUESTS.over_time(by=MODEL), {"a": [1.0] * 5, "c": [2.0] * 5})))
    assert printed(one.figure, "light") != printed(other.figure, "light")


def test_a_seat_gives_a_stranger_its_colour() -> None:
    answer = grouped(REQUESTS.over_time(by=MODEL), {"acme.own": [1.0] * 5})
    made = scene(answer)
    assert [each.token for each in parts(answer, made)] == ["c-other"]
    object.__setattr__(made, "seats", {"acme.own": 4})
    assert [each.token for each in parts(answer, made)] == ["c4"]
