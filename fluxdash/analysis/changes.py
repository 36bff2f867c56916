"""What changed: the slices that explain why a measure is not what it was in the window before, ranked.

A slice is one value of each dimension (account × model × region, or fewer). Each has a contribution to the change:

- *additive* (requests, cost, tokens): its own difference. The contributions add up to the change.
- *ratio* R = N/D of the sums of n and d: n₁/D₁ − n₀/D₀ − R̄ · (d₁/D₁ − d₀/D₀), R̄ the mean of both ratios. That is what
  its own rate did at its mean share, plus what its share did at the distance of its mean rate from R̄ (the Shapley
  values of rate and share, centred): a slice of average rate that only grows explains nothing. These too add up to the
  change, for the shares add up to one in both windows.
- *quantile*, nearest rank: the quantile now less what it would be with the slice's sample swapped for its previous one.
  An estimate: these do not add up, and the difference is part of the rest. Where nothing would be left, the change.

Merging. A row is a slice, or all slices that share some values ("llama3-70b, all accounts"), if that says it shorter:
1. they move together: what goes against the group's direction is at most a third of what goes with it, and
2. broadly: slices that move the group's way at half its pace or faster hold at least half of its size, and
3. no narrower group or slice carries two thirds of it: that one is the better name.
Rows are chosen greedily, the largest first, none sharing a slice with another; ties go by name. What no row holds is
the rest, so rows and rest add up to the change exactly: amounts are fractions, not floats.
A dimension with one value only names nothing and is left out of the names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray

from fluxdash.semantic.measure import Amount

Slice = tuple[str, ...]
"""One value of each dimension, in the order of the dimensions that were asked by."""
Name = tuple[str | None, ...]
"""A slice, or all slices with these values; None stands for all values of its dimension."""
Sample = Sequence[tuple[float, int]]
"""Values with how often each occurs, in any order; an array of two columns will do."""

_ZERO = Fraction(0)
_Counts = NDArray[np.int64]
_Pair = tuple[Fraction, Fraction]
_Members = Sequence[Slice]


class Kind(StrEnum):
    """What the two numbers of a note are."""

    AMOUNT = "amount"  # the row's own amount of the measure; one side is 0 where it is new or gone
    COUNT = "count"  # its requests, where more or fewer of them moved the amount more than the amount of each
    SHARE = "share"  # its share of what the measure counts, where that moved the measure more than its own value
    VALUE = "value"  # the measure of the row alone: its rate, its quantile, its amount a request


@dataclass(frozen=True, slots=True)
class Sums:
    """One slice in one window: an amount, and the number of what it is spread over, such as requests.

    For a ratio they are numerator and denominator; for an additive measure `count` serves the note alone and may be
    left out. A slice that is not among those of a window is zero there.
    """

    amount: Decimal | float
    count: float = 0


@dataclass(frozen=True, slots=True)
class Note:
    """Why the row moved, as the numbers that a sentence is made of; a side is None where the row has no such value."""

    kind: Kind
    before: Amount
    after: Amount


@dataclass(frozen=True, slots=True)
class Row:
    """One slice or group: its name, how many slices it holds, and what it contributes to the change."""

    name: Name
    slices: int
    amount: Fraction
    note: Note


@dataclass(frozen=True, slots=True)
class Rest:
    """Everything else: its slices, none of which contributes more than `each`, and what is left of the change."""

    slices: int
    amount: Fraction
    each: Fraction


@dataclass(frozen=True, slots=True)
class Changes:
    """The measure before and after (None where it is not known: then nothing is explained) and what explains it."""

    before: Fraction | None
    after: Fraction | None
    rows: tuple[Row, ...] = ()
    rest: Rest | None = None
    slices: int = 0
    estimate: bool = False

    @property
    def change(self) -> Fraction | None:
        """After less before: the sum of all rows and the rest."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def lead(self) -> tuple[int, float] | None:
        """How many first rows explain the change within a fifth, and the share they explain; None if none do."""
        explained = _ZERO
        for count, row in enumerate(self.rows, start=1):
            explained += row.amount
            if self.change and abs(explained / self.change - 1) <= Fraction(1, 5):
                return count, float(explained / self.change)
        return None


