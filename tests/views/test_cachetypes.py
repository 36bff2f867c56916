"""Cache types: exact and semantic keep their places and colours whatever else there is."""

from __future__ import annotations

from fluxdash.semantic.dimensions import CACHE_TYPE, UNKNOWN
from fluxdash.semantic.measures import CACHE_HITS, LATENCY
from fluxdash.views.cachetypes import NO_TYPE, kinds
from tests.views.scenes import grouped, ranked

HITS = CACHE_HITS.over_time(by=CACHE_TYPE)


def test_exact_stands_below_semantic_whichever_is_larger() -> None:
    found = kinds(grouped(HITS, {"semantic": [9.0] * 5, "exact": [1.0] * 5}))
    assert [(each.name, each.token) for each in found] == [("Exact", "m-main"), ("Semantic", "m-2")]


def test_a_type_that_is_not_recorded_says_so() -> None:
    found = kinds(grouped(HITS, {UNKNOWN: [9.0] * 5, "exact": [1.0] * 5}))
    assert [each.name for each in found] == ["Exact", NO_TYPE]


def test_more_than_two_other_types_are_one_and_no_hit_is_lost() -> None:
    rows = {name: [size] * 5 for name, size in (("exact", 1.0), ("a", 5.0), ("b", 4.0), ("c", 3.0), ("d", 2.0))}
    found = kinds(grouped(HITS, rows))
    assert [each.name for each in found] == ["Exact", "A", "Other, 3 types"]
    assert sum(each.line.total or 0 for each in found) == 75
    assert found[-1].line.values == (9.0,) * 5
    assert found[-1].groups == ("b", "c", "d")


def test_a_type_without_a_hit_is_none_but_one_that_took_no_time_is_there() -> None:
    assert kinds(ranked(CACHE_HITS.top(9, by=CACHE_TYPE), {"exact": (0, 0)})) == []
    assert [each.name for each in kinds(ranked(LATENCY.top(9, by=CACHE_TYPE), {"exact": (0.0, 40)}))] == ["Exact"]


def test_the_name_of_a_type_from_outside_is_no_name_of_a_trace() -> None:
    (found,) = kinds(grouped(HITS, {"<b> x": [1.0] * 5}))
    assert found.uid.isalnum()
