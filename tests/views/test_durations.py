"""The dots of the traces: each with its id, those of a search among those outside it, and no markup in a label."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fluxdash.semantic.scope import Scope
from fluxdash.semantic.tracesearch import TraceSearch, TraceSummary
from fluxdash.semantic.window import Window
from fluxdash.views.durations import durations
from fluxdash.views.scene import Look
from tests.traced import ID

NOW = 1_795_460_400
SEARCH = TraceSearch(Scope(Window.last(3600, float(NOW))), least=2.0)
ONE = TraceSummary(ID, (NOW - 600) * 10**9, 3.0, model="m", failed=False)


def drawn(*found: TraceSummary, around: tuple[TraceSummary, ...] = (), mark: str = "") -> dict[str, dict[str, Any]]:
    figure = durations(found, SEARCH, Look(), mark, "?", around)
    return {each["uid"]: each for each in figure["data"]}


def test_what_is_open_has_a_ring_that_the_edge_of_the_plot_does_not_cut() -> None:
    dots = drawn(ONE, mark=ID.padded)
    assert dots["open"]["ids"] == dots["ok"]["ids"] == [ID.padded]
    assert dots["open"]["cliponaxis"] is False


def test_what_failed_what_nobody_knows_and_what_is_outside_are_told_apart() -> None:
    rows = [replace(ONE, failed=failed) for failed in (True, None, False)]
    dots = drawn(*rows, around=(replace(ONE, seconds=0.5), replace(ONE, seconds=0.1, failed=True)))
    assert list(dots) == ["outside", "outside-error", "ok", "unknown", "error"]
    assert drawn(replace(ONE, seconds=None)) == {}
    assert dots["outside"]["name"] == "outside the search"
    everything = durations(rows, replace(SEARCH, least=None), Look(), "", "?", (ONE,))
    assert everything["data"][0]["name"] == "older, not listed"


@pytest.mark.parametrize(
    "harm", ["<a href='https://evil'>x</a>", "<br>" * 10_000, "%{fullData}", "<b>x", "%{customdata}"]
)
def test_a_name_from_outside_is_short_and_no_markup(harm: str) -> None:
    (said,) = drawn(replace(ONE, model=harm))["ok"]["customdata"]
    name = said.partition("</b> ")[2].removesuffix(f"<br>{ID.padded[:8]}")
    assert "<" not in name
    assert len(name) < 900
    assert drawn(ONE)["ok"]["hovertemplate"] == "%{customdata}<extra></extra>"
