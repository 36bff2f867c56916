"""What the callbacks and routes of one app share: its pages, its gateway, its preferences and the time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from flask import request

from fluxdash.errors import BadRequest
from fluxdash.semantic.dimensions import Dimension
from fluxdash.sources.source import Gateway, SourceState
from fluxdash.sources.trace_store import SPANS, Traces
from fluxdash.telemetry import NOBODY, Telemetry
from fluxdash.ui.address import Address, interval, read
from fluxdash.ui.filters import offered
from fluxdash.ui.foresight import Foresight
from fluxdash.ui.intake import View
from fluxdash.ui.page import Book
from fluxdash.ui.preferences import Now, Preferences
from fluxdash.ui.study import Asking, Foresee, Seats, no_seats
from fluxdash.views.scene import Look

Outlook = Callable[[Iterable[SourceState]], tuple[SourceState, ...]]
"""Tells how sources are from what this process has seen of them."""


@dataclass(frozen=True, slots=True)
class House:
    """What the callbacks of one app share: its pages, its gateway, its preferences and the time."""

    book: Book
    gateway: Gateway
    preferences: Preferences
    now: Now
    prefix: str
    seats: Seats = no_seats
    traces: Traces | None = None
    foresee: Foresee = field(default_factory=Foresight)
    telemetry: Telemetry = NOBODY
    outlook: Outlook = tuple

    def address(self, search: str) -> Address:
        """Return the view that a query string describes."""
        return read(search, self.now(), self.preferences.refresh)

    def below(self, path: str) -> str:
        """Return the path of a page below everything that the app is served under."""
        return path.removeprefix((request.script_root + self.prefix).rstrip("/"))

    def asking(self, view: View) -> Asking:
        """Return how a panel is asked for a view."""
        return self.asked(self.address(view.search), view.search, view.theme, narrow=view.narrow)

    def asked(self, view: Address, search: str, theme: str = "light", *, narrow: bool = False) -> Asking:
        """Return how a panel is asked for the view of an address."""
        at = self.preferences
        look = Look(theme, at.seen(view.zone), at.p95_objective, narrow, at.goals)
        every, shown = interval(view), view.shown
        return Asking(view.scope, look, view.compared, search, shown, every, self.seats, self.now(), self.foresee)

    def dimension(self, slug: str) -> Dimension:
        """Return the dimension of a filter; raises BadRequest, for slugs come from the browser."""
        found = next((each for each in self.filters if each.slug == slug), None)
        if found is None:
            raise BadRequest("dimension", slug, "a filter of this dashboard")
        return found

    @property
    def states(self) -> tuple[SourceState, ...]:
        """How each source is; nobody misses a table of spans, so it is one when something was read from it.

        Traces read the log, too: it was read when either of them last did.
        """
        found = {each.name: each for each in self.gateway.states()}
        for each in self.traces.states() if self.traces else ():
            known = found.get(each.name)
            if known is None:
                found.update({} if _is_unheard_of(each) else {each.name: each})
            elif known.status == "ok" and each.last_read is not None:
                found[each.name] = known.read(each.last_read)
        return self.outlook(found.values())

    @property
    def filters(self) -> tuple[Dimension, ...]:
        """What every page can be filtered by: first what always stands in the bar, then what can be added to it."""
        return offered(self.book.filters)


def _is_unheard_of(state: SourceState) -> bool:
    return state.name == SPANS and state.status != "down" and state.last_read is None
