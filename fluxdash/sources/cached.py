"""Cells that many viewers share: closed buckets are fetched once, a refresh fetches the head, and one at a time."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from fluxdash.semantic.window import Window
from fluxdash.sources.cells import Cells, Spec
from fluxdash.sources.flights import Flights
from fluxdash.telemetry import NOBODY, Telemetry

T = TypeVar("T")

FINAL_AFTER = 900
"""Seconds after which a closed bucket is taken as final: until then late rows may still arrive."""

_KEPT = 3600
"""Seconds a ribbon of final buckets is kept before all of it is read again, in case rows came later than that."""

_FRESH = 60
_LONGEST_RIBBON = 9600
"""Buckets a ribbon may have: a hundred days of quarters of an hour, in which zones that are off by one ask ninety."""

Fetch = Callable[[int, int, int], Cells]
"""Fetches the buckets of `[start, end)` with a step."""

Row = tuple[str | float | None, ...]
"""One row of a list: text, numbers and what is not known, as JSON can hold them."""


_PLAIN = frozenset((str, int, float, type(None)))


class Cache(Protocol):
    """What FluxDash needs of a cache: values a JSON serializer can keep, by key, for a time."""

    def get(self, key: str) -> Any:
        """Return what was set, or None."""

    def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
        """Keep a value for `timeout` seconds."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Cells from the cache or fresh, with the epoch seconds at which their newest part was read."""

    cells: Cells
    as_of: float


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows from the cache or fresh, with the epoch seconds at which they were read."""

    rows: tuple[Row, ...]
    as_of: float


class Recent:
    """The last answers of this process, decoded: the panels of one page ask for the same cells within milliseconds.

    `most` is how many there may be, `heaviest` how many amounts they may hold together, of some 32 bytes each.
    """

    def __init__(self, most: int = 128, heaviest: int = 1_000_000) -> None:
        self._most = most
        self._heaviest = heaviest
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._weight = 0

    def get(self, key: str) -> Kept | None:
        """Return what is kept under a key; a key names one moment, so it never means anything newer."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            return kept

    def put(self, key: str, kept: Kept) -> Kept:
        """Keep it, and forget what was used longest ago."""
        with self._lock:
            before = self._kept.pop(key, None)
            self._kept[key] = kept
            self._weight += kept.cells.weight - (before.cells.weight if before else 0)
            while len(self._kept) > self._most or (self._weight > self._heaviest and len(self._kept) > 1):
                self._weight -= self._kept.popitem(last=False)[1].cells.weight
        return kept


