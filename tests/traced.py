"""Traces made by hand, in milliseconds: what the tests of everything about traces are written with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from fluxdash.semantic.spans import Process, Span, Status
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace

MS = 1_000_000
EPOCH = 1_795_460_400_000_000_000  # 2026-11-23 19:00:00 UTC, the hour of the samples
GATEWAY = Process("fluxai-gateway")
ID = TraceId("80688fc3d5f88a06909e3ff7575018a5")


def span(name: str, parent: str | None, start: float, end: float, *, failed: bool = False, **more: Any) -> Span:
    """A span that is called as its id; a number after a space keeps ids apart: `try 1` and `try 2` are called `try`."""
    status = Status.ERROR if failed else Status.UNSET
    times = (EPOCH + round(start * MS), EPOCH + round(end * MS))
    return Span(name, parent, name.split(" ")[0], *times, **{"process": GATEWAY, "status": status, **more})


def trace(*spans: Span, trace_id: TraceId = ID, warnings: Sequence[str] = ()) -> Trace:
    return Trace.of(trace_id, spans, warnings)


def ids(found: Trace, places: Iterable[int] | None = None) -> list[str]:
    chosen = range(len(found.nodes)) if places is None else places
    return [found.nodes[place].span.id for place in chosen]


@st.composite
def graphs(draw: st.DrawFn, most: int = 30) -> list[Span]:
    """Spans in any order: several roots, orphans, loops, the same id twice, children anywhere beside their parents."""
    names = [f"{number:x}" for number in range(draw(st.integers(1, most)))]
    spans = []
    for name in names:
        parent = draw(st.one_of(st.none(), st.sampled_from(names), st.just("nobody")))
        start = draw(st.integers(0, 100))
        spans.append(span(name, parent, start, start + draw(st.integers(0, 60)), failed=draw(st.booleans())))
    twins = draw(st.lists(st.sampled_from(spans), max_size=3))
    changed = [span(each.id, each.parent, 7, 9) for each in draw(st.lists(st.sampled_from(spans), max_size=2))]
    return draw(st.permutations([*spans, *twins, *changed]))
