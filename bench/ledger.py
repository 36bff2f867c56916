"""What the request log costs at millions of rows, on PostgreSQL or SQLite: its leaves, searches, counts and export."""

from __future__ import annotations

import argparse
import resource
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from fluxdash.app import create_app
from fluxdash.demo.accounts import ACCOUNTS
from fluxdash.demo.log import RequestLog
from fluxdash.errors import FluxDashError
from fluxdash.profiles.registry import profile
from fluxdash.semantic.conditions import condition, together
from fluxdash.semantic.leaves import LEAF, Leafing
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import PRESETS, Window
from fluxdash.settings import Settings
from fluxdash.sources.connect import connect
from fluxdash.sources.source import Gateway

_DAYS = 30
_SLICES = 20
_FILL = """
INSERT INTO request_metrics
SELECT gen_random_uuid(), (ARRAY[{accounts}]::uuid[])[1 + floor(r.b * {many})], NULL,
    CASE WHEN r.c < 0.98 THEN 'req_' || i END, CASE WHEN r.d < 0.9 THEN md5(i::text) END,
    (ARRAY['anthropic.claude-3-5-sonnet-20241022-v2:0', 'anthropic.claude-3-5-haiku-20241022-v1:0',
        'meta.llama3-70b-instruct-v1:0', 'meta.llama3-8b-instruct-v1:0', 'amazon.titan-text-express-v1',
        'mistral.mistral-7b-instruct-v0:2'])[1 + floor(r.e * 6)],
    (ARRAY['us-east-1', 'us-west-2', 'eu-west-1'])[1 + floor(r.f * 3)],
    CASE WHEN r.g < 0.95 THEN (ARRAY['auto', 'cost-optimized', 'low-latency'])[1 + floor(r.g * 3)] END,
    timestamp '{start}' + i * interval '{gap} microseconds',
    (50 + 900 * -ln(1 - r.h))::int, (20 + 2000 * r.c)::int, (10 + 700 * r.d)::int, NULL, NULL, NULL,
    CASE WHEN r.a < 0.97 THEN (0.00001 + 0.02 * r.c * r.d)::numeric(10, 6) ELSE 0 END,
    CASE WHEN r.b < 0.8 THEN r.f < 0.3 END, CASE WHEN r.a < 0.97 THEN 'success' ELSE 'error' END,
    CASE WHEN r.a >= 0.97 THEN CASE WHEN r.a < 0.9700005 THEN 'OutOfCheese: nothing left'
        WHEN r.a < 0.98 THEN 'ThrottlingException: Too many requests, slow down'
        ELSE 'ModelTimeoutException: no answer in 30 s' END END, '{{"stream": true}}'
FROM generate_series({first}::bigint, {last}) AS i, LATERAL (SELECT random() AS a, random() AS b, random() AS c,
    random() AS d, random() AS e, random() AS f, random() AS g, random() AS h, i AS own) AS r
"""
_ACCOUNTS = tuple(each.id for each in ACCOUNTS)
_MODELS = ("anthropic.claude-3-5-sonnet-20241022-v2:0", "meta.llama3-8b-instruct-v1:0", "amazon.titan-text-express-v1")
_COLUMNS = (
    "id, account_id, request_id, trace_id, model_id, region, routing_strategy, timestamp, latency_ms, input_tokens,"
    " output_tokens, total_cost, cache_hit, status, error_message, metadata"
)


def fill(url: str, rows: int, end: float) -> None:
    """Write `rows` requests of the 30 days before `end`, in the order of their times, with key and time index."""
    if url.startswith("sqlite"):
        _fill_file(url, rows, end)
        return
    RequestLog(url, time_index=False).close()
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    gap = _DAYS * 86_400 * 1_000_000 // rows
    start = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(end - rows * gap / 1e6))
    accounts = ", ".join(f"'{each}'" for each in _ACCOUNTS)
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT conname FROM pg_constraint"
            " WHERE conrelid = 'request_metrics'::regclass AND contype IN ('p', 'f', 'u')"
        )
        for name in found.scalars().all():
            connection.exec_driver_sql(f'ALTER TABLE request_metrics DROP CONSTRAINT "{name}"')
        connection.exec_driver_sql("SET maintenance_work_mem = '1GB'")
        for part in range(_SLICES):
            first, last = rows * part // _SLICES, rows * (part + 1) // _SLICES - 1
            said = _FILL.format(accounts=accounts, many=len(ACCOUNTS), start=start, gap=gap, first=first, last=last)
            connection.exec_driver_sql(said.replace("%", "%%"))
            print(f"filled {last + 1:,}", flush=True)
        connection.exec_driver_sql("ALTER TABLE request_metrics ADD PRIMARY KEY (id)")
        connection.exec_driver_sql("CREATE INDEX ON request_metrics (timestamp)")
        connection.exec_driver_sql("VACUUM ANALYZE request_metrics")
    engine.dispose()


