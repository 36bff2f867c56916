"""Lines of an answer added up: what the rest of many groups makes together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fluxdash.semantic.answer import OTHER, Line
from fluxdash.semantic.measure import Amount


def added(amounts: Iterable[Amount]) -> Amount:
    """Return the sum of what is known; None where nothing is."""
    known = [each for each in amounts if each is not None]
    return sum(known) if known else None


def together(lines: Sequence[Line], group: str = OTHER) -> Line:
    """Return several lines of a measure that adds up as one; there must be at least one."""
    return Line(
        group,
        added(each.total for each in lines),
        added(each.n for each in lines),
        _columns([each.values for each in lines]),
        _columns([each.counts for each in lines]),
        _columns([each.head for each in lines]),
    )


def _columns(rows: Sequence[Sequence[Amount]]) -> tuple[Amount, ...]:
    return tuple(added(column) for column in zip(*rows, strict=True))
