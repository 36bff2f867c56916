"""`fluxdash simulate`: the demo gateway on the command line."""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fluxdash.demo.otlp import Collector
from fluxdash.demo.request import utc
from fluxdash.demo.simulator import Simulator, Traced
from fluxdash.demo.spanlog import SpanLog
from fluxdash.errors import SettingError

DAY = 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `fluxdash simulate` on `parser`."""
    parser.add_argument("--database", metavar="URL", help="write the request log there: postgresql://… or sqlite:///…")
    parser.add_argument("--host", default="127.0.0.1", help="where the metrics are served (default %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="their port, 0 for a free one (default %(default)s)")
    parser.add_argument("--no-metrics", action="store_true", help="serve no metrics")
    parser.add_argument("--days-back", type=float, default=0, metavar="N", help="fill in the last N days first")
    parser.add_argument("--refill", action="store_true", help="write these days again, also where the log has them")
    parser.add_argument("--spans", action="store_true", help="write spans beside the log, into its table trace_spans")
    parser.add_argument("--otlp", metavar="URL", help="send spans there, such as http://localhost:4318 of Jaeger")
    parser.add_argument(
        "--openmetrics", type=Path, metavar="FILE", help="write the metrics of these days, for promtool"
    )
    parser.add_argument(
        "--scrape", type=int, default=15, metavar="SECONDS", help="between scrapes (default %(default)s)"
    )
    parser.add_argument("--once", action="store_true", help="fill in the past and exit")
    parser.add_argument("--until", type=float, metavar="EPOCH", help="end of the past, instead of now; implies --once")
    parser.add_argument("--rate", type=float, default=0.3, help="requests per second over a week (default %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="another seed, other requests (default %(default)s)")
    parser.add_argument("--quirks", action="store_true", help="book as carelessly as real installations do")


def run(args: argparse.Namespace) -> int:
    """Fill in the past, then live until SIGINT or SIGTERM; returns the exit code.

    Raises SettingError for options that cannot be served.
    """
    if not 0 <= args.days_back <= 3660:
        raise SettingError("days-back", args.days_back, "days, from 0 to 3660")
    if args.days_back and not (args.database or args.openmetrics):
        raise SettingError(
            "days-back", args.days_back, "0, unless --database or --openmetrics says where to write them"
        )
    if args.openmetrics and not args.days_back:
        raise SettingError("openmetrics", args.openmetrics, "nothing, unless --days-back says how much to write")
    end = time.time() if args.until is None else args.until
    once = args.once or args.until is not None
    if args.spans and not args.database:
        raise SettingError("spans", args.spans, "nothing, unless --database says where to write them")
    gateway = Simulator(
        args.database,
        None if args.no_metrics else args.port,
        args.host,
        args.rate,
        args.seed,
        args.quirks,
        _traced(args),
    )
    console = Console(stderr=True)
    with _until_a_signal(gateway):
        try:
            _past(gateway, args, end, console)
            if not (once or gateway.interrupted):
                gateway.start()
                console.print(_doing(gateway))
                gateway.wait()
        finally:
            gateway.stop()
    return 0


def _traced(args: argparse.Namespace) -> Iterator[Traced]:
    if args.spans:
        yield SpanLog(args.database)
    if args.otlp:
        yield Collector(args.otlp)


def _past(gateway: Simulator, args: argparse.Namespace, end: float, console: Console) -> None:
    start = end - args.days_back * DAY
    if start == end:
        return
    if gateway.log:
        since = start if args.refill else gateway.missing_since(start)
        if since > start:
            console.print(
                f"The log already reaches {utc(since):%Y-%m-%d %H:%M:%S} UTC: only what is missing after it is"
            )
            console.print("filled in. --refill writes the whole stretch again.")
        with _progress(console, "Request log", since, end) as progress:
            rows = gateway.backfill(start, end, progress, args.refill)
        console.print(f"{rows:,} requests written to {gateway.log.address}.")
    if args.openmetrics and not gateway.interrupted:
        with _progress(console, "Metrics", start, end) as progress:
            gateway.write_openmetrics(args.openmetrics, start, end, args.scrape, progress)
        console.print(f"{args.openmetrics}: promtool tsdb create-blocks-from openmetrics turns it into blocks.")


def _doing(gateway: Simulator) -> str:
    metrics = f"metrics at {gateway.metrics_url}" if gateway.metrics_url else "no metrics"
    log = f"the log in {gateway.log.address}" if gateway.log else "no log"
    return f"The gateway is live, with {metrics} and {log}. Ctrl+C stops it."


@contextmanager
def _progress(console: Console, what: str, start: float, end: float) -> Iterator[Callable[[int, float], None]]:
    count = TextColumn("{task.fields[rows]:,} requests")
    columns = (TextColumn("{task.description}"), BarColumn(), count, TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=max(end - start, 0), rows=0)
        yield lambda rows, reached: bar.update(task, completed=reached - start, rows=rows)
        bar.update(task, completed=max(end - start, 0))


@contextmanager
def _until_a_signal(gateway: Simulator) -> Iterator[None]:
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: gateway.interrupt()) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
