"""One server over HTTP: pooled connections, a hard deadline, a size cap, and no address but the one in the settings."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from fluxdash.errors import BadPayload, SourceTimeout, SourceUnreachable
from fluxdash.sources.gate import Gate
from fluxdash.telemetry import NOBODY, Telemetry

Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Address:
    """How to reach a server: what it is called on screen, its address (a path is kept), our headers, the limits.

    `setting` is the variable that holds the address; `max_bytes` the largest decoded answer that is read.
    """

    name: str
    url: str
    setting: str
    headers: tuple[tuple[str, str], ...] = ()
    timeout: float = 10.0
    concurrency: int = 2
    max_bytes: int = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    """An answer of any status, whole and unpacked."""

    status: int
    body: bytes


class TooLarge(BadPayload):
    """The answer is larger than may be read; a smaller question may do."""


class Caller:
    """Asks one server by GET. Raises a SourceError within about the deadline, and nothing else.

    What the server says is returned whatever its status; what it says to redirects is not followed.
    """

    def __init__(self, address: Address, told: str = "", telemetry: Telemetry = NOBODY) -> None:
        self._address = address
        self._gate = Gate(address.name, address.concurrency, address.timeout, told=told, telemetry=telemetry)
        url = httpx.URL(address.url)
        credentials = (url.username, url.password) if url.username else None
        self._base = str(url.copy_with(username=None, password=None)).rstrip("/")
        # No redirects and no proxies from the environment: the address in the settings is the only one ever asked.
        self._client = httpx.Client(
            auth=credentials,
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", **dict(address.headers)},
            timeout=httpx.Timeout(address.timeout, connect=min(3.0, address.timeout)),
            limits=httpx.Limits(max_connections=address.concurrency, max_keepalive_connections=address.concurrency),
            follow_redirects=False,
            trust_env=False,
        )

    def address(self, path: str, parameters: Parameters) -> str:
        """Return the address of a question as one would type it behind that of the server, which is nobody's to see."""
        return httpx.URL(f"{self._base}{path}", params=[*parameters]).raw_path.decode()

    @property
    def name(self) -> str:
        """What the server is called on screen."""
        return self._address.name

    def get(self, path: str, parameters: Parameters = (), max_bytes: int | None = None) -> Response:
        """Return what the server answers at `path`, below its address; `max_bytes` replaces the usual cap."""
        most = self._address.max_bytes if max_bytes is None else max_bytes
        return self._gate.call(lambda: self._attempts(path, parameters, most))

    def close(self) -> None:
        """Close the pooled connections."""
        self._gate.close()
        self._client.close()

    def _attempts(self, path: str, parameters: Parameters, most: int) -> Response:
        started = time.monotonic()
        try:
            return self._once(path, parameters, most, started)
        except _PooledConnectionClosed:
            # A kept connection that the server closed in the meantime says nothing about the server: ask again, once.
            return self._once(path, parameters, most, started)

    def _once(self, path: str, parameters: Parameters, most: int, started: float) -> Response:
        name, timeout = self._address.name, self._address.timeout
        nobody = f"Nothing answers at the address in {self._address.setting}. It is asked again by itself."
        try:
            with self._client.stream("GET", f"{self._base}{path}", params=list(parameters)) as response:
                body = self._read(response, most, started)
                status = response.status_code
        except httpx.ConnectTimeout as err:
            raise SourceUnreachable(name, "cannot be reached", hint=nobody) from err
        except httpx.TimeoutException as err:
            raise SourceTimeout(name, f"did not answer in {timeout:g} s") from err
        except httpx.RemoteProtocolError as err:
            raise _PooledConnectionClosed(name, "broke off in the middle of an answer") from err
        except zlib.error as err:
            raise BadPayload(name, "answered a body that cannot be unpacked") from err
        except httpx.HTTPError as err:
            raise SourceUnreachable(name, "cannot be reached", hint=nobody) from err
        if 300 <= status < 400:
            raise BadPayload(name, "answered a redirect, which is not followed", hint=f"status {status}")
        return Response(status, body)

    def _read(self, response: httpx.Response, most: int, started: float) -> bytes:
        """Read the decoded body under the size cap and the total deadline, which httpx has none of."""
        name, timeout = self._address.name, self._address.timeout
        packing = response.headers.get("Content-Encoding", "identity").strip().lower()
        if packing not in ("gzip", "identity"):
            raise BadPayload(name, "answered a body packed in a way that was not asked for", hint=packing[:100])
        # Unpacked here, for httpx unpacks all of a chunk at once, and 64 kB may hold 64 MB.
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        chunks: list[bytes] = []
        size = 0
        for raw in response.iter_raw():
            chunk = unpacker.decompress(raw, most - size + 1) if packing == "gzip" else raw
            size += len(chunk)
            if size > most:
                raise TooLarge(name, f"answered more than {most / 1048576:g} MiB", hint="Ask for less of it.")
            if time.monotonic() - started > timeout:
                raise SourceTimeout(name, f"did not answer in {timeout:g} s")
            chunks.append(chunk)
        return b"".join(chunks)


class _PooledConnectionClosed(SourceUnreachable):
    """The connection broke before the answer was whole; if it was a pooled one, asking again may well work."""
