"""One world of requests, written to every kind of source, and FluxDash connected to any of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fluxdash.demo.history import History
from fluxdash.demo.ledger import Kind, Ledger
from fluxdash.demo.log import RequestLog
from fluxdash.demo.request import Request
from fluxdash.demo.traffic import Traffic
from fluxdash.profiles.registry import profile
from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.dimensions import dimension
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.settings import Settings
from fluxdash.sources.connect import connect
from fluxdash.sources.router import Router
from tests.truth import reckoning
from tests.truth.reckoning import Requests

DAY = 86_400
# In New York, 2026-11-01 01:00 to 02:00 happens twice: read as local times, these rows could not stay in order.
END = 1_793_505_600  # 2026-11-01 04:00 UTC
HOUR = 3600
START = END - 4 * HOUR
RATE = 0.4
SCRAPE = 15
RECENT = (int(time.time() - 2 * HOUR - END) // DAY) * DAY
"""What moves the world to the last day or two: Prometheus is only asked about series of the last 31 days."""

RECENT_END = END + RECENT
COUNTED_FROM = RECENT_END - 75 * 60
"""When the gateway that Prometheus scraped was started: a quarter of an hour before the windows that are asked for."""


def requests(quirks: bool = False) -> tuple[Request, ...]:
    """Four hours of requests, the same ones every time."""
    return tuple(Traffic(seed=4, rate=RATE, quirks=quirks).between(START, END))


def write_log(url: str, rows: Requests, *, index: bool | None = None) -> None:
    """Write requests to a database as the demo gateway does."""
    log = RequestLog(url, time_index=index)
    log.insert(rows)
    log.close()


def write_metrics(
    path: Path, rows: Requests, start: float, end: float, *, quirks: bool = False, scrape: int = SCRAPE
) -> Path:
    """Write what Prometheus would have scraped of a gateway that started counting at `start`."""
    history = History(start, end, scrape, quirks)
    for request in rows:
        if start <= request.time < end:
            history.add(request)
    with path.open("w", buffering=1 << 20) as file:
        file.writelines(text for _, text in history.text())
    return path


@contextmanager
def fluxdash(**settings: str | None) -> Iterator[Router]:
    """FluxDash's sources for some settings, on a cache of its own unless told otherwise."""
    environ = {"FLUXDASH_CACHE": "memory", **settings}
    router = connect(
        Settings.from_env({key: value for key, value in environ.items() if value is not None}), profile("fluxai")
    )
    try:
        yield router
    finally:
        router.close()


def window(start: float, end: float, step: int = 300) -> Window:
    """A window all of whose buckets are closed."""
    return Window.between(start, end, end + DAY, step)


def scope(over: Window, **filters: Sequence[str]) -> Scope:
    """A scope with a filter for each dimension that is named."""
    return Scope(over, tuple(Filter.of(dimension(by), list(values)) for by, values in filters.items()))


def drawn(line: Line, slug: str) -> float:
    """What the points of a line of an additive measure add up to."""
    return sum(value for value in line.values if value is not None)


def everything(answer: Answer) -> float:
    """What all groups of an answer add up to, Other included."""
    lines = (*answer.lines, *([answer.other] if answer.other else []))
    return sum(line.total or 0.0 for line in lines)


def notes(answer: Answer) -> dict[str, str]:
    """The notes of an answer by their kind."""
    return {note.kind.value: note.text for note in answer.provenance.notes}


@dataclass(frozen=True, slots=True)
class Births:
    """What a counter loses where its series begin inside a window: the value each was first seen with.

    Prometheus' increase() takes a series' first sample as the point to count from, so what it shows there is lost.
    Nothing else is, where scrapes lie on the buckets' edges and no counter is reset: the last sample of one bucket is
    the first of the next, nothing has to be extrapolated, and growth inside a bucket in which a series begins is never
    extrapolated below zero. So `truth - births <= estimate <= truth`.
    """

    entries: tuple[tuple[str, tuple[str, ...], float, float], ...]

    @classmethod
    def of(cls, rows: Requests, since: float, *, quirks: bool = False, scrape: int = SCRAPE) -> Births:
        """The births of every counter's series (name, labels, time of the first scrape, value seen by it)."""
        ledger = Ledger(quirks)
        born: dict[tuple[str, tuple[str, ...]], tuple[float, float]] = {}
        for request in rows:
            if request.time < since:
                continue
            seen = -(-request.time // scrape) * scrape
            for metric, labels, value in ledger.entries(request):
                if metric.kind is Kind.GAUGE:
                    continue
                amount = value if metric.kind is Kind.COUNTER else 1.0
                first, sum_ = born.setdefault((metric.name, labels), (seen, 0.0))
                if first == seen:
                    born[metric.name, labels] = (seen, sum_ + amount)
        return cls(tuple((name, labels, seen, value) for (name, labels), (seen, value) in born.items()))

    def lost(
        self, metric: str, start: float, end: float, only: Callable[[tuple[str, ...]], bool] = lambda labels: True
    ) -> float:
        """What a metric may lose in `(start, end]`, of the series whose label values are wanted."""
        return sum(
            value
            for name, labels, seen, value in self.entries
            if name == metric and start < seen <= end and only(labels)
        )


def group_lines(answer: Answer) -> dict[str, Line]:
    """The lines of an answer by their group."""
    return {str(line.group): line for line in answer.lines}


def true_groups(rows: Requests, by: str, over: Window) -> dict[str, list[Request]]:
    """The requests of a window by their group."""
    return reckoning.cut(reckoning.within(rows, over.start, over.end), by)
