"""The list of traces and its dots: what each says, and how much of all there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.tracesearch import Found, TraceSearch
from fluxdash.semantic.window import Window
from fluxdash.views.durations import durations, sentence
from fluxdash.views.scene import Look
from fluxdash.views.tracelist import extent, further, rows
from tests.ui.faketraces import HARM, FakeTraces
from tests.views.reading import marked, prop, text

SEARCH = TraceSearch(Scope(Window.last(3600, 1_795_460_400.0)))
FOUND = FakeTraces(count=10).search(SEARCH)


def test_each_trace_says_how_it_ended_how_long_it_took_and_opens_by_its_id() -> None:
    shown = marked(rows(FOUND.rows, Look(), {}, dated=False), "trace-row")
    assert [prop(each, "data-trace-open") for each in shown] == [each.id.padded for each in FOUND.rows]
    assert [bool(marked(each, "bad")) for each in shown] == [i % 5 == 0 for i in range(10)]
    assert "250 ms" in text(shown[0])
    assert "1 failed inside" in text(shown[3])


def test_an_id_of_64_bits_begins_with_its_own_digits() -> None:
    short = replace(FOUND.rows[0], id=TraceId("00000000000000006be6b035a532b488"))
    (row,) = marked(rows([short], Look(), {}, dated=False), "trace-row")
    assert text(row).startswith("6be6b035")
    assert prop(row, "data-trace-open") == short.id.padded


@pytest.mark.parametrize(
    ("found", "before", "said"),
    [
        (Found(FOUND.rows, FOUND.provenance), None, "10 that match"),
        (Found(FOUND.rows, FOUND.provenance, older=1, total=480), None, "newest 10 of 480 that match"),
        (Found(FOUND.rows, FOUND.provenance, older=1), None, "newest 10, more exist"),
        (Found(FOUND.rows, FOUND.provenance), SEARCH.start + 1, "the last 10"),
        (Found(FOUND.rows, FOUND.provenance, traced=0.1), None, "10 that match · 10.0 % of requests have a trace"),
    ],
)
def test_how_much_is_listed_is_said_as_it_is(found: Found, before: int | None, said: str) -> None:
    assert extent(found, replace(SEARCH, before=before)).replace("\u00a0", " ") == said


def test_the_ways_on_lead_to_what_is_older_and_back() -> None:
    assert further(Found((), Provenance("jaeger", 0.0, True)), SEARCH) == []
    later = further(Found(FOUND.rows, FOUND.provenance, older=77), replace(SEARCH, before=SEARCH.start + 9))
    assert [prop(each, "data-trace-before") for each in marked(later, "btn-f")] == ["", "77"]


def test_a_dot_stands_at_the_start_and_the_length_of_its_trace() -> None:
    figure = durations(FOUND.rows, SEARCH, Look(), FOUND.rows[2].id.padded, "")
    dots = {each["uid"]: each for each in figure["data"]}
    assert len(dots["ok"]["x"]) + len(dots["error"]["x"]) == 10
    assert dots["error"]["y"] == [0.25, 1.5]
    assert dots["error"]["x"][0] == FOUND.rows[0].start // 10**6
    assert dots["open"]["ids"] == [FOUND.rows[2].id.padded]
    assert sentence(FOUND.rows).replace("\u00a0", " ") == "Durations of 10 traces, from 250 ms to 2.50 s; 2 failed."


def test_a_name_is_text_in_a_dot_too() -> None:
    said = [text for each in durations(FOUND.rows, SEARCH, Look(), "", "")["data"] for text in each["customdata"]]
    assert not [each for each in said if HARM in each]
    assert [each for each in said if "&lt;img" in each]


def test_a_bound_of_the_search_is_drawn() -> None:
    layout = durations(FOUND.rows, replace(SEARCH, least=2.0), Look(), "", "")["layout"]
    assert [each["y0"] for each in layout["shapes"]] == [2.0]


def test_what_the_search_leaves_out_is_pale_and_can_still_be_opened() -> None:
    search = replace(SEARCH, least=1.0)
    kept, left = ([each for each in FOUND.rows if (each.seconds >= 1) == inside] for inside in (True, False))
    figure = durations(kept, search, Look(), left[0].id.padded, "", left)
    dots = {each["uid"]: each for each in figure["data"]}
    assert {name: each["y"] for name, each in dots.items()} == {
        "outside": [0.5, 0.75],
        "outside-error": [0.25],
        "ok": [1.0, 1.25, 1.75, 2.0, 2.25, 2.5],
        "error": [1.5],
        "open": [0.25],
    }
    quiet = Look().palette["m-quiet"]
    assert (dots["outside"]["marker"]["color"], dots["outside-error"]["marker"]["color"]) == (quiet, quiet)
    listed = [each["name"] for each in figure["data"] if each.get("showlegend", True)]
    assert listed == ["outside the search", "ok", "error", "open below"]
    assert figure["layout"]["annotations"][0]["text"].replace("\u00a0", " ") == "1 s min"
