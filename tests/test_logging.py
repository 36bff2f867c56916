"""The log of a server whose sources all fail: told seldom, in the form asked for, without a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest

from tests.servers.load import Load
from tests.servers.process import LOOPBACK, free_port
from tests.servers.serving import Serving

CANARY = "sw0rdf1sh-canary"
FORGED = "2026-01-01T00:00:00.000+00:00 error   [1] fluxdash: all is lost"
EVERY = 10
"""Seconds within which a source is told of once."""


@pytest.fixture(scope="module")
def failing(serve: Callable[..., Serving]) -> Callable[..., Serving]:
    """A server none of whose sources is there; each address and header holds a secret."""

    def start(**settings: str) -> Serving:
        ports = [free_port() for _ in range(4)]
        there = {
            "DATABASE_URL": f"postgresql://viewer:{CANARY}@{LOOPBACK}:{ports[0]}/fluxai",
            "PROMETHEUS_URL": f"http://viewer:{CANARY}@{LOOPBACK}:{ports[1]}",
            "PROMETHEUS_HEADERS": f"X-Key: {CANARY}",
            "JAEGER_URL": f"http://viewer:{CANARY}@{LOOPBACK}:{ports[2]}",
            "FLUXDASH_CACHE": f"redis://:{CANARY}@{LOOPBACK}:{ports[3]}/0",
        }
        return serve(**there, **settings)

    return start


def lines(server: Serving) -> list[dict[str, Any]]:
    """The log's lines; each must be an object."""
    return [json.loads(line) for line in server.log.splitlines()]


def test_a_failing_source_is_told_seldom_and_without_its_secrets(failing: Callable[..., Serving], asks: Any) -> None:
    server = failing(FLUXDASH_LOG_FORMAT="json", FLUXDASH_LOG_LEVEL="debug")
    fates = Load(server.port, asks, clients=6).start().until(300).stop()
    question = {"measure": f"x\r\n{FORGED}"}
    answer = httpx.get(f"{server.url}/api/v1/query", params=question, headers={"X-Request-ID": "abc-1"})
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (400, "abc-1")
    assert {each.came for each in fates} <= {200, 204, 502}, "a source that is down is a state, not a crash"
    assert CANARY not in "".join(each.text for each in fates)
    assert CANARY not in server.log
    told = lines(server)
    assert all({"time", "level", "logger", "process", "message"} <= set(each) for each in told)
    assert {"gunicorn.error", "fluxdash.operations.journal"} <= {each["logger"] for each in told}
    failures = [each for each in told if each["message"].startswith("a source fails")]
    assert {each["source"] for each in failures} >= {"log", "prometheus", "cache"}
    assert len({each["process"] for each in told if each["logger"].startswith("fluxdash")}) == 2
    for source in {each["source"] for each in failures}:
        moments = [datetime.fromisoformat(each["time"]).timestamp() for each in failures if each["source"] == source]
        assert all(later - before > EVERY / 2 for before, later in pairwise(moments)), source
    requests = [each for each in told if each["message"] == "answered"]
    assert len(requests) >= len(fates)
    assert all(re.fullmatch(r"[0-9a-f]{32}|abc-1", each["request"]) for each in requests)
    assert {each["status"] for each in requests if each["request"] == "abc-1"} == {400}
    assert {each["route"] for each in requests} >= {"/_dash-update-component", "/api/v1/query", "/readyz"}


def test_text_is_for_people_and_without_debugging_tells_only_what_matters(
    failing: Callable[..., Serving], asks: Any
) -> None:
    server = failing(FLUXDASH_WORKERS="1")
    Load(server.port, asks, clients=2).start().until(30).stop()
    httpx.get(f"{server.url}/%0d%0a{FORGED.replace(' ', '%20')}", params={"x": f"\r\n{FORGED}"})
    assert FORGED not in server.log
    assert CANARY not in server.log
    told = [line for line in server.log.splitlines() if "fluxdash" in line]
    assert 0 < len(told) < 10, told
    assert all(" warning " in line for line in told)
    assert not re.search(r"^Traceback|^\s+File ", server.log, re.MULTILINE)
