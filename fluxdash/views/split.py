"""How the change of a measure splits into slices, and how that is said in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fluxdash.semantic.dimensions import ACCOUNT, MODEL, Dimension
from fluxdash.semantic.measure import Additive, Amount, Measure, Sum
from fluxdash.semantic.units import ABSENT, MINUS, SPACE, Unit, count, difference, figure, percent, seconds_as
from fluxdash.views.deltas import SAME
from fluxdash.views.models import names as model_names

Values = tuple[str | None, ...]
"""One value of each dimension; None stands for all of them."""

_NUMBERS = ("None", "One", "Two", "Three", "Four", "Five")


@dataclass(frozen=True, slots=True)
class Mover:
    """One row: a slice or several with a name in common, what it contributes to the change, and why it moved.

    `before` and `after` are its own amount, its count of requests, its share of them, or the measure of it alone, as
    `kind` says: amount, count, share or value.
    """

    values: Values
    slices: int
    amount: float
    kind: str
    before: Amount
    after: Amount


@dataclass(frozen=True, slots=True)
class Rest:
    """Everything else: how many slices, what they contribute together, and the most that one of them does."""

    slices: int
    amount: float
    each: float


@dataclass(frozen=True, slots=True)
class Part:
    """One slice of all: the measure of it alone before and after, and what it contributes to the change."""

    values: Values
    before: Amount
    after: Amount
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The change of a measure, called `title` on screen, from `before` to `after`, and how it splits by dimensions.

    `lead` says how many first rows explain it, and what share of it, where a few do. `names` are those of accounts.
    """

    measure: Measure
    title: str
    by: tuple[Dimension, ...]
    before: float
    after: float
    movers: tuple[Mover, ...] = ()
    rest: Rest | None = None
    lead: tuple[int, float] | None = None
    parts: tuple[Part, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def told(split: Split) -> tuple[str, str]:
    """Return `P95 rose 0.84 s` and `to 4.31 s.`"""
    unit, title = split.measure.unit, split.title
    now, was = _written(unit, split.after), _written(unit, split.before)
    if split.after == split.before:
        return f"{title} is what it was,", f"{now}."
    if abs(split.after - split.before) < SAME * max(abs(split.after), abs(split.before)):
        return f"{title} is about the same,", f"{now} after {was}."
    gap = size(unit, split.after - split.before, max(split.after, split.before))
    return f"{title} {'rose' if split.after > split.before else 'fell'} {gap}", f"to {now}."


def explained(split: Split) -> str:
    """Return `Two slices explain 96 % of it.`, or nothing where nothing much changed."""
    if not split.movers or abs(split.after - split.before) < SAME * max(abs(split.after), abs(split.before)):
        return ""
    if split.lead is None:
        return f"It is spread over {count(len(split.parts))} slices."
    rows, share = split.lead
    single = all(each.slices == 1 for each in split.movers[:rows])
    noun = "slice" if single else "group"
    amount = "all" if share == 1 else "more than all" if share > 1 else percent(share, 0)
    return f"{_NUMBERS[rows]} {noun}{'s explain' if rows > 1 else ' explains'} {amount} of it."


def named(split: Split, values: Values) -> tuple[str, str]:
    """Return the first name of a row and what stands after it: the other names, or what it holds all of."""
    names = [_shown(split, at, value) for at, value in enumerate(values) if value is not None]
    varied = [
        dimension
        for at, dimension in enumerate(split.by)
        if values[at] is None and len({each.values[at] for each in split.parts}) > 1
    ]
    others = " · ".join(names[1:]) or (f"all {varied[0].plural}" if varied else "")
    return (names[0], others) if names else (others or "everything", "")


def reason(split: Split, mover: Mover) -> str:
    """Return what of a row moved: `P95 2.21 → 2.05 s`, `share of requests 3.9 % → 5.5 %`."""
    unit, before, after = split.measure.unit, mover.before, mover.after
    match mover.kind:
        case "share":
            return f"share of requests {_from_to(Unit.SHARE, before, after)}"
        case "count":
            return f"requests {_from_to(Unit.COUNT, before, after)}"
        case "amount":
            return _from_to(unit, before, after)
    if isinstance(split.measure, Additive | Sum):
        each = Unit.DOLLARS_EACH if unit is Unit.DOLLARS else unit
        return f"{_from_to(each, before, after)} per request"
    title = split.title if split.title[1:2].isdigit() else split.title.lower()
    return f"{title} {_from_to(unit, before, after, may_vanish=False)}"


def size(unit: Unit, amount: float, like: float) -> str:
    """Return an amount without its sign; `like` is what it is a part of, so that both have one unit."""
    match unit:
        case Unit.COUNT | Unit.TOKENS:
            return count(abs(amount))
        case Unit.SECONDS:
            return str(seconds_as(abs(amount), like))
    return difference(unit, 0.0, abs(amount))


def signed(unit: Unit, amount: float, like: float) -> str:
    """Return an amount with its sign, which what is next to nothing does without."""
    text = size(unit, amount, like)
    return text if not amount or text.startswith(("<", ABSENT)) else f"{'+' if amount > 0 else MINUS}{text}"


def in_full(split: Split, at: int, value: str | None) -> str | None:
    """Return a value as a table has it: accounts by name, everything else as it is."""
    return split.names.get(value, value) if value is not None and split.by[at] == ACCOUNT else value


def _shown(split: Split, at: int, value: str) -> str:
    if split.by[at] == MODEL:
        return model_names(each.values[at] or "" for each in split.parts).get(value, value)
    return split.names.get(value, value) if split.by[at] == ACCOUNT else value


def _from_to(unit: Unit, before: Amount, after: Amount, *, may_vanish: bool = True) -> str:
    """Return `2.21 → 2.05 s`; what was nothing is new, what is nothing now is gone."""
    was, now = (_written(unit, each) for each in (before, after))
    if may_vanish and not before:
        return f"new, {now}"
    if may_vanish and not after:
        return f"gone, was {was}"
    number, _, name = was.rpartition(SPACE)
    return f"{number if number and now.endswith(SPACE + name) else was} → {now}"


def _written(unit: Unit, value: Amount) -> str:
    return count(value) if unit in (Unit.COUNT, Unit.TOKENS) else str(figure(unit, value))