def _fill_file(url: str, rows: int, end: float) -> None:
    RequestLog(url, time_index=True).close()
    path, begun = str(sa.make_url(url).database), end - _DAYS * 86_400
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        statement = f"INSERT INTO request_metrics ({_COLUMNS}) VALUES ({', '.join('?' * 16)})"
        connection.executemany(statement, _invented(rows, begun))
        connection.commit()


def _invented(rows: int, begun: float) -> Iterator[tuple[object, ...]]:
    """Yield requests as the PostgreSQL statement invents them; the digits of a product are random enough."""
    for i in range(rows):
        at = datetime.fromtimestamp(begun + _DAYS * 86_400 * i / rows, UTC)
        a, b = i * 2654435761 % 10_000, i * 40503 % 1000
        failed = a >= 9700
        error = ("OutOfCheese: nothing left" if i % 2_000_000 == 7 else "Throttling: slow down") if failed else None
        yield (
            f"{i:032x}", _ACCOUNTS[b % len(_ACCOUNTS)], f"req_{i}" if b >= 20 else None, f"{i:032x}",
            _MODELS[b % 3], ("us-east-1", "us-west-2", "eu-west-1")[a % 3], "auto" if b < 950 else None,
            f"{at:%Y-%m-%d %H:%M:%S.%f}", 50 + a // 3, 20 + 2 * b, 10 + b, 0 if failed else a / 500_000,
            b < 240 if a < 8000 else None, "error" if failed else "success", error, '{"stream": true}',
        )  # fmt: skip


def reads(gateway: Gateway, scope: Scope) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what a reader of the page asks for, by name."""
    newest = Leafing()
    first = gateway.leaf(scope, newest, None, LEAF)
    middle = Leafing(at=(scope.window.start + scope.window.end) / 2)

    def leaf(how: Leafing, *where: str) -> Callable[[], object]:
        narrowed = replace(scope, conditions=together(map(condition, where)))
        return lambda: gateway.leaf(narrowed, how, None, LEAF)

    yield "newest leaf", leaf(newest)
    yield "leaf after it", lambda: gateway.leaf(scope, newest, first.entries[-1].place, LEAF)
    yield "leaf at the middle", leaf(middle)
    yield "oldest leaf", leaf(Leafing(ascending=True))
    yield "newer than the first", lambda: gateway.newer(scope, newest, first.entries[0].place)
    yield "condition most rows meet", leaf(newest, "latency:ge:0.2")
    yield "condition 3 % meet", leaf(newest, "status:not:success")
    yield "condition 1 in 2 M meets", leaf(newest, "error:contains:outofcheese")
    yield "condition no row meets", leaf(newest, "region:is:mars")
    yield "search many rows meet", leaf(Leafing(find="slow down"))
    yield "search 1 in 2 M meets", leaf(Leafing(find="outofcheese"))
    yield "extent", lambda: gateway.extent(scope, newest)
    yield "sorted by cost", leaf(Leafing.of("cost"))
    yield "sorted by account", leaf(Leafing.of("account"))


def main() -> None:
    """Print a median for each read in each range, and what an export costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="an empty database, or one that was filled before")
    parser.add_argument("--fill", type=int, default=0, metavar="ROWS")
    parser.add_argument("--now", type=float, default=float(int(time.time())), help="epoch seconds to take as now")
    parser.add_argument("--ranges", nargs="+", default=["1h", "24h", "30d"])
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    if args.fill:
        fill(args.database, args.fill, args.now)
    settings = Settings.from_env({"DATABASE_URL": args.database, "FLUXDASH_CACHE": "memory"})
    gateway = connect(settings, profile(settings.profile))
    for text in args.ranges:
        scope = Scope(Window.last(PRESETS[text], args.now))
        for name, work in reads(gateway, scope):
            print(f"{text:>4}  {name:<28} {median(work, args.runs)}", flush=True)
    export(create_app(settings, gateway, now=lambda: args.now).server.test_client(), args.ranges[-1])
    gateway.close()


def median(work: Callable[[], object], runs: int) -> str:
    """Return the median of several runs in milliseconds, or why there is none."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        try:
            work()
        except FluxDashError as err:
            return f"{(time.perf_counter() - started) * 1e3:9.1f} ms  {err}"
        taken.append((time.perf_counter() - started) * 1e3)
    return f"{statistics.median(taken):9.1f} ms"


def export(client: object, text: str) -> None:
    """Print how fast rows come, and by how much the process grew meanwhile."""
    before, started, size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter(), 0
    response = client.get(f"/requests.csv?range={text}", buffered=False)  # type: ignore[attr-defined]
    rows = 0
    for part in response.iter_encoded():
        size += len(part)
        rows += part.count(b"\n")
    took = time.perf_counter() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"export: {rows:,} lines, {size / 1e6:.1f} MB in {took:.1f} s, {rows / took:,.0f} a second, +{grown:.1f} MiB")


if __name__ == "__main__":
    main()
