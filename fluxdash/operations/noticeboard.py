"""What the processes of one server tell each other, as marks in a folder that they share."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

HELD = "held"
"""The file that the process which made the folder keeps locked for as long as it runs."""

_LEAVING = "leaving"
_RELOADED = "reloaded"
_ARRIVED = "arrived-"


class Noticeboard:
    """The marks of one server; without a folder, those of a process alone, which never leaves and is nobody's heir.

    A worker is known by its age: the first is 1, and each that is started later is one more.
    """

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._turns: dict[str, float] = {}

    @classmethod
    def found(cls, folder: Path | None) -> Self:
        """Return the board in a folder; others than we share folders too, and have none there."""
        return cls(folder if folder is not None and (folder / HELD).exists() else None)

    def leave(self, *, port_closes: bool) -> None:
        """Tell that the server stops; `port_closes` unless somebody else goes on listening on the same socket."""
        if self.folder is not None:
            (self.folder / _LEAVING).write_text("port" if port_closes else "")

    @property
    def leaving(self) -> bool:
        """Whether the server stops."""
        return self._read(_LEAVING) is not None

    @property
    def port_closes(self) -> bool:
        """Whether the server stops and nobody listens any more afterwards."""
        return self._read(_LEAVING) == "port"

    def reloaded(self, oldest: int) -> None:
        """Tell that all workers up to this age are to be relieved by younger ones."""
        if self.folder is not None:
            (self.folder / _RELOADED).write_text(str(oldest))

    def arrived(self, age: int) -> None:
        """Tell that a worker is ready to serve."""
        if self.folder is not None:
            (self.folder / f"{_ARRIVED}{age}").touch()

    def relieved(self, age: int, by: int) -> bool:
        """Tell whether a worker may go: as many heirs as `by` have arrived, or none is coming for it."""
        last = self._read(_RELOADED)
        if self.folder is None or not last or age > int(last):
            return True
        there = [int(each.name.removeprefix(_ARRIVED)) for each in self.folder.glob(f"{_ARRIVED}*")]
        return sum(each > int(last) for each in there) >= by

    def claim(self, name: str, seconds: float) -> bool:
        """Tell whether it is this process's turn: once in so many seconds among all of them."""
        now = self._clock()
        with self._lock:
            if abs(now - self._turns.get(name, -seconds)) < seconds:
                return False
            last = self._taken(name, now, seconds)
            self._turns[name] = now if last is None else last
        return last is None

    def _taken(self, name: str, now: float, seconds: float) -> float | None:
        """Take the turn of all processes and return None, or return when another one took it."""
        if self.folder is None:
            return None
        try:
            with (self.folder / f"turn-{name}").open("a+") as turn:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
                turn.seek(0)
                last = float(turn.read() or -seconds)
                if abs(now - last) < seconds:  # the other process may have looked at the clock after this one
                    return last
                turn.truncate(0)
                turn.write(repr(now))
        except BlockingIOError:  # somebody is taking it at this moment
            return now
        except (OSError, ValueError):  # a disk that is full must not take the words away
            return None
        return None

    def processes(self) -> tuple[int, ...]:
        """Return the processes of the server that are known by their open counts, and the one that minds them."""
        if self.folder is None:
            return (os.getpid(),)
        names = {each.stem.rpartition("_")[2] for each in self.folder.glob("gauge_live*_*.db")}
        return (os.getppid(), *sorted(int(each) for each in names if each.isdecimal()))

    def _read(self, name: str) -> str | None:
        if self.folder is None:
            return None
        try:
            return (self.folder / name).read_text()
        except OSError:
            return None
