"""The volume of the log: counts a bucket, failures on top, nothing invented, and a drag that is not Plotly's own."""

from __future__ import annotations

import pytest

from fluxdash.semantic.measures import FAILURES, REQUESTS
from fluxdash.semantic.window import Window
from fluxdash.views.scene import Drawing
from fluxdash.views.volume import volume
from tests.views.scenes import NOW, WINDOW, answer, scene


def drawn(
    requests: list[float | None],
    failures: list[float | None],
    window: Window = WINDOW,
    *,
    filling: tuple[float, ...] = (),
) -> Drawing:
    """Return the drawing; `filling` are the requests and the failures of the bucket that is not over."""
    return volume(
        scene(
            answer(REQUESTS.over_time(), requests, window=window, head=filling[:1]),
            answer(FAILURES.over_time(), failures, window=window, head=filling[1:]),
        )
    )


def rows(drawing: Drawing) -> dict[str, list[float | None]]:
    assert drawing.figure is not None
    return {trace["uid"]: trace["y"] for trace in drawing.figure["data"]}


def test_each_bucket_is_counted_and_what_fills_too() -> None:
    found = drawn([600, 660, 0, 540, 600], [60, 0, 0, 540, 1], filling=(30, 3))
    assert rows(found) == {"success": [540, 660, 0, 0, 599, 27], "failed": [60, 0, 0, 540, 1, 3]}
    assert found.unit == "requests per minute · drag to narrow"


def test_what_is_not_known_is_no_zero() -> None:
    found = drawn([600, None, None, 540, 600], [60, None, None, None, 1])
    assert rows(found)["success"] == [540, None, None, None, 599]
    assert found.figure is not None
    assert [each["text"] for each in found.figure["layout"]["annotations"]] == ["no data"]


def test_the_browser_is_told_that_a_part_can_be_chosen_and_where_its_buckets_are() -> None:
    figure = drawn([1] * 5, [0] * 5).figure
    assert figure is not None
    assert figure["layout"]["dragmode"] is False
    meta = figure["layout"]["meta"]
    assert meta["brush"] is True
    assert (meta["points"]["start"], meta["points"]["step"]) == (WINDOW.start, 60)


@pytest.mark.parametrize(("step", "said"), [(15, "15 s"), (60, "minute"), (900, "15 min"), (3600, "hour")])
def test_its_unit_is_the_length_of_a_bucket(step: int, said: str) -> None:
    window = Window(NOW // step * step - 4 * step, NOW // step * step, step, NOW)
    found = drawn([1] * 4, [0] * 4, window)
    assert found.unit.replace("\u00a0", " ") == f"requests per {said} · drag to narrow"


def test_its_sentence_has_its_figures() -> None:
    said = drawn([600, 400, 0, 0, 234], [1, 0, 0, 0, 2]).sentence
    assert said.startswith("Volume: 1,234 requests, 3 of them failed;")
