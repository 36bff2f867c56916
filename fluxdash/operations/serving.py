"""What gunicorn's hooks do for FluxDash: a folder for all processes, counts that outlive a worker, a slow farewell."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from fluxdash.operations.noticeboard import HELD, Noticeboard

_NAMED = "fluxdash-server-"
_YOUNG = 60.0
"""Seconds in which a folder may not be held yet: its server is just starting."""

STALLED = 60
"""Seconds that a write to a client may take that reads nothing."""


def shared_folder(where: Path) -> Path:
    """Make the folder that the processes of this server share; it goes when this process ends.

    What a server left that was killed goes now: nobody holds it any more.
    """
    for each in where.glob(f"{_NAMED}*"):
        if _is_left(each):
            shutil.rmtree(each, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_NAMED, dir=where))
    held = (folder / HELD).open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    maker = os.getpid()

    def remove() -> None:
        if os.getpid() == maker:  # a worker is a copy of this process, and ends as one
            shutil.rmtree(folder, ignore_errors=True)
            held.close()

    atexit.register(remove)
    return folder


def _is_left(folder: Path) -> bool:
    with contextlib.suppress(OSError):  # held, gone by now, or somebody else's
        if folder.stat().st_uid == os.getuid() and time.time() - folder.stat().st_mtime > _YOUNG:
            with (folder / HELD).open("a") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
    return False


def heed(server: Any, board: Noticeboard, drain: float) -> None:
    """Let SIGTERM be known to all processes at once; the server stops `drain` seconds later, or at a second one.

    Meanwhile it serves on, but `/readyz` answers 503, so that whoever balances load sends nobody here any more.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        shared = server.systemd or server.reexec_pid or server.master_pid or server.cfg.reuse_port
        again = board.leaving
        board.leave(port_closes=not shared)
        if again or not drain:
            signal.setitimer(signal.ITIMER_REAL, 0)
            server.signal(signal.SIGTERM, frame)
        else:
            signal.setitimer(signal.ITIMER_REAL, drain)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGALRM, lambda number, frame: server.signal(signal.SIGTERM, frame))


def hurry_readers(listeners: Sequence[Any], seconds: int = STALLED) -> None:
    """Let go of a client that reads nothing for so long: it would keep a thread, and an export its place, for ever.

    Linux hands the option of a listening socket down to its connections.
    """
    for listener in listeners if sys.platform == "linux" else ():
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", seconds, 0))


def forget(worker: Any, folder: Path) -> None:
    """Take what a worker that ended said of its present out of the counts; what it did stays in them."""
    # Imported only now: prometheus_client looks at once where to keep counts, and that is known since the start.
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid, str(folder))  # type: ignore[no-untyped-call]
