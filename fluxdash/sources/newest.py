"""How the newest of many are found in a store that picks as it likes: by narrowing the stretch until all of it came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from fluxdash.sources.caller import TooLarge

T = TypeVar("T")

Fetch = Callable[[int, int, int], list[T]]
"""Fetches up to so many (the last argument) of those that began in a stretch `[start, end)`, whichever it likes."""

FEWEST = 5
"""So many or fewer are not asked for in smaller parts any more, however large they are."""

_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Stretch(Generic[T]):
    """All that began in `[edge, end)`, newest first; `cut` says that there may be more before the edge.

    `sure` is False when the store would not stop picking: then what is here need not be all of it, nor the newest.
    """

    items: tuple[T, ...]
    edge: int
    cut: bool
    sure: bool = True


def newest(fetch: Fetch[T], began: Callable[[T], int], start: int, end: int, n: int) -> Stretch[T]:
    """Return the newest, about `n` of them, that began in `[start, end)`; all times in nanoseconds since 1970.

    No store promises which ones a limit leaves (arrival, shards, whatever was found first). So more are asked for than
    are wanted, and when as many come, the question is asked again from where the n-th newest began: as soon as fewer
    come than were asked for, they are all that there are. An answer that is too large is asked for in smaller parts.
    """
    edge, wanted, asked = start, n, n + max(n // 2, 1)
    inside: list[T] = []
    for _ in range(_ROUNDS):
        try:
            found = fetch(edge, end, asked)
        except TooLarge:
            if asked <= FEWEST:
                raise
            wanted, asked = max(wanted // 4, 1), max(asked // 4, 2)
            continue
        inside = sorted((each for each in found if edge <= began(each) < end), key=began, reverse=True)
        if len(found) < asked:
            return _settled(inside, began, start, edge, n)
        if not inside:
            break
        narrower = began(inside[min(wanted, len(inside)) - 1])
        if narrower == edge:  # more at one instant than are ever asked for
            break
        edge, wanted = narrower, max(wanted // 3, 1)
    kept = tuple(inside[:n])
    return Stretch(kept, began(kept[-1]) if kept else edge, cut=True, sure=False)


def _settled(inside: list[T], began: Callable[[T], int], start: int, edge: int, n: int) -> Stretch[T]:
    if len(inside) <= n:
        return Stretch(tuple(inside), edge, cut=edge > start)
    last = began(inside[n - 1])
    return Stretch(tuple(each for each in inside if began(each) >= last), last, cut=True)
