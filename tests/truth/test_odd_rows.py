"""Rows that no believable gateway writes, asked at random: on both engines, what is told is what they add up to."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from fluxdash.demo.request import utc
from fluxdash.demo.schema import REQUEST_METRICS, schema
from fluxdash.semantic.answer import Answer, Line
from fluxdash.semantic.conditions import condition
from fluxdash.semantic.dimensions import CACHE_TYPE, DIMENSIONS
from fluxdash.semantic.measure import Distribution, Measure
from fluxdash.semantic.measures import CACHE_HITS, LATENCY, MEASURES, THROUGHPUT
from fluxdash.semantic.query import Question, Shape
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.router import Router
from fluxdash.ui.states import State
from fluxdash.ui.studies.changed import Changed
from fluxdash.ui.study import Asking
from fluxdash.views.scene import Look
from tests.servers.postgres import PostgresServer
from tests.truth import world
from tests.truth.world import DAY, END, HOUR, scope

QUESTIONS = 50
MOST = 2**31 - 1
MODELS = ("llama", "haiku", "Haiku", "unpriced", "unknown", 'we,ird "q" %_<b>', "ünï模型", "trailing ")
REGIONS = ("us-east-1", "eu-west-1", "", "unknown")
STATUSES = (*("success",) * 12, "error", "error", "timeout", "Success", "success ", "", "unknown")
ERRORS = (
    None, "", "   ", "Throttling: slow down", "Throttling", " Throttling: led by a blank", "Read timed out.", "500 x",
    "日本: x", "Über: x", "two\nlines", "unknown", "a_b.c: d", "'; DROP TABLE x; --", "100% wrong", "=SUM(A1)",
)  # fmt: skip
METADATA: tuple[Any, ...] = (
    None, {}, [], "text", {"cache_type": "exact"}, {"cache_type": "semantic"}, {"cache_type": ""}, {"cache_type": 5},
    {"cache_type": None}, {"cache_type": "unknown"},
)  # fmt: skip
LATENCIES = (None, 0, 1, -5, MOST, 1000, 29_999, 30_000, 30_001)
COSTS = (None, "0", "0.000001", "9999.999999", "-0.25", "0.1", "0.2", "0.3")
ACCOUNTS = tuple(str(UUID(int=number, version=4)) for number in range(4))
PRICES: tuple[tuple[str, str, float, int, int], ...] = (
    ("llama", "us-east-1", 0, 300, 600), ("llama", "us-east-1", END - HOUR, 900, 1200),
    ("tied", "us-east-1", 0, 5, 5), ("tied", "us-east-1", 0, 2000, 2500), ("tied", "us-east-1", 0, 30, 40),
    ("haiku", "us-east-1", 0, 1000, 5000), ("haiku", "eu-west-1", END - 2 * HOUR, 1100, 5500),
    ("haiku", "", END + HOUR, 7, 7), ("unknown", "", END - 600, 1, 1),
)  # fmt: skip
"""Model, region, since when, and millionths of a dollar a thousand tokens; of two with one date the later row holds."""

SUMS = (
    "requests", "failures", "input_tokens", "output_tokens", "tokens", "cost", "cache_hits", "cache_misses", "lookups",
    "savings", "tokens_saved", "unpriced",
)  # fmt: skip
RATIOS = {
    "error_rate": ("failures", "requests"), "availability": ("successes", "requests"),
    "hit_rate": ("cache_hits", "lookups"), "savings_rate": ("savings", "worth"),
    "cost_per_request": ("cost", "requests"), "cost_per_success": ("cost", "successes"),
    "throughput": ("written", "writing"),
}  # fmt: skip
TOLD = [each for each in MEASURES if each.slug in (*SUMS, *RATIOS, "latency")]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the log; the time in microseconds, money in millionths of a dollar."""

    time: int
    account: str
    model: str
    region: str
    strategy: str | None
    latency: int | None
    into: int | None
    out: int | None
    total: int | None
    hit: bool | None
    status: str
    error: str | None
    metadata: Any

    @property
    def tokens(self) -> int:
        return (self.into or 0) + (self.out or 0)

    @property
    def succeeded(self) -> bool:
        return self.status == "success"

    @property
    def listed(self) -> Fraction | None:
        """Tokens times the price in force, in dollars."""
        found = [row for row in PRICES if row[:2] == (self.model, self.region) and row[2] * 1e6 <= self.time]
        price = max(enumerate(found), key=lambda each: (each[1][2], each[0]), default=None)
        return price and Fraction((self.into or 0) * price[1][3] + (self.out or 0) * price[1][4], 10**9)

    @property
    def worth(self) -> Fraction:
        if not self.total and self.tokens > 0:
            return self.listed or Fraction(0)
        return Fraction(self.total or 0, 10**6)

    @property
    def timed(self) -> bool:
        """Whether it has a speed: a success that was not a hit, of which tokens and time are known."""
        return self.succeeded and not self.hit and self.latency is not None and self.out is not None

    def adds(self, name: str) -> Fraction:
        """What it adds to a sum."""
        amount: Fraction | int = {
            "requests": 1,
            "failures": not self.succeeded,
            "successes": self.succeeded,
            "input_tokens": self.into or 0,
            "output_tokens": self.out or 0,
            "tokens": self.tokens,
            "cost": 0 if self.hit else self.worth,
            "savings": self.worth if self.hit else 0,
            "worth": self.worth,
            "cache_hits": self.hit is True,
            "cache_misses": self.hit is False,
            "lookups": self.hit is not None,
            "tokens_saved": self.tokens if self.hit else 0,
            "written": (self.out or 0) if self.timed else 0,
            "writing": Fraction(self.latency or 0, 1000) if self.timed else 0,
            "unpriced": self.succeeded and not self.hit and not self.total and self.tokens > 0 and self.listed is None,
        }[name]
        return Fraction(amount)

    def group(self, by: str) -> str | None:
        """Its group, or None where a dimension has no meaning for it."""
        if by == "cache":
            return {True: "hit", False: "miss", None: "off"}[self.hit]
        if (by == "cache_type" and not self.hit) or (by == "error_type" and self.succeeded):
            return None
        kind = self.metadata.get("cache_type") if isinstance(self.metadata, dict) else None
        cause = re.match(r"([A-Za-z0-9_.]+)(?::|\Z)", self.error or "")
        plain = {"cache_type": None if kind is None else str(kind), "error_type": cause and cause[1]}
        return (plain[by] if by in plain else getattr(self, by)) or "unknown"


