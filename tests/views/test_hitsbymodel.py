"""The cache by model: rows add up to the last one, bars are the rates' types, and what is not told is a dash."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.semantic.answer import Note, NoteKind
from fluxdash.semantic.dimensions import JOINT
from fluxdash.semantic.measures import CACHE_HITS
from fluxdash.views.hitsbymodel import EACH, SAVED, TYPES, WHOLE, hits_by_model
from tests.views.reading import cells, every, marked, prop, text
from tests.views.scenes import answer, ranked, scene

OPUS, LLAMA = "anthropic.claude-3-opus-20240229-v1:0", "meta.llama3-8b-instruct-v1:0"


def by_model(source: str = "log", models: tuple[str, ...] = (OPUS, LLAMA)):
    hits, misses = {OPUS: 10, LLAMA: 60}, {OPUS: 90, LLAMA: 140}
    one = {each: (float(hits.get(each, 1)), float(hits.get(each, 1))) for each in models}
    two = {each: (float(misses.get(each, 1)), float(misses.get(each, 1))) for each in models}
    rates = {each: (one[each][0] / (one[each][0] + two[each][0]), one[each][0] + two[each][0]) for each in models}
    return [ranked(question, rows, source=source) for question, rows in zip(EACH, (one, two, rates), strict=True)]


def whole():
    return [
        answer(WHOLE[0], [70.0], total=70),
        answer(WHOLE[1], [230.0], total=230),
        answer(WHOLE[2], [70 / 300], total=70 / 300, n=300),
    ]


SAVINGS = [ranked(SAVED[0], {OPUS: (1.5, 10), LLAMA: (0.25, 60)}), answer(SAVED[1], [1.75], total=1.75)]
KINDS = ranked(
    TYPES,
    {
        f"{LLAMA}{JOINT}exact": (20.0, 20),
        f"{LLAMA}{JOINT}semantic": (40.0, 40),
        f"{OPUS}{JOINT}semantic": (10.0, 10),
    },
)


def test_a_row_a_model_most_hits_first_and_all_of_them_last() -> None:
    drawing = hits_by_model(scene(*by_model(), *whole(), *SAVINGS, KINDS))
    head, *rows = cells(drawing.beside)
    assert [each.strip() for each in head] == ["Model", "Hits", "Misses", "By type", "Hit rate", "Saved"]
    assert [row[0].strip() for row in rows] == ["llama3-8b", "claude-3-opus", "All 2 models"]
    assert [row[1:3] + row[4:] for row in rows] == [
        ["60", "140", "30.0 %", "$0.25"],
        ["10", "90", "10.0 %", "$1.50"],
        ["70", "230", "23.3 %", "$1.75"],
    ]


def test_the_bar_is_the_rate_split_by_type_and_the_highest_rate_fills_it() -> None:
    drawing = hits_by_model(scene(*by_model(), *whole(), *SAVINGS, KINDS))
    bars = [
        [(part.style["width"], part.style["background"]) for part in each.children]
        for each in marked(drawing.beside, "hb")
    ]
    assert bars == [
        [("33.3%", "var(--m-main)"), ("66.7%", "var(--m-2)")],
        [("33.3%", "var(--m-2)")],
    ]


def test_without_types_the_bar_has_one_part_and_without_savings_there_is_a_dash() -> None:
    drawing = hits_by_model(scene(*by_model(), *whole()))
    assert [len(each.children) for each in marked(drawing.beside, "hb")] == [1, 1]
    assert [row[-1] for row in cells(drawing.beside)[1:]] == ["–", "–", "–"]


def test_hits_of_no_recorded_type_are_a_quiet_part_of_the_bar() -> None:
    some = ranked(TYPES, {f"{LLAMA}{JOINT}exact": (20.0, 20)})
    drawing = hits_by_model(scene(*by_model(), *whole(), some))
    first = marked(drawing.beside, "hb")[0].children
    assert [part.style["background"] for part in first] == ["var(--m-main)", "var(--m-quiet)"]
    assert sum(float(part.style["width"].rstrip("%")) for part in first) == pytest.approx(100, abs=0.2)


def test_a_click_filters_by_the_model() -> None:
    drawing = hits_by_model(scene(*by_model(), *whole()))
    rows = [each for each in every(drawing.beside) if prop(each, "data-filter")]
    assert [prop(each, "data-filter") for each in rows] == [f"model={LLAMA}", f"model={OPUS}"]


def test_prometheus_knows_the_model_that_was_asked_for() -> None:
    assert hits_by_model(scene(*by_model("prometheus"), *whole())).foot == "model asked for, not used"
    assert hits_by_model(scene(*by_model(), *whole())).foot == ""


def test_a_model_that_never_asked_the_cache_has_no_row() -> None:
    answers = by_model()
    answers[0] = ranked(EACH[0], {OPUS: (0.0, 0), LLAMA: (60.0, 60)})
    answers[1] = ranked(EACH[1], {OPUS: (0.0, 0), LLAMA: (140.0, 140)})
    drawing = hits_by_model(scene(*answers, *whole()))
    assert "claude-3-opus" not in text(drawing.beside)


def test_more_than_fifty_models_say_so() -> None:
    many = tuple(f"acme.m{place}" for place in range(60))
    drawing = hits_by_model(scene(*by_model(models=many), *whole()))
    assert len(cells(drawing.beside)) == 1 + 50 + 1
    assert drawing.foot == "50 of 60 models"
    assert "All 60 models" in text(drawing.beside)
    assert drawing.table is not None
    assert len(drawing.table.rows) == 61


def test_one_model_needs_no_row_of_everything() -> None:
    assert len(cells(hits_by_model(scene(*by_model(models=(OPUS,)), *whole())).beside)) == 2


def test_the_table_to_read_holds_raw_numbers() -> None:
    drawing = hits_by_model(scene(*by_model(), *whole(), *SAVINGS))
    assert drawing.table is not None
    assert drawing.table.rows[0] == (LLAMA, 60.0, 140.0, 0.3, 0.25)
    assert drawing.table.rows[-1] == ("All models", 70, 230, pytest.approx(70 / 300), 1.75)


def test_what_other_filters_narrow_is_left_out_of_the_row_and_that_is_said() -> None:
    aside = (Note(NoteKind.IGNORED_FILTER, "Cache type filter not applied"),)
    answers = [*by_model("prometheus"), *whole(), *SAVINGS]
    wide = [
        replace(each, provenance=replace(each.provenance, notes=aside)) if each.query.measure != CACHE_HITS else each
        for each in answers
    ]
    drawing = hits_by_model(scene(*wide))
    assert [row[1:3] + row[4:] for row in cells(drawing.beside)[1:]] == [
        ["60", "–", "–", "–"],
        ["10", "–", "–", "–"],
        ["70", "–", "–", "–"],
    ]
    assert drawing.foot.endswith("–: not told under these filters")


def test_what_ignores_the_same_filters_stands_together() -> None:
    aside = (Note(NoteKind.IGNORED_FILTER, "Region filter not applied"),)
    answers = [*by_model("prometheus"), *whole(), *SAVINGS]
    wide = [replace(each, provenance=replace(each.provenance, notes=aside)) for each in answers]
    assert cells(hits_by_model(scene(*wide)).beside)[1][1:3] == ["60", "140"]
