"""Settings: every environment variable that FluxDash reads, what it may hold, and what it means.

The definition of a setting is its documentation: a test holds docs/settings.md against it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fluxdash import casts
from fluxdash.casts import Kind, choice, percent, seconds, whole
from fluxdash.errors import SettingError, meant

_CREDENTIALS = re.compile(r"(?<=://)\S*@|(?<=password=)[^&\s]*|(?<=token=)[^&\s]*")
# Kubernetes tells every pod of a namespace about a Service named fluxdash by variables of these forms.
_SERVICE_LINK = re.compile(r"FLUXDASH(_.+)?_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_\d+_(TCP|UDP)(_.+)?)")
# Read by the tests, not by FluxDash, but present in the environment of the servers that tests start.
_FOR_TESTS = frozenset({"FLUXDASH_REQUIRE_SERVERS"})
# Read by prometheus_client when it is imported; what gunicorn_conf writes there, its workers inherit.
_COUNTS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def redacted(text: str) -> str:
    """Return `text` with the credentials of every address in it replaced by ***."""
    return _CREDENTIALS.sub(lambda found: "***@" if found[0].endswith("@") else "***", text)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as an operator meets it: its variable, its kind, its default as one would write it, its meaning."""

    key: str
    kind: Kind
    default: str
    meaning: str

    def parse(self, raw: str) -> Any:
        """Return the value of `raw`: nothing written is the default, and no default is None."""
        text = raw.strip() or self.default
        if not text:
            return None
        try:
            return self.kind.cast(text)
        except ValueError:
            # Not `from err`: the text of the cast's error could hold a part of a credential.
            raise SettingError(self.key, self.shown(text), self.kind.allowed.replace("`", "")) from None

    def shown(self, value: object) -> str:
        """Return `value` as it may be printed: without credentials."""
        if value is None:
            return "–"
        if isinstance(value, bool):
            return str(value).lower()
        return "***" if self.kind.secret else redacted(str(value))

    @property
    def row(self) -> str:
        """The line of the table in docs/settings.md."""
        default = f"`{self.default}`" if self.default else "–"
        return f"| `{self.key}` | {default} | {self.kind.allowed} | {self.meaning} |"


