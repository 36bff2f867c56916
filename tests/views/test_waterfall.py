"""The columns of a waterfall, held against the spans that they come from."""

from __future__ import annotations

import json

from fluxdash.views.waterfall import FAILED, ODD, ON_PATH, Part, Row, compact, strip, waterfall
from tests.traced import MS
from tests.ui.faketraces import HARM, harmful, retried
from tests.views.reading import marked, text


def test_each_row_has_its_times_its_depth_and_its_duration_as_it_is_written() -> None:
    found = retried()
    rows = json.loads(compact(waterfall(found, range(6), {3: Row(on_path=True, note="slow", wait=None)}, 0)))
    assert [rows["names"][at] for at in rows["name"]] == [node.span.name for node in found.nodes]
    assert rows["start"][:3] == [0, 10 * MS, 12 * MS]
    assert rows["took"] == [1000 * MS, 50 * MS, 38 * MS, 100 * MS, 590 * MS, 100 * MS]
    assert rows["said"][3] == "100\u00a0ms"
    assert rows["depth"] == [0, 1, 2, 1, 1, 0]
    assert rows["size"] == [5, 2, 1, 1, 1, 1]
    assert rows["flags"][3] == FAILED + ON_PATH
    assert rows["flags"][5] == ODD
    assert rows["notes"] == {"3": "slow"}
    assert rows["ticks"] == ["0", "0.20", "0.40", "0.60", "0.80", "1.00\u00a0s"]


def test_times_of_gaps_and_waits_count_from_the_start_of_the_trace() -> None:
    found = retried()
    row = Row(gaps=((found.start + 5, found.start + 9),), wait=(found.start + 1, found.start + 3))
    rows = waterfall(found, range(6), {0: row}, 0)
    assert (rows["gaps"], rows["waits"]) == ({0: [[5, 9]]}, {0: [1, 3]})


def test_names_are_sent_as_they_are_for_the_browser_writes_them_as_text() -> None:
    assert json.loads(compact(waterfall(harmful(), [0], {}, 0)))["names"] == [HARM]


def test_the_strip_names_each_part_with_its_seconds() -> None:
    shown = strip([Part("invoke", "m-main", 0.59, ((0.4, 0.99),)), Part("waiting", "warn-fill", 0.2, ((0.2, 0.4),))])
    assert "invoke 590 ms waiting 200 ms" in text(shown)
    pieces = marked(shown, "cp-strip")[0].children
    assert pieces[1].style == {"left": "20.000%", "width": "20.000%", "background": "var(--warn-fill)"}
    assert strip([]) is None
