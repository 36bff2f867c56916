"""What a model is called on screen, and the colour it keeps on every page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

_SLOTS = (
    "claude-3-5-sonnet", "claude-3-5-haiku", "claude-3-opus", "llama3-70b", "llama3-8b", "titan-text-express",
    "titan-text-lite", "mistral-7b", "mixtral-8x7b",
)  # fmt: skip
OTHER_TOKEN = "c-other"
_WHERE = re.compile(r"^(?:(?:us|eu|apac|ap|sa|ca|me|af|global)\.)?(?:[a-z0-9-]+\.)")
_VERSION = re.compile(r"(?:-\d{8})?(?:-v\d+(?::\d+)?)?(?::\d+k?)?$")


def short(model: str) -> str:
    """Return `claude-3-5-sonnet` for `anthropic.claude-3-5-sonnet-20241022-v2:0`; what has no such form stays."""
    return _VERSION.sub("", _WHERE.sub("", model)).removesuffix("-instruct") or model


def names(models: Iterable[str]) -> Mapping[str, str]:
    """Return what each of several models is called: briefly, or in full where two would be called the same."""
    every = list(dict.fromkeys(models))
    taken = Counter(short(each) for each in every)
    return {each: short(each) if taken[short(each)] == 1 else each for each in every}


def tokens(models: Iterable[str], seats: Mapping[str, int] | None = None) -> Mapping[str, str]:
    """Return the colour token of each model: its own slot, the seat it was given at first sight, or that of Other."""
    given = seats or {}
    return {each: f"c{slot}" if (slot := _slot(each) or given.get(each)) else OTHER_TOKEN for each in models}


def seated(models: Iterable[str], before: Mapping[str, int]) -> dict[str, int]:
    """Return the seats of models that have no slot of their own: those given before, then the free ones in order.

    A slot is free when neither a known model of `models` nor an earlier guest holds it; who finds none is left out. A
    guest who meets the model whose slot it took moves on, and stands (seat 0) from then on where no slot is free.
    """
    every = list(dict.fromkeys(models))
    own = {slot for each in every if (slot := _slot(each))}
    free = [slot for slot in range(1, len(_SLOTS) + 1) if slot not in own | set(before.values())]
    met = [each for each in every if not _slot(each) and before.get(each) in own]
    new = [each for each in every if not _slot(each) and each not in before]
    return {**before, **dict.fromkeys(met, 0), **dict(zip([*met, *new], free, strict=False))}


def _slot(model: str) -> int | None:
    name = short(model)
    return _SLOTS.index(name) + 1 if name in _SLOTS else None
