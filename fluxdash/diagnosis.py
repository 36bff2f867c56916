"""How an installation is, in words for a terminal: what each source answers, how much, and what nobody tells."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator

from fluxdash.errors import FluxDashError, NotReported
from fluxdash.extensions import extensions
from fluxdash.pages import PAGES
from fluxdash.profiles.registry import profile
from fluxdash.semantic.measures import REQUESTS
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.tracesearch import TraceSearch
from fluxdash.semantic.units import count
from fluxdash.semantic.window import Window
from fluxdash.settings import Settings
from fluxdash.sources.connect import connect
from fluxdash.sources.source import TITLES, Gateway, SourceState
from fluxdash.sources.trace_store import Traces
from fluxdash.sources.tracing import connect_traces

_HOUR = 3600


def diagnose(settings: Settings) -> tuple[list[str], bool]:
    """Ask each source some small questions; return what there is to say, a line each, and whether all is well.

    All is well when no source that is set up is down and no page of the user's is wrong. An hour without requests is
    told, and is no fault: a gateway may be idle.
    """
    found = extensions(settings.pages, profile(settings.profile), PAGES)
    gateway, traces = connect(settings, found.profile), connect_traces(settings, found.profile)
    scope = Scope(Window.last(_HOUR, time.time()))
    asked = {source: _requests(gateway, source, scope) for source in TITLES}
    asked |= dict.fromkeys((each.name for each in traces.states()), _traces(traces, scope))
    states = {each.name: each for each in (*gateway.states(), *traces.states())}
    lines = [f"{TITLES.get(name, name)}: {_how(each, asked.get(name, ''))}" for name, each in states.items()]
    lines += [f"  not told: {titles}. {reason}" for titles, reason in _untold(gateway)]
    lines += [f"page {fault}" for fault in found.faults]
    gateway.close()
    traces.close()
    return lines, not found.faults and all(each.status != "down" for each in states.values())


def _how(state: SourceState, answered: str) -> str:
    if state.status == "absent":
        return "not set up" + (f" ({state.reason})" if state.reason else "")
    return f"{state.status} ({state.reason})" if state.reason else f"{state.status}{answered}"


def _requests(gateway: Gateway, source: str, scope: Scope) -> str:
    """Say how many requests of the last hour a source knows; what is wrong with it stands in its state."""
    try:
        total = gateway.answer(REQUESTS.total().within(scope), source).total
    except NotReported as err:
        return f". {' '.join(err.reasons)}"
    except FluxDashError:
        return ""
    return f", {count(total)} requests in the last hour"


def _traces(traces: Traces, scope: Scope) -> str:
    try:
        found = traces.search(TraceSearch(scope, n=1))
    except FluxDashError:
        return ""
    return ", traces of the last hour found" if found.rows else ", no traces in the last hour"


def _untold(gateway: Gateway) -> Iterator[tuple[str, str]]:
    """Yield the measures that no source tells, with the reasons, those of one reason together."""
    able: dict[str, bool] = defaultdict(bool)
    reasons: dict[str, list[str]] = defaultdict(list)
    for each in gateway.capabilities():
        able[each.measure.title] |= not each.reason
        reasons[each.measure.title].append(each.reason)
    lacking = defaultdict[str, list[str]](list)
    for title, can in able.items():
        if not can:
            lacking[" ".join(filter(None, reasons[title]))].append(title)
    for reason, titles in lacking.items():
        yield ", ".join(titles), reason
