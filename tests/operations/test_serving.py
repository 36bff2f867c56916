"""What becomes of a client that asks much and reads nothing."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest

from fluxdash.operations.serving import hurry_readers
from tests.servers.process import LOOPBACK


def test_a_client_that_reads_nothing_is_let_go() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        hurry_readers([SimpleNamespace(sock=listener)], 1)
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as connection:
            connection.setblocking(True)
            with pytest.raises(BlockingIOError):
                connection.sendall(bytes(64 * 1024 * 1024))
