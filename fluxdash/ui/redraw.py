"""From a panel's picture or state to what the browser is sent: all of it, a patch, or nothing where nothing changed."""

from __future__ import annotations

from typing import Any

from dash import html, no_update
from dash.exceptions import PreventUpdate

from fluxdash.semantic.units import SPACE
from fluxdash.sources.source import TITLES, Gateway, slug_of
from fluxdash.telemetry import NOBODY, Telemetry
from fluxdash.ui.intake import Drawn, Shown
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.strip import Strip
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.elements import ago, icon
from fluxdash.views.footnotes import footnote
from fluxdash.views.patches import packed, patch, printed, traces

_PATIENCE = 60
"""Seconds for which a picture may stand after its source failed before it is called stale."""

_STALE_AFTER = 3
"""Refreshes for which it may, where that is longer."""


def redraw(
    panel: Panel,
    gateway: Gateway,
    asking: Asking,
    drawn: Drawn | None,
    now: float,
    telemetry: Telemetry = NOBODY,
) -> list[Any]:
    """Return the outputs of a panel: figure, state, sentence, title, unit, beside, blank, footnote, marker.

    Whether a patch will do follows from the marker alone, which says what the graph holds, never from what happened.
    """
    shown = panel.draw(gateway, asking)
    if isinstance(shown, Picture):
        telemetry.drew("data", slug_of(shown.sources[0].source) if shown.sources else "", "")
        return _picture(shown, asking, drawn, now)
    if shown.passing and drawn is not None and drawn.view == _view(asking) and drawn.as_of:
        telemetry.drew("stale", shown.source, shown.reason)
        return _stale(shown, asking, drawn, now)
    telemetry.drew(shown.kind, shown.source, shown.reason)
    return _blank(panel, shown, drawn)


def _picture(shown: Picture, asking: Asking, drawn: Drawn | None, now: float) -> list[Any]:
    drawing = shown.drawing
    drawable = drawing.figure or {"data": [], "layout": {}}
    names, figure = traces(drawable, asking.look.theme), printed(drawable)
    foot = footnote(shown.sources, TITLES, now, drawing.link or drawing.foot)
    as_of = [each.as_of for each in shown.sources]
    notes = [note.text for each in shown.sources for note in each.notes]
    around = printed([drawing.sentence, drawing.beside, drawing.foot, drawing.link, shown.title, as_of, notes])
    same_figure = drawn is not None and drawn.figure == figure
    if drawn is not None and same_figure and drawn.around == around:
        raise PreventUpdate
    marker = {"traces": names, "figure": figure, "around": around, "view": _view(asking), "as_of": shown.as_of or now}
    if same_figure:
        change: Any = no_update
    elif drawn is not None and drawn.traces == names:
        change = patch(packed(drawable))
    else:
        change = packed(drawable)
    return [change, "data", drawing.sentence, shown.title, drawing.unit, drawing.beside, None, foot, marker]


def _stale(state: State, asking: Asking, drawn: Drawn, now: float) -> list[Any]:
    """Keep the last good picture of the very same view, and say how old it is and why."""
    if now - drawn.as_of < max(_PATIENCE, _STALE_AFTER * asking.every):
        raise PreventUpdate
    around = printed(["stale", state.title])
    if drawn.around == around:
        raise PreventUpdate
    clock = asking.look.clock
    when = f" old, {clock.time(drawn.as_of)}{SPACE}{clock.name(drawn.as_of)}"
    said = ["last good data ", ago(drawn.as_of, now), when]
    again = f"asked again every {asking.every}{SPACE}s" if asking.every else ""
    foot = [icon("info", 12), icon("clock", 12, "w"), *said, " · ", state.title, html.Span(again, className="end")]
    marker = {**drawn.model_dump(), "around": around}
    kept = [no_update] * 6
    return [no_update, "stale", *kept[:5], foot, marker]


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


def _view(asking: Asking) -> str:
    return printed(asking.revision)


def restrip(
    strip: Strip,
    gateway: Gateway,
    asking: Asking,
    shown: Shown | None,
    now: float,
    telemetry: Telemetry = NOBODY,
) -> list[Any]:
    """Return the outputs of a strip: its tiles, its state and its marker."""
    tiles = strip.draw(gateway, asking)
    view, mark = _view(asking), printed(tiles.drawn)
    kept = shown if tiles.passing and shown is not None and shown.view == view and shown.as_of else None
    telemetry.drew("stale" if kept else tiles.state, tiles.source, tiles.reason)
    if kept is not None:
        patient = now - kept.as_of < max(_PATIENCE, _STALE_AFTER * asking.every)
        if patient or kept.print == "stale":
            raise PreventUpdate
        return [no_update, "stale", {**kept.model_dump(), "print": "stale"}]
    if shown is not None and shown.print == mark:
        raise PreventUpdate
    marker = {"print": mark, "view": view, "as_of": (tiles.as_of or now) if tiles.told else 0.0}
    return [list(tiles.drawn), "data" if tiles.told else "failed", marker]
