"""The cache that all viewers of an installation share: flask-caching's backends, JSON only, never a failure."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cachelib.serializers import JSONSerializer
from flask import Flask
from flask_caching import Cache as FlaskCache
from flask_caching.backends.filesystemcache import FileSystemCache
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry

from fluxdash.errors import SettingError, SourceError
from fluxdash.sources.cached import Cache
from fluxdash.telemetry import NOBODY, Telemetry

_SECONDS = 60
_MOST_ENTRIES = 2000
_REDIS_SECONDS = 0.2
_REST = 2.0

_CACHE = "cache"
"""What telemetry calls it."""


class JsonFiles(FileSystemCache):
    """flask-caching's files with JSON in them from the first on: set later, the books it keeps would stay pickled."""

    serializer = JSONSerializer()  # type: ignore[assignment]


class JsonOrNothing(JSONSerializer):
    """JSON for Redis, where cachelib hands over what is missing, too, and complains to the log about each miss."""

    def loads(self, bvalue: Any, *args: Any, **kwargs: Any) -> Any:
        return None if bvalue is None else super().loads(bvalue, *args, **kwargs)


class Forgiving:
    """A cache whose failures are misses: without one every answer is still right, only slower.

    A server that does not answer is left alone for two seconds, or each panel would wait for it several times over.
    """

    def __init__(
        self, backend: Cache, clock: Callable[[], float] = time.monotonic, telemetry: Telemetry = NOBODY
    ) -> None:
        self._backend = backend
        self._clock = clock
        self._telemetry = telemetry
        self._left_alone_until = -math.inf

    def get(self, key: str) -> Any:
        return self._attempt("read", lambda: self._backend.get(key), None)

    def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
        return self._attempt("written", lambda: self._backend.set(key, value, timeout=timeout), False)

    def _attempt(self, done: str, work: Callable[[], Any], otherwise: Any) -> Any:
        if self._clock() < self._left_alone_until:
            self._telemetry.refused(_CACHE, "resting")
            return otherwise
        started = self._clock()
        try:
            found = work()
        except (RedisError, OSError, ValueError) as err:
            self._telemetry.asked(_CACHE, self._clock() - started, SourceError.kind)
            self._telemetry.failed(_CACHE, SourceError.kind, f"it could not be {done}: {type(err).__name__}")
            if isinstance(err, RedisConnectionError | RedisTimeout):
                self._left_alone_until = self._clock() + _REST
            return otherwise
        self._telemetry.asked(_CACHE, self._clock() - started, "ok")
        return found


def shared_cache(kind: str, folder: Path, telemetry: Telemetry = NOBODY) -> Cache:
    """Return flask-caching's backend for `filesystem`, `memory` or a `redis://` address; values are JSON, not pickle.

    It belongs to an app of its own: configured on a host application it would change the host's settings, and looked
    up through one it would be the host's cache.
    """
    carrier = Flask("fluxdash.cache")
    cache = FlaskCache(carrier, config=dict(_configuration(kind, folder)))
    return Forgiving(carrier.extensions["cache"][cache], telemetry=telemetry)


def _configuration(kind: str, folder: Path) -> Mapping[str, Any]:
    common = {"CACHE_DEFAULT_TIMEOUT": _SECONDS, "CACHE_THRESHOLD": _MOST_ENTRIES}
    match kind.partition(":")[0]:
        case "filesystem":
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            found = folder.stat()
            # In a shared temporary folder somebody else can be there first, with answers of their own.
            if found.st_mode & 0o022 or found.st_uid != os.getuid():
                raise SettingError("FLUXDASH_CACHE_DIR", str(folder), "a folder of yours that only you may write to")
            return {
                **common,
                "CACHE_TYPE": f"{__name__}.JsonFiles",
                "CACHE_DIR": str(folder),
            }
        case "memory":
            return {**common, "CACHE_TYPE": "SimpleCache"}
        case "redis" | "rediss":
            return {
                **common,
                "CACHE_TYPE": "RedisCache",
                "CACHE_SERIALIZER": JsonOrNothing,
                "CACHE_REDIS_HOST": _redis(kind),
                "CACHE_KEY_PREFIX": "fluxdash:",
            }
        case _:
            raise SettingError("FLUXDASH_CACHE", kind, "filesystem, memory or an address redis://host:port/db")


def _redis(url: str) -> Redis:
    # Both are needed: with the default retries a refused connection costs seconds, whatever the timeout.
    retry = Retry(NoBackoff(), 0)
    client: Redis = Redis.from_url(
        url, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS, retry=retry
    )
    return client
