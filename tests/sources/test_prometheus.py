"""The fetcher against small servers that behave badly: every failure is one of ours, and comes in time."""

from __future__ import annotations

import base64
import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from fluxdash.errors import (
    BadPayload,
    SourceError,
    SourceForbidden,
    SourceRejected,
    SourceSaturated,
    SourceTimeout,
    SourceUnreachable,
)
from fluxdash.sources.prometheus import Prometheus, Upstream
from tests.servers.fault_proxy import FaultProxy

NOON = 1_795_003_200
EMPTY = b'{"status":"success","data":{"resultType":"matrix","result":[]}}'


@dataclass
class Seen:
    """One request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    fields: dict[str, list[str]]


@dataclass
class Answer:
    """What the server answers."""

    status: int = 200
    body: bytes = EMPTY
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0


class Server:
    """An HTTP server that keeps its connections open and notes what it was asked."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.live = self.peak = 0
        self.answer: Callable[[Seen], Answer] = lambda seen: Answer()
        self.lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ConnectionError:
                    self.close_connection = True

            def do_GET(self) -> None:
                self.reply(parse_qs(urlsplit(self.path).query))

            def do_POST(self) -> None:
                self.reply(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))

            def reply(self, fields: dict[str, list[str]]) -> None:
                seen = Seen(self.command, urlsplit(self.path).path, dict(self.headers), fields)
                with server.lock:
                    server.seen.append(seen)
                    server.live += 1
                    server.peak = max(server.peak, server.live)
                answer = server.answer(seen)
                time.sleep(answer.after)
                with server.lock:
                    server.live -= 1
                self.send_response(answer.status)
                for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_port
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultProxy]:
    with FaultProxy(("127.0.0.1", server.port)) as made:
        yield made


@pytest.fixture
def clients() -> Iterator[list[Prometheus]]:
    made: list[Prometheus] = []
    yield made
    for each in made:
        each.close()


Connect = Callable[..., Prometheus]


@pytest.fixture
def connect(clients: list[Prometheus]) -> Connect:
    def client(url: str, **limits: object) -> Prometheus:
        limits.setdefault("timeout", 2.0)
        clients.append(Prometheus(Upstream(url, **limits)))  # type: ignore[arg-type]
        return clients[-1]

    return client


def ask(client: Prometheus) -> object:
    return client.range("up", NOON, NOON + 60, 15)


def at(server: Server, path: str = "", userinfo: str = "") -> str:
    return f"http://{userinfo}127.0.0.1:{server.port}{path}"


def test_a_range_is_asked_by_a_form_with_the_time_limit(server: Server, connect: Connect) -> None:
    reply = connect(at(server)).range('sum(x{a="ä&b=c"})', NOON, NOON + 60, 15)
    assert reply.series == ()
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/api/v1/query_range")
    assert seen.fields == {
        "query": ['sum(x{a="ä&b=c"})'],
        "start": ["1795003200"],
        "end": ["1795003260"],
        "step": ["15"],
        "timeout": ["2s"],
    }
    assert seen.headers["Accept-Encoding"] == "gzip"


def test_an_instant_is_asked_with_milliseconds(server: Server, connect: Connect) -> None:
    connect(at(server)).instant("up", NOON + 0.1234)
    assert (server.seen[0].path, server.seen[0].fields["time"]) == ("/api/v1/query", ["1795003200.123"])


def test_labels_of_a_metric_are_a_set(server: Server, connect: Connect) -> None:
    server.answer = lambda seen: Answer(body=b'{"status":"success","data":["__name__","model"]}')
    assert connect(at(server)).labels("up", NOON, NOON + 60) == {"__name__", "model"}
    assert server.seen[0].fields["match[]"] == ["up"]


@pytest.mark.parametrize("data", [b"{}", b'"model"', b"null", b"5"])
def test_labels_that_are_no_list_are_a_bad_payload(server: Server, connect: Connect, data: bytes) -> None:
    server.answer = lambda seen: Answer(body=b'{"status":"success","data":' + data + b"}")
    with pytest.raises(BadPayload):
        connect(at(server)).labels("up", NOON, NOON + 60)


@pytest.mark.parametrize("moment", [0, NOON * 1000, -1])
def test_milliseconds_are_never_sent_as_seconds(server: Server, connect: Connect, moment: int) -> None:
    with pytest.raises(ValueError, match="seconds"):
        connect(at(server)).range("up", moment, NOON, 15)
    assert server.seen == []


@pytest.mark.parametrize("path", ["/prometheus", "/select/0/prometheus/", "/a%20b"])
def test_the_path_of_the_address_is_kept(server: Server, connect: Connect, path: str) -> None:
    ask(connect(at(server, path)))
    assert server.seen[0].path == f"{path.rstrip('/')}/api/v1/query_range"


