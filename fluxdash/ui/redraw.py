"""From a panel's picture or state to what the browser is sent: all of it, a patch, or nothing where nothing changed."""

from __future__ import annotations

from typing import Any

from dash import no_update
from dash.exceptions import PreventUpdate

from fluxdash.sources.source import TITLES, Gateway
from fluxdash.ui.intake import Drawn, Shown
from fluxdash.ui.panel import Asking, Panel, Picture, Strip
from fluxdash.ui.states import State
from fluxdash.views.elements import icon
from fluxdash.views.footnotes import footnote
from fluxdash.views.patches import packed, patch, printed, traces


def redraw(panel: Panel, gateway: Gateway, asking: Asking, drawn: Drawn | None, now: float) -> list[Any]:
    """Return the outputs of a panel: figure, state, sentence, title, unit, beside, blank, footnote, marker.

    Whether a patch will do follows from the marker alone, which says what the graph holds, never from what happened.
    """
    shown = panel.draw(gateway, asking)
    if isinstance(shown, State):
        return _blank(panel, shown, drawn)
    return _picture(shown, asking, drawn, now)


def _picture(shown: Picture, asking: Asking, drawn: Drawn | None, now: float) -> list[Any]:
    drawing = shown.drawing
    names, figure = traces(drawing.figure, asking.look.theme), printed(drawing.figure)
    foot = footnote(shown.answers, TITLES, now, drawing.foot)
    as_of = [each.provenance.as_of for each in shown.answers]
    around = printed([drawing.sentence, drawing.beside, drawing.foot, shown.title, as_of, _notes(shown)])
    same_figure = drawn is not None and drawn.figure == figure
    if drawn is not None and same_figure and drawn.around == around:
        raise PreventUpdate
    marker = {"traces": names, "figure": figure, "around": around}
    if same_figure:
        change: Any = no_update
    elif drawn is not None and drawn.traces == names:
        change = patch(packed(drawing.figure))
    else:
        change = packed(drawing.figure)
    return [change, "data", drawing.sentence, shown.title, drawing.unit, drawing.beside, None, foot, marker]


def _blank(panel: Panel, state: State, drawn: Drawn | None) -> list[Any]:
    around = printed([state.title, state.text, [each.text for each in state.actions]])
    if drawn is not None and drawn.around == around:
        raise PreventUpdate
    # The graph keeps what it holds, unseen, so its part of the marker stays true.
    kept = drawn or Drawn(traces="", figure="", around="")
    marker = {"traces": kept.traces, "figure": kept.figure, "around": around}
    foot = [icon("info", 12), state.foot or state.title]
    sentence = f"{panel.title}: {state.title}. {state.text}"
    return [no_update, state.kind, sentence, panel.title, no_update, None, state.block(), foot, marker]


def restrip(strip: Strip, gateway: Gateway, asking: Asking, shown: Shown | None) -> list[Any]:
    """Return the outputs of a strip: its tiles and its marker."""
    tiles = strip.draw(gateway, asking)
    mark = printed(tiles)
    if shown is not None and shown.print == mark:
        raise PreventUpdate
    return [tiles, {"print": mark}]


def _notes(shown: Picture) -> list[str]:
    return [note.text for each in shown.answers for note in each.provenance.notes]
