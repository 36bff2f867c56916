"""What the models cost: the list prices with their one change in the past, and the price in force at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from fluxdash.demo.catalog import CHAT_MODELS, EMBEDDINGS, REGIONS

MICRO = Decimal("0.000001")  # numeric(10,6), as the gateway's own columns round
FREE = Decimal(0).quantize(MICRO)
LAUNCHED = datetime(2020, 1, 1)  # far enough back for any history a test asks for
CUT = datetime(2023, 1, 1)
DEARER = Decimal("1.25")  # what LAUNCHED cost compared with today


@dataclass(frozen=True, slots=True)
class Price:
    """One row of a price list: USD per 1,000 tokens from `effective_date` (naive UTC) on."""

    model_id: str
    region: str
    input_per_1k: Decimal
    output_per_1k: Decimal
    effective_date: datetime

    def exact(self, input_tokens: int, output_tokens: int) -> Decimal:
        """USD for these tokens, not rounded."""
        return (input_tokens * self.input_per_1k + output_tokens * self.output_per_1k) / 1000

    def booked(self, input_tokens: int, output_tokens: int) -> tuple[Decimal, Decimal]:
        """USD for the input and for the output, each rounded to the micro-dollar as the log stores it."""
        return dollars(input_tokens * self.input_per_1k / 1000), dollars(output_tokens * self.output_per_1k / 1000)


class PriceBook:
    """Every list price the gateway ever had; looks up the one in force at a moment."""

    def __init__(self) -> None:
        self._prices: dict[tuple[str, str], tuple[Price, ...]] = {}
        for model in (*CHAT_MODELS, EMBEDDINGS):
            for region in REGIONS:
                self._prices[model.id, region.name] = tuple(
                    Price(
                        model.id,
                        region.name,
                        dollars(model.input_per_1k * region.price_factor * factor),
                        dollars(model.output_per_1k * region.price_factor * factor),
                        effective_date,
                    )
                    for effective_date, factor in ((LAUNCHED, DEARER), (CUT, Decimal(1)))
                )

    def rows(self) -> tuple[Price, ...]:
        """All prices, the older ones of each model and region first."""
        return tuple(price for prices in self._prices.values() for price in prices)

    def in_force(self, model_id: str, region: str, at: datetime) -> Price | None:
        """The newest price with `effective_date` ≤ `at` (naive UTC), or None where there is none."""
        in_force = None
        for price in self._prices.get((model_id, region), ()):
            if price.effective_date <= at:
                in_force = price
        return in_force


def dollars(amount: Decimal) -> Decimal:
    """`amount` rounded to six digits, half away from zero as PostgreSQL's numeric does."""
    return amount.quantize(MICRO, ROUND_HALF_UP)
