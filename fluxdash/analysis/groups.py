"""Which few names say most of what many slices contribute: each slice alone, or all that share some of their values.

A row is a slice, or all slices that share some values ("llama3-70b, all accounts"), if that says it shorter:
1. they move together: what goes against the group's direction is at most a third of what goes with it, and
2. broadly: slices that move the group's way at half its pace or faster hold at least half of its size, and
3. no narrower group or slice carries two thirds of it: that one is the better name.
Rows are chosen greedily, the largest first, none sharing a slice with another; ties go by name. What no row holds is
the rest. A dimension with one value only names nothing and is left out of the names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

Slice = tuple[str, ...]
"""One value of each dimension, in the order of the dimensions that were asked by."""
Name = tuple[str | None, ...]
"""A slice, or all slices with these values; None stands for all values of its dimension."""
Members = Sequence[Slice]

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The names chosen, largest first, with the slices and the amount of each; what each slice contributes; the rest.

    `own` is in the order of the slices' names, `left` holds the slices that no name stands for.
    """

    names: tuple[Name, ...]
    members: Mapping[Name, Members]
    amounts: Mapping[Name, Fraction]
    own: Mapping[Slice, Fraction]
    left: frozenset[Slice]


def choose(sizes: Mapping[Slice, Fraction], contributed: Callable[[Members], Fraction], most: int) -> Chosen:
    """Choose at most `most` names, or one more where a single slice would be left.

    `contributed` says what any slices contribute together; `sizes` are what "broadly" above is measured by.
    """
    groups = _groups(list(sizes))
    amounts = {name: contributed(members) for name, members in groups.items()}
    finest = {members[0]: name for name, members in reversed(groups.items()) if len(members) == 1}
    own = {each: amounts[finest[each]] for each in sizes}
    within = _largest_within(amounts)

    def fits(name: Name) -> bool:
        members, amount = groups[name], amounts[name]
        if finest[members[0]] == name:
            return True
        forward = 1 if amount > 0 else -1
        along, against = (sum((max(own[each] * way, ZERO) for each in members), ZERO) for way in (forward, -forward))
        size = sum((sizes[each] for each in members), ZERO)
        fast = (each for each in members if 2 * own[each] * forward * size >= abs(amount) * sizes[each])
        broad = 2 * sum((sizes[each] for each in fast), ZERO) >= size
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
    return Chosen(tuple(sorted(chosen, key=order)), groups, amounts, own, frozenset(left))


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
    largest = dict.fromkeys(amounts, ZERO)
    for name, amount in amounts.items():
        for wider in product(*({value, None} for value in name)):
            if wider != name and wider in largest:
                largest[wider] = max(largest[wider], abs(amount))
    return largest
