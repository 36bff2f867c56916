"""What opening one large trace costs: reading it in each store's own form, taking it apart, and writing it down."""

from __future__ import annotations

import argparse
import statistics
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.spans import Process, Span, Status
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.semantic.tracesearch import Opened
from fluxdash.sources import jaeger_reply, otlp_reply
from fluxdash.sources.caller import Response
from fluxdash.ui.anatomy import anatomy
from fluxdash.views.waterfall import compact, waterfall

ID = TraceId("feedfeedfeedfeedfeedfeedfeedfeed")
_BEGAN = 1_795_460_400_000_000_000
_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """The median of some runs: milliseconds of this process's CPU, and bytes of what came out, 0 where that is none."""

    cpu: float
    size: int = 0


def main() -> None:
    """Print a line for each step, and the sum of what one opening takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    print(f"{args.spans:,} spans{'CPU ms':>36}{'bytes':>12}")
    for name, cost in measured(args.spans, args.runs):
        print(f"  {name:36} {cost.cpu:9.1f} {cost.size or '':>11}")


def measured(n: int, runs: int) -> Iterator[tuple[str, Cost]]:
    """Yield the cost of each step."""
    spans = tuple(made(n))
    opened = Opened(Trace.of(ID, spans), 0, Provenance("jaeger", _BEGAN / 1e9, True))
    legacy, otlp = orjson.dumps(in_legacy(spans)), orjson.dumps(in_otlp(spans))
    yield "read Jaeger's JSON", Cost(median(partial(jaeger_reply.traces, "Jaeger", answer(legacy)), runs), len(legacy))
    yield "read version 3's JSON", Cost(median(partial(otlp_reply.traces, "Jaeger", answer(otlp)), runs), len(otlp))
    yield "arrange the tree", Cost(median(partial(Trace.of, ID, spans), runs))
    apart = anatomy(opened)
    left = apart.thinned
    columns = partial(waterfall, left.trace, left.places, apart.rows, 0)
    sheet = columns()
    written = compact(sheet).encode()
    yield "take it apart", Cost(median(partial(anatomy, opened), runs))
    yield "make the columns", Cost(median(columns, runs))
    yield "write them as JSON", Cost(median(partial(compact, sheet), runs), len(written))
    packed = partial(zlib.compress, written, 6)
    yield "pack them", Cost(median(packed, runs), len(packed()))


def median(work: Callable[[], object], runs: int) -> float:
    """Return the milliseconds of CPU that a piece of work takes."""
    found = []
    for _ in range(runs):
        began = time.process_time()
        work()
        found.append((time.process_time() - began) * 1e3)
    return statistics.median(found)


def answer(body: bytes) -> Response:
    """Return an answer as a store sends it."""
    return Response(200, body)


def made(n: int) -> Iterator[Span]:
    """Yield a request that called families of ten, side by side; every span with tags, every hundredth failed."""
    process = Process("fluxai-gateway", (("telemetry.sdk.language", "python"),))
    for i in range(n):
        parent = None if not i else 0 if i % 10 == 1 else i - (i - 1) % 10
        start = _BEGAN + (i // 10 % 1000) * _MS
        took = 1100 * _MS if not i else 20 * _MS if i % 10 == 1 else (i % 7 + 1) * _MS
        yield Span(
            id=f"{i + 1:016x}",
            parent=None if parent is None else f"{parent + 1:016x}",
            name="chat_completion" if not i else f"work {i % 40}",
            start=start,
            end=start + took,
            process=process,
            kind="internal",
            status=Status.ERROR if i % 100 == 99 else Status.UNSET,
            attributes=(
                ("bedrock.model_id", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
                ("step", i),
                ("cached", False),
            ),
        )


def in_legacy(spans: tuple[Span, ...]) -> dict[str, Any]:
    """Return the spans as Jaeger's own screen is sent them."""

    def written(each: Span) -> dict[str, Any]:
        above = {"refType": "CHILD_OF", "traceID": ID.text, "spanID": each.parent}
        failed = [{"key": "error", "type": "bool", "value": True}] if each.failed else []
        kinds = {str: "string", int: "int64", bool: "bool"}
        tags = [{"key": key, "type": kinds[type(value)], "value": value} for key, value in each.attributes]
        return {
            "traceID": ID.text,
            "spanID": each.id,
            "operationName": each.name,
            "references": [above] if each.parent else [],
            "startTime": each.start // 1000,
            "duration": (each.end - each.start) // 1000,
            "tags": [*tags, {"key": "span.kind", "type": "string", "value": each.kind}, *failed],
            "logs": [],
            "processID": "p1",
            "warnings": None,
        }

    processes = {"p1": {"serviceName": spans[0].process.service, "tags": []}}
    return {"data": [{"traceID": ID.text, "spans": [written(each) for each in spans], "processes": processes}]}


def in_otlp(spans: tuple[Span, ...]) -> dict[str, Any]:
    """Return the spans as Jaeger's version 3 answers them."""

    def value(of: object) -> dict[str, object]:
        if isinstance(of, bool):
            return {"boolValue": of}
        return {"intValue": str(of)} if isinstance(of, int) else {"stringValue": of}

    def written(each: Span) -> dict[str, Any]:
        return {
            "traceId": ID.text,
            "spanId": each.id,
            "parentSpanId": each.parent or "",
            "name": each.name,
            "kind": 1,
            "startTimeUnixNano": str(each.start),
            "endTimeUnixNano": str(each.end),
            "attributes": [{"key": key, "value": value(of)} for key, of in each.attributes],
            "status": {"code": 2} if each.failed else {},
        }

    resource = {"attributes": [{"key": "service.name", "value": value(spans[0].process.service)}]}
    scopes = [{"scope": {"name": "app"}, "spans": [written(each) for each in spans]}]
    return {"result": {"resourceSpans": [{"resource": resource, "scopeSpans": scopes}]}}


if __name__ == "__main__":
    main()