def _setting(key: str, kind: Kind, default: str, meaning: str) -> Any:
    setting = Setting(key, kind, default, meaning)
    return field(default=setting.parse(""), metadata={"setting": setting})


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """All settings in force, cast and checked; printing it shows no credentials."""

    prometheus_url: str | None = _setting(
        "PROMETHEUS_URL", casts.HTTP_URL, "", "Prometheus, or what speaks its API, such as VictoriaMetrics."
    )
    prometheus_headers: tuple[tuple[str, str], ...] | None = _setting(
        "PROMETHEUS_HEADERS", casts.HEADERS, "", "Sent with every question, such as `X-Scope-OrgID: team-a`."
    )
    prometheus_bearer_token: str | None = _setting(
        "PROMETHEUS_BEARER_TOKEN", casts.TOKEN, "", "Sent as `Authorization: Bearer`."
    )
    database_url: str | None = _setting(
        "DATABASE_URL", casts.DATABASE_URL, "", "The gateway's request log; a user that may only read is enough."
    )
    jaeger_url: str | None = _setting(
        "JAEGER_URL", casts.HTTP_URL, "", "Jaeger's query service, or Tempo's, for traces."
    )
    jaeger_headers: tuple[tuple[str, str], ...] | None = _setting(
        "JAEGER_HEADERS", casts.HEADERS, "", "Sent with every question, such as `x-tenant: team-a`."
    )
    jaeger_bearer_token: str | None = _setting(
        "JAEGER_BEARER_TOKEN", casts.TOKEN, "", "Sent as `Authorization: Bearer`."
    )
    jaeger_screen: str | None = _setting(
        "FLUXDASH_JAEGER_SCREEN", casts.HTTP_URL, "", "Jaeger as browsers reach it, for links; unset, `JAEGER_URL`."
    )
    trace_service: str | None = _setting(
        "FLUXDASH_TRACE_SERVICE", casts.TITLE, "", "The gateway's service name in traces; unset, its profile's."
    )
    auto_refresh: bool = _setting("AUTO_REFRESH", casts.FLAG, "true", "Whether an opened page refreshes itself.")
    refresh_interval: int | None = _setting(
        "REFRESH_INTERVAL", whole(5, 3600, "seconds"), "", "Time between refreshes; unset, it follows the time range."
    )
    profile: str = _setting(
        "FLUXDASH_PROFILE", casts.PROFILE, "fluxai", "Which gateway this is: where it keeps its numbers."
    )
    prefer: str = _setting(
        "FLUXDASH_PREFER",
        choice("log", "prometheus"),
        "log",
        "The source asked first where several can answer equally well.",
    )
    zone: ZoneInfo = _setting("FLUXDASH_ZONE", casts.ZONE, "UTC", "Zone of the times on screen.")
    title: str = _setting("FLUXDASH_TITLE", casts.TITLE, "FluxAI Gateway", "Name of this installation on screen.")
    scrape_interval: int = _setting(
        "FLUXDASH_SCRAPE_INTERVAL", whole(1, 300, "seconds"), "15", "How often Prometheus scrapes the gateway."
    )
    prometheus_timeout: float = _setting(
        "FLUXDASH_PROMETHEUS_TIMEOUT", seconds(0.5, 120), "10", "How long an answer of Prometheus may take in all."
    )
    database_timeout: float = _setting(
        "FLUXDASH_DATABASE_TIMEOUT", seconds(0.5, 120), "10", "How long an answer of the database may take in all."
    )
    prometheus_concurrency: int = _setting(
        "FLUXDASH_PROMETHEUS_CONCURRENCY", whole(1, 64), "6", "Questions to Prometheus in flight at once, per process."
    )
    database_concurrency: int = _setting(
        "FLUXDASH_DATABASE_CONCURRENCY", whole(1, 64), "4", "Questions to the database in flight at once, per process."
    )
    jaeger_timeout: float = _setting(
        "FLUXDASH_JAEGER_TIMEOUT", seconds(0.5, 120), "10", "How long an answer of Jaeger may take in all."
    )
    jaeger_concurrency: int = _setting(
        "FLUXDASH_JAEGER_CONCURRENCY", whole(1, 64), "2", "Questions to Jaeger in flight at once, per process."
    )
    max_rows: int = _setting(
        "FLUXDASH_MAX_ROWS",
        whole(1_000, 100_000_000),
        "200000",
        "Rows expected in a window up to which the raw log is read.",
    )
    max_response_bytes: int = _setting(
        "FLUXDASH_MAX_RESPONSE_BYTES",
        whole(65_536, 268_435_456, "bytes"),
        "4194304",
        "Largest decoded answer of a source; a larger one is refused.",
    )
    cache: str = _setting(
        "FLUXDASH_CACHE",
        casts.CACHE,
        "filesystem",
        "Where answers are shared; `memory` is per process and for trying out.",
    )
    cache_folder: Path | None = _setting(
        "FLUXDASH_CACHE_DIR",
        casts.FOLDER,
        "",
        "Folder of the filesystem cache; unset, a private one in the temporary folder.",
    )
    p95_objective: float = _setting(
        "FLUXDASH_P95_OBJECTIVE", seconds(0.01, 600), "6", "Latency that 95 of 100 requests should stay under."
    )
    cache_target: float | None = _setting(
        "FLUXDASH_CACHE_TARGET", percent(0, 100), "40", "Share of lookups, in percent, that the cache should answer."
    )
    healthy: float = _setting(
        "FLUXDASH_HEALTHY", percent(0, 100), "99", "Availability in percent from which a model is healthy."
    )
    degraded: float = _setting(
        "FLUXDASH_DEGRADED", percent(0, 100), "95", "Availability in percent from which it is at least degraded."
    )
    least_requests: int = _setting(
        "FLUXDASH_LEAST_REQUESTS", whole(1, 1_000_000), "59", "Requests from which a model's state is judged at all."
    )
    budget: float | None = _setting(
        "FLUXDASH_BUDGET", casts.DOLLARS, "", "What the gateway may spend in a calendar month, in dollars."
    )
    budgets: tuple[tuple[str, float], ...] | None = _setting(
        "FLUXDASH_BUDGETS", casts.BUDGETS, "", "What accounts, by UUID or name, may spend in a calendar month."
    )
    pages: Path | None = _setting(
        "FLUXDASH_PAGES", casts.FOLDER, "", "Folder of your own pages: each Python file in it declares one."
    )
    embed_origins: tuple[str, ...] | None = _setting(
        "FLUXDASH_EMBED_ORIGINS", casts.ORIGINS, "", "Sites whose pages may show the dashboard in a frame."
    )
    prefix: str = _setting("FLUXDASH_PREFIX", casts.PREFIX, "/", "Path that the dashboard is served under.")
    host: str = _setting("FLUXDASH_HOST", casts.HOST, "0.0.0.0", "Address that `fluxdash serve` listens on.")
    port: int = _setting("FLUXDASH_PORT", whole(1, 65_535), "8501", "Port that `fluxdash serve` listens on.")
    workers: int = _setting("FLUXDASH_WORKERS", whole(1, 64), "2", "Processes of `fluxdash serve`.")
    threads: int = _setting(
        "FLUXDASH_THREADS", whole(2, 128), "12", "Threads per process; more than it may have questions in flight."
    )
    log_level: str = _setting(
        "FLUXDASH_LOG_LEVEL", choice("debug", "info", "warning", "error"), "info", "The least severe message logged."
    )
    log_format: str = _setting(
        "FLUXDASH_LOG_FORMAT", choice("text", "json"), "text", "Lines of the log for people, or for programs."
    )
    metrics: bool = _setting(
        "FLUXDASH_METRICS", casts.FLAG, "true", "Whether `/metrics` tells how FluxDash itself does."
    )
    drain: float = _setting(
        "FLUXDASH_DRAIN", seconds(0, 120), "0", "How long it serves on after SIGTERM, with `/readyz` at 503."
    )
    trusted_proxies: int = _setting(
        "FLUXDASH_TRUSTED_PROXIES",
        whole(0, 10),
        "0",
        "Reverse proxies in front whose `X-Forwarded-*` headers are believed.",
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings of `environ`; raise SettingError for a bad value or an unknown FLUXDASH_* variable."""
        known = [setting.key for setting in SETTINGS.values()]
        for key in sorted(environ):
            strange = key.startswith("FLUXDASH_") and key not in known and key not in _FOR_TESTS
            if strange and not _SERVICE_LINK.fullmatch(key):
                raise SettingError(key, "***", "there is no such setting." + meant(key, known))
        return cls(**{name: setting.parse(_written(environ, setting.key)) for name, setting in SETTINGS.items()})

    @property
    def cache_dir(self) -> Path:
        """The folder of the filesystem cache: as set, or one per user in the temporary folder."""
        return self.cache_folder or Path(tempfile.gettempdir()) / f"fluxdash-{os.getuid()}"

    def shown(self) -> dict[str, str]:
        """Return each variable and its value in force, without credentials."""
        return {setting.key: setting.shown(getattr(self, name)) for name, setting in SETTINGS.items()}

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{key}={value}' for key, value in self.shown().items())})"


SETTINGS: Mapping[str, Setting] = {f.name: f.metadata["setting"] for f in fields(Settings)}
"""Every setting by the name of its attribute, in the order of the documentation."""


def hand_down(folder: Path) -> None:
    """Let this process and those that it starts share the counts of prometheus_client in a folder."""
    os.environ[_COUNTS_FOLDER] = str(folder)


def counts_folder() -> Path | None:
    """Return where prometheus_client shares the counts of several processes: of ours, or of the application around."""
    folder = os.environ.get(_COUNTS_FOLDER)
    return Path(folder) if folder else None


def child_environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return the environment for a child process: this one's with `changes`, where None takes a variable away."""
    merged: dict[str, str | None] = {**os.environ, **changes}
    return {key: value for key, value in merged.items() if value is not None}


def _written(environ: Mapping[str, str], key: str) -> str:
    """Return what `environ` says of `key`, where `FLUXDASH_PORT=tcp://…` is Kubernetes speaking, not the operator."""
    text = environ.get(key, "")
    return "" if key == "FLUXDASH_PORT" and text.startswith(("tcp://", "udp://")) else text
