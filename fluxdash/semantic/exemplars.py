"""Exemplars: single requests that stand for the many behind a histogram, each with the trace that tells of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.window import Window

MOST_EXEMPLARS = 100


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One request: when it was counted, in epoch seconds, how long it took, in seconds, and its trace."""

    time: float
    seconds: float
    trace: TraceId


@dataclass(frozen=True, slots=True)
class Exemplars:
    """The slowest exemplar of each bucket, in order of time, and where they come from; None where nobody was asked."""

    rows: tuple[Exemplar, ...] = ()
    provenance: Provenance | None = None


NO_EXEMPLARS = Exemplars()


def slowest(found: Iterable[Exemplar], window: Window) -> tuple[Exemplar, ...]:
    """Return the slowest of each bucket of the window and its head, the slowest hundred of those at most."""
    end = max(window.end, window.now)
    best: dict[int, Exemplar] = {}
    for each in found:
        if not window.start <= each.time < end:
            continue
        place = int(each.time - window.start) // window.step
        # Of equals the later one, then the one whose trace comes first, so that equal questions are answered alike.
        if place not in best or _rank(each) < _rank(best[place]):
            best[place] = each
    kept = sorted(best.values(), key=_rank)[:MOST_EXEMPLARS]
    return tuple(sorted(kept, key=lambda each: each.time))


def _rank(each: Exemplar) -> tuple[float, float, str]:
    return -each.seconds, -each.time, each.trace.digits
