"""The gateway's live metrics: a registry of its own that requests are observed by, served over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from fluxdash.demo.ledger import DURATION, METRICS, Kind, Ledger, Metric
from fluxdash.demo.request import Request
from fluxdash.errors import SettingError

Instrument = Counter | Gauge | Histogram


class Meter:
    """Counts from zero, as a gateway that was just started; every metric of the contract is declared at once."""

    def __init__(self, quirks: bool = False) -> None:
        self.registry = CollectorRegistry()
        self._ledger = Ledger(quirks)
        self._instruments = {metric: _instrument(metric, self.registry) for metric in METRICS}

    def observe(self, request: Request) -> None:
        """Book one finished request; requests must come in order of time."""
        for metric, labels, value in self._ledger.entries(request):
            family = self._instruments[metric]
            series = family.labels(*labels) if labels else family
            if isinstance(series, Counter):
                series.inc(value)
            elif isinstance(series, Gauge):
                series.set(value)
            else:
                series.observe(value, _exemplar(request) if metric is DURATION else None)

    def serve(self, host: str = "127.0.0.1", port: int = 8080) -> Exposure:
        """Serve the metrics at http://host:port/metrics until the returned exposure is closed; port 0 takes a free one.

        Raises SettingError if nothing can listen there.
        """
        try:
            server, thread = start_http_server(port, host, self.registry)
        except (OSError, OverflowError) as err:
            raise SettingError("port", port, f"a port that is free on {host} ({err})") from err
        return Exposure(host, server.server_port, server, thread)


@dataclass(frozen=True, slots=True)
class Exposure:
    """A running HTTP server with the metrics and the port it really listens on."""

    host: str
    port: int
    _server: WSGIServer
    _thread: Thread

    @property
    def url(self) -> str:
        """Where Prometheus finds the metrics."""
        return f"http://{self.host}:{self.port}/metrics"

    def close(self) -> None:
        """Stop listening and wait for the server's thread, half a second at most."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _exemplar(request: Request) -> dict[str, str] | None:
    """Return what stands beside a latency, for those who read OpenMetrics: the trace of the request that had it."""
    return None if request.trace_id is None else {"trace_id": request.trace_id}


def _instrument(metric: Metric, registry: CollectorRegistry) -> Instrument:
    if metric.kind is Kind.COUNTER:
        return Counter(metric.name, metric.help, metric.labels, registry=registry)
    if metric.kind is Kind.GAUGE:
        return Gauge(metric.name, metric.help, metric.labels, registry=registry)
    return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=registry)
