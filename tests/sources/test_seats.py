"""Seats: the colour of a model that nobody planned for is the same in every process, and stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fluxdash.profiles.registry import profile
from fluxdash.settings import Settings
from fluxdash.sources.connect import seating
from fluxdash.sources.seats import Seats
from fluxdash.sources.shared import shared_cache
from fluxdash.views.models import seated, tokens

OPUS = "anthropic.claude-3-opus-20240229-v1:0"
FOREVER_KINDS = ("filesystem", "memory")


class Remembering:
    """A cache that can be looked into, and that counts how often it is asked."""

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}
        self.asked = 0
        self.timeouts: list[int | None] = []

    def get(self, key: str) -> Any:
        self.asked += 1
        return self.held.get(key)

    def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
        self.held[key] = value
        self.timeouts.append(timeout)


class Forgetting(Remembering):
    """A cache that keeps nothing."""

    def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
        return False


def test_who_comes_first_sits_down_and_stays() -> None:
    seats = Seats(Remembering(), "here", seated)
    first = seats(["acme.own", OPUS])
    assert first == {"acme.own": 1}
    assert seats(["acme.other", "acme.own"]) == {"acme.own": 1, "acme.other": 2}
    assert seats(["acme.own"])["acme.own"] == 1


def test_two_processes_agree_whoever_asks_first() -> None:
    cache = Remembering()
    one, other = Seats(cache, "here", seated), Seats(cache, "here", seated)
    one(["acme.a"])
    other(["acme.b"])
    assert one(["acme.b", "acme.a"]) == other(["acme.a", "acme.b"]) == {"acme.a": 1, "acme.b": 2}


def test_two_processes_that_gave_one_seat_away_at_the_same_moment_agree_afterwards() -> None:
    cache = Remembering()
    one, other = Seats(cache, "here", seated), Seats(cache, "here", seated)
    one(["acme.a"])
    cache.held.clear()
    other(["acme.b"])
    first, second = one(["acme.a", "acme.b"]), other(["acme.a", "acme.b"])
    assert first == second
    assert len(set(first.values())) == 2


def test_what_the_cache_forgot_this_process_still_knows() -> None:
    cache = Remembering()
    seats = Seats(cache, "here", seated)
    before = seats(["acme.a", "acme.b"])
    cache.held.clear()
    assert seats(["acme.b"]) == before
    assert Seats(cache, "here", seated)(["acme.b"]) == before


def test_a_cache_that_keeps_nothing_does_no_harm() -> None:
    seats = Seats(Forgetting(), "here", seated)
    assert seats(["acme.a"]) == {"acme.a": 1}
    assert seats(["acme.b"]) == {"acme.a": 1, "acme.b": 2}


@pytest.mark.parametrize(
    "planted", [7, "c3", ["a"], {"a": "1"}, {"a": -1}, {"a": 10}, {"a": True}, {"a": 1, "b": 1}, {"a": None}]
)
def test_what_nobody_of_us_put_there_is_no_seat(planted: object) -> None:
    cache = Remembering()
    cache.held["seats:here"] = planted
    assert Seats(cache, "here", seated)(["acme.a"]) == {"acme.a": 1}


def test_a_guest_in_somebodys_slot_moves_on_when_they_meet_and_sits_still_then() -> None:
    cache = Remembering()
    one, other = Seats(cache, "here", seated), Seats(cache, "here", seated)
    assert one(["auto"]) == other(["auto"]) == {"auto": 1}
    assert one(["auto", "claude-3-5-sonnet"]) == {"auto": 2}
    assert other(["auto"]) == {"auto": 2}
    cache.held.clear()
    assert one(["auto"]) == {"auto": 2}


def test_who_finds_no_other_slot_has_none_from_then_on_in_every_process() -> None:
    cache = Remembering()
    seats = Seats(cache, "here", seated)
    assert seats(["acme.own"]) == {"acme.own": 1}
    known = ("claude-3-5-sonnet", "claude-3-5-haiku", "claude-3-opus", "llama3-70b", "llama3-8b")
    others = ("titan-text-express", "titan-text-lite", "mistral-7b", "mixtral-8x7b")
    assert seats([*known, *others, "acme.own", "acme.late"]) == {"acme.own": 0}
    assert Seats(cache, "here", seated)(["acme.own"]) == seats(["acme.own"]) == {"acme.own": 0}
    assert tokens([*others, "acme.own"], seats(["acme.own"]))["acme.own"] == "c-other"


def test_models_with_a_slot_of_their_own_cost_the_cache_nothing() -> None:
    cache = Remembering()
    assert Seats(cache, "here", seated)([OPUS]) == {}
    assert cache.asked == 0


def test_two_gateways_have_seats_of_their_own() -> None:
    cache = Remembering()
    Seats(cache, "here", seated)(["acme.a"])
    assert Seats(cache, "there", seated)(["acme.b"]) == {"acme.b": 1}


def test_a_seat_never_expires() -> None:
    cache = Remembering()
    Seats(cache, "here", seated)(["acme.a"])
    assert cache.timeouts == [0]


@pytest.mark.parametrize("kind", FOREVER_KINDS)
def test_what_never_expires_is_still_there_on_every_kind_of_cache(kind: str, tmp_path: Path) -> None:
    cache = shared_cache(kind, tmp_path / "cache")
    Seats(cache, "here", seated)(["acme.a"])
    assert cache.get("seats:here") == {"acme.a": 1}


def test_redis_keeps_seats_without_an_end(redis: str, tmp_path: Path) -> None:
    Seats(shared_cache(redis, tmp_path), "here", seated)(["acme.a"])
    assert Seats(shared_cache(redis, tmp_path), "here", seated)(["acme.b"]) == {"acme.a": 1, "acme.b": 2}


def settings(folder: Path, **more: str) -> Settings:
    return Settings.from_env({"FLUXDASH_CACHE_DIR": str(folder), "DATABASE_URL": "sqlite:////nowhere.db", **more})


def test_two_workers_of_one_installation_share_seats_and_two_installations_do_not(tmp_path: Path) -> None:
    gateway, here = profile("fluxai"), settings(tmp_path)
    one, other = seating(here, gateway, seated), seating(here, gateway, seated)
    one(["acme.a"])
    assert other(["acme.b"]) == {"acme.a": 1, "acme.b": 2}
    elsewhere = settings(tmp_path, DATABASE_URL="sqlite:////elsewhere.db")
    assert seating(elsewhere, gateway, seated)(["acme.b"]) == {"acme.b": 1}


def test_the_cache_never_holds_an_address(tmp_path: Path) -> None:
    here = settings(tmp_path, DATABASE_URL="postgresql://me:sw0rdf1sh@db/fluxai")
    seating(here, profile("fluxai"), seated)(["acme.a"])
    assert not [path for path in tmp_path.iterdir() if path.is_file() and b"sw0rdf1sh" in path.read_bytes()]
