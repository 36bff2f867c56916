"""The volume of the log: how many requests each bucket holds, to count a part of it by dragging and to narrow to it.

The drag is assets/58-brush.js: it knows a chart by `layout.meta.brush`, and its failures by their trace.
"""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import SPACE, Unit, count, full, span
from fluxdash.views.axes import missing, over_time, plain_scale, stacked
from fluxdash.views.points import FAILED
from fluxdash.views.scene import Drawing, Scene, only
from fluxdash.views.times import buckets
from fluxdash.views.traces import bars

_LINES = 2
_EACH = {f"1{SPACE}min": "minute", f"1{SPACE}h": "hour", f"1{SPACE}d": "day"}


def volume(scene: Scene) -> Drawing:
    """Draw requests, then failures: how many succeeded and failed in each bucket, as bars that can be dragged over."""
    requests, failures = scene.answers
    palette, size = scene.look.palette, scene.window.size
    every, failed = ([*only(each).values, *only(each).head] for each in (requests, failures))
    success = [None if a is None or b is None else max(a - b, 0.0) for a, b in zip(every, failed, strict=False)]
    traces = [
        bars(scene, "success", "Success", success, palette["m-2"], _said(success)),
        {
            **bars(scene, "failed", "Failed", failed, palette["bad-fill"], _said(failed)),
            "meta": {"about": FAILED},
        },
    ]
    layout = over_time(scene, plain_scale(stacked([success, failed]), _LINES))
    layout |= missing(scene, [row[:size] for row in (success, failed)])
    layout["meta"]["brush"] = True
    layout |= {"dragmode": False}  # Plotly's own drag would narrow the page at once
    sentence = (
        f"Volume: {full(Unit.COUNT, requests.total)} requests, {full(Unit.COUNT, failures.total)} of them failed;"
        f" {scene.look.clock.window(scene.window)}."
    )
    step = span(scene.window.step)
    unit = f"requests per {_EACH.get(step, step)} · drag to narrow"
    return Drawing({"data": traces, "layout": layout}, sentence, unit, buckets(scene.window))


def _said(values: Sequence[Amount]) -> list[str]:
    return [f"<b>{'–' if each is None else count(each)}</b>" for each in values]
