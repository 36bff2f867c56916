"""What every number must be: added up from the requests themselves in plain Python, in whole numbers.

Nothing here knows how FluxDash adds up: the definitions are written down again from the product's §1. Money is counted
in billionths of a dollar, which a price of millionths per thousand tokens is always whole in, and time in milliseconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from fluxdash.demo.prices import PriceBook
from fluxdash.demo.request import Request, epoch

UNKNOWN = "unknown"
COUNTS = frozenset(
    ("requests", "failures", "cache_hits", "cache_misses", "unpriced", "input_tokens", "output_tokens", "tokens")
) | {"tokens_saved", "lookups", "paid_input_tokens", "paid_output_tokens"}
MONEY = frozenset(("cost", "savings", "input_cost"))
CENT = 1e-9
"""How far a sum of money may be off, in USD: less than a float forgets, far less than a micro-dollar."""

Requests = Sequence[Request]


def _prices() -> dict[tuple[str, str], list[tuple[float, int, int]]]:
    listed: dict[tuple[str, str], list[tuple[float, int, int]]] = {}
    for row in PriceBook().rows():
        price = (epoch(row.effective_date), int(row.input_per_1k * 1_000_000), int(row.output_per_1k * 1_000_000))
        listed.setdefault((row.model_id, row.region), []).append(price)
    return {place: sorted(rows) for place, rows in listed.items()}


_PRICES = _prices()


def list_price(request: Request) -> int | None:
    """Tokens times the price in force, in billionths of a dollar, or None where there is none."""
    rows = [row for row in _PRICES.get((request.model, request.region), ()) if row[0] <= request.time]
    return rows[-1][1] * request.input_tokens + rows[-1][2] * request.output_tokens if rows else None


def list_price_of_input(request: Request) -> int | None:
    """The part of that which is for the input tokens."""
    return list_price(replace(request, output_tokens=0))


def _tokens(request: Request) -> int:
    return request.input_tokens + request.output_tokens


def _unbooked(request: Request) -> bool:
    """Whether it used tokens and nobody wrote down a cost."""
    return not request.total_cost and _tokens(request) > 0


def _worth(request: Request) -> int:
    return (list_price(request) or 0) if _unbooked(request) else int((request.total_cost or 0) * 1_000_000_000)


def _input_worth(request: Request) -> int:
    if _unbooked(request):
        return list_price_of_input(request) or 0
    return int((request.input_cost or 0) * 1_000_000_000) if request.total_cost else 0


def _answered(request: Request) -> bool:
    """Whether an upstream model wrote the answer: a success that was not a hit."""
    return request.status == "success" and request.cache_hit is not True


SUMS: dict[str, Callable[[Request], int]] = {
    "requests": lambda request: 1,
    "failures": lambda request: request.status != "success",
    "input_tokens": lambda request: request.input_tokens,
    "output_tokens": lambda request: request.output_tokens,
    "tokens": _tokens,
    "cost": lambda request: 0 if request.cache_hit else _worth(request),
    "savings": lambda request: _worth(request) if request.cache_hit else 0,
    "cache_hits": lambda request: request.cache_hit is True,
    "cache_misses": lambda request: request.cache_hit is False,
    "lookups": lambda request: request.cache_hit is not None,
    "tokens_saved": lambda request: _tokens(request) if request.cache_hit else 0,
    "unpriced": lambda request: _answered(request) and _unbooked(request) and list_price(request) is None,
}
"""What one request adds to each measure that adds up."""

_BESIDES: dict[str, Callable[[Request], int]] = {
    "successes": lambda request: request.status == "success",
    "worth": _worth,
    "written": lambda request: request.output_tokens if _answered(request) else 0,
    "writing": lambda request: request.latency_ms if _answered(request) else 0,
}
HIDDEN: dict[str, Callable[[Request], int]] = {
    "paid_input_tokens": lambda request: 0 if request.cache_hit else request.input_tokens,
    "paid_output_tokens": lambda request: 0 if request.cache_hit else request.output_tokens,
    "input_cost": lambda request: 0 if request.cache_hit else _input_worth(request),
}
"""What the cost bridge needs besides; nobody asks for it by name."""

_UNITS = {"writing": 1000} | dict.fromkeys(("cost", "savings", "worth", "input_cost"), 1_000_000_000)
RATIOS = {
    "error_rate": ("failures", "requests"),
    "availability": ("successes", "requests"),
    "cost_per_request": ("cost", "requests"),
    "cost_per_success": ("cost", "successes"),
    "hit_rate": ("cache_hits", "lookups"),
    "savings_rate": ("savings", "worth"),
    "throughput": ("written", "writing"),
}
SLUGS = (*SUMS, *RATIOS, "latency")
ONLY_METRICS = ("upstream_latency", "reported_availability")
"""What no row of the log says."""


def total(slug: str, requests: Requests, q: float | None = None) -> Fraction | None:
    """The number of one measure over these requests, in base units; None where there is none."""
    if slug == "latency":
        return quantile(requests, q or 0.95)
    if slug in RATIOS:
        above, below = (_sum(name, requests) for name in RATIOS[slug])
        return above / below if below else None
    return _sum(slug, requests)


def _sum(name: str, requests: Requests) -> Fraction:
    amount = (SUMS | _BESIDES | HIDDEN)[name]
    return Fraction(sum(amount(request) for request in requests), _UNITS.get(name, 1))


def quantile(requests: Requests, q: float) -> Fraction | None:
    """The nearest rank's latency in seconds: the smallest that q of all do not exceed."""
    latencies = sorted(request.latency_ms for request in requests)
    rank = math.ceil(Fraction(round(q * 1_000_000), 1_000_000) * len(latencies))
    return Fraction(latencies[rank - 1], 1000) if latencies else None


