"""What `/metrics` answers: the counts of all processes, what the processes use, and which FluxDash this is."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fluxdash.operations.counts import Counts
from fluxdash.operations.noticeboard import Noticeboard

_PROC = Path("/proc")
_KNOWN = re.compile(
    r"\s*(application/openmetrics-text|text/plain|\*/\*)\s*"
    r"(;\s*(version=(0\.0\.4|1\.0\.0)|charset=utf-8|escaping=[a-z\d-]+|q=[01](\.\d{1,3})?)\s*)*",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process uses: memory in bytes, processor time in seconds with that of children gone, and so on."""

    memory: int
    cpu: float
    files: int
    threads: int
    started: float


class Exposition(Collector):
    """The metrics of one dashboard; `board` says which processes are its own, None that they are somebody else's."""

    def __init__(self, counts: Counts, version: str, board: Noticeboard | None) -> None:
        self._counts = counts
        self._version = version
        self._board = board

    def text(self, accept: str) -> tuple[bytes, str]:
        """Return all of it in the format that a scraper prefers, and what that format is called."""
        # The library believes any version, repeats it, and stumbles over one that is no number.
        known = [each for each in accept.split(",") if _KNOWN.fullmatch(each)]
        encode, kind = choose_encoder(",".join(known))
        return encode(self), kind

    def collect(self) -> Iterable[Metric]:
        yield from self._counts.collect()
        build = GaugeMetricFamily(
            "fluxdash_build_info", "Always 1; which FluxDash and which Python this is.", labels=("version", "python")
        )
        build.add_metric((self._version, platform.python_version()), 1)
        yield build
        if self._board is not None:
            yield from _used([usage(each) for each in self._board.processes()])


def usage(pid: int) -> Usage | None:
    """Return what a process uses; None for one that is gone, and where there is no /proc."""
    try:
        # The name of the process, in brackets, may hold anything; what counts stands after it.
        words = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        files = sum(1 for _ in (_PROC / str(pid) / "fd").iterdir())
        booted = re.search(r"^btime (\d+)$", (_PROC / "stat").read_text(), re.MULTILINE)
    except OSError:
        return None
    ticks = os.sysconf("SC_CLK_TCK")
    started = (int(booted[1]) if booted else 0) + int(words[19]) / ticks
    cpu = sum(int(each) for each in words[11:15]) / ticks
    return Usage(int(words[21]) * os.sysconf("SC_PAGE_SIZE"), cpu, files, int(words[17]), started)


def _used(found: Sequence[Usage | None]) -> Iterable[Metric]:
    told = [each for each in found if each is not None]
    if not told:
        return
    prefix = "fluxdash_process_"
    yield GaugeMetricFamily("fluxdash_processes", "Processes of the server.", len(told))
    yield CounterMetricFamily(
        f"{prefix}cpu_seconds", "Processor time of all processes.", sum(each.cpu for each in told)
    )
    yield GaugeMetricFamily(
        f"{prefix}resident_memory_bytes",
        "Memory of all processes; what they share is counted in each.",
        sum(each.memory for each in told),
    )
    yield GaugeMetricFamily(f"{prefix}open_fds", "Open files of all processes.", sum(each.files for each in told))
    yield GaugeMetricFamily(f"{prefix}threads", "Threads of all processes.", sum(each.threads for each in told))
    yield GaugeMetricFamily(
        f"{prefix}start_time_seconds", "When the oldest of them started.", min(each.started for each in told)
    )
