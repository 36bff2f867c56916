"""What is found of traces, as the browser is sent it: the list, its dots and how much it is, or nothing unchanged."""

from __future__ import annotations

from typing import Any

from dash import html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from fluxdash.errors import FluxDashError, NotReported
from fluxdash.semantic.tracesearch import Found, TraceSearch
from fluxdash.sources.source import TITLES
from fluxdash.ui.house import House
from fluxdash.ui.states import Action, State, nothing, of_error
from fluxdash.ui.study import Asking
from fluxdash.ui.tracewords import opened, searched
from fluxdash.views import durations, tracelist
from fluxdash.views.footnotes import footnote
from fluxdash.views.patches import printed
from fluxdash.views.tracehead import notice

_EMPTY: dict[str, Any] = {"data": [], "layout": {}}
_NOWHERE = NotReported("Traces", ("No store of spans and no request log is set up: set JAEGER_URL or DATABASE_URL.",))


def found(house: House, asking: Asking, shown: tuple[str, str] | None) -> list[Any]:
    """Return the outputs of the list; `shown` are the prints of the rows and the dots that the browser holds."""
    search, notices = searched(asking.revision, asking.scope)
    try:
        if house.traces is None:
            raise _NOWHERE
        result = house.traces.search(search)
    except FluxDashError as err:
        return _blank(of_error(err, "Traces can't be searched like this"), notices, shown)
    if not result.rows:
        return _blank(_none(asking, search, result), notices, shown)
    return _listed(house, asking, search, result, notices, shown)


def _listed(
    house: House, asking: Asking, search: TraceSearch, result: Found, notices: tuple[str, ...],
    shown: tuple[str, str] | None,
) -> list[Any]:  # fmt: skip
    seats = asking.seats([each.model for each in result.rows if each.model])
    window, clock = asking.scope.window, asking.look.clock
    dated = clock.day(window.start) != clock.day(max(window.end, window.now))
    ids = {each.id.padded for each in result.rows}
    wanted = opened(asking.revision).lower()
    mark = next((each for each in ids if wanted and each == wanted.zfill(32)), "")
    rows = printed([[str(each.id), each.seconds, each.failed, each.model] for each in result.rows])
    rows = printed([rows, result.older, result.total, result.provenance.notes, notices, search.before, dated, seats])
    dots = printed([rows, mark, asking.look.theme, asking.look.narrow, search.least, search.most, window.start])
    if shown == (rows, dots):
        raise PreventUpdate
    said = tracelist.extent(result, search)
    figure = durations.durations(result.rows, search, asking.look, mark, asking.revision)
    foot = footnote([result.provenance], TITLES, house.now(), said)
    marker = {"rows": rows, "dots": dots}
    drawn = [figure, durations.sentence(result.rows), None, foot, marker]
    if shown is not None and shown[0] == rows:
        return [no_update, no_update, no_update, no_update, *drawn]
    listed: list[Component] = [
        tracelist.rows(result.rows, asking.look, seats, dated=dated),
        *tracelist.further(result, search),
    ]
    small = footnote([result.provenance], TITLES, house.now(), f"{len(result.rows)} shown")
    banner = notice(notices) if notices else None
    return [listed, small, banner, _operations(house), *drawn]


def _blank(state: State, notices: tuple[str, ...], shown: tuple[str, str] | None) -> list[Any]:
    mark = printed([state.title, state.text, notices])
    if shown == (mark, mark):
        raise PreventUpdate
    banner = notice(notices) if notices else None
    marker = {"rows": mark, "dots": mark}
    return [state.block(), state.foot, banner, no_update, _EMPTY, state.title, html.P(state.title), "", marker]


def _none(asking: Asking, search: TraceSearch, result: Found) -> State:
    """Return the state of a search that found nothing: what was looked for, and how to look for less."""
    source = TITLES.get(result.provenance.source, result.provenance.source)
    wanted = any((search.operation, search.least, search.most, search.errors, search.tags, search.before))
    if not wanted:
        return nothing(asking.scope, asking.look.clock, {}, source)
    between = asking.look.clock.between(asking.scope.window)
    looked = f" {result.looked} were looked at." if result.looked else ""
    text = f"No trace {between} is what you search for.{looked}"
    return State(
        "empty", "search", "No trace matches", text, "", (Action("Clear the search", "trace_clear", "1"),), source
    )


def _operations(house: House) -> list[Component]:
    return [html.Option(value=each) for each in (house.traces.operations() if house.traces else ())]