def rows(seed: int, number: int) -> list[Row]:
    """Rows of the last two days before END, many of them at the edges of buckets, and some from the future."""
    draw, made = random.Random(seed), list[Row]()
    for _ in range(number):
        time = (END - draw.randint(0, draw.choice((900, HOUR, 6 * HOUR, 2 * DAY)))) * 10**6 + draw.randint(0, 10**6 - 1)
        width = draw.choice((1, 1, 10**6, 15 * 10**6, 60 * 10**6, HOUR * 10**6))
        time = time // width * width + (draw.choice((0, 0, 1, -1)) if width > 1 else 0)
        again = made and draw.random() < 0.05
        made.append(
            Row(
                time=made[-1].time if again else time + (HOUR * 10**6 if draw.random() < 0.03 else 0),
                account=draw.choice(ACCOUNTS),
                model=draw.choice((*MODELS[:2] * 3, *MODELS)),
                region=draw.choice(REGIONS),
                strategy=draw.choice((None, "", "auto", "unknown")),
                latency=draw.choice(LATENCIES) if draw.random() < 0.3 else round(draw.lognormvariate(7, 1)),
                into=draw.choice((None, 0, 12, draw.randint(1, 9000), MOST if draw.random() < 0.05 else 7)),
                out=draw.choice((None, 0, draw.randint(1, 3000), draw.randint(1, 3000))),
                total=None if (cost := draw.choice(COSTS)) is None else round(Decimal(cost) * 10**6),
                hit=draw.choice((None, False, False, True)),
                status=draw.choice(STATUSES),
                error=draw.choice(ERRORS),
                metadata=draw.choice(METADATA),
            )
        )
    return made


