"""How good the cost forecast is on days it has not seen: simulated gateways, rolling origin, 1 to 7 days ahead."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import gettempdir

from fluxdash.analysis.forecast import Forecast, forecast
from fluxdash.demo.traffic import Traffic

START = datetime(2026, 9, 1, tzinfo=UTC)
AHEAD = 7
WEEK = 7


@dataclass(slots=True)
class Score:
    """What is held out against what was said: absolute errors, and whether the band held."""

    ours: list[float] = field(default_factory=list)
    naive: list[float] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)

    def line(self, name: str) -> str:
        """Return a row of the table."""
        ours, naive = statistics.mean(self.ours), statistics.mean(self.naive)
        held = 100 * statistics.mean(self.inside)
        return f"{name:<10} {len(self.ours):6} {ours:9.3f} {naive:9.3f} {ours / naive:7.2f} {held:7.1f} %"


@dataclass(slots=True)
class Tally:
    """The scores of a run: by days ahead, by seed, of the month; the models chosen; CPU seconds a forecast."""

    ahead: dict[int, Score] = field(default_factory=lambda: defaultdict(Score))
    seed: dict[int, Score] = field(default_factory=lambda: defaultdict(Score))
    all: Score = field(default_factory=Score)
    month: Score = field(default_factory=Score)
    models: Counter[str] = field(default_factory=Counter)
    claimed: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def hourly(seed: int, rate: float, days: int) -> list[float]:
    """Return the money spent in each hour of the simulated gateway; kept in a file, for it takes a minute."""
    kept = Path(gettempdir()) / f"fluxdash-bench-forecast-{START:%Y%m%d}-{days}-{rate:g}-{seed}.json"
    if not kept.exists():
        print(f"simulating {days} days of seed {seed} …", file=sys.stderr)
        sums = [0.0] * (days * 24)
        begin = START.timestamp()
        for request in Traffic(seed, rate).between(begin, begin + days * 86400):
            if not request.cache_hit and request.total_cost is not None:
                sums[int((request.time - begin) // 3600)] += float(request.total_cost)
        kept.write_text(json.dumps(sums))
    found: list[float] = json.loads(kept.read_text())
    return found


def roll(hours: list[float], seed: int, history: int, first: int, hour: int, tally: Tally) -> None:
    """Forecast at `hour` o'clock of every day from `first` on, as if the rest were not there, and score it."""
    truth = [sum(hours[each : each + 24]) for each in range(0, len(hours), 24)]
    for origin in range(first, len(truth)):
        begin, end = max(origin - history, 0), origin * 24 + hour
        started = time.process_time()
        found = forecast(hours[begin * 24 : end], int(START.timestamp()) + begin * 86400, UTC, AHEAD)
        tally.cpu.append(time.process_time() - started)
        if not isinstance(found, Forecast):
            raise SystemExit(found.reason)
        tally.models[found.model] += 1
        tally.claimed.append(found.back_test.coverage)
        for step, (day, came) in enumerate(zip(found.days, truth[origin:], strict=False)):
            for score in (tally.ahead[step + 1], tally.seed[seed], tally.all):
                score.ours.append(abs(day.expected - came))
                score.naive.append(
                    abs(truth[origin - WEEK + step] - came) if origin >= WEEK else abs(truth[origin - 1] - came)
                )
                score.inside.append(day.low <= came <= day.high)
        by_month(found, truth, origin, begin, tally.month)


def by_month(found: Forecast, truth: list[float], origin: int, begin: int, score: Score) -> None:
    """Score the month's total where the whole month is simulated and given; naive: each day as a week before."""
    last = (found.month.path[-1].date - START.date()).days
    first = (date(found.month.path[-1].date.year, found.month.path[-1].date.month, 1) - START.date()).days
    if last >= len(truth) or first < begin or origin < WEEK:
        return
    came = sum(truth[first : last + 1])
    naive = sum(truth[first:origin]) + sum(truth[origin - WEEK + each % WEEK] for each in range(last + 1 - origin))
    score.ours.append(abs(found.month.expected - came))
    score.naive.append(abs(naive - came))
    score.inside.append(found.month.low <= came <= found.month.high)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--rate", type=float, default=0.1, help="requests per second")
    parser.add_argument("--history", type=int, default=90, help="days given to each forecast, at most")
    parser.add_argument("--first", type=int, default=28, help="days before the first origin")
    parser.add_argument("--hour", type=int, default=0, help="o'clock of the running day")
    args = parser.parse_args()
    tally = Tally()
    for seed in args.seeds:
        roll(hourly(seed, args.rate, args.days), seed, args.history, args.first, args.hour, tally)
    print("               days  ours MAE naive MAE   ratio    inside")
    for step, score in sorted(tally.ahead.items()):
        print(score.line(f"+{step} d"))
    for seed, score in sorted(tally.seed.items()):
        print(score.line(f"seed {seed}"))
    print(tally.all.line("all"))
    if tally.month.ours:
        print(tally.month.line("month end"))
    print(f"coverage claimed by the back tests: {100 * statistics.mean(tally.claimed):.1f} %")
    print(f"CPU s a forecast: median {statistics.median(tally.cpu):.2f}, longest {max(tally.cpu):.2f}")
    for model, times in tally.models.most_common():
        print(f"{times:5} × by {model}")


if __name__ == "__main__":
    main()
