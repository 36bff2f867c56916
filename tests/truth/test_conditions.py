"""Conditions leave the requests that plain Python leaves, for every column and operator, on every engine."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from urllib.parse import urlencode

import pytest

from fluxdash.app import create_app
from fluxdash.demo.accounts import ACCOUNTS
from fluxdash.demo.request import Request, utc
from fluxdash.semantic.conditions import FIELDS, Condition, Field, Op, condition, together
from fluxdash.semantic.leaves import Leafing
from fluxdash.semantic.measures import COST, ERROR_RATE, FAILURES, REQUESTS
from fluxdash.semantic.scope import Scope
from fluxdash.settings import Settings
from tests.truth import reckoning, world
from tests.truth.reckoning import differs
from tests.truth.test_rows import Logged, truth
from tests.truth.world import END, scope, window

OVER = window(END - 1500, END)
NAMES = {each.id: each.name for each in ACCOUNTS}
FITTING = [(field, op) for field in FIELDS for op in Op if not field.refuses(op)]
Told = str | Fraction | None
Row = tuple[Request, Mapping[str, Told]]


def told(request: Request) -> dict[str, Told]:
    """What a request tells in each column; None where it tells nothing."""
    record = truth(request)
    plain = {each.slug: getattr(record, each.slug) for each in FIELDS}
    exact = {
        slug: value if value is None or isinstance(value, str) else Fraction(value) for slug, value in plain.items()
    }
    cost = None if record.cost is None else reckoning.total("cost", [request])
    return {**exact, "latency": Fraction(request.latency_ms, 1000), "cost": cost}


@pytest.fixture(scope="module")
def table(logged: Logged) -> list[Row]:
    """The requests of the window, each with what it tells."""
    return [(each, told(each)) for each in reckoning.within(logged[1], OVER.start, OVER.end)]


def small(text: str) -> str:
    return "".join(each.lower() if each < "\x80" else each for each in text)


def holds(value: Told, op: Op, wanted: str) -> bool:
    """Whether an operator holds for one value: what is unknown is no value."""
    if op in (Op.UNKNOWN, Op.KNOWN):
        return (value in (None, "")) is (op is Op.UNKNOWN)
    if isinstance(value, Fraction):
        number = Fraction(wanted)
        return {Op.IS: value == number, Op.NOT: value != number, Op.LEAST: value >= number, Op.MOST: value <= number}[
            op
        ]
    if value is None:
        return op is Op.NOT
    match op:
        case Op.CONTAINS:
            return small(wanted) in small(value)
        case Op.STARTS:
            return small(value).startswith(small(wanted))
    return (value == wanted) is (op is Op.IS)


def met(rows: list[Row], *conditions: Condition) -> list[Request]:
    return [request for request, values in rows if all(_meets(values, each) for each in conditions)]


def _meets(values: Mapping[str, Told], one: Condition) -> bool:
    value = values[one.field.slug]
    if one.field.slug != "account" or one.op.is_bare:
        return holds(value, one.op, one.value)
    both = (holds(each, one.op, one.value) for each in (value, NAMES[str(value)]))
    return all(both) if one.op is Op.NOT else any(both)


def chosen(field: Field, op: Op, rows: list[Row]) -> Iterator[str]:
    """Some that occur, at both ends and in the middle, a part of one in other letters, and one that never occurs."""
    if op.is_bare:
        yield ""
        return
    known = sorted({told for _, values in rows if (told := values[field.slug]) not in (None, "")}, key=str)
    if field.numeric:
        numbers = sorted({each for each in known if isinstance(each, Fraction)})
        # Between two that differ: what a float makes of the twelfth digit of a sum of money is not the question.
        gaps = [(a + b) / 2 for a, b in pairwise(numbers) if field.slug != "cost" or b - a > Fraction(1, 10**6)]
        whole = [each for each in numbers if (each * 10**6).denominator == 1]
        for each in (*whole[:1], *whole[len(whole) // 2 : len(whole) // 2 + 1], *gaps[::97], Fraction(-1)):
            yield f"{float(each):.9f}".rstrip("0").rstrip(".")
        return
    texts = [each for each in known if isinstance(each, str)]
    for each in {*texts[:1], *texts[len(texts) // 2 : len(texts) // 2 + 1], *texts[-1:]}:
        part = each[1:-1] if op is Op.CONTAINS else each[:5] if op is Op.STARTS else each
        yield part.swapcase() if op in (Op.CONTAINS, Op.STARTS) else part
    yield from ("%", "_", "' OR 1=1 --", *([NAMES[ACCOUNTS[0].id]] if field.slug == "account" else []))


def times(rows: list[Request]) -> Counter[float]:
    return Counter(request.time for request in rows)


@pytest.mark.parametrize(("field", "op"), FITTING, ids=lambda each: getattr(each, "slug", str(each)))
def test_every_operator_leaves_the_requests_it_holds_for(
    logged: Logged, table: list[Row], field: Field, op: Op
) -> None:
    gateway, _ = logged
    assert 300 < len(table) < 1000
    left = []
    for value in dict.fromkeys(chosen(field, op, table)):
        one = Condition(field, op, value)
        wanted = met(table, one)
        held = Scope(OVER, conditions=(one,))
        leaf = gateway.leaf(held, Leafing(), None, 1000)
        assert Counter(each.record.time for each in leaf.entries) == times(wanted), str(one)
        assert gateway.extent(held, Leafing()).rows == len(wanted), str(one)
        left.append(len(wanted))
    assert max(left) > 0 or op is Op.UNKNOWN, left


@pytest.mark.parametrize("text", ["latency:ge:1", "error:contains:exception", "strategy:unknown", "cache:not:hit"])
def test_conditions_hold_together_with_filters_and_for_every_number(
    logged: Logged, table: list[Row], text: str
) -> None:
    gateway, _ = logged
    held = together((condition(text), condition("model:contains:CLAUDE")))
    filters = {"region": ("us-east-1", "eu-west-1")}
    wanted = reckoning.chosen(met(table, *held), filters)
    over = Scope(OVER, scope(OVER, **filters).filters, conditions=held)
    assert gateway.extent(over, Leafing()).rows == len(wanted)
    wrong: list[str] = []
    for measure in (REQUESTS, FAILURES, COST):
        answer = gateway.answer(measure.over_time().within(over))
        wrong += differs(str(measure), measure.slug, answer.total, reckoning.total(measure.slug, wanted))
    assert not wrong


def test_a_rate_is_of_all_requests_whatever_is_held_against_what_it_judges(logged: Logged) -> None:
    gateway, rows = logged
    inside = reckoning.within(rows, OVER.start, OVER.end)
    answer = gateway.answer(ERROR_RATE.total().within(Scope(OVER, conditions=(condition("status:not:success"),))))
    assert answer.total == pytest.approx(float(reckoning.total("error_rate", inside) or 0))
    assert any("Status filter not applied" in note.text for note in answer.provenance.notes)


def test_an_export_holds_what_the_conditions_leave_and_says_which_they_are(logged: Logged, table: list[Row]) -> None:
    gateway, _ = logged
    held = together((condition("latency:ge:0.5"), condition("status:not:success")))
    words = [("from", f"{utc(OVER.start).isoformat()}Z"), ("to", f"{utc(OVER.end).isoformat()}Z")]
    app = create_app(Settings(), gateway, now=lambda: float(END + 86_400))
    found = app.server.test_client().get("/requests.csv?" + urlencode([*words, *(("where", str(one)) for one in held)]))
    lines = list(csv.reader(io.StringIO(found.get_data(as_text=True))))
    wanted = met(table, *held)
    assert ["# filters", "Latency ≥ 0.5 s; Status not success"] in lines
    assert lines[-1] == ["# end", f"all {len(wanted)} rows"]
    assert sum(line[0][:4] == "2026" for line in lines) == len(wanted) > 0


def test_texts_are_sorted_alike_on_every_engine(databases: Callable[[str, str], str]) -> None:
    """The engines sort letters in their own ways, and are not asked to."""
    found: dict[str, list[list[object]]] = {}
    for engine in ("sqlite", "postgresql"):
        with world.fluxdash(DATABASE_URL=databases(engine, "careless")) as gateway:
            for by in ("model", "error", "account", "strategy"):
                leaf = gateway.leaf(Scope(OVER), Leafing.of(by, True), None, 1000)
                found.setdefault(by, []).append([getattr(each.record, by) for each in leaf.entries])
    for by, (first, second) in found.items():
        assert first == second, by
