"""How sources are is one thing for all processes of a server: what whoever asked last found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fluxdash.profiles.registry import profile
from fluxdash.settings import Settings
from fluxdash.sources.connect import outlook
from fluxdash.sources.outlook import SharedOutlook
from fluxdash.sources.source import SourceState

READ = SourceState("jaeger", "ok", 1000.0)
DOWN = READ.failed("cannot be reached")
NEVER = SourceState("jaeger", "ok")


class Kept(dict[str, Any]):
    """A cache in memory."""

    def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
        self[key] = value


class Clock:
    now = 1100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(clock: Clock) -> Callable[[], SharedOutlook]:
    cache = Kept()
    return lambda: SharedOutlook(cache, "here", clock)


def test_a_failure_is_told_by_who_has_not_met_it_until_somebody_reads_again(
    worker: Callable[[], SharedOutlook], clock: Clock
) -> None:
    one, two = worker(), worker()
    assert (one([READ]), two([NEVER])) == ((READ,), (READ,))
    assert one([DOWN]) == two([READ]) == two([NEVER]) == (DOWN,)
    clock.now = 1200.0
    healed = SourceState("jaeger", "ok", 1190.0)
    assert two([healed]) == one([DOWN]) == (healed,)


def test_what_was_read_before_a_failure_does_not_heal_it(worker: Callable[[], SharedOutlook], clock: Clock) -> None:
    one, two = worker(), worker()
    assert one([DOWN]) == (DOWN,)
    clock.now = 1300.0
    assert two([SourceState("jaeger", "ok", 1050.0)]) == (DOWN,)


def test_what_is_not_set_up_is_nobodys_to_tell_and_sources_stay_apart(worker: Callable[[], SharedOutlook]) -> None:
    one, two = worker(), worker()
    one([DOWN, SourceState("log", "ok", 1090.0)])
    absent, log = SourceState("jaeger", "absent"), SourceState("log", "ok")
    assert two([absent, log]) == (absent, SourceState("log", "ok", 1090.0))


@pytest.mark.parametrize(
    "odd", [None, 5, "x", [], {"status": "ok"}, {"status": 1, "last_read": 1, "reason": "", "at": 9e9}]
)
def test_what_is_kept_wrongly_is_not_believed(odd: Any) -> None:
    cache = Kept({"state:here:jaeger": odd})
    assert SharedOutlook(cache, "here")([READ]) == (READ,)


def test_installations_on_one_cache_do_not_tell_of_each_other(tmp_path: Path) -> None:
    def at(url: str) -> Any:
        told = {"FLUXDASH_CACHE_DIR": str(tmp_path / "cache"), "JAEGER_URL": url}
        return outlook(Settings.from_env(told), profile("fluxai"))

    assert at("http://one:16686")([DOWN]) == at("http://one:16686")([NEVER]) == (DOWN,)
    assert at("http://two:16686")([NEVER]) == (NEVER,)
