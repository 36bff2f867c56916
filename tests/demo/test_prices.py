"""The price list: one change in the past, dearer before it, and regional."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from fluxdash.demo.catalog import CHAT_MODELS, EMBEDDINGS, REGIONS, SONNET, UNPRICED
from fluxdash.demo.prices import CUT, PriceBook


def test_every_model_and_region_has_an_older_dearer_price_and_a_current_one() -> None:
    rows = PriceBook().rows()
    assert len(rows) == 2 * (len(CHAT_MODELS) + 1) * len(REGIONS)
    for before, after in zip(rows[::2], rows[1::2], strict=True):
        assert (before.model_id, before.region) == (after.model_id, after.region)
        assert before.effective_date < after.effective_date == CUT
        assert before.input_per_1k > after.input_per_1k


def test_the_newest_price_that_is_not_in_the_future_is_in_force() -> None:
    prices = PriceBook()
    current = prices.in_force(SONNET.id, "us-east-1", CUT)
    former = prices.in_force(SONNET.id, "us-east-1", datetime(2022, 12, 31, 23, 59, 59))
    assert current is not None
    assert former is not None
    assert (current.input_per_1k, current.output_per_1k) == (Decimal("0.003"), Decimal("0.015"))
    assert (former.input_per_1k, former.output_per_1k) == (Decimal("0.00375"), Decimal("0.01875"))
    assert prices.in_force(SONNET.id, "us-east-1", datetime(2019, 1, 1)) is None


def test_other_regions_cost_more_and_prices_have_six_digits() -> None:
    prices = PriceBook()
    tokyo = prices.in_force("amazon.titan-text-lite-v1", "ap-northeast-1", CUT)
    frankfurt = prices.in_force(EMBEDDINGS.id, "eu-central-1", CUT)
    assert tokyo is not None
    assert frankfurt is not None
    assert tokyo.input_per_1k == Decimal("0.000173")  # 1.15 times 0.00015 is 0.0001725
    assert frankfurt.input_per_1k == Decimal("0.00011")


def test_a_model_that_is_in_no_list_has_no_price() -> None:
    assert PriceBook().in_force(UNPRICED.id, "us-east-1", CUT) is None
