"""What a Prometheus really has: looked up once a minute, and believed from the documentation while it is away."""

from __future__ import annotations

from fluxdash.errors import SourceError, SourceTimeout, SourceUnreachable
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.profiles.profile import Counter, Difference, Metrics, Reading
from fluxdash.semantic.dimensions import MODEL
from fluxdash.semantic.measures import COST
from fluxdash.sources.inventory import Inventory, names
from tests.sources.fakes import FakePrometheus

METRICS = PROFILE.metrics
assert METRICS is not None
NOON = 1_795_003_200


def inventory(prometheus: FakePrometheus, clock: list[float]) -> Inventory:
    assert METRICS is not None
    return Inventory(prometheus, METRICS, lambda: clock[0])  # type: ignore[arg-type]


def test_a_metric_exists_when_it_has_series() -> None:
    found = inventory(FakePrometheus({"fluxai_requests_total": ("model", "region")}), [NOON])
    assert found.exists("fluxai_requests_total")
    assert not found.exists("fluxai_cache_hits_total")
    assert not found.exists("never_heard_of")


def test_the_labels_that_a_metric_really_carries_count() -> None:
    found = inventory(FakePrometheus({"fluxai_requests_total": ("__name__", "region", "model")}), [NOON])
    assert set(found.carried("fluxai_requests_total", ("account_id", "model"))) >= {"region", "model"}
    assert "account_id" not in found.carried("fluxai_requests_total", ("account_id", "model"))
    assert found.carried("fluxai_cache_hits_total", ("model",)) == ()


def test_while_prometheus_is_away_the_documentation_is_believed() -> None:
    for failure in (SourceUnreachable("Prometheus", "cannot be reached"), SourceTimeout("Prometheus", "too slow")):
        found = inventory(FakePrometheus({}, failure), [NOON])
        assert found.exists("fluxai_cache_hits_total")
        assert found.carried("fluxai_cache_hits_total", ("model", "cache_type")) == ("model", "cache_type")
        assert found.uncovered(0) == ""


def test_it_looks_every_half_minute() -> None:
    clock = [float(NOON)]
    prometheus = FakePrometheus({"fluxai_requests_total": ("model",)})
    found = inventory(prometheus, clock)
    found.look()
    calls = len(prometheus.asked)
    assert METRICS is not None
    assert calls == len(set(names(METRICS))) + 2
    clock[0] += 29
    assert found.exists("fluxai_requests_total")
    assert len(prometheus.asked) == calls
    clock[0] += 2
    found.exists("fluxai_requests_total")
    assert len(prometheus.asked) == 2 * calls


def test_after_a_failure_it_looks_again_soon() -> None:
    clock = [float(NOON)]
    prometheus = FakePrometheus({}, SourceUnreachable("Prometheus", "cannot be reached"))
    found = inventory(prometheus, clock)
    assert found.exists("fluxai_requests_total")
    assert len(prometheus.asked) == 1, "the first failure is enough"
    clock[0] += 4
    found.look()
    assert len(prometheus.asked) == 1
    prometheus.failure = None
    clock[0] += 2
    assert not found.exists("fluxai_requests_total")


def test_a_window_before_the_first_hour_with_data_is_uncovered() -> None:
    prometheus = FakePrometheus({"fluxai_requests_total": ("model",)}, since=NOON - 86400)
    found = inventory(prometheus, [NOON])
    assert found.uncovered(NOON - 86400) == ""
    assert found.uncovered(NOON - 86400 - 3600) == ""
    assert found.uncovered(NOON - 2 * 86400) == "Prometheus' data start at 17 Nov 2026, 12:00 UTC."
    assert (found.since(NOON - 86400), found.since(NOON - 2 * 86400)) == (0, NOON - 86400)


def test_what_fails_is_kept_beside_what_was_found() -> None:
    failure: SourceError = SourceUnreachable("Prometheus", "cannot be reached")
    assert inventory(FakePrometheus({}, failure), [NOON]).look().error is failure


def test_the_zero_of_a_differences_side_is_looked_for_too() -> None:
    one, two = Counter("one", (), zero_like="zero_of_one"), Counter("two", (), zero_like="zero_of_two")
    metrics = Metrics(((COST, (Reading(Difference(one, two)),)),), ((MODEL, ("model",)),), "pulse")
    assert set(names(metrics)) == {"pulse", "one", "two", "zero_of_one", "zero_of_two"}
