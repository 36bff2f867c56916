"""A real Redis that keeps nothing on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.process import LOOPBACK, Server, executable


class RedisServer(Server):
    """An empty Redis."""

    def __init__(self, folder: Path) -> None:
        program = executable("redis-server")
        quiet = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        super().__init__("redis", folder, lambda port: [program, "--bind", LOOPBACK, "--port", str(port), *quiet])

    @property
    def url(self) -> str:
        """The address of database 0."""
        return f"redis://{LOOPBACK}:{self.port}/0"


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A running Redis, shared by the whole run."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(redis_server: RedisServer) -> str:
    """The address of a Redis that is empty when the test begins."""
    from redis import Redis

    with Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url