def test_credentials_in_the_address_are_sent_and_never_told(server: Server, connect: Connect) -> None:
    client = connect(at(server, userinfo="us%40er:s%3Acret@"))
    ask(client)
    assert server.seen[0].headers["Authorization"] == "Basic " + base64.b64encode(b"us@er:s:cret").decode()
    server.answer = lambda seen: Answer(401, b"Unauthorized")
    with pytest.raises(SourceForbidden) as failed:
        ask(client)
    assert "cret" not in f"{failed.value} {failed.value.hint} {failed.value.__cause__}"


def test_credentials_are_not_told_when_nobody_is_there(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(SourceUnreachable) as failed:
        ask(connect(f"http://user:secret@127.0.0.1:{port}"))
    told = f"{failed.value} {failed.value.hint} {failed.value.__cause__!r}"
    assert "secret" not in told
    assert "user" not in told


def test_headers_of_the_settings_are_sent(server: Server, connect: Connect) -> None:
    ask(connect(at(server), headers=(("X-Scope-OrgID", "acme"), ("Authorization", "Bearer t"))))
    assert server.seen[0].headers["X-Scope-OrgID"] == "acme"
    assert server.seen[0].headers["Authorization"] == "Bearer t"


def test_a_proxy_that_only_lets_get_pass_is_asked_by_get(server: Server, connect: Connect) -> None:
    server.answer = lambda seen: Answer(405) if seen.method == "POST" else Answer()
    client = connect(at(server, "/p"))
    assert ask(client) is not None
    post, get = server.seen
    assert (get.method, get.path, get.fields) == ("GET", post.path, post.fields)
    server.answer = lambda seen: Answer(405, b"Method Not Allowed")
    with pytest.raises(SourceRejected):
        ask(client)
    assert len(server.seen) == 4


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server: Server, connect: Connect, status: int) -> None:
    server.answer = lambda seen: Answer(status, b"", {"Location": f"http://127.0.0.1:{server.port}/login"})
    with pytest.raises(BadPayload, match="redirect"):
        ask(connect(at(server, userinfo="user:secret@")))
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"status":"error","errorType":"bad_data","error":"parse error"}', SourceRejected),
        (422, b'{"status":"error","errorType":"execution","error":"too many samples"}', SourceRejected),
        (503, b'{"status":"error","errorType":"timeout","error":"timed out"}', SourceTimeout),
        (503, b"Service Unavailable", SourceUnreachable),
        (500, b"panic", SourceRejected),
        (200, b"<!doctype html>", BadPayload),
    ],
)
def test_a_refusal_is_told_and_not_repeated(
    server: Server, connect: Connect, status: int, body: bytes, kind: type[SourceError]
) -> None:
    server.answer = lambda seen: Answer(status, body)
    with pytest.raises(SourceError) as failed:
        ask(connect(at(server)))
    assert type(failed.value) is kind
    assert len(server.seen) == 1


def test_an_answer_that_is_too_large_is_refused(server: Server, connect: Connect) -> None:
    server.answer = lambda seen: Answer(body=EMPTY[:-1] + b" " * 200_000 + b"}")
    with pytest.raises(BadPayload, match=r"more than 0\.095.* MiB"):
        ask(connect(at(server), max_bytes=100_000))
    assert ask(connect(at(server), max_bytes=300_000)) is not None


def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused_before_it_is_huge(
    server: Server, connect: Connect
) -> None:
    bomb = gzip.compress(b" " * 64_000_000, 9)
    assert len(bomb) < 100_000
    server.answer = lambda seen: Answer(body=bomb, headers={"Content-Encoding": "gzip"})
    client = connect(at(server))
    tracemalloc.start()
    try:
        with pytest.raises(BadPayload, match="more than 4 MiB"):
            ask(client)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16_000_000


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "deflate", "zstd", "x"])
def test_an_answer_packed_as_nobody_asked_for_is_refused(server: Server, connect: Connect, packing: str) -> None:
    """Packed twice, a few bytes would unpack to gigabytes."""
    server.answer = lambda seen: Answer(headers={"Content-Encoding": packing})
    with pytest.raises(BadPayload, match="not asked for"):
        ask(connect(at(server)))


def test_a_packed_answer_may_be_as_large_as_any(server: Server, connect: Connect) -> None:
    body = EMPTY[:-1] + b" " * 99_000 + b"}"
    server.answer = lambda seen: Answer(body=gzip.compress(body), headers={"Content-Encoding": "gzip"})
    assert ask(connect(at(server), max_bytes=len(body))) is not None
    with pytest.raises(BadPayload, match="more than"):
        ask(connect(at(server), max_bytes=len(body) - 1))


