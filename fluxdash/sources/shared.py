"""The cache that all viewers of an installation share: flask-caching's backends, JSON only, never a failure."""

from __future__ import annotations

import math
import os
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import orjson
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
_KEPT_OF_THEM = 9 / 10
"""The share of them that stays when there are more: making room is dear, so it is made for many at once."""

_REDIS_SECONDS = 0.2
_REST = 2.0

_CACHE = "cache"
"""What telemetry calls it."""


class Json(JSONSerializer):
    """The same JSON, made in a tenth of the time and read in half of it."""

    def dump(self, value: Any, f: IO[bytes], *args: Any, **kwargs: Any) -> None:
        f.write(self.dumps(value) or b"")

    def load(self, f: IO[bytes], *args: Any, **kwargs: Any) -> Any:
        return self.loads(f.read())

    def dumps(self, value: Any, *args: Any, **kwargs: Any) -> bytes | None:
        try:
            return orjson.dumps(value)
        except TypeError as err:
            self._warn(err)
            return None

    def loads(self, bvalue: str | bytes | bytearray, *args: Any, **kwargs: Any) -> Any:
        try:
            return orjson.loads(bvalue)
        except ValueError as err:
            self._warn(err)
            return None


class JsonFiles(FileSystemCache):
    """flask-caching's files with JSON in them from the first on: set later, the books it keeps would stay pickled."""

    serializer = Json()  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._making_room = threading.Lock()
        super().__init__(*args, **kwargs)

    def _prune(self) -> None:
        """Let go of what is over, and of what will be first if that is not enough.

        cachelib opens all files for each that it adds while there are too many, and counts each that goes in a file.
        """
        if not self._over_threshold() or not self._making_room.acquire(blocking=False):
            return
        try:
            now = time.time()
            found = sorted((_until(Path(each)), each) for each in self._list_dir())
            over = sum(until < now for until, _ in found)
            gone = max(over, len(found) - int(self._threshold * _KEPT_OF_THEM))
            for _, each in found[:gone]:
                with suppress(OSError):  # gone already, or nothing of ours, such as a folder
                    Path(each).unlink()
            self._update_count(value=len(found) - gone)
        finally:
            self._making_room.release()


def _until(path: Path) -> float:
    """Return when an entry is over, in epoch seconds; one that is broken, or gone, is over."""
    try:
        with path.open("rb") as file:
            return struct.unpack("I", file.read(4))[0] or math.inf  # 0 is what cachelib writes for never
    except (OSError, struct.error):
        return 0


class JsonOrNothing(Json):
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


def private(folder: Path) -> Path:
    """Return the folder, made where there is none; raises SettingError for one that cannot be this user's alone."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.stat()
    except OSError as err:
        allowed = f"a folder that is there or can be made ({err.strerror})"
        raise SettingError("FLUXDASH_CACHE_DIR", str(folder), allowed) from err
    # In a shared temporary folder somebody else can be there first, with answers of their own.
    others = found.st_mode & 0o022 or found.st_uid != os.getuid()
    if others or not os.access(folder, os.W_OK | os.X_OK):
        raise SettingError("FLUXDASH_CACHE_DIR", str(folder), "a folder of yours that only you may write to")
    return folder


def _configuration(kind: str, folder: Path) -> Mapping[str, Any]:
    common = {"CACHE_DEFAULT_TIMEOUT": _SECONDS, "CACHE_THRESHOLD": _MOST_ENTRIES}
    match kind.partition(":")[0]:
        case "filesystem":
            return {
                **common,
                "CACHE_TYPE": f"{__name__}.JsonFiles",
                "CACHE_DIR": str(private(folder)),
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
