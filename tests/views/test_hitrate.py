"""The hit rate: types of hits stand on each other up to it, beside the target and the window before."""

from __future__ import annotations

import pytest

from fluxdash.semantic.dimensions import CACHE_TYPE
from fluxdash.semantic.measures import CACHE_HITS, HIT_RATE, LOOKUPS
from fluxdash.views.goals import Goals
from fluxdash.views.hitrate import hit_counts, hit_share
from fluxdash.views.scene import Drawing, Look
from tests.views.scenes import WINDOW, answer, grouped, scene

ASKED = [100.0, 200.0, 100.0, 50.0, 100.0]
EXACT, SEMANTIC = [10.0, 40.0, 20.0, 0.0, 5.0], [20.0, 20.0, 10.0, 10.0, 5.0]
HITS = [a + b for a, b in zip(EXACT, SEMANTIC, strict=True)]
BY_TYPE = CACHE_HITS.over_time(by=CACHE_TYPE)


def rate(hits: list[float] = HITS, asked: list[float] = ASKED, **more: object):
    values = [hit / of if of else None for hit, of in zip(hits, asked, strict=True)]
    whole = sum(hits) / sum(asked)
    return answer(HIT_RATE.over_time(), values, counts=asked, total=whole, **more)  # type: ignore[arg-type]


def lookups(asked: list[float] = ASKED):
    return answer(LOOKUPS.over_time(), asked)


def types(**more: object):
    return grouped(BY_TYPE, {"exact": EXACT, "semantic": SEMANTIC}, **more)  # type: ignore[arg-type]


def traces(drawing: Drawing) -> dict[str, dict]:
    assert drawing.figure is not None
    return {trace["uid"]: trace for trace in drawing.figure["data"]}


def test_the_stack_of_types_is_as_high_as_the_hit_rate_in_every_bucket() -> None:
    drawn = traces(hit_share(scene(rate(), lookups(), types())))
    top = [a + b for a, b in zip(drawn["exact"]["y"], drawn["semantic"]["y"], strict=True)]
    assert top == pytest.approx([0.3, 0.3, 0.3, 0.2, 0.1])
    assert drawn["exact"]["y"] == pytest.approx([0.1, 0.2, 0.2, 0.0, 0.05])
    assert drawn["semantic"]["name"] == "Semantic"


def test_without_types_the_rate_stands_alone() -> None:
    drawing = hit_share(scene(rate(), lookups()))
    assert traces(drawing)["rate"]["y"] == pytest.approx([0.3, 0.3, 0.3, 0.2, 0.1])
    assert drawing.unit == "% of lookups"


def test_types_that_another_source_counted_are_not_stacked() -> None:
    other = answer(LOOKUPS.over_time(), ASKED, source="prometheus")
    assert "rate" in traces(hit_share(scene(rate(), other, types())))


def test_types_on_other_buckets_are_not_stacked() -> None:
    assert "rate" in traces(hit_share(scene(rate(), lookups(), types(window=WINDOW.previous()))))


def test_a_bucket_without_lookups_has_no_rate_and_is_not_drawn_as_zero() -> None:
    asked = [100.0, 0.0, 100.0, 50.0, 100.0]
    drawn = traces(hit_share(scene(rate([30, 0, 30, 10, 10], asked), lookups(asked))))
    assert drawn["rate-bars"]["type"] == "bar"
    assert drawn["rate-bars"]["y"][1] is None


def test_the_target_is_drawn_named_and_in_sight() -> None:
    drawing = hit_share(scene(rate(), lookups(), look=Look(goals=Goals(cache_target=0.45))))
    layout = drawing.figure["layout"]  # type: ignore[index]
    assert [shape["y0"] for shape in layout["shapes"]] == [0.45]
    assert [note["text"].replace("\u00a0", " ") for note in layout["annotations"]] == ["target 45 %"]
    assert layout["yaxis"]["range"][1] > 0.45
    assert "the target is 45" in drawing.sentence


def test_the_name_of_a_target_at_the_top_stands_below_its_line() -> None:
    def side(target: float) -> str:
        drawing = hit_share(scene(rate(), lookups(), look=Look(goals=Goals(cache_target=target))))
        return str(drawing.figure["layout"]["annotations"][0]["yanchor"])  # type: ignore[index]

    assert (side(0.4), side(0.2)) == ("top", "bottom")


def test_without_a_target_there_is_no_line() -> None:
    drawing = hit_share(scene(rate(), lookups(), look=Look(goals=Goals(cache_target=None))))
    assert drawing.figure["layout"]["shapes"] == []  # type: ignore[index]


def test_the_rate_before_is_dotted_under_the_present() -> None:
    before = answer(HIT_RATE.over_time(), [0.2] * 5, window=WINDOW.previous())
    drawn = traces(hit_share(scene(rate(), lookups(), types(), before=[before])))
    assert drawn["rate-before"]["y"] == [0.2] * 5
    assert drawn["rate-before"]["name"].replace("\u00a0", " ") == "Previous 5 min, all types"


def test_the_sentence_says_the_rate_its_sample_and_its_types() -> None:
    said = hit_share(scene(rate(), lookups(), types())).sentence.replace("\u00a0", " ")
    assert said.startswith("Hit rate: 25.5 % of 550 lookups, exact 13.6 %, semantic 11.8 %; the target is 40 %;")


def test_hits_are_counted_a_minute_by_type() -> None:
    drawing = hit_counts(scene(lookups(), answer(CACHE_HITS.over_time(), HITS), types()))
    drawn = traces(drawing)
    assert drawn["exact-count-bars"]["y"] == EXACT
    assert drawn["semantic-count-bars"]["y"] == SEMANTIC
    assert drawing.unit == "hits per minute"
    assert "140 of 550 lookups, exact 75, semantic 65" in drawing.sentence


def test_hits_without_types_are_counted_all_the_same() -> None:
    before = answer(CACHE_HITS.over_time(), [6.0] * 5, window=WINDOW.previous())
    drawn = traces(hit_counts(scene(lookups(), answer(CACHE_HITS.over_time(), HITS), before=[None, before])))
    assert drawn["hits-count-bars"]["y"] == HITS
    assert drawn["hits-before"]["y"] == [6.0] * 5


def test_the_table_to_read_holds_the_shares_that_are_drawn() -> None:
    before = answer(HIT_RATE.over_time(), [0.2] * 5, window=WINDOW.previous())
    table = hit_share(scene(rate(), lookups(), types(), before=[before])).table
    assert table is not None
    assert [each.name for each in table.columns][1:] == [
        "Hit rate", "Hit rate, Exact", "Hit rate, Semantic", "Hit rate in the window before", "Lookups",
    ]  # fmt: skip
    assert table.rows[1][1:] == pytest.approx((0.3, 0.2, 0.1, 0.2, 200.0))
    assert len(table.rows) == 5


def test_without_types_the_table_holds_the_rate_and_its_lookups() -> None:
    table = hit_share(scene(rate(), lookups())).table
    assert table is not None
    assert table.rows[1][1:] == pytest.approx((0.3, 200.0))
