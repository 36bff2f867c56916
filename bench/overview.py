"""What one refresh of Overview costs: CPU, wall time and questions upstream, for one viewer and for twenty."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryDirectory
from typing import TypeVar

import orjson
from plotly.utils import PlotlyJSONEncoder

from fluxdash.pages import PAGES
from fluxdash.profiles.registry import profile
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import PRESETS, TICK, Window
from fluxdash.settings import Settings
from fluxdash.sources.connect import connect
from fluxdash.sources.gate import Gate
from fluxdash.sources.source import Gateway
from fluxdash.ui.page import Page
from fluxdash.ui.panel import Asking, Picture
from fluxdash.views.scene import Look
from fluxdash.views.times import Clock

T = TypeVar("T")


@dataclass(slots=True)
class Meter:
    """Counts the calls that pass a gate: every question to Prometheus or the database."""

    calls: int = 0


@contextmanager
def counting(meter: Meter) -> Iterator[None]:
    """Count every call of every gate meanwhile."""
    real = Gate.call

    def call(self: Gate, work: Callable[[], T]) -> T:
        meter.calls += 1
        return real(self, work)

    Gate.call = call  # type: ignore[method-assign]
    try:
        yield
    finally:
        Gate.call = real  # type: ignore[method-assign]


def refresh(page: Page, gateway: Gateway, asking: Asking) -> int:
    """Draw every panel of a page as the callbacks do; return the bytes of the figures and tiles."""
    size = 0
    for each in (panel for line in page.rows for panel in line):
        drawn = each.draw(gateway, asking)
        body = drawn.drawing.figure if isinstance(drawn, Picture) else drawn
        size += len(orjson.dumps(body, default=PlotlyJSONEncoder().default))
    return size


@dataclass(frozen=True, slots=True)
class Cost:
    """The median cost of a step."""

    cpu: float
    wall: float
    calls: float


def timed(meter: Meter, work: Callable[[], object]) -> Cost:
    """Run once and return what it cost this process."""
    before, calls, started = time.process_time(), meter.calls, time.perf_counter()
    work()
    return Cost((time.process_time() - before) * 1e3, (time.perf_counter() - started) * 1e3, float(meter.calls - calls))


def median(costs: list[Cost]) -> Cost:
    """Return the medians of each figure."""
    return Cost(*(statistics.median(getattr(each, name) for each in costs) for name in ("cpu", "wall", "calls")))


def main() -> None:
    """Print a table for each range."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database")
    parser.add_argument("--prometheus")
    parser.add_argument("--ranges", nargs="+", default=["1h", "30d"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--viewers", type=int, default=20)
    parser.add_argument("--now", type=float, default=None, help="epoch seconds to take as now")
    args = parser.parse_args()
    page = next(each for each in PAGES if each.path == "/")
    meter = Meter()
    print("range  step             cpu ms   wall ms   questions")
    with counting(meter):
        for text in args.ranges:
            for name, cost in measured(page, meter, args, PRESETS[text]):
                print(f"{text:>5}  {name:<14} {cost.cpu:8.1f} {cost.wall:9.1f} {cost.calls:11.0f}")


def measured(page: Page, meter: Meter, args: argparse.Namespace, seconds: int) -> Iterator[tuple[str, Cost]]:
    """Yield the medians of each step over fresh gateways with empty caches."""
    cold, cached, ticked, crowd = [], [], [], []
    for _ in range(args.runs):
        with TemporaryDirectory() as folder:
            wanted = {"DATABASE_URL": args.database, "PROMETHEUS_URL": args.prometheus, "FLUXDASH_CACHE_DIR": folder}
            settings = Settings.from_env({key: value for key, value in wanted.items() if value})
            gateway = connect(settings, profile(settings.profile))
            now = args.now or time.time()
            gateway.capabilities()  # the look at schema and series happens once a minute, not once a refresh
            one = partial(refresh, page, gateway)
            cold.append(timed(meter, partial(one, asking(seconds, now))))
            cached.append(timed(meter, partial(one, asking(seconds, now))))
            ticked.append(timed(meter, partial(one, asking(seconds, now + TICK))))
            with ThreadPoolExecutor(args.viewers) as viewers:
                same = [asking(seconds, now + 2 * TICK)] * args.viewers
                crowd.append(timed(meter, partial(list, viewers.map(one, same))))
            gateway.close()
    yield "cold", median(cold)
    yield "cached", median(cached)
    yield "next tick", median(ticked)
    yield f"{args.viewers} viewers", median(crowd)


def asking(seconds: int, now: float) -> Asking:
    """Return how the page is asked for the newest `seconds`."""
    scope = Scope(Window.last(seconds, now))
    return Asking(scope, Look("light", Clock(), 6.0), True)


if __name__ == "__main__":
    main()
