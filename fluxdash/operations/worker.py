"""How a gunicorn worker goes: it stays until its heirs are there, and lets in who is at the door before it shuts it."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from types import FrameType
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from fluxdash.operations.noticeboard import Noticeboard

_PATIENCE = 30.0
"""Seconds that a worker waits for its heirs, who need some to start; after that it goes all the same."""

_LEAST_TTL = ((socket.AF_INET, socket.IPPROTO_IP, 21), (socket.AF_INET6, socket.IPPROTO_IPV6, 73))
"""Linux's IP_MINTTL and IPV6_MINHOPCOUNT: packets that have fewer hops left than that are dropped."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker, which answers what it has accepted before it goes, and what it adds to that.

    On a reload gunicorn sends the old workers away before the new ones can serve, and all who come meanwhile wait; this
    one stays so long. When the server stops, gunicorn leaves those unanswered who are connected but not yet accepted,
    and keeps their like waiting while it goes on with the others; this one accepts them and then closes the port.
    """

    board = Noticeboard()
    sockets: list[Any]
    _until: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to go, or wait for the heirs: SIGTERM comes for a reload and for the end alike."""
        if self._until is None:
            self._until = time.monotonic() + _PATIENCE
        if self._may_go():
            super().handle_exit(sig, frame)

    def notify(self) -> None:
        """Tell gunicorn that this worker lives; called at every turn of its loop, at least once a second."""
        super().notify()
        if self._until is not None and self.alive and self._may_go():
            super().handle_exit(0, None)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Begin or cease to accept; when the server stops, the last time."""
        super().set_accept_enabled(enabled)
        if not self.alive and not enabled and self.board.leaving:
            self._shut_the_door()

    def _may_go(self) -> bool:
        late = self._until is not None and time.monotonic() > self._until
        return late or self.board.leaving or self.board.relieved(self.age, self.cfg.workers)

    def _shut_the_door(self) -> None:
        if self.board.port_closes:
            for listener in self.sockets:
                _admit_nobody(listener)
            for listener in self.sockets:
                self._let_in(listener)
        for listener in self.sockets:
            listener.close()
        self.sockets = []

    def _let_in(self, listener: Any) -> None:
        """Accept all who are connected already: Linux resets them when the socket is closed."""
        before = -1
        while before != self.nr_conns:
            before = self.nr_conns
            self.accept(listener)


def _admit_nobody(listener: Any) -> None:
    """Have Linux pass over new connections: they are tried again a second later, and then refused."""
    for family, level, option in _LEAST_TTL if sys.platform == "linux" else ():
        if listener.family in (family, socket.AF_INET6):
            with contextlib.suppress(OSError):
                listener.setsockopt(level, option, 255)
