"""Puts the sources of one installation together: what is configured, on one shared cache, behind one router."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from fluxdash.profiles.profile import Profile
from fluxdash.sources.cached import Ribbons
from fluxdash.sources.database import Database
from fluxdash.sources.exemplars import PATIENCE, LatencyExemplars
from fluxdash.sources.inventory import Inventory
from fluxdash.sources.lag import Lag
from fluxdash.sources.latencies import BucketedLatencies
from fluxdash.sources.ledger import LogLedger
from fluxdash.sources.log import LogSource
from fluxdash.sources.metrics import MetricsSource
from fluxdash.sources.outlook import SharedOutlook
from fluxdash.sources.prometheus import Prometheus, Upstream
from fluxdash.sources.router import Router
from fluxdash.sources.rows import LogRows
from fluxdash.sources.seats import Seated, Seats
from fluxdash.sources.shared import shared_cache
from fluxdash.sources.source import LOG, PROMETHEUS, Store
from fluxdash.sources.survey import Survey
from fluxdash.telemetry import NOBODY, Telemetry

_EXEMPLARS = "exemplars"
"""What telemetry calls the Prometheus that is asked for them: giving it up early is no failure of the other."""


class Installation(Protocol):
    """What has to be known of an installation; fluxdash.settings.Settings has all of it."""

    @property
    def prometheus_url(self) -> str | None: ...
    @property
    def prometheus_headers(self) -> tuple[tuple[str, str], ...] | None: ...
    @property
    def prometheus_bearer_token(self) -> str | None: ...
    @property
    def prometheus_timeout(self) -> float: ...
    @property
    def prometheus_concurrency(self) -> int: ...
    @property
    def max_response_bytes(self) -> int: ...
    @property
    def scrape_interval(self) -> int: ...
    @property
    def database_url(self) -> str | None: ...
    @property
    def database_timeout(self) -> float: ...
    @property
    def database_concurrency(self) -> int: ...
    @property
    def jaeger_url(self) -> str | None: ...
    @property
    def max_rows(self) -> int: ...
    @property
    def prefer(self) -> str: ...
    @property
    def cache(self) -> str: ...
    @property
    def cache_dir(self) -> Path: ...


def connect(at: Installation, profile: Profile, telemetry: Telemetry = NOBODY) -> Router:
    """Return the router over the configured sources; connects to nothing yet, so a server that is down is no error."""
    ribbons = Ribbons(shared_cache(at.cache, at.cache_dir, telemetry), telemetry=telemetry)
    stores: list[Store] = []
    metrics, exemplars, buckets = _metrics(at, profile, ribbons, telemetry)
    survey: Survey | None = None
    rows: LogRows | None = None
    ledger: LogLedger | None = None
    if at.database_url and profile.log is not None:
        database = Database(at.database_url, at.database_timeout, at.database_concurrency, telemetry)
        survey = Survey(database, profile.log, at.max_rows)
        lag = Lag(survey, metrics.counted) if metrics else None
        origin = _origin(profile, at.database_url, repr(profile.log))
        source = LogSource(database, profile.log, ribbons, survey, origin, lag)
        rows = LogRows(source, database, profile.log, ribbons, survey, origin)
        ledger = LogLedger(source, database, profile.log, survey)
        stores.append(source)
    if metrics is not None:
        stores.append(metrics)
    absent = [name for name, url in ((LOG, at.database_url), (PROMETHEUS, at.prometheus_url)) if not url]
    names = survey.names if survey else lambda: ()
    return Router(stores, at.prefer, names, absent, rows, profile.own, ledger, exemplars, buckets)


def seating(at: Installation, profile: Profile, seated: Seated, telemetry: Telemetry = NOBODY) -> Seats:
    """Return the seats of the models that these sources tell of; `seated` knows which models need one."""
    origin = _origin(profile, at.database_url or "", at.prometheus_url or "")
    return Seats(shared_cache(at.cache, at.cache_dir, telemetry), origin, seated)


def outlook(at: Installation, profile: Profile, telemetry: Telemetry = NOBODY) -> SharedOutlook:
    """Return what tells how these sources are, as all processes know it that share their cache."""
    origin = _origin(profile, at.database_url or "", at.prometheus_url or "", at.jaeger_url or "")
    return SharedOutlook(shared_cache(at.cache, at.cache_dir, telemetry), origin)


def _metrics(
    at: Installation, profile: Profile, ribbons: Ribbons, telemetry: Telemetry
) -> tuple[MetricsSource, LatencyExemplars, BucketedLatencies] | tuple[None, None, None]:
    if not at.prometheus_url or profile.metrics is None:
        return None, None, None
    token = at.prometheus_bearer_token
    headers = (*(at.prometheus_headers or ()), *([("Authorization", f"Bearer {token}")] if token else ()))
    upstream = Upstream(
        at.prometheus_url, headers, at.prometheus_timeout, at.prometheus_concurrency, at.max_response_bytes
    )
    prometheus = Prometheus(upstream, telemetry=telemetry)
    inventory = Inventory(prometheus, profile.metrics, patience=at.prometheus_timeout)
    origin = _origin(profile, at.prometheus_url, str(headers))
    hurried = replace(upstream, timeout=min(at.prometheus_timeout, PATIENCE), concurrency=1)
    aside = Prometheus(hurried, _EXEMPLARS, telemetry)
    exemplars = LatencyExemplars(aside, profile.metrics, ribbons, inventory, origin)
    buckets = BucketedLatencies(prometheus, profile.metrics, ribbons, inventory, origin)
    source = MetricsSource(prometheus, profile.metrics, ribbons, inventory, at.scrape_interval, origin)
    return source, exemplars, buckets


def _origin(profile: Profile, *words: str) -> str:
    """Whose numbers these are, as part of a cache key; a digest, for addresses and headers carry credentials."""
    return f"{profile.slug}:{hashlib.sha256(repr(words).encode()).hexdigest()[:16]}"
