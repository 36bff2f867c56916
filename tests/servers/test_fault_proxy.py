"""The proxy injects what it says, into a real connection."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.servers.fault_proxy import FaultProxy

BODY = bytes(range(256)) * 400


class Upstream(BaseHTTPRequestHandler):
    """Answers every question with BODY, over a connection that is kept."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with FaultProxy(("127.0.0.1", server.server_port)) as proxy:
            yield proxy
        server.shutdown()


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=proxy.url, timeout=1, trust_env=False) as client:
        assert client.get("/").content == BODY, "without a fault everything passes"
        yield client


@pytest.mark.parametrize("fault", ["reset", "stopped"])
def test_no_connection_then_healed_on_the_same_port(proxy: FaultProxy, client: httpx.Client, fault: str) -> None:
    if fault == "reset":
        with proxy.fault("reset"), pytest.raises(httpx.TransportError):
            client.get("/")
    else:
        proxy.stop()
        with pytest.raises(httpx.ConnectError):
            client.get("/")
        proxy.start()
    assert client.get("/").content == BODY


@pytest.mark.parametrize("mode", ["blackhole", "hang"])
def test_silence_is_a_timeout(proxy: FaultProxy, client: httpx.Client, mode: str) -> None:
    with proxy.fault(mode), pytest.raises(httpx.ReadTimeout):
        client.get("/", timeout=0.3)
    assert client.get("/").content == BODY


@pytest.mark.parametrize("mode", ["reset_after", "fin_after"])
def test_an_answer_breaks_off_in_the_middle(proxy: FaultProxy, client: httpx.Client, mode: str) -> None:
    with proxy.fault(mode, 20_000), pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.get("/")


def test_a_slow_server_outlasts_a_timeout_that_counts_reads(proxy: FaultProxy, client: httpx.Client) -> None:
    began = time.monotonic()
    with proxy.fault("slow", 0.15):
        assert client.get("/", timeout=0.3).content == BODY
    assert time.monotonic() - began > 0.3


def test_a_dripping_server_sends_byte_by_byte(proxy: FaultProxy, client: httpx.Client) -> None:
    with proxy.fault("drip", 0.01), client.stream("GET", "/") as response:
        assert len(next(response.iter_raw())) < 100


def test_the_proxy_answers_in_place_of_the_server(proxy: FaultProxy, client: httpx.Client) -> None:
    login = {"status": 200, "ctype": "text/html", "body": b"<html>login"}
    with proxy.fault("http", login):
        assert client.get("/").text == "<html>login"
    flood = {"body": itertools.repeat(b"x" * 65_536)}
    with proxy.fault("http", flood), client.stream("GET", "/") as response:
        assert sum(len(chunk) for chunk in itertools.islice(response.iter_raw(65_536), 100)) == 6_553_600


def test_connections_are_counted(proxy: FaultProxy, client: httpx.Client) -> None:
    before = proxy.seen
    with proxy.fault("pass"):
        client.get("/")
    assert proxy.seen == before + 1
