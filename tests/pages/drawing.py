"""What must hold of the panels of any page: asked in whatever way, each draws what a browser can show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from plotly.utils import PlotlyJSONEncoder

from fluxdash.sources.source import Gateway
from fluxdash.ui.page import Page
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.strip import Strip
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.patches import packed, patch, printed, traces


def panels(page: Page) -> dict[str, Panel]:
    """The panels of a page by their title."""
    return {each.title: each for each in page.panels if isinstance(each, Panel)}


def strip(page: Page) -> Strip:
    """The strip of a page."""
    return next(each for each in page.panels if isinstance(each, Strip))


def graphs(page: Page) -> int:
    """How many graphs a page has."""
    return sum(each.height > 0 for each in panels(page).values())


def ways(page: Page) -> Iterator[tuple[Panel, tuple[tuple[str, str], ...]]]:
    """Every panel of a page in every variant, as the address names it."""
    for panel in panels(page).values():
        for variant in panel.variants:
            yield panel, ((panel.slug, variant.slug),)
        if not panel.variants:
            yield panel, ()


def shown(panel: Panel, gateway: Gateway, asking: Asking) -> Picture | State:
    """What a panel shows, once it is sure that a browser could show it."""
    found = panel.draw(gateway, asking)
    if isinstance(found, State):
        assert found.title
        assert found.text
        assert found.block()
        return found
    drawing = found.drawing
    json.dumps([drawing.figure, drawing.beside], cls=PlotlyJSONEncoder)
    assert drawing.sentence.endswith(".")
    assert found.sources
    assert found.table.columns
    assert all(len(row) == len(found.table.columns) for row in found.table.rows)
    assert (drawing.figure is None) == (panel.height == 0)
    if drawing.figure is not None:
        uids = [trace["uid"] for trace in drawing.figure["data"]]
        assert len(set(uids)) == len(uids)
        assert all(re.fullmatch(r"[A-Za-z0-9-]+", each) for each in uids)
        assert traces(drawing.figure, asking.look.theme)
        assert patch(packed(drawing.figure))
    assert printed([drawing.beside, drawing.sentence])
    return found
