"""The head of an open trace: its id, whose it was, what the request cost, and what must be known to read it rightly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.dimensions import HIT
from fluxdash.semantic.moments import rfc3339
from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.traces import Mark
from fluxdash.semantic.tracesearch import Opened
from fluxdash.semantic.units import ABSENT, SPACE, Unit, count, figure, price
from fluxdash.views.elements import icon, wild
from fluxdash.views.ledger import moment
from fluxdash.views.models import names, tokens
from fluxdash.views.scene import Look

_UNKNOWN = "unknown"
_AROUND = 60


def head(opened: Opened, look: Look, seats: Mapping[str, int], *, spans_kept: bool) -> list[Component]:
    """Return the head; `spans_kept` is False for a request's row that stands in for spans nobody has."""
    trace, told = opened.trace, opened.record
    copy = html.Button(
        icon("copy", 12), className="kebab", type="button",
        **wild(aria_label="Copy trace id", data_ledger_copy=trace.id.shown),
    )  # fmt: skip
    name = html.Div([html.H2(trace.id.shown, className="mono trace-name"), copy], className="row-f")
    whose = html.Div(_whose(opened, look, seats), className="row-f muted trace-whose")
    facts = html.Dl([_fact(*each) for each in _facts(opened, spans_kept=spans_kept)], className="sum")
    ways = [each for each in (_row_link(opened), _screen(opened.link)) if each is not None]
    close = html.Button(
        icon("x", 14), className="kebab no-m", type="button", **wild(aria_label="Close trace", data_trace_close="1")
    )
    top = [html.Div([name, whose], className="trace-id-b"), html.Span(className="grow"), facts, *ways, close]
    notes = [html.Li([icon("info", 12), each]) for each in _odd(opened)]
    return [
        html.Div(top, className="row-f trace-top"),
        *([html.Ul(notes, className="trace-notes")] if notes else []),
    ] if told or trace.nodes else []  # fmt: skip


def notice(said: Iterable[str]) -> html.Div:
    """Return what stands above a list or a trace, in words."""
    return html.Div([html.Div([icon("info", 14), each], className="banner") for each in said], className="trace-said")


def _whose(opened: Opened, look: Look, seats: Mapping[str, int]) -> list[Component | str]:
    told, model, parts = opened.record, opened.model, list[Component | str]()
    if model:
        swatch = tokens([model], seats)[model]
        parts += [html.Span(className="sw", style={"background": f"var(--{swatch})"}), names([model])[model]]
    account = (told.account_name or told.account) if told else None
    parts += [" · ", account] if account and parts else [account] if account else []
    seconds = opened.trace.start / NANOSECONDS
    when = f"{look.clock.day(seconds)}, {moment(seconds, look.clock, dated=False)}{SPACE}{look.clock.name(seconds)}"
    return [*parts, *([" · "] if parts else []), when]


def _facts(opened: Opened, *, spans_kept: bool) -> list[tuple[str, str | list[Component | str]]]:
    trace, told, request = opened.trace, opened.record, opened.request
    took = trace.nodes[request].span.seconds if request is not None else trace.seconds
    facts: list[tuple[str, str | list[Component | str]]] = [("Duration", str(figure(Unit.SECONDS, took)))]
    if told is not None:
        cost = (
            "0, hit"
            if told.cache == HIT
            else _UNKNOWN
            if told.cost is None
            else str(price(told.cost))
            if told.cost
            else "0"
        )
        used = f"{_count(told.input_tokens)} · {_count(told.output_tokens)}"
        facts += [("Cost", cost), ("Input · output", used), ("Cache", told.cache or _UNKNOWN)]
    else:
        facts.append(("Cost", ABSENT))
    if spans_kept:
        failed: list[Component | str] = [count(len(trace.nodes))]
        if trace.failed:
            word = "error" if trace.failed == 1 else "errors"
            failed.append(html.Span([icon("bad", 12), f"{count(trace.failed)} {word}"], className="st bad"))
        facts.append(("Spans", failed))
    return facts


def _count(tokens: int | None) -> str:
    return _UNKNOWN if tokens is None else count(tokens)


def _fact(name: str, said: str | list[Component | str]) -> html.Div:
    return html.Div([html.Dt(name), html.Dd(said)])


def _row_link(opened: Opened) -> Component | None:
    """A link to the row in the log, by its id or else by its trace's, in the minutes around the time it was booked."""
    told = opened.record
    found = None if told is None else told.request_id or told.trace_id
    if told is None or not found:
        return None
    first, last = (rfc3339(int(told.time) + seconds) for seconds in (-_AROUND, _AROUND))
    href = f"requests?from={first}&to={last}&find={quote(found, safe='')}"
    return html.A([icon("requests", 14), "Request"], href=href, className="btn-f")


def _screen(link: str | None) -> Component | None:
    """A link into the store's own screen: to a web address and to nothing else."""
    if not link:
        return None
    try:
        address = urlsplit(link)
    except ValueError:
        return None
    if address.scheme not in ("http", "https") or not address.hostname:
        return None
    return html.A(
        [icon("open", 14), "Jaeger"], href=link, className="btn-f", target="_blank", rel="noopener noreferrer"
    )


def _odd(opened: Opened) -> list[str]:
    """What is odd about the trace as a whole, in words: nothing of it is hidden."""
    trace, said = opened.trace, list(opened.trace.warnings)
    orphans = sum(node.mark is Mark.ORPHAN for node in trace.nodes)
    loops = sum(node.mark is Mark.LOOP for node in trace.nodes)
    if orphans:
        said.append(f"{count(orphans)} spans name a parent that never came; they stand as roots." if orphans > 1
                    else "One span names a parent that never came; it stands as a root.")  # fmt: skip
    if loops:
        said.append("Some spans stand below themselves; the earliest of them is drawn as a root.")
    if len(trace.roots) - orphans - loops > 1:
        said.append(f"This trace has {count(len(trace.roots) - orphans - loops)} roots.")
    if trace.duplicates:
        said.append(f"{count(trace.duplicates)} spans came twice and are shown once.")
    if opened.requests > 1:
        said.append(f"{count(opened.requests)} rows of the log share this trace; the row beside it is the nearest one.")
    if opened.record is None:
        said.append("No request log tells of this trace: what it cost is not known.")
    return said
