"""Tracks: a mark stands where its number is on the scale, and a threshold is named on the side that has room."""

from __future__ import annotations

from dash import html

from fluxdash.views.axes import share_scale
from fluxdash.views.tracks import Mark, Threshold, TrackRow, key, tracks
from tests.views.reading import marked, prop, text

SCALE = share_scale(0.08)


def drawn(*rows: TrackRow, thresholds: tuple[Threshold, ...] = ()):
    return tracks(rows, SCALE, ["errors"], [key("fill", "failed", "err-1")], thresholds)


def row(*marks: Mark, **more: object) -> TrackRow:
    return TrackRow(html.Span("opus"), marks, ["1 %"], "hint", **more)  # type: ignore[arg-type]


def test_the_ground_has_a_line_and_a_text_for_every_tick() -> None:
    lines = marked(drawn(row()), "tick")
    assert [(each.style["left"], text(each)) for each in lines] == [
        ("0.00%", "0"), ("25.00%", "2 %"), ("50.00%", "4 %"), ("75.00%", "6 %"), ("100.00%", "8 %"),
    ]  # fmt: skip


def test_a_mark_never_leaves_its_track() -> None:
    pins = marked(drawn(row(Mark("fill", 0.02, 0.02, "err-1"), Mark("p99", 0.5), Mark("p50", -1.0))), "pin")
    assert [each.style["left"] for each in pins[1:]] == ["25.00%", "100.00%", "0.00%"]
    assert pins[1].style == {"left": "25.00%", "width": "25.00%", "--c": "var(--err-1)"}


def test_a_threshold_close_to_the_end_is_named_before_its_line_and_one_past_it_is_not_drawn() -> None:
    limits = marked(drawn(row(), thresholds=(Threshold(0.01, "a", "warn"), Threshold(0.075, "b", "bad"))), "limit")
    assert [each.className for each in limits] == ["limit warn", "limit bad end"]
    assert marked(drawn(row(), thresholds=(Threshold(0.09, "c", "bad"),)), "limit") == []


def test_only_a_row_that_filters_can_be_clicked() -> None:
    plain, filtering = marked(drawn(row(), row(filter="model=opus")), "trk-r")
    assert (prop(plain, "data-filter"), prop(plain, "tabIndex")) == (None, None)
    assert (prop(filtering, "data-filter"), prop(filtering, "tabIndex")) == ("model=opus", 0)
