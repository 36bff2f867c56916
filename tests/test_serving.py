"""`fluxdash serve` as it is run: reloaded and stopped under load, it fails nobody whom it has let in."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from fluxdash.operations.serving import shared_folder
from tests.servers.load import REFUSED, Ask, Load, asked, awaited, refuses
from tests.servers.process import LOOPBACK
from tests.servers.serving import GRACE, Serving


def test_a_reload_under_load_fails_no_request(serve: Callable[..., Serving], asks: tuple[Ask, ...]) -> None:
    server = serve()
    load = Load(server.port, asks).start().until(200)
    old, folder = server.workers(), server.folder_shared()
    server.tell(signal.SIGHUP)
    awaited(lambda: len(server.workers()) == 4)
    before = len(load.fates)
    awaited(lambda: {each.name for each in folder.glob("arrived-*")} >= {"arrived-3", "arrived-4"})
    meanwhile = len(load.fates) - before
    awaited(lambda: len(server.workers()) == 2 and not server.workers() & old)
    fates = load.until(max(1_000, len(load.fates) + 200)).stop()
    assert [each for each in fates if each.came not in (200, 204)] == []
    assert len(fates) >= 1_000
    assert {each.ask.path for each in fates} == {each.path for each in asks}
    assert meanwhile > 250, "while the new processes start, which takes seconds, the old ones serve on"


def test_who_was_let_in_is_answered_when_it_stops(serve: Callable[..., Serving], asks: tuple[Ask, ...]) -> None:
    server = serve(FLUXDASH_DRAIN="1")
    load = Load(server.port, asks).start().until(300)
    with socket.create_connection((LOOPBACK, server.port), timeout=30) as slow:
        text = json.dumps(asks[0].body).encode()
        head = f"POST {asks[0].path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        slow.sendall(f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text[:50])
        load.until(len(load.fates) + 100)  # by now somebody is reading it
        started = time.monotonic()
        server.tell(signal.SIGTERM)
        fates = load.join()
        slow.sendall(text[50:])
        response = http.client.HTTPResponse(slow)
        response.begin()
        assert response.status == 200
        assert "response" in json.loads(response.read())
    assert server.ended(1 + GRACE + 2) == 0
    assert time.monotonic() - started < 1 + GRACE + 2
    stopping = [each for each in fates if each.ask.path == "/readyz" and each.came == 503]
    answered = [each for each in fates if each.came in (200, 204)]
    refused = [each for each in fates if each.came == REFUSED]
    assert [each for each in fates if each not in (*stopping, *answered, *refused)] == []
    assert len(refused) == load.clients, "each client ends when it is refused"
    assert stopping, "it served on for a second"


def test_while_it_drains_it_serves_but_is_not_ready(serve: Callable[..., Serving]) -> None:
    server = serve(FLUXDASH_DRAIN="120", FLUXDASH_WORKERS="1")
    folder = server.folder_shared()
    assert folder.stat().st_mode & 0o077 == 0
    assert asked(server.port, "/readyz")[0] == 200
    server.tell(signal.SIGTERM)
    awaited(lambda: asked(server.port, "/readyz")[0] != 200)
    assert [asked(server.port, path)[0] for path in ("/readyz", "/healthz", "/", "/readyz")] == [503, 200, 200, 503]
    assert '"status":"stopping"' in asked(server.port, "/readyz")[1]
    server.tell(signal.SIGTERM)  # a second word ends the waiting
    assert server.ended(GRACE + 2) == 0
    assert refuses(server.port)
    assert not folder.exists()


def test_the_libraries_are_in_memory_once(serve: Callable[..., Serving]) -> None:
    server = serve()
    folder = server.folder_shared()
    awaited(lambda: {each.name for each in folder.glob("arrived-*")} >= {"arrived-1", "arrived-2"})
    for worker in server.workers():
        lines = Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines()[1:]
        held = {key: int(size) for key, size, *_ in (line.replace(":", " ").split() for line in lines)}
        own = held["Private_Clean"] + held["Private_Dirty"]
        assert own < 0.6 * held["Rss"], "each worker loaded them for itself"


def test_the_folder_of_a_server_that_was_killed_goes_with_the_next(tmp_path: Path) -> None:
    left, held, young = (tmp_path / f"fluxdash-server-{each}" for each in ("left", "held", "young"))
    for each in (left, held, young):
        each.mkdir()
        (each / "held").touch()
    long_ago = time.time() - 3600
    for each in (left, held):
        os.utime(each, (long_ago, long_ago))
    with (held / "held").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = shared_folder(tmp_path)
        assert sorted(tmp_path.iterdir()) == sorted([held, young, made])
