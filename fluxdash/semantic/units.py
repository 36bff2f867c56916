"""What a number counts, and how people write it: inside FluxDash every number is in its base unit, only here not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from functools import lru_cache

SPACE = "\u00a0"
"""The no-break space that stands before every unit, the percent sign too."""

MINUS = "\u2212"
ABSENT = "\u2013"
"""What is drawn for a number that is not known; a zero is drawn only for a measured zero."""

_THOUSANDS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_SMALLEST_PRICE = 1e-5


class Unit(StrEnum):
    """The base unit of a measure, as the API prints it."""

    COUNT = "count"
    TOKENS = "tokens"
    SECONDS = "seconds"
    DOLLARS = "USD"
    DOLLARS_EACH = "USD/request"
    RATIO = "ratio"
    SHARE = "share"
    TOKENS_PER_SECOND = "tokens/s"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is written: the digits with their sign, and the unit that follows them, if any."""

    number: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.number}{SPACE}{self.unit}" if self.unit else self.number

    def __iter__(self) -> Iterator[str]:
        return iter((self.number, self.unit))


UNKNOWN = Figure(ABSENT)


@lru_cache(maxsize=16_384)
def figure(unit: Unit, value: float | None) -> Figure:
    """Return a value as a tile writes it: counts to three digits, money to the cent, an en dash where unknown."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    value += 0.0  # a negative zero becomes a plain one
    if value < 0:
        positive = figure(unit, -value)
        return Figure(MINUS + positive.number, positive.unit)
    match unit:
        case Unit.COUNT | Unit.TOKENS:
            return compact(value)
        case Unit.SECONDS:
            return duration(value)
        case Unit.DOLLARS:
            return money(value)
        case Unit.DOLLARS_EACH:
            return price(value)
        case Unit.RATIO:
            return percent(value, 2)
        case Unit.SHARE:
            return percent(value, 1)
        case Unit.TOKENS_PER_SECOND:
            return Figure(_decimals(value, 1), "tokens/s")


def full(unit: Unit, value: float | None) -> str:
    """Return a value as a table writes it: counts in full, everything else as in a tile."""
    if unit in (Unit.COUNT, Unit.TOKENS):
        return count(value)
    return str(figure(unit, value))


@lru_cache(maxsize=16_384)
def count(value: float | None) -> str:
    """Return `50,512`; what is more than nothing and less than one is `< 1`."""
    if value is None or not math.isfinite(value):
        return ABSENT
    value += 0.0
    if value < 0:
        return MINUS + count(-value)
    return f"<{SPACE}1" if 0 < value < 0.5 else f"{_half_up(value, 0):,f}"


def compact(value: float) -> Figure:
    """Return a count to three digits with k, M, G or T: `50.5 k`, `46.4 M`, `999`."""
    if value < 999.5:
        return Figure(count(value))
    for size, letter in _THOUSANDS:
        if value >= size * (1 if letter == "k" else 0.9995):
            return Figure(_three_digits(value / size), letter)
    return Figure(_three_digits(value / 1e3), "k")


def money(value: float) -> Figure:
    """Return a total: cents under $100 k, then four digits and k or M; under a cent as a price."""
    if 0 < value < 0.01:
        return price(value)
    if value < 99_999.995:
        return Figure(f"${_half_up(value, 2):,f}")
    if value < 999_950:
        return Figure(f"${_half_up(value / 1e3, 1):f}", "k")
    size, letter = (1e6, "M") if value < 999_950_000 else (1e9, "G")
    return Figure(f"${_four_digits(value / size)}", letter)


def whole_money(value: float) -> str:
    """Return money without its cents, where they would say nothing: a budget, a forecast; with them under $10."""
    return str(money(value)) if value < 10 else str(money(float(_half_up(value, 0)))).removesuffix(".00")


def to_the_cent(cents: int) -> str:
    """Return whole cents as dollars with every digit, whatever their size: amounts that have to add up."""
    return f"${cents // 100:,}.{cents % 100:02}"


def price(value: float) -> Figure:
    """Return what one request cost, to five decimals; never a false zero."""
    if 0 < value < _SMALLEST_PRICE:
        return Figure(f"<{SPACE}$0.00001")
    return Figure(f"${_half_up(value, 5):,f}")


def listed_price(value: float | None) -> str:
    """Return what one request cost in a list of expensive ones, to four decimals; never a false zero."""
    if value is None or not math.isfinite(value):
        return ABSENT
    return f"<{SPACE}$0.0001" if 0 < value < 0.00005 else f"${_half_up(value, 4):,f}"


def duration(seconds: float) -> Figure:
    """Return `412 ms` under a second, `4.31 s` under a minute, then `1 min 12 s`."""
    if seconds == 0:
        return Figure("0", "s")
    if seconds < 0.9995:
        return Figure(f"<{SPACE}1" if seconds < 0.0005 else f"{_half_up(seconds * 1e3, 0):f}", "ms")
    if seconds < 59.995:
        return Figure(f"{_half_up(seconds, 2):f}", "s")
    minutes, rest = divmod(int(_half_up(seconds, 0)), 60)
    return Figure(f"{minutes:,}{SPACE}min{SPACE}{rest}", "s")


def percent(ratio: float, decimals: int) -> Figure:
    """Return a ratio in percent; `100` and `0` only where exact, so no rounding hides the last failure."""
    if ratio in (0, 1):
        return Figure(f"{ratio * 100:.0f}", "%")
    least = 10.0**-decimals
    shown = _half_up(ratio * 100, decimals)
    if shown == 0:
        return Figure(f"<{SPACE}{least:.{decimals}f}", "%")
    if shown == 100:
        return Figure(f"{100 - least:.{decimals}f}" if ratio < 1 else f">{SPACE}100", "%")
    return Figure(f"{shown:,f}", "%")


def times(value: float | None) -> str:
    """Return how many times something is something else, such as a burn rate: `1.42×`, from ten on `14×`."""
    if value is None or not math.isfinite(value):
        return ABSENT
    return f"{_decimals(value, 2) if value < 9.995 else f'{_half_up(value, 0):,f}'}×"


def per_second(value: float | None, unit: str) -> Figure:
    """Return a rate such as `14.03 req/s`; two decimals, or three digits from a hundred up."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if value >= 99.995:
        number, letter = compact(value) if value >= 999.5 else Figure(_three_digits(value))
        return Figure(number, f"{letter}{SPACE}{unit}" if letter else unit)
    return Figure(_decimals(value, 2), unit)


