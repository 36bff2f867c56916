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

_NEAR = 60
"""Those of what lies between such a bucket and the window."""


def last_seen(gateway: Gateway, scope: Scope, clock: Clock) -> tuple[str, tuple[Action, ...]]:
    """Return a sentence and the way there, under the same filters; nothing where that can't be told.

    Nor under conditions: no index helps to find the rows that meet one, and a week of them is more than a sentence is
    worth.
    """
    watched = not scope.conditions
    for window in _before(scope.window) if watched else ():
        answer = gateway.answers([REQUESTS.over_time().within(scope.on(window))])[0]
        if isinstance(answer, FluxDashError) or not answer.lines:
            return "", ()
        counted = list(zip(answer.window.starts, only(answer).values, strict=False))
        start = next((start for start, value in reversed(counted) if value), None)
        if start is not None:
            return _found(Window(start, start + answer.window.step, answer.window.step, window.now), scope, clock)
        watched = watched and answer.is_watched
    return (f"Nor was there one in the {DAYS} days before." if watched else ""), ()


def _found(found: Window, scope: Scope, clock: Clock) -> tuple[str, tuple[Action, ...]]:
    near = clock.day(found.start) == clock.day(scope.window.start)
    when = clock.between(found) if near else f"on {clock.day(found.start)}"
    text = f"Go to {clock.time(found.start) if near else clock.day(found.start)}"
    return f"The last one was {when}.", (Action(text, "between", f"{found.start} {found.end}"),)


def _before(window: Window) -> tuple[Window, ...]:
    """Return what to look at, the newest first: a week that ends where the window begins.

    Or a little later, for what is of the window is as empty. Where that would reach into the future, the week ends
    earlier, and what lies between it and the window comes before it.
    """
    end = -(-window.start // _STEP) * _STEP
    if end <= window.now - SETTLE:
        return (Window(end - DAYS * 86_400, end, _STEP, end),)
    week = Window(end - _STEP - DAYS * 86_400, end - _STEP, _STEP, end - _STEP)
    near = min(-(-window.start // _NEAR), (window.now - SETTLE) // _NEAR) * _NEAR
    return (Window(week.end, near, _NEAR, near), week) if near > week.end else (week,)
