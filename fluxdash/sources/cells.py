"""Numbers on a grid of buckets, as a source fetches them and the cache keeps them: groups × parts × buckets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from fluxdash.semantic.conditions import Condition
from fluxdash.semantic.dimensions import Dimension
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.scope import Filter

EVERYTHING = ""
"""The group's name where nothing is grouped by; no real group is empty, for those are `unknown`."""

_AMOUNTS = frozenset((int, float, type(None)))


@dataclass(frozen=True, slots=True)
class Spec:
    """What is to be fetched, whenever: additive parts or quantiles, grouped and filtered. Part of the cache key."""

    parts: tuple[str, ...]
    by: Dimension | None = None
    filters: tuple[Filter, ...] = ()
    quantiles: tuple[float, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def key(self) -> str:
        """Its text by value: equal specs have equal keys, others never do."""
        chosen = [(each.dimension.slug, each.values) for each in self.filters]
        held = [str(each) for each in self.conditions]
        return repr((self.parts, self.by.slug if self.by else None, chosen, self.quantiles, *([held] if held else [])))


@dataclass(frozen=True, slots=True)
class Cells:
    """`groups[group][part][i]` is the amount in bucket `start + i * step`; None is unknown, 0 was measured."""

    start: int
    step: int
    size: int
    groups: Mapping[str, Mapping[str, list[Amount]]]
    warnings: tuple[str, ...] = ()

    @property
    def end(self) -> int:
        """The end of the last bucket, in epoch seconds."""
        return self.start + self.size * self.step

    @property
    def weight(self) -> int:
        """The number of amounts it holds."""
        return self.size * sum(map(len, self.groups.values()))

    def between(self, start: int, end: int) -> Cells:
        """Return the part of the grid inside `[start, end)`, which must lie within it."""
        first, last = (start - self.start) // self.step, (end - self.start) // self.step
        cut = {group: {part: row[first:last] for part, row in parts.items()} for group, parts in self.groups.items()}
        return Cells(start, self.step, last - first, cut, self.warnings)

    def seen(self, missing: Amount) -> Cells:
        """Return the groups that have a known amount in it; what is not known of them is `missing`.

        A ribbon may know groups from long before the window, and no answer may depend on how long a ribbon is.
        """
        groups = {
            group: {part: [missing if amount is None else amount for amount in row] for part, row in parts.items()}
            for group, parts in self.groups.items()
            if group == EVERYTHING or any(amount is not None for row in parts.values() for amount in row)
        }
        return Cells(self.start, self.step, self.size, groups, self.warnings)

    def only(self, groups: Sequence[str]) -> Cells:
        """Return the named groups, those of them that there are."""
        return replace(self, groups={group: parts for group, parts in self.groups.items() if group in groups})

    def then(self, later: Cells, missing: Amount) -> Cells:
        """Return this grid followed by the next; a group or part that one side lacks is `missing` there."""
        if later.start != self.end or later.step != self.step:
            raise ValueError(f"grids do not meet: {self.end} and {later.start}")
        joined: dict[str, dict[str, list[Amount]]] = {}
        for group in {**self.groups, **later.groups}:
            before, after = self.groups.get(group, {}), later.groups.get(group, {})
            joined[group] = {
                part: before.get(part, [missing] * self.size) + after.get(part, [missing] * later.size)
                for part in {**before, **after}
            }
        warnings = tuple(dict.fromkeys(self.warnings + later.warnings))
        return Cells(self.start, self.step, self.size + later.size, joined, warnings)

    def to_json(self) -> dict[str, object]:
        """Return what a JSON cache can hold."""
        return {
            "start": self.start,
            "step": self.step,
            "size": self.size,
            "groups": self.groups,
            "warnings": self.warnings,
        }

    @classmethod
    def from_json(cls, kept: object) -> Cells | None:
        """Return the cells that `to_json` gave, or None for anything else: a cache is never trusted."""
        try:
            start, step, size, groups = (kept[key] for key in ("start", "step", "size", "groups"))  # type: ignore[index]
            warnings = tuple(str(each) for each in kept["warnings"])  # type: ignore[index]
            rows = [row for parts in groups.values() for row in parts.values()]
            whole = all(len(row) == size and _AMOUNTS.issuperset(map(type, row)) for row in rows)
        except (TypeError, KeyError, AttributeError):
            return None
        on_a_grid = all(type(each) is int for each in (start, step, size)) and step > 0 <= size
        return cls(start, step, size, groups, warnings) if whole and on_a_grid else None


def from_rows(
    rows: Iterable[Mapping[Any, Any]],
    parts: Mapping[str, Amount],
    by: Dimension | None,
    start: int,
    end: int,
    step: int,
) -> Cells:
    """Put rows of a `bucket`, the parts and, if grouped by anything, the group in `grouped` on the grid.

    `parts` says what each part is where there is no row.
    """
    size = (end - start) // step
    found = [(EVERYTHING if by is None else str(row["grouped"]), (row["bucket"] - start) // step, row) for row in rows]
    groups: dict[str, dict[str, list[Amount]]] = {
        group: {part: [absent] * size for part, absent in parts.items()}
        for group in ([EVERYTHING] if by is None else dict.fromkeys(group for group, _, _ in found))
    }
    for group, at, row in found:
        for part, amounts in groups[group].items():
            amounts[at] = _amount(row[part])
    return Cells(start, step, size, groups)


def _amount(told: Any) -> Amount:
    """Return what a row tells; what is no number (NaN, infinite) is as unknown as NULL, and as it is in the cache."""
    amount = None if told is None else float(told)
    return amount if amount is not None and isfinite(amount) else None


def total(row: Iterable[Amount]) -> Amount:
    """Add up what is known; None when nothing is."""
    known = [amount for amount in row if amount is not None]
    return sum(known) if known else None


def side_by_side(cells: Mapping[str, Cells]) -> Cells:
    """Return the parts, each fetched on its own, as one grid.

    Where a part is known for some group in a bucket, a group it does not name had none of it: 0. Where it is known for
    none, nobody was there to count: unknown.
    """
    first = next(iter(cells.values()))
    groups = dict.fromkeys(group for each in cells.values() for group in each.groups)
    joined: dict[str, dict[str, list[Amount]]] = {group: {} for group in groups}
    for part, each in cells.items():
        columns = zip(*(rows[part] for rows in each.groups.values()), strict=True) if each.groups else ()
        seen = [any(amount is not None for amount in column) for column in columns] or [False] * first.size
        absent: list[Amount] = [0.0 if known else None for known in seen]
        for group in groups:
            row = each.groups.get(group, {}).get(part)
            joined[group][part] = (
                absent
                if row is None
                else [missing if amount is None else amount for amount, missing in zip(row, absent, strict=True)]
            )
    warnings = tuple(dict.fromkeys(text for each in cells.values() for text in each.warnings))
    return Cells(first.start, first.step, first.size, joined, warnings)