def seconds_as(value: float | None, like: float | None) -> Figure:
    """Return a duration in the unit that `like` is written in, so that one tile has one unit."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if like is None or not 0.9995 <= like < 59.995 or value >= 59.995:
        return duration(value)
    return Figure(_decimals(value, 2), "s")


def compact_as(value: float | None, like: float | None) -> Figure:
    """Return a count with the letter that `like` has, so that one tile has one unit."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    letter = compact(like).unit if like else ""
    size = next((size for size, each in _THOUSANDS if each == letter), 1.0)
    return Figure(_decimals(value / size, 1), letter) if letter else compact(value)


def difference(unit: Unit, before: float, now: float) -> str:
    """Return how far two values are apart, without a sign: in the unit, rates in points, volumes in percent."""
    gap = abs(now - before)
    match unit:
        case Unit.SECONDS:
            return str(seconds_as(gap, max(before, now)))
        case Unit.DOLLARS | Unit.DOLLARS_EACH:
            return str(figure(unit, gap))
        case Unit.RATIO:
            return f"{_decimals(gap * 100, 2)}{SPACE}pt"
        case Unit.SHARE:
            return f"{_decimals(gap * 100, 1)}{SPACE}pt"
        case _:
            return growth(before, now)


def growth(before: float, now: float) -> str:
    """Return how far two volumes are apart, in percent of the first, without a sign; `new` after nothing."""
    if before == 0:
        return "new" if now else f"0{SPACE}%"
    change = abs(now - before) / abs(before) * 100
    if change >= 99.95:
        return f"{_half_up(change, 0):,f}{SPACE}%" if change < 99_950 else f">{SPACE}99,999{SPACE}%"
    return f"{_half_up(change, 1):f}{SPACE}%"


def signed(text: str, before: float, now: float) -> str:
    """Return the text of a difference with + or − before it; `new` and no difference need none."""
    return text if now == before or text[0] not in "$0123456789" else f"{'+' if now > before else MINUS}{text}"


def age(seconds: float) -> str:
    """Return how long ago something was: `4 s`, `3 min`, `2 h`, `5 d`."""
    passed = max(int(seconds), 0)
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if passed >= size * 2 or (passed >= size and name != "d"):
            return f"{passed // size}{SPACE}{name}"
    return f"{passed}{SPACE}s"


def span(seconds: int) -> str:
    """Return the length of a bucket or a window in its largest whole unit: `15 s`, `1 min`, `2 h`, `7 d`."""
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds % size == 0 and (seconds // size > 1 or name != "d"):
            return f"{seconds // size}{SPACE}{name}"
    return f"{seconds}{SPACE}s"


def _decimals(value: float, decimals: int) -> str:
    least = 10.0**-decimals
    if 0 < value < least / 2:
        return f"<{SPACE}{least:.{decimals}f}"
    return f"{_half_up(value, decimals):,f}"


def _three_digits(value: float) -> str:
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{_half_up(value, decimals):,f}"


def _four_digits(value: float) -> str:
    decimals = 3 if value < 9.9995 else 2 if value < 99.995 else 1 if value < 999.95 else 0
    return f"{_half_up(value, decimals):,f}"


def _half_up(value: float, decimals: int) -> Decimal:
    """Round as people do, on the shortest text of the number: 0.125 is 0.13, not 0.12."""
    exponent = Decimal(1).scaleb(-decimals)
    return Decimal(repr(float(value))).quantize(exponent, ROUND_HALF_UP, Context(prec=350))
