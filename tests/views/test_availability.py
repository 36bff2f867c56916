"""Availability: bars of the failed share, throttled apart, against thresholds that never hide the bars."""

from __future__ import annotations

import pytest

from fluxdash.semantic.dimensions import JOINT
from fluxdash.views.availability import BY_CAUSE, NEEDED, availability
from fluxdash.views.scene import Look
from tests.views.reading import marked, prop, text
from tests.views.scenes import ranked, scene

SONNET, OPUS = "anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-3-opus-20240229-v1:0"
MIXTRAL = "mistral.mixtral-8x7b-instruct-v0:1"
ERRORS = {SONNET: (0.06, 1000), OPUS: (0.02, 500), MIXTRAL: (0.5, 22)}
CAUSES = ranked(BY_CAUSE, {f"{SONNET}{JOINT}ThrottlingException": (45.0, 1000), f"{SONNET}{JOINT}X": (15.0, 1000)})


def needed(errors=ERRORS, source: str = "log"):
    available = {model: (1 - share, n) for model, (share, n) in errors.items()}
    failed = {model: (share * n, n) for model, (share, n) in errors.items()}
    return [ranked(each, rows, source=source) for each, rows in zip(NEEDED, (errors, available, failed), strict=True)]


def rows(drawing) -> list:
    return marked(drawing.beside, "trk-r")


def bars(row) -> list[tuple[float, float, str]]:
    def share(text: str) -> float:
        return float(text.rstrip("%"))

    return [(share(each.style["left"]), share(each.style["width"]), each.style["--c"]) for each in marked(row, "fill")]


def limits(drawing) -> list[tuple[str, str]]:
    return [(text(each), each.style["left"]) for each in marked(drawing.beside, "limit")]


def test_the_failed_share_is_split_into_throttled_and_other() -> None:
    drawing = availability(scene(*needed(), CAUSES))
    first = rows(drawing)[0]
    # 4.5 % throttled and 1.5 % other, on a scale that ends at 6 %
    assert bars(first) == [(0, 75, "var(--err-1)"), (75, 25, "var(--err-3)")]
    assert text(first.children[2:]) == "6.00 % 94.00"
    assert first.title == "60 of 1,000 failed, 45 of them throttled"
    assert text(marked(drawing.beside, "legend")).split() == ["throttled", "other"]


def test_the_worst_stand_first_and_what_cannot_be_judged_last_without_a_bar() -> None:
    drawing = availability(scene(*needed(), CAUSES))
    assert [text(marked(each, "mdl")).strip() for each in rows(drawing)] == [
        "claude-3-5-sonnet", "claude-3-opus", "mixtral-8x7b",
    ]  # fmt: skip
    last = rows(drawing)[-1]
    assert bars(last) == []
    assert text(marked(last, "trk-t")) == "too few requests (n 22)"
    assert text(last.children[2:]) == "– –"


def test_without_causes_failures_are_one_bar() -> None:
    drawing = availability(scene(*needed()))
    assert [len(bars(each)) for each in rows(drawing)] == [1, 1, 0]
    assert "failed" in text(marked(drawing.beside, "legend"))
    assert rows(drawing)[0].title == "60 of 1,000 failed"


def test_causes_that_another_source_counted_do_not_split_the_bars() -> None:
    drawing = availability(scene(*needed(source="prometheus"), CAUSES))
    assert len(bars(rows(drawing)[0])) == 1


def test_both_thresholds_are_named_on_their_lines() -> None:
    drawing = availability(scene(*needed({SONNET: (0.08, 1000)})))
    assert limits(drawing) == [("degraded", "12.50%"), ("unhealthy", "62.50%")]


def test_a_threshold_far_above_all_bars_is_left_out() -> None:
    drawing = availability(scene(*needed({SONNET: (0.01, 1000)})))
    assert limits(drawing) == [("degraded", "83.33%")]


def test_thresholds_that_lie_close_together_share_a_name() -> None:
    drawing = availability(scene(*needed({SONNET: (0.9, 1000)})))
    assert limits(drawing) == [("", "1.00%"), ("degraded, unhealthy", "5.00%")]
    narrow = availability(scene(*needed({SONNET: (0.08, 1000)}), look=Look(narrow=True)))
    assert [name for name, _ in limits(narrow)] == ["degraded", "unhealthy"]


def test_a_model_that_never_failed_is_available_exactly() -> None:
    drawing = availability(scene(*needed({SONNET: (0.0, 1000)}), CAUSES))
    assert text(rows(drawing)[0].children[2:]) == "0 % 100"
    assert bars(rows(drawing)[0]) == []


def test_estimates_never_make_more_throttled_than_failed() -> None:
    causes = ranked(BY_CAUSE, {f"{SONNET}{JOINT}ThrottlingException": (70.0, 1000)})
    drawing = availability(scene(*needed(), causes))
    assert sum(width for _, width, _ in bars(rows(drawing)[0])) == pytest.approx(100)


def test_a_click_filters_by_the_model() -> None:
    assert prop(rows(availability(scene(*needed())))[0], "data-filter") == f"model={SONNET}"


def test_the_table_to_read_holds_counts_and_shares() -> None:
    drawing = availability(scene(*needed(), CAUSES))
    assert drawing.table is not None
    assert drawing.table.rows[0] == (SONNET, 1000, 60, 45.0, 0.06, 0.94)


def test_more_than_fifteen_models_say_so() -> None:
    drawing = availability(scene(*needed({f"acme.m{place}": (place / 100, 1000) for place in range(20)})))
    assert len(rows(drawing)) == 15
    assert drawing.foot.startswith("the worst 15 of 20 models")