class Ribbons:
    """Keeps, for each spec and step, one ribbon of final buckets that grows at its end as time goes on."""

    def __init__(self, cache: Cache, clock: Callable[[], float] = time.time, telemetry: Telemetry = NOBODY) -> None:
        self._cache = cache
        self._clock = clock
        self._telemetry = telemetry
        self._flights = Flights()
        self._recent = Recent()

    def cells(self, name: str, spec: Spec, window: Window, missing: float | None, fetch: Fetch) -> Kept:
        """Return the cells of the window with its head.

        `name` says whose they are (source, profile, revision); `missing` is what a bucket without any counts as.
        """
        key = _key(name, spec.key, str(window.step))
        exact = self._exact(key, window)
        return self._fresh(self._shared, exact) or self._flights.alone(
            key, lambda: self._fresh(self._shared, exact) or self._grown(key, exact, window, missing, fetch)
        )

    def whole(self, name: str, spec: Spec, window: Window, fetch: Fetch) -> Kept:
        """Return the closed part of the window as a single bucket, for what does not add up over time."""
        exact = self._exact(_key(name, spec.key, "whole"), window)

        def work() -> Kept:
            fresh = Kept(fetch(window.start, window.end, window.seconds), self._clock())
            self._keep(exact, fresh, self._seconds(window))
            self._telemetry.cached("miss")
            return self._recent.put(exact, fresh)

        return self._fresh(self._shared, exact) or self._flights.alone(
            exact, lambda: self._fresh(self._shared, exact) or work()
        )

    def listed(self, name: str, asked: str, window: Window, fetch: Callable[[], tuple[Row, ...]]) -> Listed:
        """Return rows that are no cells; `asked` says by value which rows of the window they are."""
        exact = self._exact(_key(name, asked, "rows"), window)

        def work() -> Listed:
            fresh = Listed(fetch(), self._clock())
            self._cache.set(exact, {"as_of": fresh.as_of, "rows": fresh.rows}, timeout=self._seconds(window))
            self._telemetry.cached("miss")
            return fresh

        return self._fresh(self._rows, exact) or self._flights.alone(
            exact, lambda: self._fresh(self._rows, exact) or work()
        )

    def _fresh(self, find: Callable[[str], T | None], exact: str) -> T | None:
        found = find(exact)
        if found is not None:
            self._telemetry.cached("fresh")
        return found

    def _rows(self, exact: str) -> Listed | None:
        kept = self._cache.get(exact)
        if not isinstance(kept, dict) or not isinstance(kept.get("as_of"), int | float):
            return None
        rows = kept.get("rows")
        if not isinstance(rows, list | tuple) or not all(isinstance(row, list | tuple) for row in rows):
            return None
        whole = all(_PLAIN.issuperset(map(type, row)) for row in rows)
        return Listed(tuple(map(tuple, rows)), float(kept["as_of"])) if whole else None

    def _exact(self, key: str, window: Window) -> str:
        """A window that moves is asked again at each tick; one in the past each hour, for rows that came that late."""
        moment = window.now if window.head else int(self._clock()) // self._seconds(window)
        return _key(key, str(window.start), str(window.end), str(moment))

    def _seconds(self, window: Window) -> int:
        """How long an answer is kept: shortly, while late rows may still change it."""
        final = not window.head and window.end <= self._clock() - FINAL_AFTER
        return _KEPT if final else _FRESH

    def _grown(self, key: str, exact: str, window: Window, missing: float | None, fetch: Fetch) -> Kept:
        now = self._clock()
        last = window.end + len(window.head) * window.step
        ribbon = self._cached(key)
        if ribbon is not None and now - ribbon.as_of > _KEPT:
            ribbon = None
        cells, as_of = None, now
        # A ribbon too far from the window would have to be bridged by buckets that nobody asked for.
        if ribbon is not None and ribbon.cells.end >= window.start and ribbon.cells.start <= last:
            cells, as_of = ribbon.cells, ribbon.as_of
        known = "miss" if cells is None else "stale"
        if cells is None:
            cells = fetch(window.start, last, window.step)
        else:
            if cells.start > window.start:
                cells = fetch(window.start, cells.start, window.step).then(cells, None)
            if cells.end < last:
                cells, as_of = cells.then(fetch(cells.end, last, window.step), None), now
        self._telemetry.cached(known)
        self._extend(key, cells, ribbon, min(cells.end, int(now - FINAL_AFTER) // window.step * window.step))
        answer = Kept(cells.between(window.start, last).seen(missing), as_of)
        self._keep(exact, answer, self._seconds(window))
        return self._recent.put(exact, answer)

    def _extend(self, key: str, cells: Cells, ribbon: Kept | None, end: int) -> None:
        """Keep the final buckets under the ribbon's key; its `as_of` is the birth of its oldest part."""
        start = max(cells.start, end - _LONGEST_RIBBON * cells.step)
        if end <= start or (ribbon is not None and ribbon.cells.end > end):
            return
        if ribbon is None or (start, end) != (ribbon.cells.start, ribbon.cells.end):
            overlaps = ribbon is not None and ribbon.cells.end >= start
            born = ribbon.as_of if ribbon is not None and overlaps else self._clock()
            self._keep(key, Kept(cells.between(start, end), born), _KEPT)

    def _shared(self, exact: str) -> Kept | None:
        """Return the answer for one exact window, from this process or from another."""
        recent = self._recent.get(exact)
        if recent is not None:
            return recent
        kept = self._cached(exact)
        return None if kept is None else self._recent.put(exact, kept)

    def _cached(self, key: str) -> Kept | None:
        kept = self._cache.get(key)
        if not isinstance(kept, dict) or not isinstance(kept.get("as_of"), int | float):
            return None
        cells = Cells.from_json(kept.get("cells"))
        return None if cells is None else Kept(cells, float(kept["as_of"]))

    def _keep(self, key: str, kept: Kept, seconds: int) -> None:
        self._cache.set(key, {"as_of": kept.as_of, "cells": kept.cells.to_json()}, timeout=seconds)


def _key(*words: str) -> str:
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()
