"""The requests of any stretch of time, the same for the same seed however the time is cut."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import accumulate
from random import Random

from fluxdash.demo.accounts import ACCOUNTS
from fluxdash.demo.catalog import AUTO, STRATEGIES
from fluxdash.demo.outcome import outcome
from fluxdash.demo.prices import FREE, PriceBook
from fluxdash.demo.quirks import quirky
from fluxdash.demo.request import SUCCESS, Request, utc
from fluxdash.demo.weather import Conditions, Weather
from fluxdash.errors import SettingError

MINUTE = 60


class Traffic:
    """A gateway's requests: `rate` per second over the days of a week, drawn from `seed`.

    Every minute is drawn from its own random stream, so a process that starts late, or asks twice, sees the same
    requests. With `quirks` they are booked as carelessly as real installations book them.
    """

    def __init__(self, seed: int = 7, rate: float = 0.3, quirks: bool = False) -> None:
        if not 0 < rate <= 1000:
            raise SettingError("rate", rate, "requests per second, above 0 and up to 1000")
        self.seed = seed
        self.rate = rate
        self.quirks = quirks
        self._lanes = tuple((account, route) for account in ACCOUNTS for route in account.routes)
        self._account_ids = {account.name: account.id for account in ACCOUNTS}
        self._key_ids = {account.name: tuple(map(account.key_id, account.keys)) for account in ACCOUNTS}
        self._weather = Weather(seed, self._lanes)
        self._prices = PriceBook()

    def between(self, start: float, end: float) -> Iterator[Request]:
        """The requests with start ≤ time < end (epoch seconds) in order of time; `end` may be infinite."""
        minute = math.floor(start / MINUTE)
        while minute * MINUTE < end:
            for request in self._minute(minute):
                if start <= request.time < end:
                    yield request
            minute += 1

    def _minute(self, minute: int) -> Iterator[Request]:
        rng = Random(f"{self.seed}:{minute}")
        conditions = self._weather.at(minute)
        loads = list(accumulate(conditions.load))
        lanes = range(len(loads))
        second = rng.expovariate(self.rate * loads[-1])
        while second < MINUTE - 1e-6:  # so that no time is rounded up into the next minute
            (lane,) = rng.choices(lanes, cum_weights=loads)
            request = self._request(rng, round(minute * MINUTE + second, 6), lane, conditions)
            yield quirky(request) if self.quirks else request
            # Never two in one microsecond: the log's newest timestamp then tells where to go on.
            second += max(rng.expovariate(self.rate * loads[-1]), 2e-6)

    def _request(self, rng: Random, time: float, lane: int, conditions: Conditions) -> Request:
        account, route = self._lanes[lane]
        input_tokens = _size(rng, account.prompt_tokens, 0.7, 8000)
        output_tokens = _size(rng, account.answer_tokens, 0.55, 2000)
        strategy = account.strategy if rng.random() < 0.7 else rng.choice(STRATEGIES)
        app = rng.choice(account.apps)
        end = outcome(rng, account, route, output_tokens, conditions, lane)
        hit = end.cache_type is not None
        metadata: dict[str, object] = {"app": app, "stream": rng.random() < 0.4}
        if hit:
            metadata["cache_type"] = end.cache_type
        if end.status != SUCCESS:
            input_tokens = output_tokens = 0
            metadata["retries"] = rng.randint(0, 2)
        price = self._prices.in_force(route.model.id, route.region.name, utc(time))
        input_cost, output_cost = price.booked(input_tokens, output_tokens) if price else (FREE, FREE)
        digits = f"{rng.getrandbits(256):064x}"
        return Request(
            id=f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}",
            request_id=f"req_{digits[8:32]}",
            trace_id=digits[32:],
            time=time,
            account_id=self._account_ids[account.name],
            api_key_id=rng.choice(self._key_ids[account.name]),
            requested_model=AUTO if strategy == AUTO else route.model.id,
            model=route.model.id,
            region=route.region.name,
            strategy=strategy,
            latency_ms=end.latency_ms,
            upstream_ms=end.upstream_ms,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            input_cost=input_cost,
            output_cost=output_cost,
            total_cost=input_cost + output_cost,
            cache_hit=None if account.hit_share is None else hit,
            cache_type=end.cache_type,
            status=end.status,
            error_type=end.error_type,
            error_message=end.error_message,
            metadata=metadata,
        )


def _size(rng: Random, median: int, spread: float, most: int) -> int:
    return min(max(round(median * math.exp(rng.gauss(0, spread))), 12), most)
