"""The gate in front of a source: how many calls may be in flight, how long one may take, and when not to ask at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from typing import Any, TypeVar

from fluxdash.errors import SourceError, SourceSaturated, SourceTimeout, SourceUnreachable
from fluxdash.telemetry import NOBODY, Telemetry

T = TypeVar("T")

_PATIENCE = 6.0
"""Seconds a call waits for a free place: the first visit of a page asks some fifteen questions at once."""

_REST = 2.0
"""Seconds a source that could not be reached is left alone, so that failing costs less than answering."""


class Gate:
    """Runs calls to one source on at most `width` threads of its own, each under a hard total deadline.

    A call that outlives its deadline is abandoned: its caller gets SourceTimeout at once, and its place is free again
    when it ends by itself, so abandoned calls can never pile up past `width`. `telemetry` is told of each call, under
    the name `told`.
    """

    def __init__(
        self,
        source: str,
        width: int,
        deadline: float,
        clock: Callable[[], float] = time.monotonic,
        told: str = "",
        telemetry: Telemetry = NOBODY,
    ) -> None:
        self.source = source
        self.deadline = deadline
        self._told = told
        self._telemetry = telemetry
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
            self._telemetry.refused(self._told, "resting")
            raise type(failed[1])(self.source, failed[1].reason, hint=failed[1].hint) from failed[1]
        if not self._places.acquire(timeout=min(_PATIENCE, self.deadline)):
            self._telemetry.refused(self._told, "saturated")
            raise SourceSaturated(self.source, f"{self._width} calls are in flight already")
        started = self._clock()
        try:
            future = self._pool().submit(self._run, work)
        except BaseException:
            self._places.release()
            raise
        try:
            answer = future.result(timeout=self.deadline)
        except NotInTime as err:
            self._abandon(future)
            raise self._noted(SourceTimeout(self.source, f"did not answer in {self.deadline:g} s"), started) from err
        except SourceError as err:
            raise self._noted(err, started) from err.__cause__
        except Exception:
            self._telemetry.asked(self._told, self._clock() - started, "crashed")
            raise
        self._rest(None)
        self._telemetry.asked(self._told, self._clock() - started, "ok")
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

    def _noted(self, error: SourceError, started: float) -> SourceError:
        now = self._clock()
        if isinstance(error, SourceUnreachable):
            self._rest((now, error))
        self._telemetry.asked(self._told, now - started, error.kind)
        self._telemetry.failed(self._told, error.kind, error.reason)
        return error

    def _rest(self, failure: tuple[float, SourceError] | None) -> None:
        if self._failure is failure:
            return
        with self._lock:
            before, self._failure = self._failure, failure
        if (before is None) != (failure is None):
            self._telemetry.rests(self._told, failure is not None)

    def _abandon(self, future: Future[Any]) -> None:
        self._telemetry.abandoned(self._told, 1)
        future.add_done_callback(lambda _: self._telemetry.abandoned(self._told, -1))

    def _pool(self) -> ThreadPoolExecutor:
        # Made on first use: a thread started before gunicorn forks would be missing in the worker.
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._width, thread_name_prefix=f"fluxdash-{self.source}")
            return self._threads
