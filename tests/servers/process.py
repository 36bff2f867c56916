"""A server process for tests: how to find it, start it, hurt it and be sure that it is gone."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import httpx
import pytest

LOOPBACK = "127.0.0.1"
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def executable(name: str, *folders: Path) -> Path:
    """Return the path of a program; without it the test is skipped, or fails where servers are required."""
    places = os.pathsep.join([*(str(folder) for folder in folders), os.environ.get("PATH", os.defpath)])
    found = shutil.which(name, path=places)
    if found:
        return Path(found)
    reason = f"{name} is not installed"
    if os.environ.get("FLUXDASH_REQUIRE_SERVERS") == "1":
        pytest.fail(f"{reason}, but FLUXDASH_REQUIRE_SERVERS=1")
    pytest.skip(reason)


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.create_server((LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether somebody accepts connections on the port."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


def answers(url: str) -> bool:
    """Tell whether the address answers with a success."""
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url, timeout=2).is_success
    return False


class Server:
    """One real server; `command` makes its command line for the port it is given.

    `stop` then `start` is a restart on the same port with the same data; `pause` makes it hang, `kill` makes it crash.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        command: Callable[[int], Sequence[str | Path]],
        ready: Callable[[int], bool] = listens,
        *,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        patience: float = 60,
    ) -> None:
        self.name = name
        self.folder = folder
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._command = command
        self._ready = ready
        self._user = user
        self._environment = environment
        self._stop_signal = stop_signal
        self._patience = patience

    @property
    def url(self) -> str:
        """The base address, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """The process id of the running server, which is its process group's too."""
        assert self.process is not None, f"{self.name} is not running"
        return self.process.pid

    @property
    def log(self) -> str:
        """What the server has printed so far."""
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    @property
    def _log_path(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> Self:
        """Start and wait until ready; a first start that loses its port to another process tries two more."""
        for _ in range(1 if self.port else 3):
            port = self.port or free_port()
            if self._started(port):
                self.port = port
                return self
        raise AssertionError(f"{self.name} did not start:\n{self.log[-4000:]}")

    def _started(self, port: int) -> bool:
        def die_with_the_tests() -> None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

        owner = {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        with self._log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in self._command(port)],
                cwd=self.folder,
                env=dict(self._environment) if self._environment is not None else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_the_tests,
                **owner,  # type: ignore[call-overload]
            )
        deadline = time.monotonic() + self._patience
        while self.process.poll() is None and time.monotonic() < deadline:
            if self._ready(port):
                return True
            time.sleep(0.05)
        self.stop()
        return False

    def stop(self) -> None:
        """Stop it in an orderly way, or by force after 10 s; nothing of its process group is left."""
        if self.process is None:
            return
        self.resume()
        self.process.send_signal(self._stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.kill()

    def kill(self) -> None:
        """Crash it: SIGKILL to the whole process group."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def pause(self) -> None:
        """Make it hang: connections are accepted by the kernel and never answered."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        return self if self.process else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
