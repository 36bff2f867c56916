"""Stacks: areas where everything is known, bars where an area would lead through a zero that nobody measured."""

from __future__ import annotations

from fluxdash.semantic.measures import REQUESTS
from fluxdash.semantic.window import Window
from fluxdash.views.stacks import Layer, stack
from tests.views.scenes import NOW, WINDOW, answer, scene


def layer(values: list[float | None], name: str = "acme") -> Layer:
    return Layer("acme", name, values, [str(each) for each in values], "#3553C7", "model=acme")


def drawn(values: list[float | None], window: Window = WINDOW) -> list[dict[str, object]]:
    return stack(scene(answer(REQUESTS.over_time(), values[: window.size], window=window)), [layer(values)])


def test_what_is_known_throughout_is_an_area_with_its_head_fainter() -> None:
    solid, faint = drawn([1.0, 2.0, 3.0, 4.0, 5.0, 2.0])
    assert (solid["type"], solid["stackgroup"], solid["y"]) == ("scatter", "closed", [1, 2, 3, 4, 5])
    assert (faint["uid"], faint["y"]) == ("acme-faint", [5, 2])


def test_a_bucket_that_is_not_known_makes_bars_for_an_area_would_fall_to_zero_there() -> None:
    (bars,) = drawn([1.0, None, 3.0, 4.0, 5.0])
    assert (bars["type"], bars["uid"], bars["y"]) == ("bar", "acme-bars", [1, None, 3, 4, 5])


def test_what_is_filling_and_not_known_yet_is_left_out() -> None:
    assert drawn([1.0, 2.0, 3.0, 4.0, 5.0, None])[1]["y"] == []


def test_one_or_two_buckets_are_bars() -> None:
    (bars,) = drawn([1.0, 2.0], Window(NOW - 120, NOW, 60, NOW))
    assert bars["type"] == "bar"


def test_a_layer_says_what_clicking_it_filters_by_and_its_name_is_no_html() -> None:
    made = stack(scene(answer(REQUESTS.over_time(), [1] * 5)), [layer([1.0] * 5, "<i>acme</i>")])
    assert all(each["meta"] == {"filter": "model=acme"} for each in made)
    assert all("<" not in each["name"] for each in made)
