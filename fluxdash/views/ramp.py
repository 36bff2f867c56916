"""Seven steps of one colour for the cells of a heat map: where each begins, and how a cell writes its amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fluxdash.semantic.answer import Answer
from fluxdash.semantic.measure import Amount
from fluxdash.semantic.units import Unit, compact, figure, full, seconds_as

_STEPS = 7


@dataclass(frozen=True, slots=True)
class Paint:
    """How the cells of an answer are written and coloured; all of them in the unit of the highest."""

    answer: Answer
    bounds: Sequence[float]
    highest: Amount

    @property
    def title(self) -> str:
        """What the cells say."""
        question = self.answer.query.question
        return f"P{question.q * 100:g} latency" if question.q else question.measure.title.lower()

    @property
    def unit(self) -> str:
        """The same with its unit, which the cells leave out."""
        match self.answer.query.measure.unit:
            case Unit.SECONDS if self._is_short:
                return f"{self.title}, {figure(Unit.SECONDS, self.highest).unit}"
            case Unit.RATIO:
                return "% of requests failed"
            case _:
                return self.title

    def written(self, amount: float) -> str:
        """Return an amount as a cell shows it."""
        match self.answer.query.measure.unit:
            case Unit.SECONDS if self._is_short:
                return seconds_as(amount, self.highest).number
            case Unit.RATIO:
                return figure(Unit.RATIO, amount).number
            case Unit.COUNT:
                return str(compact(amount))
            case unit:
                return str(figure(unit, amount))

    def bound(self, amount: float) -> str:
        """Return a bound between two steps, which is round, in the unit of the cells."""
        match self.answer.query.measure.unit:
            case Unit.SECONDS if self._is_short:
                return f"{amount * (1 if figure(Unit.SECONDS, self.highest).unit == 's' else 1000):g}"
            case Unit.RATIO:
                return f"{amount * 100:g}"
            case _:
                return self.written(amount)

    def full(self, amount: Amount) -> str:
        """Return an amount with its unit, counts in full."""
        return full(self.answer.query.measure.unit, amount)

    @property
    def _is_short(self) -> bool:
        return self.highest is not None and self.highest < 59.995


def steps(amounts: Sequence[float]) -> tuple[float, ...]:
    """Return the six bounds between seven steps of colour: round, and evenly apart in ratio where all are above 0."""
    if not amounts or min(amounts) == max(amounts):
        return ()
    high = max(amounts)
    low = max(min((each for each in amounts if each > 0), default=high), high / 1000)
    if low == high:
        return ()
    bounds = (low * (high / low) ** (place / _STEPS) for place in range(1, _STEPS))
    return tuple(dict.fromkeys(float(f"{each:.2g}") for each in bounds))


def step(amount: float, bounds: Sequence[float]) -> int:
    """Return the step of colour, 1–7, of an amount: how many bounds it has reached, and one."""
    return 1 + sum(amount >= each for each in bounds)
