"""A few clients that ask a server for one thing after the other, and tell what became of each request."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from tests.servers.process import LOOPBACK

REFUSED = "refused"
_TIRED = 1.0
"""Seconds after which a client does not trust a kept connection any more: the server may be closing it."""


@dataclass(frozen=True)
class Ask:
    """One request: a path, and for a POST its body."""

    path: str
    body: Any = None


@dataclass(frozen=True)
class Fate:
    """What became of a request: the status of a whole answer, `refused`, or the name of another error."""

    ask: Ask
    came: int | str
    seconds: float
    text: str = ""


class Load:
    """`clients` threads, every other one on a connection that it keeps; each ends when it is refused, or at `stop`."""

    def __init__(self, port: int, asks: Sequence[Ask], clients: int = 6) -> None:
        self.clients = clients
        self.fates: list[Fate] = []
        self._port = port
        self._asks = asks
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._client, args=(i,), daemon=True) for i in range(clients)]

    def start(self) -> Self:
        for each in self._threads:
            each.start()
        return self

    def until(self, count: int, patience: float = 60) -> Self:
        """Wait until so many requests have come to an end."""
        deadline = time.monotonic() + patience
        while len(self.fates) < count:
            assert time.monotonic() < deadline, f"only {len(self.fates)} of {count} requests in {patience:g} s"
            time.sleep(0.02)
        return self

    def stop(self) -> list[Fate]:
        """Let each client end its request, and return what became of all."""
        self._done.set()
        return self.join()

    def join(self) -> list[Fate]:
        """Wait for all clients to end by themselves."""
        for each in self._threads:
            each.join(60)
            assert not each.is_alive(), "a client hangs"
        return self.fates

    def _client(self, number: int) -> None:
        keeps, turn = number % 2 == 0, number
        connection: http.client.HTTPConnection | None = None
        last = 0.0
        while not self._done.is_set():
            ask = self._asks[turn % len(self._asks)]
            turn += 1
            if connection is not None and time.monotonic() - last > _TIRED:
                connection.close()
                connection = None
            connection = connection or http.client.HTTPConnection(LOOPBACK, self._port, timeout=30)
            fate, stays = self._one(connection, ask, keeps)
            last = time.monotonic()
            if not stays:
                connection.close()
                connection = None
            self.fates.append(fate)
            if fate.came == REFUSED:
                break
        if connection is not None:
            connection.close()

    def _one(self, connection: http.client.HTTPConnection, ask: Ask, keeps: bool) -> tuple[Fate, bool]:
        started = time.monotonic()
        headers = {"Connection": "keep-alive" if keeps else "close"}
        method, body = "GET", None
        if ask.body is not None:
            method, body, headers["Content-Type"] = "POST", json.dumps(ask.body), "application/json"
        try:
            connection.request(method, ask.path, body, headers)
            response = connection.getresponse()
            text = response.read()
        except ConnectionRefusedError:
            return Fate(ask, REFUSED, time.monotonic() - started), False
        except (OSError, http.client.HTTPException) as err:
            return Fate(ask, type(err).__name__, time.monotonic() - started, str(err)), False
        fate = Fate(ask, response.status, time.monotonic() - started, text.decode(errors="replace"))
        return fate, keeps and not response.will_close


def asked(port: int, path: str, timeout: float = 10) -> tuple[int, str]:
    """Ask once, on a connection of its own; raises OSError where nobody answers."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def refuses(port: int) -> bool:
    """Tell whether nobody listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((LOOPBACK, port)) != 0


def awaited(what: Callable[[], bool], patience: float = 60) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + patience
    while not what():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.02)
