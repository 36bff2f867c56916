"""The bridge as it is drawn: each bar begins where the last one ended, and the cents on it add up to the net."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from fluxdash.views.bridge import Bridge, Step, bridge_chart, written
from fluxdash.views.patches import patch, traces
from fluxdash.views.scene import Look
from tests.views.reading import marked, text

STEPS = (Step("Volume", 210_420, "requests +6.8 %"), Step("Cache", -89_028, "hits 28.4 → 31.2 %"))


def drawn(bridge: Bridge):
    drawing = bridge_chart(bridge, Look(), "?range=7d", "9 – 16 Nov")
    (bars,) = drawing.figure["data"]  # type: ignore[index]
    return drawing, bars


def cents(label: str) -> int:
    """Read an amount back from its label."""
    plain = re.sub(r"[<>b/$+,.]", "", label.replace("\u2212", "-"))
    return 0 if "unchanged" in label else int(plain)


def amounts(drawing) -> list[str]:
    notes = drawing.figure["layout"]["annotations"]
    return [note["text"] for note in notes[::3]]


def test_a_bar_begins_where_the_last_one_ended_and_the_net_at_zero() -> None:
    drawing, bars = drawn(Bridge(28_190.44, 29_404.36, 121_392, STEPS))
    assert bars["base"] == [0.0, 2104.20, 0.0]
    assert bars["y"] == [2104.20, -890.28, 1213.92]
    assert amounts(drawing) == ["<b>+$2,104.20</b>", "<b>−$890.28</b>", "<b>+$1,213.92</b>"]
    assert drawing.unit == "$28,190.44 → $29,404.36, vs 9 – 16 Nov"
    assert drawing.foot == "net +$1,213.92"


def test_more_cost_is_a_warning_less_is_good_and_the_net_is_neither() -> None:
    _, bars = drawn(Bridge(1.0, 2.0, 121_392, STEPS))
    palette = Look().palette
    assert bars["marker"]["color"] == [palette["warn-fill"], palette["good-fill"], palette["m-quiet"]]


def test_what_did_not_change_is_a_thin_bar_that_says_so() -> None:
    drawing, bars = drawn(Bridge(1.0, 2.0, 100, (Step("Volume", 100, ""), Step("Price", 0, "no new prices"))))
    assert amounts(drawing)[1] == "<b>unchanged</b>"
    assert 0 < bars["y"][1] < 0.05
    assert bars["base"][1] < 1.0 < bars["base"][1] + bars["y"][1]


def test_what_cannot_be_told_has_no_bar_and_no_number_and_is_explained() -> None:
    steps = (Step("Volume", 100, ""), Step("Tokens / req", None, "not reported"))
    drawing, bars = drawn(Bridge(1.0, 2.0, 100, steps, ("Prometheus does not tell tokens.",)))
    assert amounts(drawing)[1] == "<b>–</b>"
    assert bars["marker"]["opacity"] == [1, 0, 1]
    assert text(marked(drawing.beside, "told-below")) == "Prometheus does not tell tokens."
    assert "tokens" not in drawing.sentence
    assert drawing.table is not None
    assert drawing.table.rows[1] == ("Tokens / req", None, "not reported")


def test_a_note_of_two_parts_stands_on_two_lines_and_cannot_be_markup() -> None:
    drawing, _ = drawn(Bridge(1.0, 2.0, 100, (Step("Model mix", 100, "<b>opus</b>\n3.9 → 5.5 %"),)))
    note = drawing.figure["layout"]["annotations"][2]["text"]  # type: ignore[index]
    assert note == "&lt;b&gt;opus&lt;/b&gt;<br>3.9 → 5.5 %"
    assert "<b>opus</b> 3.9 → 5.5 %" in text(marked(drawing.beside, "chg"))


def test_the_list_for_small_screens_says_the_same() -> None:
    drawing, _ = drawn(Bridge(28_190.44, 29_404.36, 121_392, STEPS))
    rows = [text(each) for each in marked(drawing.beside, "chg-r")]
    assert rows == [
        "Volume requests +6.8 % +$2,104.20",
        "Cache hits 28.4 → 31.2 % −$890.28",
        "Net +4.3 % +$1,213.92",
    ]


def test_a_refresh_of_a_bridge_is_a_patch_with_its_bases_and_colours() -> None:
    first, second = (
        drawn(Bridge(1.0, 2.0, 121_392, STEPS))[0],
        drawn(Bridge(1.0, 2.0, -50, (Step("Volume", -50, ""),)))[0],
    )
    assert traces(first.figure, "light") == traces(second.figure, "light")
    change = str(patch(second.figure).to_plotly_json())
    assert "'base'" in change
    assert "'color'" in change


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=5))
def test_the_cents_on_the_bars_add_up_to_the_net(moved: list[int]) -> None:
    steps = tuple(Step(f"step {i}", each, "") for i, each in enumerate(moved))
    drawing, bars = drawn(Bridge(1.0, 2.0, sum(moved), steps))
    shown = [cents(each) for each in amounts(drawing)]
    assert sum(shown[:-1]) == shown[-1] == sum(moved)
    scale = drawing.figure["layout"]["yaxis"]["range"]
    for base, height in zip(bars["base"], bars["y"], strict=True):
        assert scale[0] - 0.02 * (scale[1] - scale[0]) <= min(base, base + height)
        assert max(base, base + height) <= scale[1] + 0.02 * (scale[1] - scale[0])
    for place, each in enumerate(moved[:-1]):
        if each and moved[place + 1]:
            assert round(bars["base"][place + 1] * 100) == sum(moved[: place + 1])


def test_amounts_are_never_abbreviated() -> None:
    assert written(123_456_789_01) == "+$123,456,789.01"
    assert written(-5) == "−$0.05"
