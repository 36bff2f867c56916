"""Shapley values: what each factor of a product did to its change, with no order of the factors preferred."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import factorial

_ZERO = Decimal(0)


def shapley(before: Sequence[Decimal], after: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Return each factor's part of the change of the product, averaged over all orders of changing them."""
    size = len(before)
    weights = [Decimal(factorial(s) * factorial(size - 1 - s)) / factorial(size) for s in range(size)]
    parts = []
    for i in range(size):
        chosen = [Decimal(1)]
        for j, (a, b) in enumerate(zip(before, after, strict=True)):
            if j != i:
                chosen = [a * stay + b * go for stay, go in zip([*chosen, _ZERO], [_ZERO, *chosen], strict=True)]
        mean = sum((weight * each for weight, each in zip(weights, chosen, strict=True)), _ZERO)
        parts.append((after[i] - before[i]) * mean)
    return tuple(parts)
