"""The fetcher for Prometheus and its relatives: pooled connections, a hard deadline, a size cap, one careful retry."""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from fluxdash.errors import BadPayload, SourceTimeout, SourceUnreachable
from fluxdash.sources.gate import Gate
from fluxdash.sources.reply import NAME, Reply, parse
from fluxdash.sources.source import PROMETHEUS
from fluxdash.telemetry import NOBODY, Telemetry

Parameters = Sequence[tuple[str, str]]

_NOBODY = "Nothing answers at the address in PROMETHEUS_URL. It is asked again by itself."


@dataclass(frozen=True, slots=True)
class Upstream:
    """How to reach a Prometheus: its address (a path is kept), headers of ours, and the limits of one call."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    timeout: float = 10.0
    concurrency: int = 6
    max_bytes: int = 4 * 1024 * 1024


class Prometheus:
    """Asks one Prometheus. Every method raises a SourceError within about the deadline, and nothing else."""

    def __init__(self, upstream: Upstream, told: str = PROMETHEUS, telemetry: Telemetry = NOBODY) -> None:
        self._upstream = upstream
        self._gate = Gate(NAME, upstream.concurrency, upstream.timeout, told=told, telemetry=telemetry)
        address = httpx.URL(upstream.url)
        credentials = (address.username, address.password) if address.username else None
        self._base = str(address.copy_with(username=None, password=None)).rstrip("/")
        # No redirects and no proxies from the environment: the address in the settings is the only one ever asked.
        self._client = httpx.Client(
            auth=credentials,
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", **dict(upstream.headers)},
            timeout=httpx.Timeout(upstream.timeout, connect=min(3.0, upstream.timeout)),
            limits=httpx.Limits(max_connections=upstream.concurrency, max_keepalive_connections=upstream.concurrency),
            follow_redirects=False,
            trust_env=False,
        )

    def range(self, query: str, start: int, end: int, step: int) -> Reply:
        """Return a matrix with a point at `start`, `start + step`, … `end`: epoch seconds, both ends included."""
        for moment in (start, end):
            if not 1e9 < moment < 4e9:
                raise ValueError(f"{moment} is not a time in seconds")
        times = (("start", str(start)), ("end", str(end)), ("step", str(step)))
        return self._ask("POST", "query_range", (("query", query), *times, self._limit))

    def instant(self, query: str, at: float) -> Reply:
        """Return the vector at one moment, in epoch seconds."""
        return self._ask("POST", "query", (("query", query), ("time", f"{at:.3f}"), self._limit))

    def labels(self, metric: str, start: int, end: int) -> frozenset[str]:
        """Return the label names that a metric carries; empty when the metric does not exist."""
        period = (("start", str(start)), ("end", str(end)))
        data = self._ask("POST", "labels", (("match[]", metric), *period)).data
        if not isinstance(data, list):
            raise BadPayload(NAME, "answered label names that are not a list")
        return frozenset(str(each) for each in data)

    def exemplars(self, query: str, start: int, end: int) -> Any:
        """Return the exemplars of the series a selector names, as they came; empty where the server keeps none."""
        times = (("start", str(start)), ("end", str(end)))
        return self._ask("POST", "query_exemplars", (("query", query), *times)).data

    def close(self) -> None:
        """Close the pooled connections."""
        self._gate.close()
        self._client.close()

    @property
    def _limit(self) -> tuple[str, str]:
        return "timeout", f"{self._upstream.timeout:g}s"

    def _ask(self, method: str, path: str, parameters: Parameters) -> Reply:
        return self._gate.call(lambda: self._attempts(method, path, parameters))

    def _attempts(self, method: str, path: str, parameters: Parameters) -> Reply:
        started = time.monotonic()
        try:
            return self._once(method, path, parameters, started)
        except _PooledConnectionClosed:
            # A kept connection that the server closed in the meantime says nothing about the server: ask again, once.
            return self._once(method, path, parameters, started)

    def _once(self, method: str, path: str, parameters: Parameters, started: float) -> Reply:
        fields: Mapping[str, object] = {"data": _form(parameters)} if method == "POST" else {"params": parameters}
        try:
            with self._client.stream(method, f"{self._base}/api/v1/{path}", **fields) as response:  # type: ignore[arg-type]
                body = self._read(response, started)
                status = response.status_code
        except httpx.ConnectTimeout as err:
            raise SourceUnreachable(NAME, "cannot be reached", hint=_NOBODY) from err
        except httpx.TimeoutException as err:
            raise SourceTimeout(NAME, f"did not answer in {self._upstream.timeout:g} s") from err
        except httpx.RemoteProtocolError as err:
            raise _PooledConnectionClosed(NAME, "broke off in the middle of an answer") from err
        except zlib.error as err:
            raise BadPayload(NAME, "answered a body that cannot be unpacked") from err
        except httpx.HTTPError as err:
            raise SourceUnreachable(NAME, "cannot be reached", hint=_NOBODY) from err
        if status == 405 and method == "POST":  # a read-only proxy lets only GET pass
            return self._once("GET", path, parameters, started)
        if 300 <= status < 400:
            raise BadPayload(NAME, "answered a redirect, which is not followed", hint=f"status {status}")
        return parse(status, body)

    def _read(self, response: httpx.Response, started: float) -> bytes:
        """Read the decoded body under the size cap and the total deadline, which httpx has none of."""
        packing = response.headers.get("Content-Encoding", "identity").strip().lower()
        if packing not in ("gzip", "identity"):
            raise BadPayload(NAME, "answered a body packed in a way that was not asked for", hint=packing[:100])
        # Unpacked here, for httpx unpacks all of a chunk at once, and 64 kB may hold 64 MB.
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        chunks: list[bytes] = []
        size = 0
        for raw in response.iter_raw():
            room = self._upstream.max_bytes - size + 1
            chunk = unpacker.decompress(raw, room) if packing == "gzip" else raw
            size += len(chunk)
            if size > self._upstream.max_bytes:
                raise BadPayload(
                    NAME,
                    f"answered more than {self._upstream.max_bytes / 1048576:g} MiB",
                    hint="A shorter range or a longer bucket usually works.",
                )
            if time.monotonic() - started > self._upstream.timeout:
                raise SourceTimeout(NAME, f"did not answer in {self._upstream.timeout:g} s")
            chunks.append(chunk)
        return b"".join(chunks)


class _PooledConnectionClosed(SourceUnreachable):
    """The connection broke before the answer was whole; if it was a pooled one, asking again may well work."""


def _form(parameters: Parameters) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    for name, value in parameters:
        form.setdefault(name, []).append(value)
    return form
