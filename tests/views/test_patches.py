"""What is sent of a figure: times as text, so that no browser moves them to its own clock; numbers as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from fluxdash.views.patches import packed, patch

NOON = 1_795_435_200_000  # 2026-11-23 12:00, as milliseconds on the page's clock
BARS = {"type": "bar", "uid": "a", "x": [NOON, NOON + 60_000], "y": [1, None], "xperiod": 60_000, "xperiod0": NOON}


def figure(kind: str = "date") -> dict[str, Any]:
    return {
        "data": [BARS],
        "layout": {
            "xaxis": {"type": kind, "range": [NOON, NOON + 120_000], "hoverformat": "%H:%M"},
            "yaxis": {"range": [0, 1], "tickvals": [0, 1], "ticktext": ["0", "1"]},
            "shapes": [{"x0": NOON, "x1": NOON + 60_000}, {"xref": "paper", "x0": 0, "x1": 1}],
            "annotations": [{"x": NOON + 30_000, "text": "no data"}, {"xref": "paper", "x": 1, "text": "end"}],
            "uirevision": "v",
        },
    }


def test_every_time_of_a_figure_is_sent_as_text() -> None:
    sent = packed(figure())
    assert sent["data"][0]["x"] == ["2026-11-23T12:00:00", "2026-11-23T12:01:00"]
    assert sent["data"][0]["xperiod0"] == "2026-11-23T12:00:00"
    assert sent["layout"]["xaxis"]["range"] == ["2026-11-23T12:00:00", "2026-11-23T12:02:00"]
    assert (sent["layout"]["shapes"][0]["x0"], sent["layout"]["shapes"][0]["x1"]) == tuple(sent["data"][0]["x"])
    assert sent["layout"]["annotations"][0]["x"] == "2026-11-23T12:00:30"
    assert str(NOON)[:4] not in orjson.dumps(sent, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def test_a_part_of_a_second_is_not_lost() -> None:
    dot = {"type": "scatter", "uid": "ok", "x": [NOON + 250], "y": [1]}
    assert packed({**figure(), "data": [dot]})["data"][0]["x"] == ["2026-11-23T12:00:00.250"]


def test_places_on_the_paper_are_no_times() -> None:
    sent = packed(figure())["layout"]
    assert (sent["shapes"][1]["x0"], sent["shapes"][1]["x1"], sent["annotations"][1]["x"]) == (0, 1, 1)


def test_numbers_stay_numbers_and_unknown_ones_are_unknown() -> None:
    sent = packed(figure())["data"][0]
    assert sent["y"][0] == 1.0
    assert np.isnan(sent["y"][1])
    assert sent["xperiod"] == 60_000


def test_what_is_not_about_time_is_left_alone() -> None:
    sent = packed(figure("linear"))
    assert list(sent["data"][0]["x"]) == [NOON, NOON + 60_000]
    assert sent["layout"]["xaxis"]["range"] == [NOON, NOON + 120_000]


def test_packing_leaves_the_drawing_as_it_was() -> None:
    given = figure()
    packed(given)
    assert given == figure()


def test_a_patch_sends_the_same_times() -> None:
    sent = str(patch(packed(figure())).to_plotly_json())
    assert "2026-11-23T12:02:00" in sent
    assert str(NOON)[:6] not in sent


def test_a_patch_brings_the_names_and_the_room_of_another_range_along() -> None:
    given = figure()
    given["data"] = [{**BARS, "name": "Previous 6 h"}]
    given["layout"]["margin"] = {"l": 46, "t": 30}
    sent = {tuple(each["location"]): each["params"]["value"] for each in patch(given).to_plotly_json()["operations"]}
    assert sent["data", 0, "name"] == "Previous 6 h"
    assert sent["layout", "margin"] == {"l": 46, "t": 30}
