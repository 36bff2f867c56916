"""Latencies by group from a histogram: one question for the whole window, its counts spread inside their buckets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fluxdash.errors import NotReported
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.semantic.answer import NoteKind
from fluxdash.semantic.dimensions import CACHE, MODEL, REGION, cross
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.cached import Ribbons
from fluxdash.sources.inventory import Inventory
from fluxdash.sources.latencies import BucketedLatencies
from fluxdash.sources.reply import Series
from tests.sources.fakes import FakePrometheus
from tests.sources.test_metrics import METRICS, NOON, Nothing
from tests.sources.test_readings import DOCUMENTED

SCOPE = Scope(Window(NOON - 3600, NOON, 60, NOON), (Filter.of(REGION, ["us-east-1"]),))
TEXT = 'sum by (model, le) (increase(fluxai_request_duration_seconds_bucket{region="us-east-1"}[3600s]))'


def bucket(model: str, le: str, count: float) -> Series:
    return Series({"model": model, "le": le}, ((float(NOON), count),))


def told(*series: Series, since: int | None = None) -> tuple[BucketedLatencies, FakePrometheus]:
    values: Callable[[str], tuple[Series, ...]] = lambda query: series  # noqa: E731
    prometheus = FakePrometheus(DOCUMENTED, since=since, values=values)
    inventory = Inventory(prometheus, METRICS)  # type: ignore[arg-type]
    return BucketedLatencies(prometheus, METRICS, Ribbons(Nothing()), inventory, "test"), prometheus  # type: ignore[arg-type]


def test_the_window_is_one_question_under_its_filters_and_people_may_copy_it() -> None:
    source, prometheus = told(bucket("a", "1", 3), bucket("a", "+Inf", 3))
    source.samples(SCOPE, MODEL)
    assert prometheus.asked[-1] == TEXT == source.sample_statement(SCOPE, MODEL)
    assert PROFILE.metrics is METRICS


def test_each_group_has_as_many_latencies_as_its_buckets_count() -> None:
    source, _ = told(
        bucket("a", "1", 2), bucket("a", "2.0", 3), bucket("a", "+Inf", 4),
        bucket("b", "1.0", 0), bucket("b", "2", 50), bucket("b", "+Inf", 50), bucket("c", "+Inf", 0),
    )  # fmt: skip
    found = source.samples(SCOPE, MODEL)
    counts = {group: sum(count for _, count in sample) for group, sample in found.groups.items()}
    assert counts == {"a": 4, "b": 50}
    assert all(1 < seconds <= 2 for seconds, _ in found.groups["b"])
    assert found.groups["a"][-1][0] == 2, "what is beyond the last bound lies on it"
    assert not found.provenance.exact
    assert [note.kind for note in found.provenance.notes] == [NoteKind.ESTIMATED]


def test_a_group_without_a_bound_has_no_more_there_than_below_it() -> None:
    source, _ = told(bucket("a", "1", 2), bucket("a", "2", 3), bucket("a", "+Inf", 3), bucket("b", "1", 5))
    sample = source.samples(SCOPE, MODEL).groups["b"]
    assert sum(count for _, count in sample) == 5
    assert all(seconds <= 1 for seconds, _ in sample)


def test_data_that_begin_later_than_the_window_are_told_as_such() -> None:
    source, _ = told(bucket("a", "1", 2), bucket("a", "+Inf", 2), since=NOON + 600)
    (partial,) = [note for note in source.samples(SCOPE, MODEL).provenance.notes if note.kind is NoteKind.PARTIAL]
    assert partial.text.startswith("Prometheus' data start at ")


def test_without_any_bucket_nobody_has_a_latency() -> None:
    assert told()[0].samples(SCOPE, MODEL).groups == {}


@pytest.mark.parametrize("by", [CACHE, cross(MODEL, CACHE)], ids=str)
def test_what_the_histogram_is_not_cut_by_is_refused_with_the_reason(by: object) -> None:
    for ask in (told()[0].samples, told()[0].sample_statement):
        with pytest.raises(NotReported, match="fluxai_request_duration_seconds carries no cache"):
            ask(SCOPE, by)  # type: ignore[operator]
