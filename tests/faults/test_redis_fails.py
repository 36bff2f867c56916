"""A Redis that is away, silent or full of nonsense: every number stays right, and little slower."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from fluxdash.demo.request import Request
from fluxdash.semantic.dimensions import ACCOUNT, MODEL, REGION, STATUS
from fluxdash.semantic.measures import REQUESTS
from fluxdash.sources.router import Router
from tests.faults.conftest import CANARY, at_most
from tests.servers.fault_proxy import FaultProxy
from tests.servers.process import LOOPBACK
from tests.servers.redis import RedisServer
from tests.truth import reckoning, world
from tests.truth.world import RECENT_END, scope, window

HOUR = window(RECENT_END - 3600, RECENT_END, 60)


@pytest.fixture
def proxy(redis_server: RedisServer) -> Iterator[FaultProxy]:
    with FaultProxy((LOOPBACK, redis_server.port)) as proxy:
        yield proxy


@pytest.fixture
def cached(proxy: FaultProxy, redis: str, sqlite_log: Path) -> Iterator[Router]:
    """FluxDash on a log, with an empty Redis behind the proxy as its cache."""
    assert redis
    address = f"redis://{LOOPBACK}:{proxy.port}/0"
    with world.fluxdash(DATABASE_URL=f"sqlite:///{sqlite_log}", FLUXDASH_CACHE=address) as router:
        yield router


def requests_by_everything(gateway: Router) -> list[float]:
    """The same number, asked for in five ways."""
    whole = gateway.answer(REQUESTS.total().within(scope(HOUR))).total or 0.0
    groups = [gateway.answer(REQUESTS.top(50, by=by).within(scope(HOUR))) for by in (ACCOUNT, MODEL, REGION, STATUS)]
    return [whole, *(world.everything(each) for each in groups)]


@pytest.mark.parametrize("fault", ["reset", "blackhole", "hang"])
def test_without_redis_every_number_is_right_and_in_time(
    cached: Router, proxy: FaultProxy, rows: tuple[Request, ...], fault: str
) -> None:
    want = float(len(reckoning.within(rows, HOUR.start, HOUR.end)))
    # A fifth of a second is waited for an answer of Redis, then it is left alone for a while.
    with proxy.fault(fault), at_most(2):
        assert requests_by_everything(cached) == [want] * 5
    assert requests_by_everything(cached) == [want] * 5


def test_a_redis_that_is_down_at_the_start_is_used_once_it_is_up(
    redis_server: RedisServer, redis: str, sqlite_log: Path, rows: tuple[Request, ...]
) -> None:
    with FaultProxy((LOOPBACK, redis_server.port)) as proxy:
        proxy.stop()
        address = f"redis://:{CANARY}@{LOOPBACK}:{proxy.port}/0"
        want = float(len(reckoning.within(rows, HOUR.start, HOUR.end)))
        with world.fluxdash(DATABASE_URL=f"sqlite:///{sqlite_log}", FLUXDASH_CACHE=address) as gateway, at_most(2):
            assert requests_by_everything(gateway) == [want] * 5


def test_nonsense_in_redis_is_as_good_as_nothing(
    cached: Router, redis: str, sqlite_log: Path, proxy: FaultProxy, rows: tuple[Request, ...]
) -> None:
    want = float(len(reckoning.within(rows, HOUR.start, HOUR.end)))
    assert requests_by_everything(cached) == [want] * 5
    nonsense = (
        b"",
        b"null",
        b"{",
        b'{"as_of": 1}',
        b'{"as_of": "x", "cells": {}}',
        b"\x80\x04\x95",
        b"[1, 2]",
        b"1e999",
    )
    with Redis.from_url(redis) as client:
        keys = sorted(client.keys())
        assert keys
        for at, key in enumerate(keys):
            client.set(key, nonsense[at % len(nonsense)])
    address = f"redis://{LOOPBACK}:{proxy.port}/0"
    with world.fluxdash(DATABASE_URL=f"sqlite:///{sqlite_log}", FLUXDASH_CACHE=address) as another:
        assert requests_by_everything(another) == [want] * 5
