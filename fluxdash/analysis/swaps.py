"""What changed a quantile, nearest rank: the quantile now less what it would be with a slice as it was before.

The slice's sample of now is swapped for that of before, at its share of before: where all slices grow alike, nothing
contributes. An estimate: what the slices contribute so does not add up, and the difference is part of the rest. Where
nothing would be left, a slice contributes the whole change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from fluxdash.analysis.changes import Changes, Ends, Kind, Note, explained, note
from fluxdash.analysis.groups import Members, Slice

Sample = Sequence[tuple[float, int]]
"""Values with how often each occurs, in any order; an array of two columns will do."""

_Counts = NDArray[np.float64]  # whole numbers, with room for the product of three


def quantile(q: float, before: Mapping[Slice, Sample], after: Mapping[Slice, Sample], *, most: int = 4) -> Changes:
    """Estimate what changed a quantile (nearest rank, `q` in whole millionths) in at most `most` rows and the rest."""
    slices = sorted({*before, *after})
    pairs = [{each: np.array(own).reshape(-1, 2) for each, own in window.items()} for window in (before, after)]
    values = np.unique(np.concatenate([np.zeros((0, 2)), *pairs[0].values(), *pairs[1].values()])[:, 0])

    def counts(members: Members) -> tuple[_Counts, _Counts]:
        found = np.zeros((2, len(values)))
        for into, window in zip(found, pairs, strict=True):
            for own in (window[each] for each in members if each in window):
                np.add.at(into, np.searchsorted(values, own[:, 0]), own[:, 1])
        return found[0], found[1]

    def at(sample: _Counts) -> Fraction | None:
        reached = np.cumsum(sample)
        n = int(reached[-1]) if len(reached) else 0
        rank = -(-n * round(q * 1_000_000) // 1_000_000)
        return Fraction(float(values[np.searchsorted(reached, rank)])) if n else None

    then, now = counts(slices)
    size, size_now = then.sum(), now.sum()
    first, last = at(then), at(now)
    if first is None or last is None:
        return Changes(first, last, slices=len(slices), estimate=True)

    def alone(members: Members) -> Ends:
        n0, n1 = counts(members)
        return at(n0), at(n1)

    def amount(members: Members) -> Fraction:
        own = counts(members)
        swapped = at((now - own[1]) * size + own[0] * size_now)
        return last - (first if swapped is None else swapped)

    def why(members: Members) -> Note:
        own = counts(members)
        n0, n1 = (int(each.sum()) for each in own)
        # Its sample of now at its share of before: what that takes away from the quantile is due to its share alone.
        thinned = at((now - own[1]) * n1 * size + own[1] * n0 * size_now) or last
        by_share = last - thinned if amount(members) > 0 else thinned - last
        was, is_now = at(own[0]), at(own[1])
        # A quantile of its own that moved the other way explains nothing either.
        along = was is not None and is_now is not None and (is_now - was) * amount(members) > 0
        if not along or 2 * by_share >= abs(amount(members)):
            return note(Kind.SHARE, Fraction(n0, int(size)), Fraction(n1, int(size_now)))
        return note(Kind.VALUE, was, is_now)

    sizes = {each: Fraction(sum(int(side.sum()) for side in counts([each]))) for each in slices}
    return replace(explained((first, last), sizes, amount, alone, why, most), estimate=True)
