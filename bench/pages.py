"""What the panels of a page cost, each on its own: the first draw, the same again, and the next refresh."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from tempfile import TemporaryDirectory

import orjson
from plotly.utils import PlotlyJSONEncoder

from bench.overview import Cost, Meter, asking, counting, median, timed
from fluxdash.pages import PAGES
from fluxdash.profiles.registry import profile
from fluxdash.semantic.window import PRESETS, TICK
from fluxdash.settings import Settings
from fluxdash.sources.connect import connect
from fluxdash.sources.router import Router
from fluxdash.sources.source import Gateway
from fluxdash.ui.page import Page
from fluxdash.ui.panel import Panel
from fluxdash.ui.strip import Strip
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.goals import Goals

Draw = Callable[[Gateway, Asking], int]


def main() -> None:
    """Print a table for each range: a line a panel and variant, and one for the whole page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", choices=sorted(page.icon for page in PAGES))
    parser.add_argument("--database")
    parser.add_argument("--prometheus")
    parser.add_argument("--ranges", nargs="+", default=["7d"], choices=PRESETS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--now", type=float, default=None, help="epoch seconds to take as now")
    parser.add_argument("--budget", type=float, default=None, help="dollars a month, for what is held against one")
    args = parser.parse_args()
    page = next(each for each in PAGES if each.icon == args.page)
    meter = Meter()
    heads = "".join(f"{each:>20}" for each in ("alone", "in the page", "again", "next tick"))
    print(f"{'wall / CPU ms (questions)':44}{heads}  bytes")
    with counting(meter):
        for text in args.ranges:
            print(text)
            for name, costs, size in measured(page, meter, args, PRESETS[text]):
                print(f"  {name:44} " + " ".join(map(written, costs)) + f" {size:6,}")


def written(cost: Cost) -> str:
    """Return `812 / 655 (3)`: milliseconds on the clock, milliseconds of this process's CPU, and questions upstream."""
    return f"{cost.wall:6.0f} /{cost.cpu:6.0f} ({cost.calls:2.0f})"


def draws(page: Page) -> Iterator[tuple[str, Draw]]:
    """Yield what can be drawn on its own: strips, panels, and each variant of a panel."""
    for each in page.panels:
        if isinstance(each, Strip):
            yield each.title, partial(_strip, each)
        for variant in each.variants if isinstance(each, Panel) else ():
            yield f"{each.title} · {variant.name}", partial(_panel, each, variant.slug)
        if isinstance(each, Panel) and not each.variants:
            yield each.title, partial(_panel, each, "")


def measured(page: Page, meter: Meter, args: argparse.Namespace, seconds: int) -> Iterator[tuple[str, list[Cost], int]]:
    """Yield the medians of each panel: on an empty cache, after the panels above it, again, and a refresh later."""
    now = args.now or time.time()
    goals = Goals(budget=args.budget)
    looks = [asking(seconds, now + ticks * TICK) for ticks in (0, 1)]
    first, later = (replace(each, look=replace(each.look, goals=goals)) for each in looks)
    names = [name for name, _ in draws(page)]
    alone, cold, again, ticked = ({name: list[Cost]() for name in names} for _ in range(4))
    sizes = dict.fromkeys(names, 0)
    for _ in range(args.runs):
        for name, draw in draws(page):
            with TemporaryDirectory() as folder:
                gateway = _connected(args, folder)
                alone[name].append(timed(meter, partial(draw, gateway, first)))
                gateway.close()
        with TemporaryDirectory() as folder:
            gateway = _connected(args, folder)
            for costs, view in ((cold, first), (again, first), (ticked, later)):
                for name, draw in draws(page):
                    costs[name].append(timed(meter, partial(draw, gateway, view)))
            sizes = {name: draw(gateway, later) for name, draw in draws(page)}
            gateway.close()
    for name in names:
        yield name, [median(costs[name]) for costs in (alone, cold, again, ticked)], sizes[name]
    whole = [_sum([median(costs[name]) for name in names]) for costs in (alone, cold, again, ticked)]
    yield "all of it, one after the other", whole, sum(sizes.values())


def _connected(args: argparse.Namespace, folder: str) -> Router:
    wanted = {"DATABASE_URL": args.database, "PROMETHEUS_URL": args.prometheus, "FLUXDASH_CACHE_DIR": folder}
    settings = Settings.from_env({key: value for key, value in wanted.items() if value})
    gateway = connect(settings, profile(settings.profile))
    gateway.capabilities()  # the look at schema and series happens once a minute, not once a refresh
    return gateway


def _sum(costs: list[Cost]) -> Cost:
    return Cost(*(sum(getattr(each, name) for each in costs) for name in ("cpu", "wall", "calls")))


def _strip(strip: Strip, gateway: Gateway, view: Asking) -> int:
    return _size(strip.draw(gateway, view).drawn)


def _panel(panel: Panel, variant: str, gateway: Gateway, view: Asking) -> int:
    drawn = panel.draw(gateway, replace(view, shown=((panel.slug, variant),)))
    if isinstance(drawn, Picture):
        return _size([drawn.drawing.figure, drawn.drawing.beside])
    print(f"  {panel.title} {variant}: {drawn.title}. {drawn.text}")
    return _size(drawn)


def _size(drawn: object) -> int:
    return len(orjson.dumps(drawn, default=PlotlyJSONEncoder().default))


if __name__ == "__main__":
    main()
