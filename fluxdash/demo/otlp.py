"""The spans of requests on their way to a collector or Jaeger, over OTLP by the OpenTelemetry SDK's own exporter."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fluxdash.demo.request import Request
from fluxdash.demo.spans import SCOPE, SERVICE, spans
from fluxdash.errors import SettingError
from fluxdash.semantic.spans import Span

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

PATIENCE = 5.0  # seconds for one batch
BATCH = 2000  # spans a message: under the 4 MB that receivers take at most


class Collector:
    """Receives traces at `url`, such as http://localhost:4318; its usual path is added where the address has none.

    What it does not take is lost, as an application's traces are. Raises SettingError where the libraries of the extra
    `otlp` are missing or the address is none.
    """

    def __init__(self, url: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        except ImportError as err:
            raise SettingError("otlp", url, "nothing without its libraries: pip install 'fluxdash[otlp]'") from err
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise SettingError("otlp", url, "an address such as http://localhost:4318")
        endpoint = url if parts.path.strip("/") else f"{url.rstrip('/')}/v1/traces"
        self.address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._exporter = OTLPSpanExporter(endpoint, timeout=PATIENCE)
        self._away = False

    def insert(self, requests: Iterable[Request]) -> int:
        """Send the spans of these requests and return how many were taken."""
        told = [
            _readable(request.trace_id, span) for request in requests if request.trace_id for span in spans(request)
        ]
        return sum(self._sent(told[start : start + BATCH]) for start in range(0, len(told), BATCH))

    def forget(self, start: float, end: float) -> None:
        """A collector takes nothing back."""

    def close(self) -> None:
        """Close the connections."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def _sent(self, batch: list[ReadableSpan]) -> int:
        from opentelemetry.sdk.trace.export import SpanExportResult

        taken = self._exporter.export(batch) is SpanExportResult.SUCCESS
        if not taken and not self._away:
            logging.getLogger(__name__).warning("spans are lost: %s takes none", self.address)
        self._away = not taken
        return len(batch) if taken else 0


def _readable(trace_id: str, span: Span) -> ReadableSpan:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

    def context(span_id: str) -> SpanContext:
        return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=TraceFlags(1))

    return ReadableSpan(
        name=span.name,
        context=context(span.id),
        parent=context(span.parent) if span.parent else None,
        resource=Resource({"service.name": SERVICE, **dict(span.process.attributes)}),
        attributes={key: value for key, value in span.attributes if key != "otel.scope.name"},
        events=[Event(each.name, dict(each.attributes), each.time) for each in span.events],
        status=Status(StatusCode.ERROR, span.message) if span.failed else Status(),
        start_time=span.start,
        end_time=span.end,
        instrumentation_scope=InstrumentationScope(SCOPE),
    )
