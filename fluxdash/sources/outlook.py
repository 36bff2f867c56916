"""How sources are, as all processes of a server know it: each asks by itself, and whoever asked last is right."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from fluxdash.sources.cached import Cache
from fluxdash.sources.source import SourceState

_KEEP = 900
"""Seconds for which what another process found is believed: who has not been asked for longer may be otherwise."""

_TOLD = ("ok", "down")


class SharedOutlook:
    """The states of one gateway's sources in the shared cache; `name` says whose they are.

    Two workers answer one page in turns: with each telling what it alone has seen, a source would be down at one
    refresh and well at the next.
    """

    def __init__(self, cache: Cache, name: str, clock: Callable[[], float] = time.time) -> None:
        self._cache = cache
        self._name = name
        self._clock = clock
        self._seen: dict[str, tuple[SourceState, float]] = {}

    def __call__(self, states: Iterable[SourceState]) -> tuple[SourceState, ...]:
        """Return each state as whoever asked that source last found it; never raises."""
        return tuple(self._latest(each) if each.status in _TOLD else each for each in states)

    def _latest(self, own: SourceState) -> SourceState:
        key = f"state:{self._name}:{own.name}"
        told = self._told(key, own.name)
        before, at = self._seen.get(own.name, (None, 0.0))
        if own != before:
            # A failure has no time of its own: it is as old as the first look at it.
            at = self._clock() if own.status == "down" else own.last_read or 0.0
            self._seen[own.name] = own, at
            if at > (told[1] if told else 0.0):
                kept = {"status": own.status, "last_read": own.last_read, "reason": own.reason, "at": at}
                self._cache.set(key, kept, timeout=_KEEP)
        return told[0] if told and told[1] > at else own

    def _told(self, key: str, name: str) -> tuple[SourceState, float] | None:
        """Return what is kept, and when it was so; None where nothing is, or not what was put there."""
        match self._cache.get(key):
            case {"status": str() as status, "last_read": read, "reason": str() as why, "at": float() | int() as at}:
                known = status in _TOLD and isinstance(read, float | int | None)
                return (SourceState(name, status, read, why), float(at)) if known else None
        return None
