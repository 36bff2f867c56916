"""How numbers are written: the rules of the design guide's section 5, and that no rounding ever lies."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.semantic.units import (
    ABSENT,
    MINUS,
    SPACE,
    Unit,
    age,
    compact_as,
    count,
    difference,
    figure,
    full,
    growth,
    listed_price,
    per_second,
    seconds_as,
    signed,
    span,
    times,
    to_the_cent,
    whole_money,
)

AMOUNTS = st.floats(min_value=0, max_value=1e15, allow_nan=False)


def plain(text: object) -> str:
    return str(text).replace(SPACE, " ")


@pytest.mark.parametrize(
    ("unit", "value", "written"),
    [
        (Unit.DOLLARS, 198.01, "$198.01"),
        (Unit.DOLLARS, 31482.16, "$31,482.16"),
        (Unit.DOLLARS, 115512.4, "$115.5 k"),
        (Unit.DOLLARS, 99999.996, "$100.0 k"),
        (Unit.DOLLARS, 2_500_000, "$2.500 M"),
        (Unit.DOLLARS, 0, "$0.00"),
        (Unit.DOLLARS, 0.0042, "$0.00420"),
        (Unit.DOLLARS, -19.06, "−$19.06"),
        (Unit.DOLLARS_EACH, 0.00392, "$0.00392"),
        (Unit.DOLLARS_EACH, 1.4475, "$1.44750"),
        (Unit.DOLLARS_EACH, 0.000001, "< $0.00001"),
        (Unit.SECONDS, 0.412, "412 ms"),
        (Unit.SECONDS, 0.9996, "1.00 s"),
        (Unit.SECONDS, 4.31, "4.31 s"),
        (Unit.SECONDS, 59.999, "1 min 0 s"),
        (Unit.SECONDS, 72, "1 min 12 s"),
        (Unit.SECONDS, 0, "0 s"),
        (Unit.SECONDS, 0.0001, "< 1 ms"),
        (Unit.RATIO, 0.0234, "2.34 %"),
        (Unit.RATIO, 0.999999, "99.99 %"),
        (Unit.RATIO, 1, "100 %"),
        (Unit.RATIO, 0, "0 %"),
        (Unit.RATIO, 0.00001, "< 0.01 %"),
        (Unit.SHARE, 0.312, "31.2 %"),
        (Unit.SHARE, 0.99999, "99.9 %"),
        (Unit.COUNT, 50512, "50.5 k"),
        (Unit.COUNT, 999, "999"),
        (Unit.COUNT, 999_600, "1.00 M"),
        (Unit.TOKENS, 46_400_000, "46.4 M"),
        (Unit.TOKENS_PER_SECOND, 61.234, "61.2 tokens/s"),
        (Unit.COUNT, None, "–"),
        (Unit.DOLLARS, float("nan"), "–"),
    ],
)
def test_each_unit_is_written_as_the_guide_says(unit: Unit, value: float | None, written: str) -> None:
    assert plain(figure(unit, value)) == written


@pytest.mark.parametrize(
    ("unit", "before", "now", "written"),
    [
        (Unit.SECONDS, 3.47, 4.31, "0.84 s"),
        (Unit.SECONDS, 0.2, 0.412, "212 ms"),
        (Unit.DOLLARS, 178.95, 198.01, "$19.06"),
        (Unit.RATIO, 0.0112, 0.0234, "1.22 pt"),
        (Unit.SHARE, 0.284, 0.312, "2.8 pt"),
        (Unit.COUNT, 48_710, 50_512, "3.7 %"),
        (Unit.TOKENS, 100, 391, "291 %"),
        (Unit.COUNT, 0, 5, "new"),
        (Unit.COUNT, 0, 0, "0 %"),
    ],
)
def test_a_difference_is_in_the_unit_of_the_measure(unit: Unit, before: float, now: float, written: str) -> None:
    assert plain(difference(unit, before, now)) == written


def test_counts_stand_in_full_in_tables() -> None:
    assert full(Unit.COUNT, 50512) == "50,512"
    assert count(None) == ABSENT
    assert plain(count(0.2)) == "< 1"


def test_one_tile_has_one_unit() -> None:
    assert plain(seconds_as(0.92, 8.12)) == "0.92 s"
    assert plain(compact_as(912_000, 33_700_000)) == "0.9 M"
    assert plain(seconds_as(0.1, 0.4)) == "100 ms"


def test_a_rate_says_what_it_counts() -> None:
    assert plain(per_second(14.03, "req/s")) == "14.03 req/s"
    assert plain(per_second(0.001, "req/s")) == "< 0.01 req/s"
    assert plain(per_second(1234, "req/s")) == "1.23 k req/s"
    assert plain(per_second(None, "req/s")) == "–"


def test_a_sign_stands_before_a_difference_and_not_before_a_word() -> None:
    assert signed("3 %", 1, 2) == "+3 %"
    assert signed("3 %", 2, 1) == f"{MINUS}3 %"
    assert signed("new", 0, 1) == "new"


def test_ages_and_spans_are_short() -> None:
    assert [plain(age(each)) for each in (4.9, 60, 3600, 86_400, 200_000)] == ["4 s", "1 min", "1 h", "24 h", "2 d"]
    assert [plain(span(each)) for each in (15, 60, 300, 7200, 86_400, 604_800)] == [
        "15 s", "1 min", "5 min", "2 h", "24 h", "7 d",
    ]  # fmt: skip


@given(unit=st.sampled_from(Unit), value=AMOUNTS.filter(lambda value: value > 0))
def test_what_is_more_than_nothing_is_never_written_as_zero(unit: Unit, value: float) -> None:
    text = str(figure(unit, value))
    assert text.startswith("<") or any(digit in "123456789" for digit in text.replace("min", ""))


@given(value=st.floats(min_value=0, max_value=1, exclude_min=True, exclude_max=True))
def test_a_hundred_percent_is_only_written_where_it_is_exact(value: float) -> None:
    assert not str(figure(Unit.RATIO, value)).startswith("100")
    assert not str(figure(Unit.SHARE, value)).startswith("100")


@given(unit=st.sampled_from(Unit), value=AMOUNTS)
def test_a_unit_is_never_parted_from_its_number(unit: Unit, value: float) -> None:
    assert " " not in str(figure(unit, value))


@given(value=AMOUNTS)
def test_a_tile_never_has_more_than_four_digits_of_a_count(value: float) -> None:
    number, _ = figure(Unit.COUNT, value)
    assert len(re.sub(r"\D", "", number)) <= 4


@given(value=st.floats(min_value=1, max_value=1e14))
def test_a_count_is_rounded_by_less_than_one_in_a_hundred(value: float) -> None:
    number, letter = figure(Unit.COUNT, value)
    size = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}[letter]
    assert abs(float(number.replace(",", "")) * size - value) <= max(value * 0.0051, 0.5)


@given(unit=st.sampled_from(Unit), value=AMOUNTS)
def test_a_negative_number_has_a_minus_and_not_a_hyphen(unit: Unit, value: float) -> None:
    text = str(figure(unit, -value))
    assert "-" not in text
    assert text.startswith(MINUS) or value == 0


@given(before=AMOUNTS, now=AMOUNTS)
def test_a_change_is_written_without_a_sign(before: float, now: float) -> None:
    text = growth(before, now)
    assert text
    assert text[0] not in f"+-{MINUS}"


@pytest.mark.parametrize(
    ("cents", "written"), [(0, "$0.00"), (5, "$0.05"), (210_420, "$2,104.20"), (123_456_789_01, "$123,456,789.01")]
)
def test_cents_that_have_to_add_up_are_never_abbreviated(cents: int, written: str) -> None:
    assert to_the_cent(cents) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [(4.25, "$4.25"), (9.999, "$10.00"), (125.4, "$125"), (99_999.6, "$100.0 k"), (115_512.3, "$115.5 k")],
)
def test_a_budget_has_no_cents(amount: float, written: str) -> None:
    assert whole_money(amount).replace("\u00a0", " ") == written


@pytest.mark.parametrize(
    ("ratio", "written"),
    [(None, "–"), (0.0, "0.00×"), (1.425, "1.43×"), (9.99, "9.99×"), (14.4, "14×"), (0.001, "< 0.01×")],
)
def test_a_burn_rate_is_how_many_times_too_fast(ratio: float | None, written: str) -> None:
    assert times(ratio).replace("\u00a0", " ") == written


@pytest.mark.parametrize(
    ("dollars", "written"),
    [(None, "–"), (1.4475, "$1.4475"), (0.0, "$0.0000"), (0.00001, "< $0.0001"), (1234.5, "$1,234.5000")],
)
def test_a_list_of_expensive_requests_has_four_decimals_and_no_false_zero(dollars: float | None, written: str) -> None:
    assert listed_price(dollars).replace("\u00a0", " ") == written
