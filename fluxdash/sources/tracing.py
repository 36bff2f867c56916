"""Puts the sources of traces of one installation together: a store over HTTP, the table of spans, the log's rows."""

from __future__ import annotations

from typing import Protocol

from fluxdash.profiles.profile import Profile
from fluxdash.profiles.tracing import Tracing
from fluxdash.sources.caller import Address, Caller
from fluxdash.sources.database import Database
from fluxdash.sources.jaeger import Jaeger
from fluxdash.sources.sightings import Sightings
from fluxdash.sources.spans import SpanTable
from fluxdash.sources.survey import Survey
from fluxdash.sources.trace_store import JAEGER, TraceStore
from fluxdash.sources.tracerows import TraceRows
from fluxdash.sources.traces import TraceRouter
from fluxdash.telemetry import NOBODY, Telemetry

_CONNECTIONS = 2
"""To the log, of their own: looking for traces must not keep charts waiting."""

_NOTHING = Tracing(service="", request=None)


class Installation(Protocol):
    """What has to be known of an installation; fluxdash.settings.Settings has all of it."""

    @property
    def jaeger_url(self) -> str | None: ...
    @property
    def jaeger_headers(self) -> tuple[tuple[str, str], ...] | None: ...
    @property
    def jaeger_bearer_token(self) -> str | None: ...
    @property
    def jaeger_screen(self) -> str | None: ...
    @property
    def jaeger_timeout(self) -> float: ...
    @property
    def jaeger_concurrency(self) -> int: ...
    @property
    def trace_service(self) -> str | None: ...
    @property
    def max_response_bytes(self) -> int: ...
    @property
    def database_url(self) -> str | None: ...
    @property
    def database_timeout(self) -> float: ...
    @property
    def max_rows(self) -> int: ...


def connect_traces(at: Installation, profile: Profile, telemetry: Telemetry = NOBODY) -> TraceRouter:
    """Return the router over the configured stores; connects to nothing yet, so a server that is down is no error."""
    tracing = profile.tracing or _NOTHING
    stores: list[TraceStore] = [_jaeger(at, tracing, telemetry)] if at.jaeger_url else []
    rows: TraceRows | None = None
    survey: Survey | None = None
    database: Database | None = None
    if at.database_url:
        database = Database(at.database_url, at.database_timeout, _CONNECTIONS, telemetry)
        stores.append(SpanTable(database, tracing))
        if profile.log is not None:
            survey = Survey(database, profile.log, at.max_rows)
            rows = TraceRows(database, profile.log, survey)
    sightings = Sightings(rows, tracing, survey.names if survey else lambda: ())
    return TraceRouter(stores, sightings, tracing, [] if at.jaeger_url else [JAEGER], database)


def _jaeger(at: Installation, tracing: Tracing, telemetry: Telemetry) -> Jaeger:
    token = at.jaeger_bearer_token
    headers = (*(at.jaeger_headers or ()), *([("Authorization", f"Bearer {token}")] if token else ()))
    url = str(at.jaeger_url)
    address = Address(
        "Jaeger", url, "JAEGER_URL", headers, at.jaeger_timeout, at.jaeger_concurrency, at.max_response_bytes
    )
    caller = Caller(address, JAEGER, telemetry)
    return Jaeger(caller, tracing, at.trace_service or tracing.service, at.jaeger_screen or url)
