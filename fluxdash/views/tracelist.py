"""A list of traces: each with its outcome, how long it took, and whose it was; and how much of all this is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.tracesearch import Found, TraceSearch, TraceSummary
from fluxdash.semantic.units import Unit, count, figure, percent
from fluxdash.views.elements import icon, wild
from fluxdash.views.models import OTHER_TOKEN, names, tokens
from fluxdash.views.scene import Look

_BRIEF = 8


def rows(found: Sequence[TraceSummary], look: Look, seats: Mapping[str, int], *, dated: bool) -> html.Ul:
    """Return one button a trace, which opens it; `dated` writes the day before the time."""
    models = [each.model for each in found if each.model]
    called, coloured = names(models), tokens(models, seats)
    return html.Ul([html.Li(_row(each, look, called, coloured, dated=dated)) for each in found], className="trace-rows")


def further(found: Found, search: TraceSearch) -> list[Component]:
    """Return the ways on from a list: to what is older, and back to the newest."""
    ways: list[Component] = []
    if search.before is not None:
        ways.append(_way("Newest", ""))
    if found.older is not None:
        ways.append(_way("Older", str(found.older)))
    return [html.Div(ways, className="row-f trace-ways")] if ways else []


def extent(found: Found, search: TraceSearch) -> str:
    """Return how much of what matches is listed: `newest 200 of 1,480 that match · 1 in 10 have a trace`."""
    shown = len(found.rows)
    which = "newest" if search.before is None else "next"
    if found.older is not None and found.total is not None and found.total > shown:
        said = f"{which} {count(shown)} of {count(found.total)} that match"
    elif found.older is not None:
        said = f"{which} {count(shown)}, more exist"
    else:
        said = f"{count(shown)} that match" if search.before is None else f"the last {count(shown)}"
    share = found.traced
    if share is not None and share < 1 and found.rows:
        said += f" · {percent(share, 1)} of requests have a trace"
    return said


def _row(
    told: TraceSummary, look: Look, called: Mapping[str, str], coloured: Mapping[str, str], *, dated: bool
) -> html.Button:
    trace_id = told.id.padded
    failed = html.Span([icon("bad", 12), "error"], className="tag bad") if told.failed else None
    inner = None
    if not told.failed and told.errors:
        inner = html.Span(f"{count(told.errors)} failed inside", className="tag warn")
    took = html.B(str(figure(Unit.SECONDS, told.seconds)), className="b")
    model = told.model or ""
    swatch = html.Span(className="sw", style={"background": f"var(--{coloured.get(model, OTHER_TOKEN)})"})
    record = told.record
    account = (record.account_name or record.account) if record else None
    said = " · ".join(filter(None, (called.get(model) or told.operation or "unknown", account)))
    seconds = told.start / NANOSECONDS
    at = look.clock.at(seconds)
    when = f"{look.clock.day(seconds)} {at:%H:%M:%S}" if dated else f"{at:%H:%M:%S}"
    grow = html.Span(className="grow")
    first = [html.Span(told.id.shown[:_BRIEF], className="mono"), failed, inner, grow, took]
    second = [swatch, html.Span(said, className="ell"), grow, html.Span(when, className="nowrap")]
    return html.Button(
        [html.Span(first, className="row-f"), html.Span(second, className="row-f muted")],
        type="button",
        className="trace-row",
        title=f"{told.id.shown}\n{model}".strip(),
        **wild(data_trace_open=trace_id),
    )


def _way(name: str, before: str) -> html.Button:
    return html.Button(name, type="button", className="btn-f", **wild(data_trace_before=before))
