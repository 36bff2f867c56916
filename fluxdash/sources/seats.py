"""The colour slots of models that have none of their own: given at first sight, the same in every process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from fluxdash.sources.cached import Cache

Seated = Callable[[Iterable[str], Mapping[str, int]], dict[str, int]]
"""Gives seats to models that have none yet, and leaves those that were given before."""

_FOREVER = 0
"""What the cache calls a time that never ends."""

_SEATS = range(10)
"""Nine slots, and 0 for who has none any more."""


class Seats:
    """The seats of one gateway's models, kept in the shared cache; `name` says whose they are.

    Whoever sees a model first decides. What the cache forgets this process still knows, and what two processes gave
    away twice at the same moment belongs to the one that the cache kept.
    """

    def __init__(self, cache: Cache, name: str, seated: Seated) -> None:
        self._cache = cache
        self._key = f"seats:{name}"
        self._seated = seated
        self._mine: dict[str, int] = {}

    def __call__(self, models: Iterable[str]) -> Mapping[str, int]:
        """Return the seat of every model seen so far, these included; asks the cache only if some of these need one."""
        every = list(models)
        # Alone, every model that needs a seat finds one; together they may not.
        if not any(self._seated([each], {}) for each in every):
            return {}
        kept = self._kept()
        now = self._seated(every, _joined(kept, self._mine))
        if now != kept:
            self._cache.set(self._key, now, timeout=_FOREVER)
        self._mine = now
        return now

    def _kept(self) -> dict[str, int]:
        """Return what the cache holds; nothing where that is not what was put there."""
        found = self._cache.get(self._key)
        if not isinstance(found, dict):
            return {}
        whole = all(isinstance(name, str) and type(seat) is int and seat in _SEATS for name, seat in found.items())
        given = [seat for seat in found.values() if seat]
        return found if whole and len(set(given)) == len(given) else {}


def _joined(kept: Mapping[str, int], mine: Mapping[str, int]) -> dict[str, int]:
    taken = set(kept.values())
    return {**{name: seat for name, seat in mine.items() if not seat or seat not in taken}, **kept}
