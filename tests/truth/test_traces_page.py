"""What the Traces page says is what the requests did: on every store of spans, and where only rows are left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dash import no_update

from fluxdash.demo.otlp import Collector
from fluxdash.demo.request import Request
from fluxdash.demo.spanlog import SpanLog
from fluxdash.demo.traffic import Traffic
from fluxdash.pages import PAGES
from fluxdash.profiles.registry import profile
from fluxdash.settings import Settings
from fluxdash.sources.connect import connect
from fluxdash.sources.tracing import connect_traces
from fluxdash.ui import dissection, sightings
from fluxdash.ui.house import House
from fluxdash.ui.intake import View
from fluxdash.ui.page import Book
from fluxdash.ui.preferences import Preferences
from tests.servers.answering import Answering, without
from tests.servers.jaeger import JaegerServer
from tests.servers.postgres import PostgresServer
from tests.truth import world
from tests.truth.tracetruth import Truth, newest_first, rank, written
from tests.views.reading import cells, every, marked, prop, text

START, END = world.END - 3600, world.END
HOUR = "from=2026-11-01T03:00:00Z&to=2026-11-01T04:00:00Z"
KEPT = ("sqlite spans", "postgresql spans", "jaeger", "jaeger, version 3")
ROWS = ("sqlite rows", "postgresql rows")


@dataclass(frozen=True)
class Traced:
    """A dashboard on one installation, and what its requests were, newest first."""

    house: House
    truth: list[Truth]
    requests: tuple[Request, ...]
    rows_only: bool

    def listed(self, search: str = "") -> list[Any]:
        view = View(search=f"?{HOUR}{search}", theme="light", narrow=False, beat=1)
        return sightings.found(self.house, self.house.asking(view), None)

    def every(self, search: str = "") -> list[list[str]]:
        """What all rows of a search say, page after page."""
        found, before = list[list[str]](), ""
        while True:
            listed = self.listed(search + before)[0]
            found += [row(each) for each in marked(listed, "trace-row")]
            older = [prop(each, "data-trace-before") for each in every(listed) if prop(each, "data-trace-before")]
            if not older:
                return found
            before = f"&before={older[-1]}"

    def head(self, told: Truth) -> dict[str, str]:
        """The facts of an open trace."""
        _, head, _ = dissection.opened(self.house, told.id, f"?{HOUR}")
        facts = [each for each in every(marked(head, "sum")) if type(each).__name__ in ("Dt", "Dd")]
        words = [text(each) for each in facts]
        return dict(zip(words[::2], words[1::2], strict=True))


def row(button: Any) -> list[str]:
    """What a row of the list says: id, outcome, what failed inside, duration, account, time."""
    inside = text(marked(button, "warn"))
    return [
        prop(button, "data-trace-open"), text(marked(button, "bad")), inside, text(marked(button, "b")),
        text(marked(button, "ell")).rpartition(" · ")[2], text(marked(button, "nowrap")),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def requests() -> tuple[Request, ...]:
    """An hour of them, as real installations book them: some have no trace, some no cost."""
    return tuple(Traffic(seed=6, rate=0.25, quirks=True).between(START, END))


@pytest.fixture(scope="module")
def collected(
    requests: tuple[Request, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], JaegerServer]]:
    """A Jaeger that has the spans of all of them, started by the first that asks for it."""
    started: list[JaegerServer] = []

    def server() -> JaegerServer:
        if not started:
            started.append(JaegerServer(tmp_path_factory.mktemp("jaeger")))
            started[0].start()
            collector = Collector(started[0].otlp)
            collector.insert(requests)
            collector.close()
        return started[0]

    yield server
    for each in started:
        each.stop()


@pytest.fixture(scope="module", params=[*KEPT, *ROWS])
def traced(
    request: pytest.FixtureRequest, requests: tuple[Request, ...], tmp_path_factory: pytest.TempPathFactory,
    collected: Callable[[], JaegerServer],
) -> Iterator[Traced]:  # fmt: skip
    """Each installation: a log with a table of spans, with a Jaeger of either language, and with nothing beside it."""
    kind: str = request.param
    if kind.startswith("postgresql"):
        postgres: PostgresServer = request.getfixturevalue("postgres_server")
        owner = postgres.fresh_database()
        environ = {"DATABASE_URL": postgres.read_only(owner)}
    else:
        path: Path = tmp_path_factory.mktemp("traced") / "log.db"
        owner = f"sqlite:///{path}"
        environ = {"DATABASE_URL": owner}
    world.write_log(owner, requests)
    if kind.endswith("spans"):
        log = SpanLog(owner)
        log.insert(requests)
        log.close()
    if kind == "jaeger":
        environ["JAEGER_URL"] = collected().url
        yield from served(environ, requests, rows_only=False)
    elif kind == "jaeger, version 3":
        old = ("/api/services", "/api/traces", "/api/operations")
        with Answering(without(collected().url, *old)) as newer:
            yield from served({**environ, "JAEGER_URL": newer.url}, requests, rows_only=False)
    else:
        yield from served(environ, requests, rows_only=kind in ROWS)


def served(environ: dict[str, str], requests: tuple[Request, ...], *, rows_only: bool) -> Iterator[Traced]:
    settings = Settings.from_env({"FLUXDASH_CACHE": "memory", **environ})
    gateway, traces = connect(settings, profile("fluxai")), connect_traces(settings, profile("fluxai"))
    house = House(Book(PAGES), gateway, Preferences(), lambda: END + 3600.0, "/", traces=traces)
    yield Traced(house, newest_first(requests), requests, rows_only)
    traces.close()
    gateway.close()


def wanted(traced: Traced, told: Truth) -> list[str]:
    """The row of a trace as it must be."""
    inside = "" if traced.rows_only or told.failed or not told.errors else f"{told.errors} failed inside"
    at = int(told.start / 1e9) % 86400
    when = f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}"
    return [told.id, "error" if told.failed else "", inside, written(told.seconds), told.account, when]


def same(found: list[list[str]], truth: list[list[str]]) -> None:
    """The log knows when a request ended to the microsecond and how long it took to the millisecond."""
    assert len(found) == len(truth) > 0
    assert sorted(found) == sorted(truth)


def test_the_list_is_every_request_with_a_trace_newest_first(traced: Traced) -> None:
    found = traced.every()
    same(found, [wanted(traced, each) for each in traced.truth])
    assert [each[5] for each in found] == sorted((each[5] for each in found), reverse=True)
    assert sum(bool(each[1]) for each in found) == sum(each.failed for each in traced.truth) > 0


def test_errors_only_are_the_traces_in_which_something_failed(traced: Traced) -> None:
    failed = [each for each in traced.truth if (each.failed if traced.rows_only else each.errors)]
    same(traced.every("&errors=on"), [wanted(traced, each) for each in failed])


def test_the_durations_asked_for_are_those_of_the_request(traced: Traced) -> None:
    between = [each for each in traced.truth if 1 <= each.seconds <= 2.5]
    same(traced.every("&min=1s&max=2500ms"), [wanted(traced, each) for each in between])
    slow = [each for each in traced.truth if each.seconds >= 4]
    same(traced.every("&min=4"), [wanted(traced, each) for each in slow])


def test_how_many_match_is_how_many_requests_there_were(traced: Traced) -> None:
    assert len(traced.truth) > 200
    ends = [each for each in traced.requests if START <= each.time < END]
    for search, matching in (
        ("", len(ends)),
        ("&min=300ms", sum(each.latency_ms >= 300 for each in ends)),
    ):
        said = text(marked(traced.listed(search)[7], "end"))
        assert said.startswith(f"newest 200 of {matching:,} that match"), said


def test_every_dot_is_a_trace_and_what_is_outside_the_search_is_pale(traced: Traced) -> None:
    figure = traced.listed("&min=2s")[4]
    assert figure is not no_update
    dots = {each["uid"]: each for each in figure["data"]}
    under = {each.id: each.seconds for each in traced.truth if each.seconds < 2}
    pale = [dot for each in ("outside", "outside-error") if each in dots for dot in points(dots[each])]
    assert dict(pale) == pytest.approx({dot: under[dot] for dot, _ in pale}, abs=0.001)
    assert len(pale) > 60
    starts = [each.start / 1e9 for each in traced.truth if each.id in dict(pale)]
    assert all(any(start <= at < start + 600 for at in starts) for start in range(START, END, 600))
    drawn = {dot: seconds for each in ("ok", "error") if each in dots for dot, seconds in points(dots[each])}
    assert drawn == pytest.approx({each.id: each.seconds for each in traced.truth if each.seconds >= 2})


def points(dots: Any) -> list[tuple[str, float]]:
    return list(zip(dots["ids"], dots["y"], strict=True))


def test_the_head_says_what_the_request_took_cost_and_used(traced: Traced) -> None:
    kinds = (
        lambda each: each.request.cache_hit,
        lambda each: each.failed,
        lambda each: each.request.cache_hit is False and not each.failed and each.request.total_cost,
        lambda each: each.errors and not each.failed,
        lambda each: each.request.cache_hit is None,
    )
    for told in filter(None, (next(filter(kind, traced.truth), None) for kind in kinds)):
        said, request = traced.head(told), told.request
        assert said["Duration"] == written(told.seconds)
        assert said["Input · output"] == f"{request.input_tokens:,} · {request.output_tokens:,}"
        assert said["Cache"] == {None: "off", True: "hit", False: "miss"}[request.cache_hit]
        if request.cache_hit:
            assert said["Cost"] == "0, hit"
        elif request.total_cost:
            assert float(said["Cost"].removeprefix("$")) == pytest.approx(float(request.total_cost), abs=0.5e-5)
        if traced.rows_only:
            assert "Spans" not in said
            continue
        errors = f" {told.errors} error{'s' if told.errors > 1 else ''}" if told.errors else ""
        assert said["Spans"] == f"{told.spans}{errors}"


def test_a_trace_is_compared_with_the_newest_requests_to_its_model(traced: Traced) -> None:
    models = [each.asked for each in traced.truth]
    model = max(models, key=models.count)
    told = next(each for each in traced.truth if each.asked == each.answered == model and not each.request.cache_hit)
    found = dissection.compared(traced.house, told.id, f"?{HOUR}")
    if traced.rows_only:
        assert found is None
        return
    newest = [each for each in traced.truth if each.asked == model][:200]
    like = [each for each in newest if each.answered == model and each.id != told.id]
    assert f"n {len(like)}" in text(found)
    first = next(each for each in cells(found) if each[0] == "chat_completion")
    took = [each.seconds for each in like]
    assert first[1:4] == [written(told.seconds), written(rank(took, 0.5)), written(rank(took, 0.95))]
