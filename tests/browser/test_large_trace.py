"""A trace of 10,000 spans in a browser: it opens in under 2 s, scrolls and folds, and only rows in sight exist.

Both measures say how long it takes on a machine that does nothing else: the processor time of page and server together,
and the clock, as far as this process is given a processor when it wants one. `bench/tracepage.py` has exact figures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import orjson
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from bench.trace import ID, in_legacy, made
from fluxdash.profiles.registry import profile
from fluxdash.settings import Settings
from fluxdash.sources.tracing import connect_traces
from tests.browser.conftest import LOOK, Seen, served, watch
from tests.servers.answering import Answering, Question, Reply, told
from tests.ui.fake import FakeGateway

SPANS = 10_000
IDS = tuple(f"{number}{ID.text[1:]}" for number in range(1, 4))
"""The same trace under several ids, so that each opening is the first of its own."""

OPENING, SCREEN, FRAME, FOLDING = 2.0, 1.0, 0.05, 0.25
"""Seconds for all of an opening, for its part that keeps the page busy, for a step of a scroll, and for folding all."""


@pytest.fixture(scope="module")
def store() -> Iterator[Answering]:
    """Answers as a Jaeger that keeps the trace under any id."""
    whole = orjson.dumps(in_legacy(tuple(made(SPANS))))

    def answer(question: Question) -> Reply:
        wanted = question.path.removeprefix("/api/traces/")
        return Reply(whole.replace(ID.text.encode(), wanted.encode())) if wanted in IDS else told({"data": []})

    with Answering(answer) as server:
        yield server


@pytest.fixture
def page(browser: Browser, store: Answering) -> Iterator[Page]:
    traces = connect_traces(Settings.from_env({"JAEGER_URL": store.url}), profile("fluxai"))
    context, seen = browser.new_context(**LOOK), Seen()
    with served(FakeGateway(), traces=traces) as url:
        page = context.new_page()
        watch(page, seen)
        page.goto(f"{url}/traces?range=1h&refresh=off")
        page.wait_for_load_state("networkidle")
        yield page
        context.close()
    traces.close()
    assert seen.complaints == []


@dataclass(frozen=True)
class Effort:
    """Seconds that a piece of work took: of the page's own thread, of all threads, by the clock of an idle machine."""

    screen: float
    processors: float
    clock: float


class Meter:
    """Measures work: whatever runs beside it is left out, as far as it can be told."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")

    def of(self, work: Callable[[], object]) -> Effort:
        crowd, before, began = crowding(), self._spent(), time.monotonic()
        work()
        took, after = time.monotonic() - began, self._spent()
        return Effort(after[0] - before[0], after[1] - before[1], took / max(crowd, crowding()))

    def _spent(self) -> tuple[float, float]:
        found = {each["name"]: each["value"] for each in self._session.send("Performance.getMetrics")["metrics"]}
        return found["ThreadTime"], found["ProcessTime"] + time.process_time()


def crowding() -> float:
    """How many times longer work takes by the clock than it should, where more runs than there are processors."""
    clock, spent = time.perf_counter(), time.thread_time()
    while (work := time.thread_time() - spent) < 0.05:
        pass
    return max(1.0, (time.perf_counter() - clock) / work)


def open_by_id(page: Page, trace_id: str) -> None:
    page.fill("#trace-id", trace_id)
    page.keyboard.press("Enter")
    page.wait_for_function("id => fluxdash.trace.sheet && fluxdash.trace.sheet.trace === id", arg=trace_id)
    page.wait_for_selector(".wf-map")
    page.wait_for_selector(".wf-all .wf-r[aria-selected=true]")


def test_ten_thousand_spans_open_scroll_and_fold_without_freezing(page: Page) -> None:
    meter = Meter(page)
    openings = []
    for each in IDS:
        openings.append(meter.of(partial(open_by_id, page, each)))
        page.wait_for_load_state("networkidle")
    assert min(each.processors for each in openings) < OPENING
    assert min(each.screen for each in openings) < SCREEN
    assert min(each.clock for each in openings) < OPENING
    assert page.locator(".wf-scroll").get_attribute("aria-rowcount") == str(SPANS)
    assert page.locator(".wf-all .wf-r").count() < 100

    steps = sorted(meter.of(partial(scroll, page, at / 30)).screen for at in range(30))
    assert steps[-2] < FRAME  # but for one, in which memory may have been swept
    assert int(page.locator(".wf-all .wf-r").last.get_attribute("aria-rowindex") or 0) > SPANS * 28 // 30
    scroll(page, 0)

    folding = meter.of(page.locator("[data-wf-fold='0']").click)
    expect(page.locator(".wf-all .wf-r")).to_have_count(1)
    unfolding = meter.of(page.locator("[data-wf-fold='0']").click)
    expect(page.locator(".wf-all .wf-r").nth(5)).to_be_visible()
    assert page.locator(".wf-all .wf-r").count() < 100
    assert max(folding.screen, unfolding.screen) < FOLDING


def scroll(page: Page, share: float) -> None:
    """Scroll to a share of the height, and wait until that is painted."""
    page.evaluate(
        """async share => {
            const box = document.querySelector('.wf-scroll');
            box.scrollTop = share * box.scrollHeight;
            await new Promise(requestAnimationFrame);
            await new Promise(requestAnimationFrame);
        }""",
        share,
    )
