"""How an installation is, in words for a terminal: what each source answers, how much, and what nobody tells."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator

from fluxdash.errors import FluxDashError, NotReported, SourceError
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
from fluxdash.sources.shared import shared_cache
from fluxdash.sources.source import TITLES, Gateway, SourceState
from fluxdash.sources.trace_store import Traces
from fluxdash.sources.tracing import connect_traces
from fluxdash.telemetry import Telemetry

_HOUR = 3600


def diagnose(settings: Settings) -> tuple[list[str], bool]:
    """Ask each source some small questions; return what there is to say, a line each, and whether all is well.

    All is well when no source and no cache that is set up is down, and no page of the user's is wrong. An hour without
    requests is told, and is no fault: a gateway may be idle.
    """
    found = extensions(settings.pages, profile(settings.profile), PAGES)
    gateway, traces = connect(settings, found.profile), connect_traces(settings, found.profile)
    scope = Scope(Window.last(_HOUR, time.time()))
    asked = {source: _requests(gateway, source, scope) for source in TITLES}
    asked |= dict.fromkeys((each.name for each in traces.states()), _traces(traces, scope))
    states = {each.name: each for each in (*gateway.states(), *traces.states())}
    lines = [f"{TITLES.get(name, name)}: {_how(each, asked.get(name, ''))}" for name, each in states.items()]
    cache = _cache(settings)
    lines += [cache] if cache else []
    lines += [f"  not told: {titles}. {reason}" for titles, reason in _untold(gateway)]
    lines += [f"page {fault}" for fault in found.faults]
    gateway.close()
    traces.close()
    return lines, not cache and not found.faults and all(each.status != "down" for each in states.values())


def _how(state: SourceState, answered: str) -> str:
    if state.status == "absent":
        return "not set up" + (f" ({state.reason})" if state.reason else "")
    return f"{state.status} ({state.reason}){answered}" if state.reason else f"{state.status}{answered}"


def _requests(gateway: Gateway, source: str, scope: Scope) -> str:
    """Say how many requests of the last hour a source knows, or what it said when it failed."""
    try:
        total = gateway.answer(REQUESTS.total().within(scope), source).total
    except NotReported as err:
        return f". {' '.join(err.reasons)}"
    except SourceError as err:
        return _hint(err)
    except FluxDashError:
        return ""
    if total is None:
        return ", requests in the last hour not counted yet"
    return f", {count(total)} requests in the last hour"


def _hint(error: SourceError) -> str:
    """Return the first sentence of what there is to do or was said; a whole page that was answered says nothing."""
    said = " ".join(error.hint.split()).partition(". ")[0].rstrip(".")
    return f". {said}." if said and not said.startswith("<") else ""


class _Cache(Telemetry):
    """Remembers how the cache failed."""

    failure = ""

    def failed(self, source: str, kind: str, reason: str) -> None:
        self.failure = reason


def _cache(settings: Settings) -> str:
    """Return the line about a cache that does not answer, else an empty string."""
    heard = _Cache()
    shared_cache(settings.cache, settings.cache_dir, heard).get("check")
    advice = "Check FLUXDASH_CACHE: without it every answer is read anew."
    return f"cache: down ({heard.failure}). {advice}" if heard.failure else ""


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
