"""A TCP and HTTP proxy that injects faults: a real server behind it, one knob in front."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any, Self

MODES = ("pass", "reset", "blackhole", "http", "slow", "hang", "reset_after", "fin_after", "drip")
_CHUNK = 16_384


class FaultProxy:
    """Stands before `upstream`; the mode is read for every chunk, so a test may change it in the middle of an answer.

    reset: refuses after accepting · blackhole: accepts, reads, never answers · http: answers itself, with the arguments
    of `_http` as a dict · slow: waits so many seconds before each chunk · hang: stops in the middle · reset_after and
    fin_after: break off after so many bytes · drip: one byte each so many seconds.
    """

    def __init__(self, upstream: tuple[str, int], host: str = "127.0.0.1") -> None:
        self.upstream = upstream
        self.mode = "pass"
        self.arg: Any = None
        self.seen = self.live = self.peak = 0
        self.address = (host, 0)
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self.start()

    @property
    def url(self) -> str:
        """The address to use instead of the server's."""
        return f"http://{self.address[0]}:{self.address[1]}"

    @property
    def port(self) -> int:
        """The port to use instead of the server's."""
        return self.address[1]

    @contextlib.contextmanager
    def fault(self, mode: str, arg: Any = None, *, cut: bool = True) -> Iterator[Self]:
        """Be faulty within the block; `cut` closes idle connections, so that the next call meets the fault."""
        assert mode in MODES, f"no such fault: {mode}"
        self.mode, self.arg = mode, arg
        if cut:
            self.drop_all()
            time.sleep(0.05)
        try:
            yield self
        finally:
            self.mode, self.arg = "pass", None
            self.drop_all()

    def drop_all(self, *, reset: bool = False) -> None:
        """Close every connection, in an orderly way or by a reset."""
        with self._lock:
            open_now, self._sockets = list(self._sockets), set()
        for each in open_now:
            _close(each, reset=reset)

    def start(self) -> None:
        """Listen, after `stop` on the same port: the server is back."""
        listener = socket.create_server(self.address, backlog=128)
        self._listener = listener
        self.address = listener.getsockname()
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def stop(self) -> None:
        """Listen no longer: connections are refused."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop_all()
        time.sleep(0.05)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            self.seen += 1
            self.live += 1
            self.peak = max(self.peak, self.live)
            self._sockets.add(client)
        try:
            with contextlib.suppress(OSError):
                self._answer(client)
        finally:
            with self._lock:
                self.live -= 1
                self._sockets.discard(client)
            _close(client)

    def _answer(self, client: socket.socket) -> None:
        if self.mode == "reset":
            _close(client, reset=True)
        elif self.mode == "blackhole":
            while self.mode == "blackhole" and client.recv(_CHUNK):
                pass
        elif self.mode == "http":
            client.recv(_CHUNK)
            _http(client, **self.arg)
        else:
            server = socket.create_connection(self.upstream, 5)
            server.settimeout(None)
            with self._lock:
                self._sockets.add(server)
            try:
                threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
                self._pump(server, client, True)
            finally:
                with self._lock:
                    self._sockets.discard(server)

    def _pump(self, source: socket.socket, sink: socket.socket, to_client: bool) -> None:
        sent = 0
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                if to_client and self._breaks_off(sink, data, sent):
                    break
                sent += len(data)
                if not (to_client and self.mode == "drip"):
                    sink.sendall(data)
                    continue
                for byte in data:
                    sink.sendall(bytes([byte]))
                    time.sleep(self.arg if self.mode == "drip" else 0)
        _close(sink)
        _close(source)

    def _breaks_off(self, client: socket.socket, data: bytes, sent: int) -> bool:
        """Wait as the mode says; tell whether the connection was broken off."""
        mode, arg = self.mode, self.arg
        if mode == "slow":
            time.sleep(arg)
        while mode == "hang" and self.mode == "hang":
            time.sleep(0.05)
        if mode not in ("reset_after", "fin_after") or sent + len(data) < arg:
            return False
        client.sendall(data[: max(0, arg - sent)])
        time.sleep(0.05)
        _close(client, reset=mode == "reset_after")
        return True


def _close(each: socket.socket, *, reset: bool = False) -> None:
    with contextlib.suppress(OSError):
        if reset:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        each.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)  # wakes a thread that waits in recv
    with contextlib.suppress(OSError):
        each.close()


def _http(
    client: socket.socket,
    status: int = 200,
    ctype: str = "application/json",
    body: bytes | Iterable[bytes] = b"",
    length: int | None = None,
    headers: Iterable[str] = (),
) -> None:
    """Answer with `body`, which may be an iterator without end; `length` may lie about it."""
    if isinstance(body, bytes):
        length = len(body) if length is None else length
        body = [body]
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {ctype}", "Connection: close", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    client.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    for chunk in body:
        client.sendall(chunk)