def _cause(request: Request) -> str | None:
    found = re.match(r"[A-Za-z0-9_.]+", request.error_message or "")
    return found[0] if found else None


KEYS: dict[str, Callable[[Request], str | None]] = {
    "account": lambda request: request.account_id,
    "model": lambda request: request.model,
    "region": lambda request: request.region,
    "status": lambda request: request.status,
    "strategy": lambda request: request.strategy,
    "cache": lambda request: {True: "hit", False: "miss", None: "off"}[request.cache_hit],
    "cache_type": lambda request: str((request.metadata or {}).get("cache_type") or "") or None,
    "error_type": _cause,
}
_ONLY: dict[str, Callable[[Request], bool]] = {
    "cache_type": lambda request: request.cache_hit is True,
    "error_type": lambda request: request.status != "success",
}
"""The requests that a dimension has a meaning for; elsewhere, all of them."""


def group_of(request: Request, by: str) -> str | None:
    """The group a request is in, or None where the dimension has no meaning for it."""
    if by in _ONLY and not _ONLY[by](request):
        return None
    return KEYS[by](request) or UNKNOWN


def cut(requests: Iterable[Request], by: str) -> dict[str, list[Request]]:
    """The requests by their group."""
    groups: dict[str, list[Request]] = {}
    for request in requests:
        group = group_of(request, by)
        if group is not None:
            groups.setdefault(group, []).append(request)
    return groups


def within(requests: Iterable[Request], start: float, end: float) -> list[Request]:
    """The requests of `[start, end)`."""
    return [request for request in requests if start <= request.time < end]


def buckets(requests: Iterable[Request], start: int, step: int, size: int) -> list[list[Request]]:
    """The requests by bucket."""
    found: list[list[Request]] = [[] for _ in range(size)]
    for request in requests:
        at = math.floor((request.time - start) / step)
        if 0 <= at < size:
            found[at].append(request)
    return found


def chosen(requests: Iterable[Request], wanted: dict[str, tuple[str, ...]]) -> list[Request]:
    """The requests that every filter lets pass."""
    return [one for one in requests if all(group_of(one, by) in values for by, values in wanted.items())]


def moved(requests: Iterable[Request], seconds: int) -> tuple[Request, ...]:
    """The same requests at another time."""
    return tuple(replace(request, time=round(request.time + seconds, 6)) for request in requests)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where an answer is not what it must be; its text is what a failing test prints."""

    what: str
    got: object
    want: object

    def __repr__(self) -> str:
        return f"\n  {self.what}: {self.got!r}, must be {self.want!r}"


def differs(what: str, slug: str, got: float | None, want: Fraction | None) -> list[Mismatch]:
    """Compare one number: counts to the last digit, money to a billionth of a dollar, the rest as floats are."""
    if got is None or want is None:
        same = got is None and want is None
    elif slug in COUNTS:
        same = Fraction(got) == want
    else:
        same = math.isclose(got, want, rel_tol=1e-11, abs_tol=CENT if slug in MONEY else 1e-12)
    return [] if same else [Mismatch(what, got, None if want is None else float(want))]
