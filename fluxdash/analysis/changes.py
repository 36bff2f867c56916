"""What changed: the slices that explain why a measure is not what it was in the window before, ranked.

A slice is one value of each dimension (account × model × region, or fewer). Each has a contribution to the change:

- *additive* (requests, cost, tokens): its own difference. The contributions add up to the change.
- *ratio* R = N/D of the sums of n and d: n₁/D₁ − n₀/D₀ − R̄ · (d₁/D₁ − d₀/D₀), R̄ the mean of both ratios. That is what
  its own rate did at its mean share, plus what its share did at the distance of its mean rate from R̄ (the Shapley
  values of rate and share, centred): a slice of average rate that only grows explains nothing. These too add up to the
  change, for the shares add up to one in both windows.
- *quantile*: see swaps.py.

Rows are slices or groups of them, chosen in groups.py; what no row holds is the rest, so rows and rest add up to the
change exactly: amounts are fractions, not floats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm

from fluxdash.analysis.groups import ZERO, Members, Name, Slice, choose
from fluxdash.semantic.measure import Amount

Ends = tuple[Fraction | None, Fraction | None]
"""Before and after; None where there is nothing to compute it from."""

_Pair = tuple[Fraction, Fraction]
_Added = Callable[[Members], tuple[_Pair, _Pair]]


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
class Part:
    """One slice: the measure of it alone before and after, None where it has none, and what it contributes."""

    slice: Slice
    before: Amount
    after: Amount
    amount: Fraction


@dataclass(frozen=True, slots=True)
class Rest:
    """Everything else: its slices, none of which contributes more than `each`, and what is left of the change."""

    slices: int
    amount: Fraction
    each: Fraction


@dataclass(frozen=True, slots=True)
class Changes:
    """The measure before and after (None where it is not known: then nothing is explained) and what explains it.

    `parts` are all slices, those that contribute most first.
    """

    before: Fraction | None
    after: Fraction | None
    rows: tuple[Row, ...] = ()
    rest: Rest | None = None
    slices: int = 0
    estimate: bool = False
    parts: tuple[Part, ...] = ()

    @property
    def change(self) -> Fraction | None:
        """After less before: the sum of all rows and the rest."""
        return None if self.before is None or self.after is None else self.after - self.before

    def ending(self, before: Fraction, after: Fraction) -> Changes:
        """Return the same rows between ends that are known better; the rest makes up the difference."""
        held = self.rest or Rest(0, ZERO, ZERO)
        amount = after - before - sum((row.amount for row in self.rows), ZERO)
        rest = replace(held, amount=amount) if held.slices or amount else None
        return replace(self, before=before, after=after, rest=rest)

    @property
    def lead(self) -> tuple[int, float] | None:
        """How many first rows explain the change within a fifth, and the share they explain; None if none do."""
        explained = ZERO
        for count, row in enumerate(self.rows, start=1):
            explained += row.amount
            if self.change and abs(explained / self.change - 1) <= Fraction(1, 5):
                return count, float(explained / self.change)
        return None


def additive(before: Mapping[Slice, Sums], after: Mapping[Slice, Sums], *, most: int = 4) -> Changes:
    """Explain the change of an amount that adds up over the slices, in at most `most` rows and the rest."""
    slices = sorted({*before, *after})
    sums = _added(before, after, slices)

    def alone(members: Members) -> Ends:
        return sums(members)[0]

    def amount(members: Members) -> Fraction:
        (n0, n1), _ = sums(members)
        return n1 - n0

    def why(members: Members) -> Note:
        (n0, n1), (d0, d1) = sums(members)
        if not (n0 and n1 and d0 and d1):
            return note(Kind.AMOUNT, n0, n1)
        by_count, by_each = (d1 - d0) * (n0 / d0 + n1 / d1), (n1 / d1 - n0 / d0) * (d0 + d1)
        return note(Kind.COUNT, d0, d1) if abs(by_count) >= abs(by_each) else note(Kind.VALUE, n0 / d0, n1 / d1)

    sizes = {each: sum(map(abs, sums([each])[0]), ZERO) for each in slices}
    return explained(sums(slices)[0], sizes, amount, alone, why, most)


def ratio(before: Mapping[Slice, Sums], after: Mapping[Slice, Sums], *, most: int = 4) -> Changes:
    """Explain the change of a ratio of sums (amount ÷ count) in at most `most` rows and the rest."""
    slices = sorted({*before, *after})
    sums = _added(before, after, slices)
    totals = sums(slices)
    first, last = (n / d if d else None for n, d in zip(*totals, strict=True))
    if first is None or last is None:
        return Changes(first, last, slices=len(slices))

    def parts(members: Members) -> tuple[_Pair, _Pair]:
        above, below = sums(members)
        return _over(above, totals[1]), _over(below, totals[1])

    def alone(members: Members) -> Ends:
        (n0, n1), (d0, d1) = sums(members)
        return n0 / d0 if d0 else None, n1 / d1 if d1 else None

    def amount(members: Members) -> Fraction:
        above, share = parts(members)
        return above[1] - above[0] - (first + last) / 2 * (share[1] - share[0])

    def why(members: Members) -> Note:
        above, share = parts(members)
        if not (share[0] and share[1]):
            return note(Kind.SHARE, *share)
        rate = _over(above, share)
        by_rate = (rate[1] - rate[0]) * (share[0] + share[1]) / 2
        by_share = amount(members) - by_rate
        return note(Kind.VALUE, *rate) if abs(by_rate) >= abs(by_share) else note(Kind.SHARE, *share)

    sizes = {each: sum(parts([each])[1], ZERO) for each in slices}
    return explained((first, last), sizes, amount, alone, why, most)


def explained(
    ends: _Pair, sizes: Mapping[Slice, Fraction], contributed: Callable[[Members], Fraction],
    alone: Callable[[Members], Ends], why: Callable[[Members], Note], most: int,
) -> Changes:  # fmt: skip
    """Return the change with its rows, given what any slices together contribute, are alone, and why."""
    found = choose(sizes, contributed, most)
    rows = [Row(name, len(found.members[name]), found.amounts[name], why(found.members[name])) for name in found.names]
    amount = ends[1] - ends[0] - sum((row.amount for row in rows), ZERO)
    each = max((abs(found.own[one]) for one in found.left), default=ZERO)
    rest = Rest(len(found.left), amount, each) if found.left or amount else None
    ranked = sorted(found.own.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    parts = tuple(_part(one, alone([one]), own) for one, own in ranked)
    return Changes(*ends, tuple(rows), rest, len(sizes), parts=parts)


def note(kind: Kind, before: Fraction | None, after: Fraction | None) -> Note:
    """Return the note of two exact numbers."""
    return Note(kind, *(_amount(each) for each in (before, after)))


def _added(before: Mapping[Slice, Sums], after: Mapping[Slice, Sums], slices: Sequence[Slice]) -> _Added:
    """Return what adds up the members' amounts before and after, and their counts before and after."""
    none = Sums(0)
    rows = {each: (before.get(each, none), after.get(each, none)) for each in slices}
    amounts, one_amount = _whole({each: (b.amount, a.amount) for each, (b, a) in rows.items()})
    counts, one_count = _whole({each: (b.count, a.count) for each, (b, a) in rows.items()})

    def added(members: Members) -> tuple[_Pair, _Pair]:
        n0, n1 = (Fraction(sum(amounts[each][side] for each in members), one_amount) for side in (0, 1))
        d0, d1 = (Fraction(sum(counts[each][side] for each in members), one_count) for side in (0, 1))
        return (n0, n1), (d0, d1)

    return added


def _whole(pairs: Mapping[Slice, tuple[Decimal | float, Decimal | float]]) -> tuple[dict[Slice, tuple[int, int]], int]:
    """Return numbers in whole units, and how many units make one: these add up exactly, and fast."""
    exact = {each: (Fraction(b), Fraction(a)) for each, (b, a) in pairs.items()}
    unit = lcm(*(side.denominator for pair in exact.values() for side in pair))
    return {each: (int(b * unit), int(a * unit)) for each, (b, a) in exact.items()}, unit


def _over(above: _Pair, below: _Pair) -> _Pair:
    return above[0] / below[0], above[1] / below[1]


def _part(one: Slice, ends: Ends, own: Fraction) -> Part:
    return Part(one, _amount(ends[0]), _amount(ends[1]), own)


def _amount(value: Fraction | None) -> Amount:
    return None if value is None else float(value)
