"""A store of traces made by hand: what it finds and opens is known, and some of it means harm."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import cache

from fluxdash.errors import FluxDashError
from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.records import Record
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.spans import EXCEPTION, Event, Span
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import Found, Opened, TraceSearch, TraceSummary
from fluxdash.sources.source import SourceState
from tests.traced import EPOCH, MS, span, trace

MODEL = "anthropic.claude-3-5-sonnet-20241022-v2:0"
HARM = "<img src=x onerror=window.__xss=1><b>b</b><a href='https://evil'>x</a>{{7*7}}%{customdata}"
RETRIED = TraceId("80688fc3d5f88a06909e3ff7575018a5")
HARMFUL = TraceId("bad0bad0bad0bad0bad0bad0bad0bad0")
GROWING = TraceId("90000000000000000000000000000009")
HUGE = TraceId("000000000000000000000000feedfeed")
RAISED = (
    ("exception.type", "ThrottlingException"),
    ("exception.message", "slow down"),
    ("exception.stacktrace", 'Traceback\n  File "a.py", line 1\n  File "b.py", line 2'),
)


def retried(trace_id: TraceId = RETRIED) -> Trace:
    """A request of a second whose first try failed after 100 ms; the second began 200 ms after that."""
    events = (Event(EPOCH + 190 * MS, EXCEPTION, RAISED), Event(EPOCH + 200 * MS, EXCEPTION, RAISED))
    return trace(
        span("chat_completion", None, 0, 1000),
        span("cache.lookup", "chat_completion", 10, 60, attributes=(("cache.type", "semantic"),)),
        span("embeddings.generate", "cache.lookup", 12, 50),
        span("invoke 1", "chat_completion", 100, 200, failed=True, events=events, message="slow down"),
        span("invoke 2", "chat_completion", 400, 990),
        span("stray", "nobody", 500, 600),
        trace_id=trace_id,
    )


def harmful() -> Trace:
    """A trace whose every text is markup."""
    raised = tuple((key, HARM) for key, _ in RAISED)
    event = Event(EPOCH + MS, EXCEPTION, raised)
    own = replace(
        span(HARM, None, 0, 100, failed=True, message="javascript:alert(1)", events=(event, Event(EPOCH, HARM))),
        name=HARM,
        attributes=((HARM, HARM), ("link", "javascript:window.__xss=1")),
        warnings=(HARM,),
    )
    return trace(own, trace_id=HARMFUL, warnings=(HARM,))


@cache
def huge(n: int) -> Trace:
    """A trace of `n` spans, the last of which failed: a root, and below it families of ten that run side by side."""
    spans: list[Span] = [span("chat_completion", None, 0, 1100)]
    for i in range(1, n):
        above = "chat_completion" if i % 10 == 1 else f"work {i - (i - 1) % 10}"
        start = i // 10 % 1000
        spans.append(span(f"work {i}", above, start, start + (20 if i % 10 == 1 else i % 7 + 1), failed=i == n - 1))
    return trace(*spans, trace_id=HUGE)


def growing(n: int) -> Trace:
    """A request that ended this moment, of which `n` calls have come so far, each with one below it; the last first."""
    ago = time.time_ns() - EPOCH - 1000 * MS
    moved = [span("chat_completion", None, 0, 1000)]
    for i in range(9, 9 - n, -1):
        moved += [
            span(f"call {i}", "chat_completion", 10 * i, 10 * i + 9),
            span(f"inner {i}", f"call {i}", 10 * i, 10 * i + 5),
        ]
    return trace(*(replace(each, start=each.start + ago, end=each.end + ago) for each in moved), trace_id=GROWING)


@dataclass
class FakeTraces:
    """Finds `count` traces a second apart, each a quarter of a second longer than the one after it; opens some by hand.

    Every fifth failed; of a search, only the shortest duration is looked at.
    """

    count: int = 30
    size: int = 10_000
    grown: int = 1
    wrong: FluxDashError | None = None
    asked: list[TraceSearch] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    older: int | None = None

    def search(self, search: TraceSearch) -> Found:
        if self.wrong:
            raise self.wrong
        self.asked.append(search)
        every = (self.summary(search, i) for i in range(self.count))
        rows = tuple(each for each in every if (each.seconds or 0) >= (search.least or 0))
        return Found(rows, Provenance("jaeger", float(search.scope.window.now), True), self.older, self.count, 480, 0.1)

    def summary(self, search: TraceSearch, i: int) -> TraceSummary:
        named = {0: RETRIED, 1: HARMFUL, 2: HUGE}.get(i, TraceId(f"{i + 1:032x}"))
        model = HARM if i == 1 else MODEL
        start = search.scope.window.end - 1 - i
        record = Record(time=start + 0.25 * (i + 1), account_name=HARM) if i == 1 else None
        return TraceSummary(
            named, start * 10**9, 0.25 * (i + 1), "chat_completion", "gateway", model,
            failed=i % 5 == 0, spans=6, errors=1 if i == 3 else 0, record=record,
        )  # fmt: skip

    def statement(self, search: TraceSearch) -> str:
        if self.wrong:
            raise self.wrong
        return f"/api/traces?service=gateway&limit={search.n}"

    def open(self, text: str, scope: Scope) -> Opened | None:
        asked = TraceId.pasted(text)
        self.opened.append(asked.text)
        if self.wrong:
            raise self.wrong
        made = {RETRIED: retried, HARMFUL: harmful, HUGE: lambda: huge(self.size), GROWING: lambda: growing(self.grown)}
        found = next((make() for each, make in made.items() if asked == each or asked.begins(each)), None)
        if found is None and asked.text.startswith("0000"):
            found = retried(asked)
        if found is None:
            return None
        record = Record(
            time=found.end / 1e9, request_id="req_1", trace_id=found.id.padded,
            account_name=HARM if found.id == HARMFUL else "acme-retail",
            model=MODEL, status="success", latency=1.0, input_tokens=1204, output_tokens=611, cost=0.01278,
            cache="miss",
        )  # fmt: skip
        source = Provenance("jaeger", found.end / 1e9, True)
        link = f"https://jaeger.example/trace/{found.id}" if found.id == RETRIED else "javascript:alert(1)"
        return Opened(found, found.request("chat_completion"), source, record, 1, link, MODEL)

    def like(self, opened: Opened, scope: Scope) -> tuple[Trace, ...]:
        return tuple(retried(TraceId(f"{i:032x}")) for i in range(100, 140))

    def around(self, scope: Scope) -> tuple[TraceSummary, ...]:
        return self.search(TraceSearch(scope)).rows

    def about(self, span: Span) -> str:
        return str(span.attribute("cache.type") or "")

    def operations(self) -> tuple[str, ...]:
        return ("chat_completion", "invoke")

    def states(self) -> tuple[SourceState, ...]:
        return (SourceState("jaeger", "ok", 1.0),)

    def close(self) -> None:
        pass
