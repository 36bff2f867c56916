"""When the last request before an empty window came, as far back as a week: an empty panel leads there."""

from __future__ import annotations

from fluxdash.errors import FluxDashError
from fluxdash.semantic.measures import REQUESTS
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import SETTLE, Window
from fluxdash.sources.source import Gateway
from fluxdash.ui.states import Action
from fluxdash.views.scene import only
from fluxdash.views.times import Clock

DAYS = 7
_STEP = 7200
"""Buckets as they are drawn of a week, so that both share one answer."""


def last_seen(gateway: Gateway, scope: Scope, clock: Clock) -> tuple[str, tuple[Action, ...]]:
    """Return a sentence and the way there, under the same filters; nothing where that can't be told."""
    window = _before(scope.window)
    answer = gateway.answers([REQUESTS.over_time().within(scope.on(window))])[0]
    if isinstance(answer, FluxDashError) or not answer.lines:
        return "", ()
    counted = list(zip(answer.window.starts, only(answer).values, strict=False))
    start = next((start for start, value in reversed(counted) if value), None)
    if start is None:
        return (f"Nor was there one in the {DAYS} days before." if answer.is_watched else ""), ()
    found = Window(start, start + answer.window.step, answer.window.step, window.now)
    near = clock.day(start) == clock.day(scope.window.start)
    when = clock.between(found) if near else f"on {clock.day(start)}"
    way = Action(f"Go to {clock.time(start) if near else clock.day(start)}", "between", f"{found.start} {found.end}")
    return f"The last one was {when}.", (way,)


def _before(window: Window) -> Window:
    """Return the week that ends where the window begins, or a little later: what is of it is as empty."""
    end = -(-window.start // _STEP) * _STEP
    end = end if end <= window.now - SETTLE else end - _STEP
    return Window(end - DAYS * 86_400, end, _STEP, end)
