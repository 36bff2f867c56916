"""What FluxDash tells of itself while it works: who wants to know is handed in, and by default nobody does."""

from __future__ import annotations

from typing import Final


class Telemetry:
    """Is told what happens, and does nothing with it; the base of those who count it or write it down.

    Every word that is handed over (`source`, `outcome`, `state`, `route` …) is one of few that stand in the code, never
    one that came from outside; only `reason` and `request` are free. Methods are called by any thread and must not
    raise or wait.
    """

    def asked(self, source: str, seconds: float, outcome: str) -> None:
        """A call to a source ended for its caller: `ok`, the kind of SourceError, or `crashed`."""

    def failed(self, source: str, kind: str, reason: str) -> None:
        """A source failed, in a sentence without secrets."""

    def refused(self, source: str, why: str) -> None:
        """A call was not made: `saturated` where all places were taken, `resting` after a failure."""

    def rests(self, source: str, resting: bool) -> None:
        """A source could not be reached and is left alone for a while, or it answers again."""

    def abandoned(self, source: str, change: int) -> None:
        """A call outlived its deadline and goes on unheeded (1), or such a call ended at last (-1)."""

    def cached(self, result: str) -> None:
        """An answer was wholly kept (`fresh`), all but its newest buckets (`stale`), or not at all (`miss`)."""

    def drew(self, state: str, source: str, reason: str) -> None:
        """A panel or a strip was drawn: its state, from which source, and for one that lacks something, why."""

    def entered(self) -> None:
        """A request came in."""

    def left(self, route: str, status: int, seconds: float, request: str) -> None:
        """A request was answered; `route` is its rule below the prefix, `request` the id it was given."""


REQUEST: Final = "fluxdash.request"
"""Where the environment of a request holds the id that it was given."""

NOBODY: Final = Telemetry()
"""Wants to know nothing."""


class Several(Telemetry):
    """Tells each of several."""

    def __init__(self, *told: Telemetry) -> None:
        self._told = told

    def asked(self, source: str, seconds: float, outcome: str) -> None:
        for each in self._told:
            each.asked(source, seconds, outcome)

    def failed(self, source: str, kind: str, reason: str) -> None:
        for each in self._told:
            each.failed(source, kind, reason)

    def refused(self, source: str, why: str) -> None:
        for each in self._told:
            each.refused(source, why)

    def rests(self, source: str, resting: bool) -> None:
        for each in self._told:
            each.rests(source, resting)

    def abandoned(self, source: str, change: int) -> None:
        for each in self._told:
            each.abandoned(source, change)

    def cached(self, result: str) -> None:
        for each in self._told:
            each.cached(result)

    def drew(self, state: str, source: str, reason: str) -> None:
        for each in self._told:
            each.drew(state, source, reason)

    def entered(self) -> None:
        for each in self._told:
            each.entered()

    def left(self, route: str, status: int, seconds: float, request: str) -> None:
        for each in self._told:
            each.left(route, status, seconds, request)
