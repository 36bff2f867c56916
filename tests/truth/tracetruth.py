"""What the Traces page must say of the simulated gateway's requests: added up from them and from their spans."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from fluxdash.demo.accounts import ACCOUNTS
from fluxdash.demo.request import Request
from fluxdash.demo.spans import spans

NAMES = {each.id: each.name for each in ACCOUNTS}


@dataclass(frozen=True, slots=True)
class Truth:
    """One request as the page must list and open it; money in dollars, None where the log holds none."""

    id: str
    start: int
    seconds: float
    failed: bool
    spans: int
    errors: int
    account: str
    asked: str
    answered: str
    request: Request


def truth(request: Request) -> Truth:
    """A request whose trace is kept, from its spans."""
    own, *rest = spans(request)
    tries = [each for each in rest if each.name == "bedrock.invoke_model"]
    return Truth(
        id=str(request.trace_id).rjust(32, "0"),
        start=own.start,
        seconds=(own.end - own.start) / 1e9,
        failed=request.status != "success",
        spans=1 + len(rest),
        errors=sum(each.status.value == "error" for each in (own, *rest)),
        account=NAMES[request.account_id],
        asked=request.requested_model,
        answered=request.model if tries else request.requested_model,
        request=request,
    )


def newest_first(requests: Sequence[Request]) -> list[Truth]:
    """All that have a trace, by when their request began."""
    told = [truth(each) for each in requests if each.trace_id is not None]
    return sorted(told, key=lambda each: each.start, reverse=True)


def rank(values: Sequence[float], q: float) -> float:
    """The nearest-rank quantile."""
    return sorted(values)[math.ceil(q * len(values)) - 1]


def written(seconds: float) -> str:
    """A duration as people read it: whole milliseconds, from a second up two decimals."""
    exact = Decimal(round(seconds * 1e6)) / 1_000_000
    if exact < Decimal("0.9995"):
        return f"{(exact * 1000).quantize(Decimal(1), ROUND_HALF_UP)} ms"
    return f"{exact.quantize(Decimal('0.01'), ROUND_HALF_UP)} s"
