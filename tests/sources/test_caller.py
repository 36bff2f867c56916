"""Asking one server over HTTP, and all that can go wrong on the way."""

from __future__ import annotations

import gzip
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from fluxdash.errors import BadPayload, SourceTimeout, SourceUnreachable
from fluxdash.sources.caller import Address, Caller, TooLarge
from tests.servers.answering import Answering, Reply
from tests.servers.fault_proxy import FaultProxy
from tests.servers.process import free_port

CANARY = "canary-7f3"


def caller(url: str, **limits: Any) -> Caller:
    return Caller(Address("Jaeger", url, "JAEGER_URL", **limits))


@pytest.fixture
def server() -> Iterator[Answering]:
    with Answering(lambda _: Reply(b"{}")) as answering:
        yield answering


@pytest.fixture
def proxy(server: Answering) -> Iterator[FaultProxy]:
    host, _, port = server.url.removeprefix("http://").partition(":")
    with FaultProxy((host, int(port))) as proxy:
        yield proxy


def test_an_answer_of_any_status_comes_whole(server: Answering) -> None:
    server.answer = lambda _: Reply(b"no", 404)
    found = caller(server.url).get("/api/x", [("a", "1 & 2"), ("b", "é")])
    assert (found.status, found.body) == (404, b"no")
    assert (server.asked[0].path, server.asked[0].parameters) == ("/api/x", {"a": "1 & 2", "b": "é"})


def test_a_path_in_the_address_is_kept(server: Answering) -> None:
    caller(f"{server.url}/jaeger/").get("/api/services")
    assert server.paths() == ["/jaeger/api/services"]


def test_our_headers_go_along_and_nobody_elses(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    caller(server.url.replace("//", f"//user:{CANARY}@"), headers=(("x-tenant", "a"),)).get("/")
    sent = {name.lower(): value for name, value in server.asked[0].headers.items()}
    assert sent["x-tenant"] == "a"
    assert sent["authorization"].startswith("Basic ")
    assert "cookie" not in sent


def test_a_redirect_is_not_followed(server: Answering) -> None:
    with Answering(lambda _: Reply(b"{}")) as elsewhere:
        server.answer = lambda _: Reply(b"", 302, headers={"Location": f"{elsewhere.url}/latest/meta-data"})
        with pytest.raises(BadPayload, match="redirect"):
            caller(server.url).get("/")
        assert elsewhere.asked == []


def test_a_large_answer_is_cut_off(server: Answering) -> None:
    server.answer = lambda _: Reply(b"x" * 200_000)
    asking = caller(server.url, max_bytes=100_000)
    with pytest.raises(TooLarge):
        asking.get("/")
    assert len(asking.get("/", max_bytes=300_000).body) == 200_000


def test_an_answer_that_unpacks_without_end_is_cut_off(server: Answering) -> None:
    server.answer = lambda _: Reply(gzip.compress(b"0" * 50_000_000), headers={"Content-Encoding": "gzip"})
    with pytest.raises(TooLarge):
        caller(server.url).get("/")


@pytest.mark.parametrize("packing", ["br", "zstd", "deflate, gzip"])
def test_a_packing_that_was_not_asked_for_is_refused(server: Answering, packing: str) -> None:
    server.answer = lambda _: Reply(b"x", headers={"Content-Encoding": packing})
    with pytest.raises(BadPayload):
        caller(server.url).get("/")


def test_broken_packing_is_a_bad_payload(server: Answering) -> None:
    server.answer = lambda _: Reply(b"not gzip at all", headers={"Content-Encoding": "gzip"})
    with pytest.raises(BadPayload):
        caller(server.url).get("/")


def test_nobody_there_is_told_with_the_setting_and_without_credentials(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(SourceUnreachable) as caught:
        caller(f"http://user:{CANARY}@127.0.0.1:{free_port()}").get("/")
    assert "JAEGER_URL" in caught.value.hint
    assert CANARY not in f"{caught.value!r} {caught.value.hint} {caplog.text}"


@pytest.mark.parametrize(("fault", "arg"), [("reset", None), ("fin_after", 20), ("reset_after", 60)])
def test_a_broken_connection_is_unreachable(proxy: FaultProxy, fault: str, arg: Any) -> None:
    with proxy.fault(fault, arg), pytest.raises(SourceUnreachable):
        caller(proxy.url, timeout=2.0).get("/")


@pytest.mark.parametrize(("fault", "arg"), [("blackhole", None), ("hang", None), ("drip", 0.2)])
def test_an_answer_that_does_not_come_whole_in_time_is_a_timeout(proxy: FaultProxy, fault: str, arg: Any) -> None:
    began = time.monotonic()
    with proxy.fault(fault, arg), pytest.raises(SourceTimeout):
        caller(proxy.url, timeout=1.0).get("/")
    assert time.monotonic() - began < 3


def test_a_kept_connection_that_was_closed_meanwhile_is_tried_again(proxy: FaultProxy) -> None:
    asking = caller(proxy.url)
    asking.get("/")
    proxy.drop_all()
    assert asking.get("/").status == 200
