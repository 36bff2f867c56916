"""The spans of a request, as the gateway's tracing opens and ends them: the same request always has the same ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from fluxdash.demo.catalog import EMBEDDINGS, REGIONS
from fluxdash.demo.request import EXACT, SEMANTIC, SUCCESS, Request
from fluxdash.semantic.spans import EXCEPTION, Attributes, Event, Process, Span, Status, Value

SERVICE = "fluxai-gateway"
SCOPE = "app.middleware.tracing"
PROCESS = Process(
    SERVICE,
    (
        ("service.version", "1.0.0"),
        ("telemetry.sdk.language", "python"),
        ("telemetry.sdk.name", "opentelemetry"),
        ("telemetry.sdk.version", "1.45.2"),
    ),
)
THRESHOLD = 0.95
THROTTLED = ("ThrottlingException", "Too many requests, please wait before trying again.")
UNLOGGED = ("KeyError", "'completion'")
"""What a failure was whose cause the log does not tell."""

_US = 1000  # Jaeger's own dialect keeps microseconds, so nothing here is finer than one
_TRUNK = 60  # microseconds between two steps of the gateway


@dataclass(frozen=True, slots=True)
class _Try:
    """One call of the model, in microseconds from the start of the first; `error` is what it ended in."""

    region: str
    start: int
    end: int
    error: tuple[str, str] | None


def spans(request: Request) -> tuple[Span, ...]:
    """Return the spans of a request, its own first; none where the log holds no trace id to find them by."""
    return () if request.trace_id is None else _Story(request, request.trace_id).spans()


class _Story:
    """Tells what happened within one request; its dice are the digits of a hash of the trace id."""

    def __init__(self, request: Request, trace_id: str) -> None:
        self._request = request
        self._dice = hashlib.blake2b(trace_id.encode()).digest()
        self._took = max(request.latency_ms * 1000, 400)
        self._start = round(request.time * 1e6) - self._took
        self._root = self._id(0)
        self._told = 0

    def spans(self) -> tuple[Span, ...]:
        request = self._request
        root = self._span("chat_completion", 0, self._took, None, self._about())
        rest = [*self._before(), *self._tries()]
        if not request.failed and not request.cache_hit:
            rest.append(self._costing())
        if request.failed:
            root = self._failed(root, _error(request), self._took)
        return (root, *rest)

    def _about(self) -> Iterator[tuple[str, Value]]:
        request = self._request
        yield "model.id", request.requested_model
        yield "model.max_tokens", 256 << self._dice[0] % 5
        if request.strategy is not None:
            yield "routing.strategy", request.strategy
        if request.status == SUCCESS:
            yield "output_tokens", request.output_tokens
            if request.total_cost is not None:
                yield "cost", float(request.total_cost)
            if request.cache_hit is not None:
                yield "cache_hit", request.cache_hit

    def _before(self) -> Iterator[Span]:
        """The cache is asked, where there is one; what it does not know is routed."""
        request, done = self._request, _TRUNK
        overhead = self._overhead()
        if request.cache_hit is not None:
            semantic = request.cache_type != EXACT
            end = self._took - _TRUNK if request.cache_hit else done + overhead * 6 // 10
            threshold: Attributes = (("cache.similarity_threshold", THRESHOLD),) if semantic else ()
            asked: Attributes = (
                ("cache.type", SEMANTIC if semantic else EXACT),
                ("cache.model_id", request.requested_model),
            )
            lookup = self._span("cache.lookup", done, end, self._root, (*asked, *threshold))
            yield lookup
            if semantic:
                about: Attributes = (
                    ("embeddings.model", EMBEDDINGS.id),
                    ("embeddings.input_tokens", request.input_tokens or 64),
                )
                last = done + _TRUNK + (end - done - _TRUNK) * 8 // 10
                yield self._span("embeddings.generate", done + _TRUNK, last, lookup.id, about)
            done = end
        if not request.cache_hit:
            yield self._span("routing.decide", done + _TRUNK, done + _TRUNK + overhead // 10, self._root, self._route())

    def _route(self) -> Iterator[tuple[str, Value]]:
        if self._request.strategy is not None:
            yield "routing.strategy", self._request.strategy
        yield "routing.candidates", 2 + self._dice[1] % 3
        if self._dice[2] < 96:
            yield "routing.constraint.max_cost", "0.02"

    def _tries(self) -> Iterator[Span]:
        request = self._request
        if request.cache_hit or request.upstream_ms is None:
            return
        first = _TRUNK + self._overhead() * 8 // 10
        for each in self._attempts(request.upstream_ms * 1000):
            about: Attributes = (
                ("bedrock.model_id", request.model),
                ("bedrock.region", each.region),
                ("bedrock.input_tokens", request.input_tokens or 64),
                ("bedrock.max_tokens", 256 << self._dice[0] % 5),
            )
            span = self._span("bedrock.invoke_model", first + each.start, first + each.end, self._root, about)
            yield span if each.error is None else self._failed(span, each.error, first + each.end)

    def _attempts(self, upstream: int) -> Iterator[_Try]:
        """One try, or several with a wait after each that failed; together they take what the model took."""
        request = self._request
        failures = int(str((request.metadata or {}).get("retries", 0))) if request.failed else self._dice[3] < 16
        start = 0
        for number in range(failures):
            last = start + upstream * (8 + self._dice[4 + number] % 5) // 100
            away = REGIONS[self._dice[7] % 2].name
            cause = _error(request) if request.failed else THROTTLED
            yield _Try(request.region if request.failed else away, start, last, cause)
            start = last + upstream * (12 + self._dice[10 + number] % 9) // 100
        yield _Try(request.region, start, upstream, _error(request) if request.failed else None)

    def _costing(self) -> Span:
        request = self._request
        about: Attributes = (
            ("cost.model_id", request.model),
            ("cost.region", request.region),
            ("cost.input_tokens", request.input_tokens),
            ("cost.output_tokens", request.output_tokens),
        )
        last = self._took - _TRUNK
        return self._span("cost.calculate", last - self._overhead() // 20, last, self._root, about)

    def _overhead(self) -> int:
        """The gateway's own time around the model, in microseconds."""
        return max(self._took - (self._request.upstream_ms or 0) * 1000 - 4 * _TRUNK, 40)

    def _span(
        self,
        name: str,
        start: int,
        end: int,
        parent: str | None,
        about: Iterable[tuple[str, Value]],
    ) -> Span:
        own = self._root if parent is None else self._next()
        began, ended = (self._start + start) * _US, (self._start + max(start, end)) * _US
        attributes: Attributes = (("otel.scope.name", SCOPE), *about)
        return Span(own, parent, name, began, ended, PROCESS, "internal", attributes=attributes)

    def _failed(self, span: Span, error: tuple[str, str], end: int) -> Span:
        """The gateway records an exception by hand, and its tracing records it again when the span is left."""
        kind, message = error
        trace = 'Traceback (most recent call last):\n  File "app/services/bedrock_client.py", line 118, in invoke\n'
        trace += f"    response = self.client.invoke_model(**params)\n{kind}: {message}\n"
        told: Attributes = (
            ("exception.type", kind),
            ("exception.message", message),
            ("exception.stacktrace", trace),
            ("exception.escaped", "False"),
        )
        at = (self._start + end) * _US
        events = (Event(at - 40 * _US, EXCEPTION, told), Event(at - 12 * _US, EXCEPTION, told))
        return replace(span, status=Status.ERROR, message=f"{kind}: {message}", events=events)

    def _next(self) -> str:
        self._told += 1
        return self._id(self._told)

    def _id(self, number: int) -> str:
        digest = hashlib.blake2b(number.to_bytes(1, "big"), digest_size=8, key=self._dice[:32]).hexdigest()
        return digest if digest.strip("0") else "1".zfill(16)


def _error(request: Request) -> tuple[str, str]:
    if request.error_type is None:
        return UNLOGGED
    return request.error_type, (request.error_message or "").removeprefix(f"{request.error_type}: ")
