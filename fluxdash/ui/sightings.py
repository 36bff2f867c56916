"""What is found of traces, as the browser is sent it: the list, its dots and how much it is, or nothing unchanged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from fluxdash.errors import FluxDashError, NotReported
from fluxdash.semantic.tracesearch import Found, TraceSearch, TraceSummary
from fluxdash.sources.source import TITLES
from fluxdash.sources.trace_store import Traces
from fluxdash.ui.house import House
from fluxdash.ui.reading import dated
from fluxdash.ui.states import Action, State, nothing, of_error
from fluxdash.ui.study import Asking
from fluxdash.ui.tracewords import opened, searched
from fluxdash.views import durations, tracelist
from fluxdash.views.footnotes import footnote
from fluxdash.views.patches import packed, printed
from fluxdash.views.tracehead import notice

_EMPTY: dict[str, Any] = {"data": [], "layout": {}}
_NOWHERE = NotReported("Traces", ("No store of spans and no request log is set up: set JAEGER_URL or DATABASE_URL.",))


def found(house: House, asking: Asking, shown: tuple[str, str] | None) -> list[Any]:
    """Return the outputs of the list; `shown` are the prints of the rows and the dots that the browser holds."""
    search, notices = search_of(asking)
    asking = replace(asking, scope=search.scope)
    try:
        result = sought(house, search)
    except FluxDashError as err:
        return _blank(of_error(err, "Traces can't be searched like this"), notices, shown)
    if not result.rows:
        return _blank(_none(asking, search, result), notices, shown)
    return _listed(house, asking, search, result, notices, shown)


def search_of(asking: Asking) -> tuple[TraceSearch, tuple[str, ...]]:
    """Return what an address searches for, and in words what of it is left out."""
    held = "; ".join(each.said for each in asking.scope.conditions)
    search, notices = searched(asking.revision, replace(asking.scope, conditions=()))
    return search, (*notices, *((f"Conditions are not applied to traces: {held}.",) if held else ()))


def sought(house: House, search: TraceSearch) -> Found:
    """Return what a search finds; raises NotReported where nothing keeps traces, and as the stores do."""
    return kept(house).search(search)


def kept(house: House) -> Traces:
    """Return what keeps traces; raises NotReported where nothing does."""
    if house.traces is None:
        raise _NOWHERE
    return house.traces


def _listed(
    house: House, asking: Asking, search: TraceSearch, result: Found, notices: tuple[str, ...],
    shown: tuple[str, str] | None,
) -> list[Any]:  # fmt: skip
    seats = asking.seats([each.model for each in result.rows if each.model])
    days = dated(asking)
    ids = dict.fromkeys(each.id.padded for each in result.rows)
    wanted = opened(asking.revision).lower()
    around = [each for each in _around(house, search, result) if each.id.padded not in ids]
    dotted = (*ids, *(each.id.padded for each in around))
    mark = next((each for each in dotted if wanted and each == wanted.zfill(32)), "")
    rows = printed([[str(each.id), each.seconds, each.failed, each.errors, each.model] for each in result.rows])
    rows = printed([rows, result.older, result.total, result.provenance.notes, notices, search.before, days, seats])
    seen = [rows, mark, asking.look.theme, asking.look.narrow, search.least, search.most, asking.scope.window.start]
    dots = printed([*seen, [str(each.id) for each in around]])
    if shown == (rows, dots):
        raise PreventUpdate
    said = tracelist.extent(result, search)
    figure = packed(durations.durations(result.rows, search, asking.look, mark, asking.revision, around))
    foot = footnote([result.provenance], TITLES, house.now(), said)
    marker = {"rows": rows, "dots": dots}
    drawn = [figure, durations.sentence(result.rows), None, foot, marker]
    if shown is not None and shown[0] == rows:
        return [no_update, no_update, no_update, no_update, *drawn]
    listed: list[Component] = [
        tracelist.rows(result.rows, asking.look, seats, dated=days),
        *tracelist.further(result, search),
    ]
    small = footnote([replace(result.provenance, notes=())], TITLES, house.now(), f"{len(result.rows)} shown")
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
    if not search.is_narrowed and search.before is None:
        return nothing(asking.scope, asking.look.clock, {}, source)
    between = asking.look.clock.between(asking.scope.window)
    looked = f" {result.looked} were looked at." if result.looked else ""
    text = f"No trace {between} is what you search for.{looked}"
    return State(
        "empty", "search", "No trace matches", text, "", (Action("Clear the search", "trace_clear", "1"),), source
    )


def _around(house: House, search: TraceSearch, result: Found) -> list[TraceSummary]:
    """Return some traces that a search leaves out, to see it among them; none where they can't be had.

    A search for nothing in particular leaves out what is older than its list.
    """
    if house.traces is None or search.before is not None or not (search.is_narrowed or result.older):
        return []
    outside = _is_outside if search.is_narrowed else _is_older
    try:
        return [each for each in house.traces.around(search.scope) if outside(each, search, result.older)]
    except FluxDashError:
        return []  # the search itself has been answered, and says how well the source is


def _is_outside(told: TraceSummary, search: TraceSearch, older: int | None) -> bool:
    """Return whether a trace that was not found is surely not meant by a search, and not just too old for its list."""
    seconds = told.seconds
    if seconds is not None and not (search.least or 0) <= seconds <= (seconds if search.most is None else search.most):
        return True
    judged = search.of_spans or (search.errors and not told.failed)
    return judged and (older is None or told.start >= older)


def _is_older(told: TraceSummary, _: TraceSearch, older: int | None) -> bool:
    return older is not None and told.start < older


def _operations(house: House) -> list[Component]:
    return [html.Option(value=each) for each in (house.traces.operations() if house.traces else ())]