def test_a_packed_answer_that_breaks_off_is_a_bad_payload(server: Server, connect: Connect) -> None:
    packed = gzip.compress(EMPTY)
    server.answer = lambda seen: Answer(body=packed[: len(packed) // 2], headers={"Content-Encoding": "gzip"})
    with pytest.raises(BadPayload):
        ask(connect(at(server)))


def test_a_packed_answer_is_unpacked(server: Server, connect: Connect) -> None:
    server.answer = lambda seen: Answer(body=gzip.compress(EMPTY), headers={"Content-Encoding": "gzip"})
    assert ask(connect(at(server))) is not None


def test_what_only_says_that_it_is_packed_is_a_bad_payload(server: Server, connect: Connect) -> None:
    server.answer = lambda seen: Answer(headers={"Content-Encoding": "gzip"})
    with pytest.raises(BadPayload):
        ask(connect(at(server)))


def test_a_slow_answer_is_abandoned_at_the_deadline(server: Server, connect: Connect) -> None:
    server.answer = lambda seen: Answer(after=1.5)
    started = time.monotonic()
    with pytest.raises(SourceTimeout):
        ask(connect(at(server), timeout=0.3))
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(("mode", "arg"), [("drip", 0.05), ("hang", None), ("blackhole", None), ("slow", 2)])
def test_no_answer_takes_longer_than_the_deadline(
    proxy: FaultProxy, connect: Connect, mode: str, arg: float | None
) -> None:
    """A byte now and then keeps every read timeout from passing; only a total deadline ends it."""
    client = connect(proxy.url, timeout=0.4)
    with proxy.fault(mode, arg):
        started = time.monotonic()
        with pytest.raises(SourceTimeout, match=r"did not answer in 0\.4 s"):
            ask(client)
        assert time.monotonic() - started < 1.2


def test_a_dripping_body_is_ended_even_when_nobody_waits_for_it_any_longer(
    proxy: FaultProxy, server: Server, connect: Connect
) -> None:
    client = connect(proxy.url, timeout=0.4, concurrency=1)
    with proxy.fault("drip", 0.01), pytest.raises(SourceTimeout):
        ask(client)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            assert ask(client) is not None
            break
        except SourceError:
            time.sleep(0.1)
    else:
        pytest.fail("the abandoned call kept its place")


@pytest.mark.parametrize(
    ("mode", "arg"),
    [
        ("reset", None),
        ("reset_after", 30),
        ("fin_after", 30),
        ("reset_after", 200),
        ("fin_after", 200),
        ("http", {"body": EMPTY[:20], "length": len(EMPTY)}),
        ("http", {"body": b"", "length": 100}),
    ],
)
def test_an_answer_that_breaks_off_is_no_answer(
    proxy: FaultProxy, connect: Connect, mode: str, arg: object, server: Server
) -> None:
    server.answer = lambda seen: Answer(body=EMPTY + b" " * 1000)
    with proxy.fault(mode, arg), pytest.raises(SourceUnreachable):
        ask(connect(proxy.url))


def test_nonsense_instead_of_http_is_no_answer(proxy: FaultProxy, connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            for _ in range(2):
                peer, _ = listener.accept()
                peer.recv(4096)
                peer.sendall(b"220 smtp.example.com ESMTP\r\n")
                peer.close()

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        with pytest.raises(SourceUnreachable):
            ask(connect(f"http://127.0.0.1:{listener.getsockname()[1]}"))


def test_a_kept_connection_that_was_closed_meanwhile_is_asked_again_once(
    proxy: FaultProxy, server: Server, connect: Connect
) -> None:
    client = connect(proxy.url)
    ask(client)
    proxy.drop_all()
    time.sleep(0.1)
    assert ask(client) is not None
    assert len(server.seen) == 2


def test_a_server_that_always_closes_is_asked_twice_and_no_more(connect: Connect) -> None:
    calls: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                calls.append(1)
                peer.recv(4096)
                peer.close()

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(SourceUnreachable):
            ask(connect(f"http://127.0.0.1:{listener.getsockname()[1]}"))
        listener.shutdown(socket.SHUT_RDWR)
    assert 1 <= len(calls) <= 2


def test_a_source_that_is_gone_is_left_alone_and_heals(proxy: FaultProxy, server: Server, connect: Connect) -> None:
    client = connect(proxy.url)
    proxy.stop()
    started = time.monotonic()
    for _ in range(50):
        with pytest.raises(SourceUnreachable):
            ask(client)
    assert time.monotonic() - started < 1.5
    proxy.start()
    time.sleep(2.1)
    assert ask(client) is not None


def test_at_most_so_many_calls_are_in_flight(server: Server, connect: Connect) -> None:
    server.answer = lambda seen: Answer(after=0.05)
    client = connect(at(server), concurrency=3)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: ask(client), range(12)))
    assert len(server.seen) == 12
    assert server.peak <= 3


def test_hanging_calls_fill_the_places_and_the_next_is_refused(proxy: FaultProxy, connect: Connect) -> None:
    client = connect(proxy.url, timeout=0.3, concurrency=1)
    with proxy.fault("drip", 0.2):
        with pytest.raises(SourceTimeout):
            ask(client)
        with pytest.raises(SourceSaturated):
            ask(client)


def test_the_environments_proxies_are_not_used(
    server: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert ask(connect(at(server))) is not None
