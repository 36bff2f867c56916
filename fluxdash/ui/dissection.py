"""The open trace as the browser is sent it: its rows and head, its comparison with its like, and one span of it."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from fluxdash.analysis.exceptions import exceptions, others
from fluxdash.analysis.likeness import likeness
from fluxdash.analysis.waits import tries
from fluxdash.errors import FluxDashError
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.tracesearch import Opened
from fluxdash.semantic.units import count
from fluxdash.sources.source import LOG, TITLES
from fluxdash.sources.trace_store import Traces
from fluxdash.ui.anatomy import Anatomy, anatomy
from fluxdash.ui.house import House
from fluxdash.ui.likefaults import same
from fluxdash.ui.states import State, of_error
from fluxdash.ui.study import Asking
from fluxdash.views import alike, spandrawer, tracehead
from fluxdash.views.footnotes import footnote
from fluxdash.views.models import short
from fluxdash.views.waterfall import compact, strip, waterfall

_FRESH = 30.0
"""Seconds after its end in which a trace may still grow: exporters and stores take their time."""

_PICK = State("empty", "traces", "No trace is open", "Pick one of the list or a dot, or paste an id above.")
_MISSING = State(
    "empty", "search", "No such trace",
    "No store here keeps a trace with this id, or it has not come yet: exporters send every few seconds.",
)  # fmt: skip


def opened(house: House, trace_id: str, search: str) -> list[Any]:
    """Return the rows of a trace, its head and its footnote; without rows, what stands in their place."""
    if not trace_id.strip():
        return [None, _PICK.block(), None]
    asking = house.asked(house.address(search), search)
    try:
        found = _open(house.traces, trace_id, asking)
    except FluxDashError as err:
        return [{"failed": True}, of_error(err).block(), None]
    if found is None or not found.trace.nodes:
        return [{"failed": True}, _MISSING.block(), None]
    apart = anatomy(found, house.traces.about if house.traces else lambda _: "")
    left = apart.thinned
    request = left.places.index(found.request) if found.request in left.places else None
    fresh = house.now() - found.trace.end / NANOSECONDS < _FRESH
    sheet = waterfall(left.trace, left.places, apart.rows, request, fresh=fresh)
    seats = asking.seats([found.model] if found.model else [])
    spans_kept = found.provenance.source != LOG
    head = tracehead.head(found, asking.look, seats, spans_kept=spans_kept)
    # As text: Dash looks at every member of what it sends, which takes longer than all the rest for so many rows.
    return [compact(sheet), [*head, *_left_out(apart), strip(apart.parts) if spans_kept else None], _foot(house, found)]


def compared(house: House, trace_id: str, search: str) -> list[Component] | None:
    """Return the comparison of a trace with its like; None where none can be made."""
    asking = house.asked(house.address(search), search)
    try:
        found = _open(house.traces, trace_id, asking)
        if found is None or found.request is None or found.provenance.source == LOG or house.traces is None:
            return None
        like = house.traces.like(found, _scope(asking))
    except FluxDashError as err:
        return [html.P(f"Similar traces can't be compared: {err}", className="muted alike-none")]
    rows = [
        alike.Compared(
            each.operation, each.seconds, each.spans, each.n, each.p50, each.p95, each.slower_than, each.share
        )
        for each in likeness(found.trace, found.request, like)
    ]
    return alike.alike(rows, short(found.model) if found.model else "same model", len(like))


def span(house: House, trace_id: str, place: int, search: str) -> list[Component]:
    """Return the drawer of the span at a place of the whole trace."""
    asking = house.asked(house.address(search), search)
    try:
        found = _open(house.traces, trace_id, asking)
    except FluxDashError as err:
        return spandrawer.nothing(str(err))
    if found is None or place >= len(found.trace.nodes):
        return spandrawer.nothing("This span is no longer there.")
    shown = found.trace.nodes[place].span
    faults = [
        spandrawer.Fault(each.time, each.type, each.message, each.stacktrace, each.frames, each.times)
        for each in exceptions(shown)
    ]
    attempt = tries(found.trace).get(place)
    said = f"attempt {count(attempt.number)} of {count(attempt.of)}" if attempt else ""
    kind = next((each.type for each in faults if each.type), "")
    like = same(house.traces, kind, asking.scope) if kind and house.traces is not None else None
    return spandrawer.drawer(shown, found.trace.start, faults, others(shown), said, like)


def _open(traces: Traces | None, trace_id: str, asking: Asking) -> Opened | None:
    """Open a trace whatever the filters are: what is open stays open."""
    return None if traces is None else traces.open(trace_id, _scope(asking))


def _scope(asking: Asking) -> Scope:
    return Scope(asking.scope.window, (), asking.scope.grant)


def _left_out(apart: Anatomy) -> list[Component]:
    left = apart.thinned
    if not left.dropped:
        return []
    kept = count(len(left.places))
    said = f"{count(left.dropped)} of {count(left.dropped + len(left.places))} spans are left out: {kept} are drawn,"
    return [tracehead.notice([f"{said} the critical path and what failed first, then the longest of each level."])]


def _foot(house: House, found: Opened) -> list[Component | str]:
    cost = "· cost from the request log" if found.record and found.provenance.source != LOG else ""
    return footnote([found.provenance], TITLES, house.now(), cost)