def additive(before: Mapping[Slice, Sums], after: Mapping[Slice, Sums], *, most: int = 4) -> Changes:
    """Explain the change of an amount that adds up over the slices, in at most `most` rows and the rest."""
    sums = partial(_sums, before, after)

    def amount(members: _Members) -> Fraction:
        (n0, n1), _ = sums(members)
        return n1 - n0

    def note(members: _Members) -> Note:
        (n0, n1), (d0, d1) = sums(members)
        if not (n0 and n1 and d0 and d1):
            return _note(Kind.AMOUNT, n0, n1)
        by_count, by_each = (d1 - d0) * (n0 / d0 + n1 / d1), (n1 / d1 - n0 / d0) * (d0 + d1)
        return _note(Kind.COUNT, d0, d1) if abs(by_count) >= abs(by_each) else _note(Kind.VALUE, n0 / d0, n1 / d1)

    slices = sorted({*before, *after})
    totals, _ = sums(slices)
    sizes = {each: sum(map(abs, sums([each])[0]), _ZERO) for each in slices}
    return _explained(totals, sizes, amount, note, most)


def ratio(before: Mapping[Slice, Sums], after: Mapping[Slice, Sums], *, most: int = 4) -> Changes:
    """Explain the change of a ratio of sums (amount ÷ count) in at most `most` rows and the rest."""
    slices = sorted({*before, *after})
    totals = _sums(before, after, slices)
    first, last = (n / d if d else None for n, d in zip(*totals, strict=True))
    if first is None or last is None:
        return Changes(first, last, slices=len(slices))

    def parts(members: _Members) -> tuple[_Pair, _Pair]:
        above, below = _sums(before, after, members)
        return _over(above, totals[1]), _over(below, totals[1])

    def amount(members: _Members) -> Fraction:
        above, share = parts(members)
        return above[1] - above[0] - (first + last) / 2 * (share[1] - share[0])

    def note(members: _Members) -> Note:
        above, share = parts(members)
        if not (share[0] and share[1]):
            return _note(Kind.SHARE, *share)
        rate = _over(above, share)
        by_rate = (rate[1] - rate[0]) * (share[0] + share[1]) / 2
        by_share = amount(members) - by_rate
        return _note(Kind.VALUE, *rate) if abs(by_rate) >= abs(by_share) else _note(Kind.SHARE, *share)

    sizes = {each: sum(parts([each])[1], _ZERO) for each in slices}
    return _explained((first, last), sizes, amount, note, most)


