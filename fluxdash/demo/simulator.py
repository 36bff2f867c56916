"""The demo gateway at work: fills in its past, then lives on, booking each request in the log and the metrics alike."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Protocol, Self

from sqlalchemy.exc import OperationalError

from fluxdash.demo.history import History
from fluxdash.demo.log import RequestLog
from fluxdash.demo.meter import Exposure, Meter
from fluxdash.demo.request import Request
from fluxdash.demo.traffic import Traffic
from fluxdash.errors import FluxDashError

TICK = 0.5  # seconds between two looks at what has become due
BATCH = 5000  # requests per transaction while filling in the past
TRACED = 6 * 3600  # seconds of the past whose requests have spans, too: stores of traces do not keep them for long
INSTANT = 0.5e-6  # less than the microsecond between two requests

Progress = Callable[[int, float], None]


def _no_report(_rows: int, _reached: float) -> None:
    """Progress that nobody looks at."""


class Traced(Protocol):
    """Where the spans of requests go: a table beside the log, or a collector."""

    def insert(self, requests: Iterable[Request]) -> int:
        """Take the spans of these requests and return how many were taken; the same ones again do no harm."""

    def forget(self, start: float, end: float) -> None:
        """Delete the spans that began at start ≤ time < end, where that is possible."""

    def close(self) -> None:
        """Close the connections."""


class Simulator:
    """A gateway with a log (`database`, or none), metrics over HTTP (`port`, 0 for a free one, or none) and a past.

    `traced` are where the spans of its requests go, those of the last six hours of its past included.

        with Simulator("sqlite:///demo.db", port=0) as simulator:
            simulator.metrics_url

    Entering the block starts it, leaving it stops it. Raises SettingError where a setting cannot be served.
    """

    def __init__(
        self,
        database: str | None = None,
        port: int | None = 8080,
        host: str = "127.0.0.1",
        rate: float = 0.3,
        seed: int = 7,
        quirks: bool = False,
        traced: Iterable[Traced] = (),
    ) -> None:
        self.traffic = Traffic(seed, rate, quirks)
        self.meter = Meter(quirks)
        self.log = None if database is None else RequestLog(database)
        self._traced = tuple(traced)
        self._host = host
        self._port = port
        self._exposure: Exposure | None = None
        self._reached: float | None = None
        self._unwritten: list[Request] = []
        self._database_away = False
        self._stopping = Event()
        self._thread: Thread | None = None
        self._failure: Exception | None = None

    @property
    def metrics_url(self) -> str | None:
        """Where the metrics are served; None before the start and without a port."""
        return self._exposure.url if self._exposure else None

    def missing_since(self, start: float) -> float:
        """From when on the log holds nothing: `start`, or right after its newest request where that is later."""
        newest = self.log.newest() if self.log else None
        return start if newest is None else max(start, newest + INSTANT)

    def backfill(self, start: float, end: float, progress: Progress = _no_report, refill: bool = False) -> int:
        """Write the log's requests with start ≤ time < end and return how many were written.

        What lies before the log's newest request counts as written; with `refill` the whole stretch is deleted and
        written again. `progress` hears, after each batch, the rows so far and the time they reach.
        """
        if self.log is None:
            return 0
        if refill:
            self.log.forget(start, end)
            for each in self._traced:
                each.forget(start, end)
        else:
            start = self.missing_since(start)
        rows = 0
        for batch in _batches(self.traffic.between(start, end)):
            self._trace(request for request in batch if request.time >= end - TRACED)
            rows += self.log.insert(batch)
            progress(rows, batch[-1].time)
            if self.interrupted:
                return rows
        self._reached = end
        return rows

    def write_openmetrics(
        self, path: Path, start: float, end: float, scrape: int = 15, progress: Progress = _no_report
    ) -> None:
        """Write the metrics' history from start to end for `promtool tsdb create-blocks-from openmetrics`.

        `progress` first hears the requests as they are counted, then, as the text is written, its share of the stretch.
        """
        history = History(start, end, scrape, self.traffic.quirks)
        requests = 0
        for batch in _batches(self.traffic.between(start, end)):
            for request in batch:
                history.add(request)
            requests += len(batch)
            progress(requests, start)
            if self.interrupted:
                return
        unfinished = path.with_name(f"{path.name}.part")
        with unfinished.open("w", buffering=1 << 20) as file:
            shown = 0.0
            for share, piece in history.text():
                file.write(piece)
                if share != shown:  # once a series, not once a piece
                    shown = share
                    progress(requests, start + share * (end - start))
                if self.interrupted:
                    break
        if self.interrupted:
            unfinished.unlink()
        else:
            unfinished.replace(path)

    def start(self) -> None:
        """Serve the metrics, and go on in the background from where the back-fill ended, or from now."""
        if self._port is not None:
            self._exposure = self.meter.serve(self._host, self._port)
        since = self.missing_since(time.time() if self._reached is None else self._reached)
        # A daemon, so that a program that forgets to stop it can still end.
        self._thread = Thread(target=self._live, args=(since,), name="fluxdash-demo", daemon=True)
        self._thread.start()

    @property
    def interrupted(self) -> bool:
        """Whether it has been asked to end."""
        return self._stopping.is_set()

    def wait(self) -> None:
        """Return when it is to stop: `interrupt` was called, or it failed (`stop` then says why)."""
        self._stopping.wait()

    def interrupt(self) -> None:
        """Ask whatever runs to end soon; safe to call from a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        """Write what is due, stop serving and close the log; raises what made the background work fail, if it did."""
        self._stopping.set()
        if self._thread:
            self._thread.join()
        if self._exposure:
            self._exposure.close()
        for each in (self.log, *self._traced):
            if each:
                each.close()
        if self._failure:
            raise self._failure

    def __enter__(self) -> Self:
        try:
            self.start()
        except FluxDashError:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _live(self, since: float) -> None:
        try:
            while not self._stopping.wait(TICK):
                since = self._advance(since)
            self._advance(since)
        except Exception as error:  # raised again by `stop`, where somebody can hear it
            self._failure = error
            self._stopping.set()

    def _advance(self, since: float) -> float:
        now = max(since, time.time())
        for request in self.traffic.between(since, now):
            self.meter.observe(request)
            self._unwritten.append(request)
        self._write()
        return now

    def _write(self) -> None:
        try:
            if self.log:
                self.log.insert(self._unwritten)
        except OperationalError as err:  # away or busy: what waits is written when the database is back
            if self.log and not self._database_away:
                logging.getLogger(__name__).warning("requests wait for %s: %s", self.log.address, err.orig)
            self._database_away = True
        else:
            self._database_away = False
            self._trace(self._unwritten)
            self._unwritten.clear()

    def _trace(self, requests: Iterable[Request]) -> None:
        told = list(requests)
        for each in self._traced if told else ():
            try:
                each.insert(told)
            except OperationalError as err:  # the log has its rows, and spans are nothing to wait for
                logging.getLogger(__name__).warning("spans are lost: %s", err.orig)


def _batches(requests: Iterable[Request]) -> Iterator[list[Request]]:
    remaining = iter(requests)
    while batch := list(islice(remaining, BATCH)):
        yield batch
