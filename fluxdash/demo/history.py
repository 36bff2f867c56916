"""The metrics of the past: what Prometheus would have scraped, as OpenMetrics text that promtool turns into blocks."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fluxdash.demo.ledger import METRICS, Kind, Ledger, Metric
from fluxdash.demo.request import Request
from fluxdash.errors import SettingError

TARGET = 'job="fluxai-gateway",instance="simulator:8080"'
_TIME = "\0"  # stands for the time in the text of a scrape; no label value holds it, nor a %


class History:
    """Collects requests in order of time, then writes every scrape from `start` to `end`, `scrape` seconds apart.

    What is kept is 12 bytes per entry of the ledger (about 5 MB for a day of 26,000 requests); the text, about 1,500
    lines per scrape, is never held as a whole.
    """

    def __init__(self, start: float, end: float, scrape: int = 15, quirks: bool = False) -> None:
        if scrape < 1:
            raise SettingError("scrape", scrape, "seconds between two scrapes, 1 or more")
        self._first = math.ceil(start / scrape) * scrape
        self._scrape = scrape
        self._times = [str(time) for time in range(self._first, math.floor(end) + 1, scrape)]
        self._ledger = Ledger(quirks)
        self._series: dict[Metric, dict[tuple[str, ...], _Series]] = {metric: {} for metric in METRICS}
        for metric in METRICS:
            if not metric.labels:  # a series without labels exists, at zero, from the moment it is declared
                self._series[metric][()] = _Series()
                self._series[metric][()].add(0, 0.0)

    def add(self, request: Request) -> None:
        """Book one request; the first scrape at or after its time sees it."""
        scrape = math.ceil((request.time - self._first) / self._scrape)
        for metric, labels, value in self._ledger.entries(request):
            series = self._series[metric].get(labels)
            if series is None:
                series = self._series[metric][labels] = _Series()
            series.add(max(scrape, 0), value)

    def text(self) -> Iterator[tuple[float, str]]:
        """The OpenMetrics text in pieces, each with the share of the whole, 0 to 1, that is written once it is."""
        written, total = 0, sum(len(family) for family in self._series.values())
        for metric, family in self._series.items():
            name = metric.name.removesuffix("_total") if metric.kind is Kind.COUNTER else metric.name
            yield written / total, f"# HELP {name} {metric.help}\n# TYPE {name} {metric.kind.value}\n"
            for labels, series in family.items():
                written += 1
                for piece in self._scrapes(metric, labels, series):
                    yield written / total, piece
        yield 1.0, "# EOF\n"

    def _scrapes(self, metric: Metric, labels: tuple[str, ...], series: _Series) -> Iterator[str]:
        shown = ",".join((*(f'{name}="{value}"' for name, value in zip(metric.labels, labels, strict=True)), TARGET))
        changes, columns = series.states(metric)
        template = "".join([f"{line} %s {_TIME}\n" for line in _lines(metric, shown)])
        # Between two changes all scrapes are alike but for their time: format once, then only put the time in.
        for (since, until), values in zip(
            pairwise((*changes, len(self._times))), zip(*columns, strict=True), strict=True
        ):
            scrape = template % values
            yield "".join([scrape.replace(_TIME, time) for time in self._times[since:until]])


class _Series:
    """The entries of one series: at which scrape, which value."""

    __slots__ = ("_scrapes", "_values")

    def __init__(self) -> None:
        self._scrapes = array("i")
        self._values = array("d")

    def add(self, scrape: int, value: float) -> None:
        self._scrapes.append(scrape)
        self._values.append(value)

    def states(self, metric: Metric) -> tuple[list[int], list[list[str]]]:
        """The scrapes at which the series changes, and per line of its text the values from each of them on."""
        scrapes = np.frombuffer(self._scrapes, dtype=np.intc)
        values = np.frombuffer(self._values)
        last = np.flatnonzero(np.diff(scrapes, append=scrapes[-1] + 1))  # of the entries one scrape sees, the newest
        changes: list[int] = scrapes[last].tolist()
        if metric.kind is Kind.GAUGE:
            return changes, [_text(values[last])]
        if metric.kind is Kind.COUNTER:
            return changes, [_text(np.cumsum(values)[last])]
        inside = values[:, np.newaxis] <= np.array((*metric.buckets, np.inf))
        buckets = np.cumsum(inside, axis=0)[last]
        columns = [_text(column) for column in buckets.T]
        return changes, [*columns, _text(np.cumsum(values)[last]), columns[-1]]


def _lines(metric: Metric, labels: str) -> list[str]:
    """The name and labels of every line one scrape of the series has."""
    if metric.kind is not Kind.HISTOGRAM:
        return [f"{metric.name}{{{labels}}}"]
    bounds = [*(str(float(bound)) for bound in metric.buckets), "+Inf"]
    return [
        *(f'{metric.name}_bucket{{{labels},le="{bound}"}}' for bound in bounds),
        f"{metric.name}_sum{{{labels}}}",
        f"{metric.name}_count{{{labels}}}",
    ]


def _text(values: NDArray[np.generic]) -> list[str]:
    return [f"{value:.6f}".rstrip("0").rstrip(".") for value in values.tolist()]