def quantile(q: float, before: Mapping[Slice, Sample], after: Mapping[Slice, Sample], *, most: int = 4) -> Changes:
    """Estimate what changed a quantile (nearest rank, `q` in whole millionths) in at most `most` rows and the rest."""
    slices = sorted({*before, *after})
    pairs = [{each: np.array(own).reshape(-1, 2) for each, own in window.items()} for window in (before, after)]
    values = np.unique(np.concatenate([np.zeros((0, 2)), *pairs[0].values(), *pairs[1].values()])[:, 0])

    def counts(members: _Members) -> tuple[_Counts, _Counts]:
        found = np.zeros((2, len(values)), np.int64)
        for into, window in zip(found, pairs, strict=True):
            for own in (window[each] for each in members if each in window):
                np.add.at(into, np.searchsorted(values, own[:, 0]), own[:, 1].astype(np.int64))
        return found[0], found[1]

    def at(sample: _Counts) -> Fraction | None:
        reached = np.cumsum(sample)
        n = int(reached[-1]) if len(reached) else 0
        rank = -(-n * round(q * 1_000_000) // 1_000_000)
        return Fraction(float(values[np.searchsorted(reached, rank)])) if n else None

    then, now = counts(slices)
    first, last = at(then), at(now)
    if first is None or last is None:
        return Changes(first, last, slices=len(slices), estimate=True)

    def amount(members: _Members) -> Fraction:
        own = counts(members)
        swapped = at(now - own[1] + own[0])
        return last - (first if swapped is None else swapped)

    def note(members: _Members) -> Note:
        own = counts(members)
        n0, n1 = (int(each.sum()) for each in own)
        # Its sample of now in the number of before: what that takes away from the quantile is due to its share alone.
        thinned = at((now - own[1]) * n1 + own[1] * n0) or last
        by_share = last - thinned if amount(members) > 0 else thinned - last
        if not (n0 and n1) or 2 * by_share >= abs(amount(members)):
            return _note(Kind.SHARE, Fraction(n0, int(then.sum())), Fraction(n1, int(now.sum())))
        return _note(Kind.VALUE, at(own[0]), at(own[1]))

    sizes = {each: Fraction(sum(int(side.sum()) for side in counts([each]))) for each in slices}
    return replace(_explained((first, last), sizes, amount, note, most), estimate=True)


def _sums(before: Mapping[Slice, Sums], after: Mapping[Slice, Sums], members: _Members) -> tuple[_Pair, _Pair]:
    """The members' amounts before and after, and their counts before and after."""
    sides = [[side[each] for each in members if each in side] for side in (before, after)]
    n0, n1 = (sum((Fraction(each.amount) for each in side), _ZERO) for side in sides)
    d0, d1 = (sum((Fraction(each.count) for each in side), _ZERO) for side in sides)
    return (n0, n1), (d0, d1)


def _over(above: _Pair, below: _Pair) -> _Pair:
    return above[0] / below[0], above[1] / below[1]


def _note(kind: Kind, before: Fraction | None, after: Fraction | None) -> Note:
    return Note(kind, *(None if each is None else float(each) for each in (before, after)))


def _explained(
    ends: _Pair, sizes: Mapping[Slice, Fraction], contributed: Callable[[_Members], Fraction],
    noted: Callable[[_Members], Note], most: int,
) -> Changes:  # fmt: skip
    """Choose the rows, given what any slices together contribute, and why; see the top of this module."""
    groups = _groups(list(sizes))
    amounts = {name: contributed(members) for name, members in groups.items()}
    finest = {members[0]: name for name, members in reversed(groups.items()) if len(members) == 1}
    own = {each: amounts[name] for each, name in finest.items()}
    within = _largest_within(amounts)

    def fits(name: Name) -> bool:
        members, amount = groups[name], amounts[name]
        if finest[members[0]] == name:
            return True
        forward = 1 if amount > 0 else -1
        along, against = (sum((max(own[each] * way, _ZERO) for each in members), _ZERO) for way in (forward, -forward))
        size = sum((sizes[each] for each in members), _ZERO)
        fast = (each for each in members if 2 * own[each] * forward * size >= abs(amount) * sizes[each])
        broad = 2 * sum((sizes[each] for each in fast), _ZERO) >= size
        return 3 * against <= along and broad and 3 * within[name] < 2 * abs(amount)

    def order(name: Name) -> tuple[Fraction, tuple[str, ...]]:
        return -abs(amounts[name]), tuple(each or "" for each in name)

    left, chosen = set(sizes), list[Name]()
    for name in sorted((name for name in groups if amounts[name]), key=order):
        if len(chosen) < most and left.issuperset(groups[name]) and fits(name):
            chosen.append(name)
            left.difference_update(groups[name])
    if len(left) == 1:  # a rest of one slice is that slice
        chosen += [finest[each] for each in left if own[each]]
        left = {each for each in left if not own[each]}
    rows = [Row(name, len(groups[name]), amounts[name], noted(groups[name])) for name in sorted(chosen, key=order)]
    amount = ends[1] - ends[0] - sum((row.amount for row in rows), _ZERO)
    rest = Rest(len(left), amount, max((abs(own[each]) for each in left), default=_ZERO)) if left or amount else None
    return Changes(*ends, tuple(rows), rest, len(sizes))


def _groups(slices: Sequence[Slice]) -> dict[Name, list[Slice]]:
    """Each slice, and each set of slices that share some values but not all, by name."""
    varies = [len(set(values)) > 1 or len(slices) == 1 for values in zip(*slices, strict=True)]
    groups = defaultdict[Name, list[Slice]](list)
    for each in slices:
        for shown in product(*((True, False) if vary else (False,) for vary in varies)):
            if any(shown) or not shown:
                groups[tuple(value if show else None for value, show in zip(each, shown, strict=True))].append(each)
    return groups


def _largest_within(amounts: Mapping[Name, Fraction]) -> dict[Name, Fraction]:
    """The largest amount, either way, among the narrower groups and slices of each group."""
    largest = dict.fromkeys(amounts, _ZERO)
    for name, amount in amounts.items():
        for wider in product(*({value, None} for value in name)):
            if wider != name and wider in largest:
                largest[wider] = max(largest[wider], abs(amount))
    return largest
