"""The gate in front of a source: how many calls may be in flight, how long one may take, and when not to ask at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from typing import TypeVar

from fluxdash.errors import SourceError, SourceSaturated, SourceTimeout, SourceUnreachable

T = TypeVar("T")

_PATIENCE = 6.0
"""Seconds a call waits for a free place: the first visit of a page asks some fifteen questions at once."""

_REST = 2.0
"""Seconds a source that could not be reached is left alone, so that failing costs less than answering."""


class Gate:
    """Runs calls to one source on at most `width` threads of its own, each under a hard total deadline.

    A call that outlives its deadline is abandoned: its caller gets SourceTimeout at once, and its place is free again
    when it ends by itself, so abandoned calls can never pile up past `width`.
    """

    def __init__(self, source: str, width: int, deadline: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.source = source
        self.deadline = deadline
        self._width = width
        self._places = threading.BoundedSemaphore(width)
        self._clock = clock
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._failure: tuple[float, SourceError] | None = None

    def call(self, work: Callable[[], T]) -> T:
        """Return what `work` returns; raises SourceError of whatever kind within about the deadline."""
        failed = self._failure
        if failed is not None and self._clock() - failed[0] < _REST:
            raise type(failed[1])(self.source, failed[1].reason, hint=failed[1].hint) from failed[1]
        if not self._places.acquire(timeout=min(_PATIENCE, self.deadline)):
            raise SourceSaturated(self.source, f"{self._width} calls are in flight already")
        try:
            future = self._pool().submit(self._run, work)
        except BaseException:
            self._places.release()
            raise
        try:
            answer = future.result(timeout=self.deadline)
        except NotInTime as err:
            raise self._note(SourceTimeout(self.source, f"did not answer in {self.deadline:g} s")) from err
        except (SourceUnreachable, SourceTimeout) as err:
            raise self._note(err) from err.__cause__
        self._failure = None
        return answer

    def close(self) -> None:
        """Take no more calls; those in flight end by themselves."""
        with self._lock:
            if self._threads is not None:
                self._threads.shutdown(wait=False, cancel_futures=True)
                self._threads = None

    def _run(self, work: Callable[[], T]) -> T:
        try:
            return work()
        finally:
            self._places.release()

    def _note(self, error: SourceError) -> SourceError:
        if isinstance(error, SourceUnreachable):
            self._failure = (self._clock(), error)
        return error

    def _pool(self) -> ThreadPoolExecutor:
        # Made on first use: a thread started before gunicorn forks would be missing in the worker.
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._width, thread_name_prefix=f"fluxdash-{self.source}")
            return self._threads