def write(url: str, made: Sequence[Row]) -> None:
    """Write the rows, the prices and the accounts as a gateway would."""
    tables, engine = schema(), sa.create_engine(url)
    tables.create_all(engine)
    prices = [
        {"id": at, "model_id": model, "region": region, "effective_date": utc(since)}
        | {"input_per_1k": Decimal(into).scaleb(-6), "output_per_1k": Decimal(out).scaleb(-6)}
        for at, (model, region, since, into, out) in enumerate(PRICES)
    ]
    told = [
        {
            "id": str(UUID(int=at)), "account_id": each.account, "model_id": each.model, "region": each.region,
            "routing_strategy": each.strategy, "timestamp": utc(each.time / 1e6), "latency_ms": each.latency,
            "input_tokens": each.into, "output_tokens": each.out,
            "total_cost": None if each.total is None else Decimal(each.total).scaleb(-6), "cache_hit": each.hit,
            "status": each.status, "error_message": each.error, "metadata": each.metadata,
        }
        for at, each in enumerate(made)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(tables.tables["accounts"].insert(), [{"id": each, "name": "acme"} for each in ACCOUNTS])
        connection.execute(tables.tables["model_pricing"].insert(), prices)
        connection.execute(tables.tables[REQUEST_METRICS].insert(), told)
    engine.dispose()


def row(**other: Any) -> Row:
    plain = Row(0, ACCOUNTS[0], "llama", "us-east-1", None, 1000, 10, 20, 500_000, False, "success", None, None)
    return replace(plain, **other)


CASES = {
    "more tokens than an integer holds": [row(into=MOST, out=1, hit=True), row(into=MOST, out=MOST, total=0), row()],
    "hits that failed": [row(hit=True, status="error"), row(hit=True, status="timeout"), row(status="error")],
    "answers whose time or tokens nobody wrote down": [row(), row(latency=None), row(out=None)],
    "types of hits that are numbers": [row(hit=True, metadata={"cache_type": 5}), row(hit=True), row()],
    "two prices of one date": [row(model="tied", total=None), row(model="tied", total=0)],
}
"""Rows that stand alone, each case in an hour of its own."""


def began(case: str) -> int:
    return END - (5 + [*CASES].index(case)) * DAY


Logs = tuple[Router, Router]


@pytest.fixture(scope="module")
def odd() -> list[Row]:
    """Rows at random, and each case."""
    cases = [replace(each, time=began(case) * 10**6) for case, some in CASES.items() for each in some]
    return [*rows(11, 1500), *cases]


@pytest.fixture(scope="module")
def logs(odd: list[Row], postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logs]:
    """FluxDash on the same rows in SQLite and in PostgreSQL."""
    folder: Path = tmp_path_factory.mktemp("odd")
    addresses = (f"sqlite:///{folder / 'log.db'}", postgres_server.fresh_database())
    with ExitStack() as stack:
        for each in addresses:
            write(each, odd)
        first, second = (stack.enter_context(world.fluxdash(DATABASE_URL=each)) for each in addresses)
        yield first, second


def total(measure: Measure, some: Sequence[Row], q: float | None) -> Fraction | None:
    """The number of a measure over some rows; None where there is none."""
    if isinstance(measure, Distribution):
        known = sorted(each.latency for each in some if each.latency is not None)
        rank = math.ceil(Fraction(str(q)) * len(known))
        return Fraction(known[rank - 1], 1000) if known else None
    if measure.slug in RATIOS:
        above, below = (sum((each.adds(name) for each in some), Fraction(0)) for name in RATIOS[measure.slug])
        return above / below if below else None
    return sum((each.adds(measure.slug) for each in some), Fraction(0))


def near(got: float | None, want: Fraction | None) -> bool:
    if got is None or want is None:
        return got is None and want is None
    return math.isclose(got, want, rel_tol=1e-11, abs_tol=1e-9)


def asked(draw: random.Random, odd: Sequence[Row]) -> tuple[Question, Scope]:
    """A question about some window that ends before END or around it, under some filters."""
    measure = draw.choice(TOLD)
    q = draw.choice((0.01, 0.5, 0.95, 0.99)) if isinstance(measure, Distribution) else None
    by = draw.choice((None, *DIMENSIONS))
    shape = draw.choice((Shape.SERIES, Shape.TOP)) if by else draw.choice((Shape.TOTAL, Shape.SERIES))
    step = draw.choice((15, 60, 300, HOUR))
    end = (END - draw.choice((0, 0, draw.randint(0, DAY)))) // step * step
    over = Window.between(end - step * draw.randint(1, 30), end, END + DAY, step)
    filters: dict[str, list[str]] = {}
    for each in draw.sample(DIMENSIONS, draw.choice((0, 0, 1, 2))):
        values = sorted({group for one in odd if (group := one.group(each.slug))})
        filters[each.slug] = draw.sample(values, min(len(values), draw.choice((1, 2))))
    n = draw.choice((2, 200)) if shape is Shape.TOP else None
    return Question(measure, shape, by, n, q), scope(over, **filters)


def wrong(answer: Answer, odd: Sequence[Row]) -> Iterator[object]:
    """Where an answer is not what the rows add up to."""
    question, over = answer.query.question, answer.window
    judged = {each.slug for each in question.measure.judges}
    filters = {each.dimension.slug: each.values for each in answer.query.scope.filters}
    inside = [
        each for each in odd
        if over.start * 10**6 <= each.time < over.end * 10**6
        and all(each.group(by) in values for by, values in filters.items() if by not in judged)
    ]  # fmt: skip
    groups: dict[str | None, list[Row]] = {} if question.by else {None: inside}
    for each in inside if question.by else ():
        if (group := each.group(question.by.slug if question.by else "")) is not None:
            groups.setdefault(group, []).append(each)
    named = {line.group for line in answer.lines}
    rest = [each for group, some in groups.items() if group not in named for each in some]
    if rest and not answer.other and not isinstance(question.measure, Distribution):
        yield "no Other", groups.keys() - named

    def differs(line: Line, some: Sequence[Row]) -> Iterator[object]:
        if not near(line.total, total(question.measure, some, question.q)):
            yield line.group, line.total, total(question.measure, some, question.q)
        if line.n is not None and line.n < 0:
            yield line.group, "n", line.n
        for start, value in zip(over.starts, line.values, strict=True) if question.shape is Shape.SERIES else ():
            part = [each for each in some if start * 10**6 <= each.time < (start + over.step) * 10**6]
            if not near(value, total(question.measure, part, question.q)):
                yield line.group, start, value, total(question.measure, part, question.q)

    for line in answer.lines:
        yield from differs(line, groups.get(line.group, []))
    if answer.other:
        yield from differs(answer.other, rest)


@pytest.mark.parametrize("seed", range(4))
def test_both_engines_tell_of_odd_rows_what_they_add_up_to(logs: Logs, odd: list[Row], seed: int) -> None:
    draw, some = random.Random(seed), 0
    for _ in range(QUESTIONS):
        question, over = asked(draw, odd)
        first, second = (each.answer(question.within(over)) for each in logs)
        for answer in (first, second):
            found = list(wrong(answer, odd))
            assert not found, (question, over, answer.provenance, found[:3])
        assert {(line.group, line.n) for line in first.lines} == {(line.group, line.n) for line in second.lines}
        some += bool(first.total or len(first.lines) > 1)
    assert some > QUESTIONS / 3


def test_requests_whose_latency_nobody_wrote_down_are_not_none(logs: Logs, odd: list[Row]) -> None:
    over = Window.between(END - HOUR, END, END + DAY, 60)
    unknown = Scope(over, conditions=(condition("latency:unknown"),))
    some = sum(each.latency is None and over.start * 10**6 <= each.time < over.end * 10**6 for each in odd)
    for gateway in logs:
        shown = Changed(LATENCY, "P95", 0.95).draw(gateway, Asking(unknown, Look()), "What changed")
        assert isinstance(shown, State)
        assert shown.text.startswith(f"{some} were counted"), shown.text


@pytest.mark.parametrize("case", CASES)
def test_what_one_odd_row_must_not_spoil(logs: Logs, odd: list[Row], case: str) -> None:
    over = Window.between(began(case), began(case) + HOUR, END, HOUR)
    for gateway in logs:
        for measure in TOLD:
            if not isinstance(measure, Distribution):
                assert not list(wrong(gateway.answer(measure.total().within(scope(over))), odd)), measure
        answer = gateway.answer(THROUGHPUT.total().within(scope(over)))
        assert answer.n == sum(each.timed for each in CASES[case])
        ranked = gateway.answer(CACHE_HITS.top(9, by=CACHE_TYPE).within(scope(over)))
        assert not list(wrong(ranked, odd))
        for line in ranked.lines:
            alone = gateway.answer(CACHE_HITS.total().within(scope(over, cache_type=[str(line.group)])))
            assert alone.total == line.total > 0, line.group
