"""A real Jaeger answers, keeps its ports over a restart, and is gone after a stop."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.servers.jaeger import JaegerServer
from tests.servers.process import listens


def test_jaeger_answers_in_both_languages_and_is_gone_after_a_stop(tmp_path: Path) -> None:
    with JaegerServer(tmp_path) as server:
        assert httpx.get(f"{server.url}/api/services").json()["data"] is None
        assert httpx.get(f"{server.url}/api/v3/services").json() == {}
        port, otlp = server.port, server.otlp
        server.kill()
        server.start()
        assert (server.port, server.otlp) == (port, otlp)
    assert not listens(port)
