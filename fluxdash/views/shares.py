"""Spend by group as rows: what each spent, now and in the window before, and all that is left as one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.dimensions import MODEL, Dimension
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.measures import COST, COST_PER_REQUEST, REQUESTS, UNPRICED
from fluxdash.views.lines import added
from fluxdash.views.models import OTHER_TOKEN, names, tokens
from fluxdash.views.scene import Scene, only

_UNKNOWN = 0.1
"""The share of a window's buckets that may be unknown, and the window still be compared with."""


@dataclass(frozen=True, slots=True)
class Share:
    """One row: dollars that its groups spent, and that they spent in the window before; None is unknown.

    `requests` are theirs, failed ones included, and `each` is what one of them cost. `unpriced` of them used tokens
    that nobody knows the price of, so they are not in what was spent.
    """

    name: str
    groups: tuple[str, ...]
    token: str
    spent: Amount
    before: Amount
    requests: Amount = None
    each: Amount = None
    unpriced: Amount = None

    def part(self, total: Amount) -> Amount:
        """Return its share of all, 0–1."""
        return self.spent / total if self.spent is not None and total else None


@dataclass(frozen=True, slots=True)
class Sums:
    """Amounts by group; `cut` where some groups have no line of their own, and `other` what those have together."""

    groups: Mapping[str, Amount]
    other: Amount
    cut: bool

    @classmethod
    def of(cls, answer: Answer | None) -> Sums:
        """Return the sums of an answer about groups; nothing is known of one that could not be had."""
        if answer is None:
            return cls({}, None, cut=True)
        other = answer.other.total if answer.other else None
        return cls({str(line.group): line.total for line in answer.lines}, other, answer.other is not None)

    def of_group(self, group: str) -> Amount:
        """Return a group's amount: 0 where all groups that have any are known, and it is none of them."""
        return self.groups.get(group, None if self.cut else 0.0)

    def rest(self, groups: Sequence[str]) -> Amount:
        """Return what all but these groups have, added up: what sums differ by is hardly ever quite 0."""
        if any(self.of_group(each) is None for each in groups):
            return None
        left = [amount for group, amount in self.groups.items() if group not in groups]
        left += [self.other] if self.cut else []
        return added(left) if left else 0.0


def is_watched(answer: Answer) -> bool:
    """Whether nearly all of a window is known, so that what happened in it can be compared with another."""
    values = only(answer).values
    return bool(values) and sum(each is None for each in values) <= _UNKNOWN * len(values)


def every(answer: Answer) -> tuple[Line, ...]:
    """Return the lines of all groups, Other included."""
    return (*answer.lines, answer.other) if answer.other else answer.lines


def shares(scene: Scene, by: Dimension, most: int) -> list[Share]:
    """Return at most `most` rows, the largest first, and one for all that is left."""
    cost = scene.answers[0]
    lines = every(cost)
    kept = lines if len(lines) <= most + 1 and not cost.other else lines[: min(most, len(cost.lines))]
    groups = [str(line.group) for line in kept]
    called = names(groups) if by == MODEL else {each: cost.name(each) for each in groups}
    coloured = tokens(groups, scene.seats) if by == MODEL else dict.fromkeys(groups, "m-main")
    before, counted = _before(scene), Sums.of(scene.told(REQUESTS.over_time(by=by)))
    each, unpriced = (Sums.of(scene.told(asked.over_time(by=by))) for asked in (COST_PER_REQUEST, UNPRICED))
    rows = [
        Share(
            called[group],
            (group,),
            coloured[group],
            line.total,
            before.of_group(group),
            counted.of_group(group),
            each.groups.get(group),
            unpriced.of_group(group),
        )
        for group, line in zip(groups, kept, strict=True)
    ]
    rest = lines[len(kept) :]
    if not rest:
        return rows
    spent, requests = added(line.total for line in rest), counted.rest(groups)
    name = f"{max(cost.groups - len(kept), len(rest)):,} more"
    token = OTHER_TOKEN if by == MODEL else "m-quiet"
    price = spent / requests if spent is not None and requests and _alike(scene, by) else None
    left = tuple(str(line.group) for line in rest)
    return [*rows, Share(name, left, token, spent, before.rest(groups), requests, price, unpriced.rest(groups))]


def _before(scene: Scene) -> Sums:
    """Return what was spent in the window before; nothing is known of one that nobody watched."""
    whole = scene.told_before(COST.over_time())
    return Sums.of(scene.earlier(0) if whole is not None and is_watched(whole) else None)


def _alike(scene: Scene, by: Dimension) -> bool:
    """Whether spend and requests come from one source, so that one can be divided by the other."""
    requests = scene.told(REQUESTS.over_time(by=by))
    return requests is not None and requests.provenance.source == scene.answers[0].provenance.source
