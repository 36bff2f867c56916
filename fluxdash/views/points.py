"""What a point of a chart over time leads to: its bucket, and which of the bucket's traces it is about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from itertools import zip_longest
from typing import Any

from fluxdash.semantic.measure import Amount
from fluxdash.views.scene import FigureDict, Scene

FAILED, SLOW = "failed", "slow"
"""What a chart may be about, and so what it opens first: requests that failed, or those that took long."""

_LEAST = 0.001
"""Seconds under which a duration is no bound: next to every request took longer."""


@dataclass(frozen=True, slots=True)
class Rank:
    """One line of quantiles: its trace's uid, its name, its values in seconds and that of the whole window."""

    uid: str
    name: str
    values: Sequence[Amount]
    whole: Amount = None
    group: str | None = None


def points(scene: Scene, about: str = "", ranks: Sequence[Rank] = ()) -> FigureDict:
    """Return the part of a layout that the browser finds the bucket of a point by.

    `start`, `step` and `size` are the grid in epoch seconds, head included, and `first` its start as Plotly's date.
    `ranks` say from which duration on a request is among the slow ones that a line stands for; `usual` is the place of
    the one that counts away from all lines: P95 if it is there, for that is what objectives are about. `reach` is how
    many seconds before its bucket a request may have begun: a latency counts when the request ends, and traces are
    searched by when it began.
    """
    window = scene.window
    told: dict[str, Any] = {
        "start": window.start,
        "step": window.step,
        "size": window.size + len(window.head),
        "first": scene.moments([0])[0],
        "about": about,
    }
    if ranks:
        told["ranks"] = [
            {
                "uid": each.uid,
                "name": each.name,
                "least": [from_duration(value) for value in each.values],
                "whole": from_duration(each.whole),
                "group": each.group,
            }
            for each in ranks
        ]
        told["reach"] = [
            math.ceil(max(filter(None, row), default=0)) for row in zip_longest(*(r.values for r in ranks))
        ]
        told["usual"] = next((place for place, each in enumerate(ranks) if each.name == "P95"), len(ranks) - 1)
    return {"meta": {"points": told}}


def from_duration(seconds: Amount) -> str:
    """Return `3.6s` or `410ms`, two digits of a duration and never more than it is, so that its request is found.

    Empty where it is not known, or too short to be a bound.
    """
    if seconds is None or not _LEAST <= seconds < math.inf:
        return ""
    number, unit = (Decimal(repr(seconds)), "s") if seconds >= 1 else (Decimal(repr(seconds)) * 1000, "ms")
    cut = number.quantize(Decimal(1).scaleb(number.adjusted() - 1), rounding=ROUND_DOWN)
    return f"{cut.normalize():f}{unit}"
