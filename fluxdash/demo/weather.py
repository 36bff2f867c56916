"""What a minute at the gateway is like: how much is asked for, what is slow, what fails, how warm the cache is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from random import Random

from fluxdash.demo.catalog import Account, Route

MINUTES_PER_DAY = 1440
_PERIODS = (41.0, 97.0, 263.0, 1150.0)  # minutes; no two share a beat, so no two hours look alike


class Kind(Enum):
    """What can happen to a gateway for a while: how often a day, for how many minutes, how strongly."""

    THROTTLED = ((3, 5), (10, 25), (0.20, 0.40))  # share of the requests refused
    UNAVAILABLE = ((2, 4), (4, 8), (0.08, 0.20))  # share of the requests failed
    SLOW = ((1, 2), (20, 60), (2.0, 3.0))  # factor on the upstream latency
    BURST = ((9, 13), (6, 14), (1.8, 3.0))  # factor on an account's load
    COLD_CACHE = ((1, 3), (10, 25), (0.35, 0.60))  # factor on the share of hits


@dataclass(frozen=True, slots=True)
class Episode:
    """Something that happens from minute `start` to before minute `end`, to one lane's model and region or account."""

    kind: Kind
    start: int
    end: int
    lane: int
    strength: float


@dataclass(frozen=True, slots=True)
class Conditions:
    """One minute: per lane its relative load (they add up to about 1), refusals, outages and slowness."""

    load: tuple[float, ...]
    throttled: tuple[float, ...]
    unavailable: tuple[float, ...]
    slowness: tuple[float, ...]
    failing: float
    warmth: float


class Weather:
    """The conditions of every minute, the same for the same seed whenever and in whatever order they are asked for."""

    def __init__(self, seed: int, lanes: tuple[tuple[Account, Route], ...]) -> None:
        self._seed = seed
        self._lanes = lanes
        self._shares = tuple(account.share * route.weight for account, route in lanes)
        rng = Random(f"{seed}:phases")
        self._phases = {
            name: tuple(rng.uniform(0, math.tau) for _ in _PERIODS) for name in ("load", "speed", "errors", "cache")
        }
        self._day: tuple[int, tuple[Episode, ...]] = (-1, ())

    def at(self, minute: int) -> Conditions:
        """The conditions of the minute number `minute` since the epoch."""
        size = len(self._lanes)
        noise = 1 + 0.07 * self._drift("load", minute)
        load = [
            share * noise * _rhythm(account, minute)
            for share, (account, _) in zip(self._shares, self._lanes, strict=True)
        ]
        throttled, unavailable = [0.0] * size, [0.0] * size
        slowness = [1 + 0.05 * self._drift("speed", minute)] * size
        warmth = 1 + 0.07 * self._drift("cache", minute)
        for episode in self._going_on(minute):
            for lane in self._struck(episode):
                if episode.kind is Kind.THROTTLED:
                    throttled[lane] = episode.strength
                elif episode.kind is Kind.UNAVAILABLE:
                    unavailable[lane] = episode.strength
                elif episode.kind is Kind.SLOW:
                    slowness[lane] *= episode.strength
                elif episode.kind is Kind.BURST:
                    load[lane] *= episode.strength
            if episode.kind is Kind.COLD_CACHE:
                warmth *= episode.strength
        failing = 0.011 * (1 + 0.12 * self._drift("errors", minute))
        return Conditions(tuple(load), tuple(throttled), tuple(unavailable), tuple(slowness), failing, warmth)

    def episodes(self, day: int) -> Iterator[Episode]:
        """Everything that starts on the UTC day `day` (days since the epoch)."""
        rng = Random(f"{self._seed}:day:{day}")
        for kind in Kind:
            per_day, minutes, strength = kind.value
            for _ in range(rng.randint(*per_day)):
                start = day * MINUTES_PER_DAY + rng.randrange(MINUTES_PER_DAY)
                # Struck by share, so that what happens is usually big enough to be seen.
                (lane,) = rng.choices(range(len(self._lanes)), self._shares)
                yield Episode(kind, start, start + rng.randint(*minutes), lane, rng.uniform(*strength))

    def _going_on(self, minute: int) -> Iterator[Episode]:
        day = minute // MINUTES_PER_DAY
        known, episodes = self._day
        if known != day:
            episodes = (*self.episodes(day - 1), *self.episodes(day))  # yesterday's last may reach past midnight
            self._day = (day, episodes)
        return (episode for episode in episodes if episode.start <= minute < episode.end)

    def _struck(self, episode: Episode) -> Iterator[int]:
        account, route = self._lanes[episode.lane]
        for lane, (other, its) in enumerate(self._lanes):
            if episode.kind is Kind.BURST:
                if other is account:
                    yield lane
            elif its.model is route.model and its.region is route.region:
                yield lane

    def _drift(self, name: str, minute: int) -> float:
        return sum(
            math.sin(math.tau * minute / period + phase)
            for period, phase in zip(_PERIODS, self._phases[name], strict=True)
        )


def _rhythm(account: Account, minute: int) -> float:
    """The account's load at this minute of the week; its mean over a week is 1."""
    hour = minute % MINUTES_PER_DAY / 60
    saturday_or_sunday = (minute // MINUTES_PER_DAY + 3) % 7 >= 5  # the epoch began on a Thursday
    weekday = account.weekend if saturday_or_sunday else (7 - 2 * account.weekend) / 5
    return weekday * (1 + account.daily_swing * math.cos(math.tau * (hour - account.peak_hour) / 24))
