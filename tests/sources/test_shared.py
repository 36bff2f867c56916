"""The shared cache: JSON only, in a folder of one's own, and a miss when it is broken."""

from __future__ import annotations

import json
import os
import pickle
import socket
import struct
import threading
import time
from pathlib import Path

import pytest

from fluxdash.errors import SettingError
from fluxdash.sources import shared
from fluxdash.sources.cached import Cache
from fluxdash.sources.shared import shared_cache
from tests.heard import Heard

VALUE = {"as_of": 1.5, "cells": {"start": 0, "groups": {"ä": {"a": [1.0, None]}}, "warnings": ["w"]}}


@pytest.fixture(params=["filesystem", "memory"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Cache:
    return shared_cache(request.param, tmp_path / "cache")


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


class Planted:
    """What an attacker pickles: unpickling it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def test_what_is_kept_is_found_again(cache: Cache) -> None:
    assert cache.get("key") is None
    cache.set("key", VALUE, timeout=60)
    assert cache.get("key") == VALUE
    assert cache.get("other") is None


def test_a_kept_value_expires(tmp_path: Path) -> None:
    caches = [shared_cache(kind, tmp_path) for kind in ("filesystem", "memory")]
    for each in caches:
        each.set("key", VALUE, timeout=1)
    time.sleep(2.1)
    assert [each.get("key") for each in caches] == [None, None]


def test_two_caches_in_memory_share_nothing_and_two_on_files_everything(tmp_path: Path) -> None:
    for kind, found in (("memory", None), ("filesystem", VALUE)):
        shared_cache(kind, tmp_path).set("key", VALUE, timeout=60)
        assert shared_cache(kind, tmp_path).get("key") == found


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "cache"
    shared_cache("filesystem", folder).set("key", VALUE)
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o720])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    with pytest.raises(SettingError, match=r"FLUXDASH_CACHE_DIR.*only you"):
        shared_cache("filesystem", tmp_path)


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(SettingError, match="FLUXDASH_CACHE_DIR"):
        shared_cache("filesystem", tmp_path)


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="FLUXDASH_CACHE"):
        shared_cache("memcached://x", tmp_path)


def test_files_hold_json_and_nothing_else(tmp_path: Path) -> None:
    shared_cache("filesystem", tmp_path).set("key", VALUE, timeout=60)
    texts = [path.read_bytes()[4:] for path in files(tmp_path)]
    assert VALUE in [json.loads(text) for text in texts]


def test_a_planted_pickle_is_a_miss_and_is_not_executed(tmp_path: Path) -> None:
    cache, proof = shared_cache("filesystem", tmp_path / "cache"), tmp_path / "executed"
    cache.set("key", VALUE, timeout=60)
    for path in files(tmp_path / "cache"):
        path.write_bytes(struct.pack("I", int(time.time()) + 600) + pickle.dumps(Planted(proof)))
    assert cache.get("key") is None
    cache.set("key", VALUE, timeout=60)
    assert shared_cache("filesystem", tmp_path / "cache").get("key") == VALUE
    assert not proof.exists()


@pytest.mark.parametrize(
    "text", [b"", b"\x00", b"\xff" * 4, b"\xff" * 40, struct.pack("I", 2**32 - 1) + b'{"as_of": 1']
)
def test_a_broken_file_is_a_miss(tmp_path: Path, text: bytes) -> None:
    cache = shared_cache("filesystem", tmp_path)
    cache.set("key", VALUE, timeout=60)
    for path in files(tmp_path):
        path.write_bytes(text)
    assert cache.get("key") is None
    cache.set("key", VALUE, timeout=60)
    assert cache.get("key") == VALUE


def test_a_folder_that_is_gone_is_a_miss(tmp_path: Path) -> None:
    cache = shared_cache("filesystem", tmp_path / "cache")
    for path in files(tmp_path / "cache"):
        path.unlink()
    (tmp_path / "cache").rmdir()
    cache.set("key", VALUE, timeout=60)
    assert cache.get("key") in (None, VALUE)


def test_room_is_made_for_many_at_once_by_what_would_be_over_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, really = [], os.listdir
    monkeypatch.setattr(shared, "_MOST_ENTRIES", 20)
    cache = shared_cache("filesystem", tmp_path)
    monkeypatch.setattr(os, "listdir", lambda *folder: looked.append(folder) or really(*folder))
    for i in range(60):
        cache.set(f"key{i}", i, timeout=100 + i)
    kept = [i for i in range(60) if cache.get(f"key{i}") is not None]
    assert kept == list(range(60 - len(kept), 60))
    assert 18 <= len(kept) <= 21
    assert len(looked) < 30, "40 of them had no room: looking through all files for each would be dear"


def test_what_is_over_makes_room_for_all_that_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "_MOST_ENTRIES", 20)
    cache = shared_cache("filesystem", tmp_path)
    for i in range(10):
        cache.set(f"over{i}", i, timeout=60)
    over = struct.pack("I", int(time.time()) - 1)
    for path in files(tmp_path):
        if path.stat().st_size == 5 and path.read_bytes()[:4] != bytes(4):  # not the count, which is never over
            path.write_bytes(over + b"0")
    for i in range(16):
        cache.set(f"key{i}", i, timeout=60)
    assert [cache.get(f"key{i}") for i in range(16)] == list(range(16))
    assert len(files(tmp_path)) == 16 + 1


def test_what_is_never_over_stays_when_room_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "_MOST_ENTRIES", 20)
    cache = shared_cache("filesystem", tmp_path)
    cache.set("seats", {"llama": 3}, timeout=0)
    for i in range(60):
        cache.set(f"key{i}", i, timeout=60)
    assert cache.get("seats") == {"llama": 3}


def test_a_folder_among_the_files_keeps_nothing_from_being_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as `lost+found`, where a volume of its own is mounted."""
    monkeypatch.setattr(shared, "_MOST_ENTRIES", 20)
    cache = shared_cache("filesystem", tmp_path)
    (tmp_path / "lost+found").mkdir()
    for i in range(60):
        cache.set(f"key{i}", i, timeout=100 + i)
        assert cache.get(f"key{i}") == i
    assert len(files(tmp_path)) < 25


def test_what_is_no_number_is_unknown_in_a_file(tmp_path: Path) -> None:
    shared_cache("filesystem", tmp_path).set("key", [1.0, float("nan")], timeout=60)
    assert shared_cache("filesystem", tmp_path).get("key") == [1.0, None]


def test_many_threads_may_write_and_read_at_once(cache: Cache) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for i in range(15):
                cache.set(f"key{(number + i) % 5}", VALUE, timeout=60)
                assert cache.get(f"key{i % 5}") in (None, VALUE)
        except BaseException as err:
            failures.append(err)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []


def test_a_redis_that_refuses_is_a_miss_and_costs_no_time(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    cache = shared_cache(f"redis://127.0.0.1:{port}/0", tmp_path)
    started = time.monotonic()
    assert cache.get("key") is None
    assert cache.set("key", VALUE) is False
    assert time.monotonic() - started < 0.5


def test_a_redis_that_never_answers_is_a_miss_after_a_moment(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cache = shared_cache(f"redis://:secret@127.0.0.1:{silent.getsockname()[1]}/0", tmp_path)
        started = time.monotonic()
        assert cache.get("key") is None
        assert time.monotonic() - started < 0.7


def test_a_broken_cache_is_told_without_its_address(tmp_path: Path) -> None:
    heard = Heard()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    cache = shared_cache(f"redis://:secret@127.0.0.1:{port}/0", tmp_path, heard)
    cache.get("key")
    cache.get("key")
    assert heard.take() == [
        ("asked", "cache", "failed"),
        ("failed", "cache", "failed", "it could not be read: ConnectionError"),
        ("refused", "cache", "resting"),
    ]


def test_a_cache_that_answers_is_told_too(tmp_path: Path) -> None:
    heard = Heard()
    cache = shared_cache("memory", tmp_path, heard)
    cache.set("key", VALUE, timeout=60)
    assert cache.get("key") == VALUE
    assert heard.take() == [("asked", "cache", "ok")] * 2
