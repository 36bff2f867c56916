"""The cost bridge from the gateway: facts of one source, as finely as they are told, and sentences about the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from fluxdash.errors import FluxDashError, NotReported, SourceTimeout
from fluxdash.semantic.answer import OTHER, Answer, Line, Note, NoteKind, Provenance
from fluxdash.semantic.dimensions import JOINT, MODEL, REGION, cross
from fluxdash.semantic.measures import CACHE_HITS, COST, INPUT_COST, PAID_INPUT_TOKENS, PAID_OUTPUT_TOKENS, REQUESTS
from fluxdash.semantic.query import Query
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.source import AUTO
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.studies.bridge import CostBridge
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.scene import Look
from tests.ui.fake import FakeGateway
from tests.views.reading import marked, text

NOW = 1_795_444_345.0
WINDOW = Window.last(3600, NOW)
PLACED = cross(MODEL, REGION)
LIST_PRICE = "List-price cost, hits included"

Slices = Mapping[tuple[str, str], Mapping[str, float]]
"""What each model in each region took, by the slug of the measure."""

BEFORE: Slices = {
    ("opus", "us"): {"requests": 100, "cost": 10.0, "input_cost": 4.0, "cache_hits": 20, "paid_input_tokens": 8000,
                     "paid_output_tokens": 800},
    ("haiku", "us"): {"requests": 300, "cost": 3.0, "input_cost": 1.0, "cache_hits": 60, "paid_input_tokens": 24_000,
                      "paid_output_tokens": 2400},
}  # fmt: skip
DOUBLED: Slices = {key: {slug: amount * 2 for slug, amount in row.items()} for key, row in BEFORE.items()}


@dataclass
class Sliced(FakeGateway):
    """A gateway that knows the slices of two windows; it tells the measures of `told`, by model where `coarse`."""

    now: Slices = field(default_factory=dict)
    before: Slices = field(default_factory=dict)
    told: Sequence[str] = ()
    label: Mapping[object, str] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)
    watched: float = 1.0
    cut: bool = False

    def answers(self, queries: Sequence[Query], source: str = AUTO) -> list[Answer | FluxDashError]:
        self.asked.extend(queries)
        return [self._one(query, source) for query in queries]

    def answer(self, query: Query, source: str = AUTO) -> Answer:
        found = self._one(query, source)
        if isinstance(found, FluxDashError):
            raise found
        return found

    def _one(self, query: Query, source: str = AUTO) -> Answer | FluxDashError:
        slug, window, by = query.measure.slug, query.scope.window, query.question.by
        if slug not in self.told:
            return NotReported(query.measure.title, [f"Nobody tells {slug}."])
        at = self.now if window == WINDOW else self.before
        groups: dict[str | None, float] = {None: 0.0} if by is None else {}
        for (model, region), row in at.items():
            name = None if by is None else model if by == MODEL else f"{model}{JOINT}{region}"
            groups[name] = groups.get(name, 0.0) + row[slug]
        if by is None and self.watched < 1 and window != WINDOW:
            lines_before = _line(None, 1.0, window.size, known=self.watched)
            return Answer(query, window, (lines_before,), Provenance("log", NOW, True, self.notes))
        known = 1.0 if window == WINDOW else self.watched
        lines = tuple(
            _line(name, each, window.size, known=known) for name, each in groups.items() if by is None or each
        )
        named = self.origin.get(slug, "log") if source == AUTO else source
        label = self.label.get(by) if slug == "cost" else None
        other = Line(OTHER, 1.0, 1.0) if self.cut and by == PLACED else None
        return Answer(query, window, lines, Provenance(named, NOW, True, self.notes, label), other, len(lines))


def _line(name: str | None, total: float, size: int, *, known: float = 1.0) -> Line:
    """A line that is known in the last buckets of its window alone."""
    there = round(size * known)
    values = (None,) * (size - there) + (total / size,) * there
    return Line(name, total if there else None, total, values, values)


ALL = ("requests", "cost", "cache_hits", "input_cost", "paid_input_tokens", "paid_output_tokens")


def asking(*, compared: bool = True) -> Asking:
    return Asking(Scope(WINDOW), Look(), compared, "?range=1h")


def drawn(now: Slices = DOUBLED, before: Slices = BEFORE, **more: object) -> Picture:
    gateway = Sliced(now=now, before=before, **{"told": ALL, **more})  # type: ignore[arg-type]
    shown = Panel("What moved the cost", study=CostBridge()).draw(gateway, asking())
    assert isinstance(shown, Picture), shown
    return shown


def steps(shown: Picture) -> dict[str, tuple[float | None, str]]:
    return {str(row[0]): (row[1], str(row[2]).replace("\u00a0", " ")) for row in shown.table.rows}  # type: ignore[misc]


def test_twice_as_many_of_the_same_requests_are_volume_alone() -> None:
    found = steps(drawn())
    assert found["Volume"] == (13.0, "requests +100 %")
    assert {name: amount for name, (amount, _) in found.items()} == {
        "Volume": 13.0, "Model mix": 0.0, "Tokens / req": 0.0, "Price": 0.0, "Cache": 0.0, "Net": 13.0,
    }  # fmt: skip
    assert found["Price"][1] == "no new prices"
    assert drawn().drawing.unit.replace("\u00a0", " ") == "$13.00 → $26.00, vs 12:31 – 13:31"


def test_a_new_price_is_told_with_the_model_and_the_region_it_is_of() -> None:
    dearer = {**BEFORE, ("opus", "us"): {**BEFORE["opus", "us"], "cost": 12.0, "input_cost": 4.0}}
    found = steps(drawn(dearer))
    assert found["Price"] == (2.0, "opus us +33.3 %")
    assert found["Net"] == (2.0, "+15.4 %")


def test_a_model_that_moved_to_a_dearer_region_is_told_with_that_region() -> None:
    dear = {**BEFORE["opus", "us"], "cost": 20.0, "input_cost": 8.0}
    half = {slug: amount / 2 for slug, amount in BEFORE["opus", "us"].items()}
    both = {**BEFORE, ("opus", "eu"): dear}
    moved = {**BEFORE, ("opus", "us"): half, ("opus", "eu"): {slug: amount * 1.5 for slug, amount in dear.items()}}
    found = steps(drawn(moved, both))
    assert found["Price"][0] is not None
    assert found["Price"][0] > 0
    assert found["Price"][1] == "opus eu 50.0 → 75.0 %"


def test_more_hits_are_the_cache_s_doing() -> None:
    row = BEFORE["haiku", "us"]
    more = {slug: amount / 2 for slug, amount in row.items()} | {"requests": 300, "cache_hits": 180}
    found = steps(drawn({**BEFORE, ("haiku", "us"): more}))
    assert found["Cache"] == (-1.5, "hits 20.0 → 50.0 %")
    assert found["Volume"][0] == found["Tokens / req"][0] == 0.0


def test_without_comparison_it_still_compares() -> None:
    gateway = Sliced(now=DOUBLED, before=BEFORE, told=ALL)
    shown = CostBridge().draw(gateway, asking(compared=False), "What moved the cost")
    assert isinstance(shown, Picture)
    assert steps(shown)["Net"][0] == 13.0


def test_everything_is_asked_in_one_batch_and_cut_by_model_and_region() -> None:
    gateway = Sliced(now=DOUBLED, before=BEFORE, told=ALL)
    CostBridge().draw(gateway, asking(), "What moved the cost")
    assert {query.question.by for query in gateway.asked} == {PLACED}
    assert {query.measure for query in gateway.asked} == {
        COST, REQUESTS, CACHE_HITS, INPUT_COST, PAID_INPUT_TOKENS, PAID_OUTPUT_TOKENS,
    }  # fmt: skip


def test_what_is_the_cost_only_by_model_is_cut_by_model() -> None:
    found = drawn(label={PLACED: LIST_PRICE}, told=("requests", "cost", "cache_hits"))
    assert found.title == "What moved the cost"
    assert steps(found)["Volume"][0] == 13.0
    assert steps(found)["Tokens / req"] == (None, "not reported")
    said = text(marked(found.drawing.beside, "told-below"))
    assert said == "The request log does not tell the tokens of what was paid for, so they are part of the price."


def test_list_prices_are_not_called_cost_and_no_hit_is_taken_from_them() -> None:
    found = drawn(label={PLACED: LIST_PRICE, MODEL: LIST_PRICE}, told=("requests", "cost", "cache_hits"))
    assert found.title == "What moved the cost (list-price cost, hits included)"
    assert steps(found)["Cache"] == (None, "not reported")
    said = text(marked(found.drawing.beside, "told-below"))
    assert "does not tell which of these requests were hits, so the cache is part of the price" in said


def test_without_a_split_of_cost_both_kinds_of_tokens_have_one_price_and_it_is_said() -> None:
    found = drawn(told=[each for each in ALL if each != "input_cost"])
    assert steps(found)["Tokens / req"][1] == "tokens unchanged"
    assert "one price here" in text(marked(found.drawing.beside, "told-below"))


def test_facts_of_another_source_are_left_out_and_requests_are_asked_of_the_same_one() -> None:
    origin = dict.fromkeys(("requests", "cache_hits"), "prometheus")
    gateway = Sliced(now=DOUBLED, before=BEFORE, told=ALL, origin=origin)
    shown = CostBridge().draw(gateway, asking(), "What moved the cost")
    assert isinstance(shown, Picture)
    assert {each.source for each in shown.sources} == {"log"}
    assert steps(shown)["Cache"] == (None, "not reported")


@pytest.mark.parametrize(
    ("watched", "said"), [(0.0, "nothing is known between"), (0.5, "only 30 of 60 buckets are known between")]
)
def test_a_window_before_that_was_hardly_watched_is_not_compared_with(watched: float, said: str) -> None:
    notes = (Note(NoteKind.PARTIAL, "The log starts at 2026-11-23T13:30:00Z."),)
    gateway = Sliced(now=DOUBLED, before=BEFORE, told=ALL, watched=watched, notes=notes)
    shown = CostBridge().draw(gateway, asking(), "What moved the cost")
    assert isinstance(shown, State)
    assert shown.title == "Nothing to compare with"
    assert said in shown.text
    assert "The log starts at" in shown.text


def test_a_window_before_that_lacks_a_bucket_or_two_is_compared_with() -> None:
    assert steps(drawn(watched=0.95))["Net"][0] == 13.0


def test_a_window_before_without_cost_is_all_volume() -> None:
    found = steps(drawn(BEFORE, {}))
    assert found["Volume"][0] == found["Net"][0] == 13.0
    assert found["Net"][1] == "new"


def test_two_windows_without_requests_are_empty() -> None:
    shown = CostBridge().draw(Sliced(told=ALL, before={("a", "b"): dict.fromkeys(ALL, 0.0)}), asking(), "Title")
    assert isinstance(shown, State)
    assert shown.title == "No requests in this window"


def test_too_many_regions_are_compared_by_model() -> None:
    assert steps(drawn(cut=True))["Volume"][0] == 13.0


def test_without_cost_by_model_the_panel_says_why() -> None:
    gateway = Sliced(now=DOUBLED, before=BEFORE, told=("requests",))
    shown = Panel("What moved the cost", study=CostBridge()).draw(gateway, asking())
    assert isinstance(shown, State)
    assert shown.text == "Nobody tells cost."


def test_a_source_that_fails_is_a_state_of_the_panel() -> None:
    gateway = FakeGateway(wrong={"*": SourceTimeout("Request log", "did not answer in 10 s")})
    shown = Panel("What moved the cost", study=CostBridge()).draw(gateway, asking())
    assert isinstance(shown, State)
    assert shown.kind == "failed"


def test_the_age_of_the_picture_is_that_of_the_window_it_is_about() -> None:
    class Aging(Sliced):
        def _one(self, query: Query, source: str = AUTO) -> Answer | FluxDashError:
            found = super()._one(query, source)
            if isinstance(found, FluxDashError) or query.scope.window == WINDOW:
                return found
            return replace(found, provenance=replace(found.provenance, as_of=NOW - 3000))

    shown = CostBridge().draw(Aging(now=DOUBLED, before=BEFORE, told=ALL), asking(), "Title")
    assert isinstance(shown, Picture)
    assert shown.as_of == pytest.approx(NOW)


def test_a_window_before_that_only_another_source_watched_is_not_compared_with() -> None:
    class Two(Sliced):
        def _one(self, query: Query, source: str = AUTO) -> Answer | FluxDashError:
            found = super()._one(query, source)
            if isinstance(found, FluxDashError) or query.question.by is not None or source != AUTO:
                return found
            whole = _line(None, 1.0, query.scope.window.size)
            return replace(found, lines=(whole,), provenance=replace(found.provenance, source="prometheus"))

    shown = CostBridge().draw(Two(now=DOUBLED, before=BEFORE, told=ALL, watched=0.5), asking(), "Title")
    assert isinstance(shown, State)
    assert shown.title == "Nothing to compare with"
