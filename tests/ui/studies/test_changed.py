"""The study of what changed: which windows it asks, of which source, cut how; and what it says where it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product

import pytest

from fluxdash.errors import BadPayload, FluxDashError, NotReported, SourceTimeout, SourceUnreachable
from fluxdash.pages.overview import PAGE
from fluxdash.semantic.answer import OTHER, Answer, Line, Note, NoteKind, Provenance, Samples
from fluxdash.semantic.dimensions import ACCOUNT, JOINT, MODEL, REGION, Dimension
from fluxdash.semantic.measures import COST, ERROR_RATE, LATENCY, REQUESTS
from fluxdash.semantic.query import Query
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.source import AUTO
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.studies import changed
from fluxdash.ui.studies.changed import Changed
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.scene import Drawing, Look
from fluxdash.views.split import Split
from tests.ui.fake import FakeGateway

NOW = 1_795_444_345.0
WINDOW = Window.last(3600, NOW)
ASKING = Asking(Scope(WINDOW), Look())
AT = {MODEL: 0, ACCOUNT: 1, REGION: 2}
COST_OF, ERRORS = Changed(COST, "Cost"), Changed(ERROR_RATE, "Error rate")
P95 = Changed(LATENCY, "P95", 0.95)


@dataclass(frozen=True)
class One:
    """A request: where it was, what it cost in cents, how long it took, and whether it failed."""

    model: str
    account: str
    region: str
    cents: int
    seconds: float = 1.0
    failed: bool = False

    def group(self, by: Dimension) -> str:
        own = (self.model, self.account, self.region)
        return JOINT.join(own[AT[part]] for part in by.parts)


AMOUNTS = {"requests": lambda one: 1, "failures": lambda one: one.failed, "cost": lambda one: one.cents / 100}


@dataclass
class Rows:
    """A gateway that adds up two lists of requests; `lacking` are dimensions that a source cannot cut by.

    `fine` is what cost is called where it is cut by more than one; `totals` are what it says where nothing is cut.
    """

    now: Sequence[One]
    before: Sequence[One]
    lacking: dict[str, tuple[Dimension, ...]] = field(default_factory=dict)
    sources: tuple[str, str] = ("log", "log")
    most: int = 10_000
    wrong: dict[str, FluxDashError] = field(default_factory=dict)
    exact: bool = True
    labels: dict[str, str] = field(default_factory=dict)
    fine: str | None = None
    totals: dict[str, float] = field(default_factory=dict)
    asked: list[tuple[Query, str]] = field(default_factory=list)

    def answers(self, queries: Sequence[Query], source: str = AUTO) -> list[Answer | FluxDashError]:
        return [self._tried(query, source) for query in queries]

    def answer(self, query: Query, source: str = AUTO) -> Answer:
        self.asked.append((query, source))
        rows, usual = self._rows(query.scope)
        source = usual if source == AUTO else source
        by, slug = query.question.by, query.measure.slug
        if slug in self.wrong:
            raise self.wrong[slug]
        self._require(by, source)
        if slug == "latency":
            ordered = sorted(one.seconds for one in rows)
            at = -(-len(ordered) * 95 // 100) - 1
            line = Line(None, ordered[at] if ordered else None, len(ordered))
            return Answer(query, query.scope.window, (line,), Provenance(source, NOW, True))
        if by is None:
            parts = {part.slug: sum(AMOUNTS[part.slug](one) for one in rows) for part in query.measure.parts}
            line = Line(None, self.totals.get(slug, query.measure.of(parts)), len(rows))
            return Answer(query, query.scope.window, (line,), Provenance(source, NOW, True, (), self.labels.get(slug)))
        totals: dict[str, float] = {}
        for one in rows:
            totals[one.group(by)] = totals.get(one.group(by), 0) + AMOUNTS[slug](one)
        lines = sorted((Line(group, total, total) for group, total in totals.items()), key=lambda line: -line.total)
        rest = lines[self.most :]
        other = Line(OTHER, sum(line.total for line in rest), None) if rest else None
        names = (("b", "borealis-bank"),)
        label = self.labels.get(slug) or (self.fine if len(by.parts) > 1 and slug == "cost" else None)
        window, source_of = query.scope.window, Provenance(source, NOW, True, (), label)
        return Answer(query, window, tuple(lines[: self.most]), source_of, other, len(lines), names)

    def samples(self, scope: Scope, by: Dimension, source: str = AUTO) -> Samples:
        if "samples" in self.wrong:
            raise self.wrong["samples"]
        self._require(by, "log")
        groups: dict[str, list[tuple[float, int]]] = {}
        for one in self._rows(scope)[0]:
            seconds = one.seconds if self.exact else round(one.seconds, 1)
            groups.setdefault(one.group(by), []).append((seconds, 1))
        return Samples({name: tuple(own) for name, own in groups.items()}, Provenance("log", NOW, self.exact))

    def _rows(self, scope: Scope) -> tuple[Sequence[One], str]:
        return (self.now, self.sources[0]) if scope.window == WINDOW else (self.before, self.sources[1])

    def _require(self, by: Dimension | None, source: str) -> None:
        lacking = [part for part in (by.parts if by else ()) if part in self.lacking.get(source, ())]
        if lacking:
            raise NotReported("It", [f"{source} carries no {each}." for each in lacking])

    def _tried(self, query: Query, source: str) -> Answer | FluxDashError:
        try:
            return self.answer(query, source)
        except FluxDashError as err:
            return err


def many(count: int, cents: int, model: str = "opus", account: str = "b", region: str = "eu") -> list[One]:
    return [One(model, account, region, cents)] * count


@pytest.fixture
def splits(monkeypatch: pytest.MonkeyPatch) -> list[Split]:
    """The splits that were drawn."""
    seen: list[Split] = []

    def draw(split: Split, window: Window, clock: object) -> Drawing:
        seen.append(split)
        return drawn(split, window, clock)

    drawn = changed.what_changed
    monkeypatch.setattr(changed, "what_changed", draw)
    return seen


def picture(study: Changed, gateway: Rows, asking: Asking = ASKING) -> Picture:
    shown = study.draw(gateway, asking, "What changed")  # type: ignore[arg-type]
    assert isinstance(shown, Picture), shown
    return shown


def state(study: Changed, gateway: Rows) -> State:
    shown = study.draw(gateway, ASKING, "What changed")  # type: ignore[arg-type]
    assert isinstance(shown, State), shown
    return shown


def held(split: Split) -> float:
    return sum(each.amount for each in split.movers) + (split.rest.amount if split.rest else 0)


def test_rows_and_rest_are_the_change_and_a_slice_absent_in_one_window_is_zero_there(splits: list[Split]) -> None:
    gateway = Rows(many(10, 30) + many(4, 5, "haiku", "a", "us"), many(2, 30) + many(3, 7, "llama", "c", "us"))
    picture(COST_OF, gateway)
    (split,) = splits
    assert (split.before, split.after) == (pytest.approx(0.81), pytest.approx(3.20))
    assert held(split) == pytest.approx(split.after - split.before)
    assert {each.values: (each.before, each.after) for each in split.parts} == {
        ("opus", "b", "eu"): (pytest.approx(0.6), pytest.approx(3.0)),
        ("haiku", "a", "us"): (0.0, pytest.approx(0.2)),
        ("llama", "c", "us"): (pytest.approx(0.21), 0.0),
    }
    assert {each.values: each.kind for each in split.movers}["haiku", "a", "us"] == "amount"


def test_both_windows_are_asked_whether_or_not_the_page_compares() -> None:
    gateway = Rows(many(3, 10), many(2, 10))
    picture(COST_OF, gateway, replace(ASKING, compared=False))
    assert {query.scope.window for query, _ in gateway.asked} == {WINDOW, WINDOW.previous()}


def test_a_rate_comes_from_its_own_failures_and_requests(splits: list[Split]) -> None:
    bad = [replace(one, failed=True) for one in many(10, 1)]
    picture(ERRORS, Rows(many(90, 1) + bad + many(100, 1, "llama"), many(100, 1) + many(100, 1, "llama")))
    (split,) = splits
    assert (split.before, split.after) == (0.0, 0.05)
    assert [(each.values, each.kind, each.after) for each in split.movers] == [(("opus", None, None), "value", 0.1)]
    assert held(split) == pytest.approx(0.05)


def test_what_is_past_the_most_slices_that_can_be_listed_is_one_slice_and_the_sum_stays_right(
    splits: list[Split],
) -> None:
    now = [one for i, name in enumerate("abcdef") for one in many(10 - i, 10, "opus", name)]
    before = [one for i, name in enumerate("fedcba") for one in many(10 - i, 9, "opus", name)]
    gateway = Rows(now, before, most=4)
    picture(COST_OF, gateway)
    (split,) = splits
    assert split.before == pytest.approx(sum(one.cents for one in before) / 100)
    assert split.after == pytest.approx(sum(one.cents for one in now) / 100)
    assert held(split) == pytest.approx(split.after - split.before)
    # a and b are among the largest now, e and f were before: only c and d can be followed through both.
    assert {each.values for each in split.parts} == {("opus", "c", "eu"), ("opus", "d", "eu"), (OTHER,) * 3}


def test_a_cut_that_no_source_has_becomes_a_coarser_one_and_the_footnote_says_why(splits: list[Split]) -> None:
    gateway = Rows(many(10, 30), many(2, 30), lacking={"log": (ACCOUNT,)})
    shown = picture(COST_OF, gateway)
    assert splits[0].by == (MODEL, REGION)
    notes = [note for source in shown.sources for note in source.notes]
    assert [(note.kind, note.text) for note in notes] == [
        (NoteKind.FALLBACK, "by model × region only: log carries no account.")
    ]


@pytest.mark.parametrize(
    "error", [SourceUnreachable("Request log", "cannot be reached"), BadPayload("It", "too large")]
)
def test_a_failure_is_told_as_such_and_not_as_something_unreported(error: FluxDashError) -> None:
    panel = Panel("What changed", study=COST_OF, height=0)
    shown = panel.draw(Rows([], [], wrong={"cost": error}), ASKING)  # type: ignore[arg-type]
    assert isinstance(shown, State)
    assert shown.kind == "failed"


def test_a_source_that_is_slow_is_not_asked_again_for_less() -> None:
    gateway = Rows(many(1, 1), many(1, 1), wrong={"cost": SourceTimeout("Request log", "did not answer in 10 s")})
    with pytest.raises(SourceTimeout):
        COST_OF.draw(gateway, ASKING, "What changed")  # type: ignore[arg-type]
    assert all(query.question.by == changed.CUTS[0] for query, _ in gateway.asked)


def test_two_sources_never_count_alike_so_both_windows_come_from_one() -> None:
    gateway = Rows(many(10, 30), many(2, 30), sources=("prometheus", "log"))
    shown = picture(COST_OF, gateway)
    assert {each.source for each in shown.sources} == {"prometheus"}
    lacking = replace(gateway, lacking={"prometheus": (ACCOUNT, MODEL, REGION)}, sources=("log", "log"))
    assert {each.source for each in picture(COST_OF, lacking).sources} == {"log"}


def test_a_finer_cut_of_another_number_comes_after_a_coarser_one_of_the_measure(splits: list[Split]) -> None:
    gateway = Rows(many(10, 30), many(2, 30), fine="List-price cost, hits included")
    shown = picture(COST_OF, gateway)
    assert (splits[0].by, splits[0].title) == ((MODEL,), "Cost")
    notes = {note.text for source in shown.sources for note in source.notes}
    assert notes == {"by model only: cut finer, it is list-price cost, hits included"}
    unreported = replace(gateway, lacking={"log": (MODEL,)}, fine=None, labels={"cost": "List-price cost"})
    picture(COST_OF, unreported)
    assert (splits[1].by, splits[1].title) == ((ACCOUNT, REGION), "List-price cost")


def test_the_change_is_between_the_numbers_of_the_page_and_the_rest_makes_up_for_it(splits: list[Split]) -> None:
    picture(COST_OF, Rows(many(10, 30), many(2, 30), totals={"cost": 2.5}))
    assert (splits[0].before, splits[0].after) == (2.5, 2.5)
    assert held(splits[0]) == pytest.approx(0)
    assert splits[0].movers[0].amount == pytest.approx(2.4)


def test_a_quantile_is_told_by_swapping_samples_and_called_an_estimate(splits: list[Split]) -> None:
    slow = [One("opus", "b", "eu", 1, 5 + i / 100) for i in range(20)]
    fast = [One("haiku", account, "us", 1, 1 + i / 100) for i in range(60) for account in "ab"]
    shown = picture(P95, Rows(fast + slow, fast))
    (split,) = splits
    assert (split.before, split.after) == (1.56, 5.12)
    assert split.movers[0].values == ("opus", "b", "eu")
    assert split.movers[0].amount == pytest.approx(5.12 - 1.56)
    assert held(split) == pytest.approx(5.12 - 1.56)
    notes = {note.text for source in shown.sources for note in source.notes}
    assert notes == {"estimate"}
    assert not all(source.exact for source in shown.sources)


def test_a_quantile_of_rounded_samples_ends_where_the_page_says(splits: list[Split]) -> None:
    now = [One("opus", "b", "eu", 1, 2 + i / 300) for i in range(100)]
    before = [One("opus", "b", "eu", 1, 1 + i / 300) for i in range(100)]
    picture(P95, Rows(now, before, exact=False))
    (split,) = splits
    assert (split.before, split.after) == (1 + 94 / 300, 2 + 94 / 300)
    assert held(split) == pytest.approx(1.0)


def test_a_window_without_requests_is_called_empty() -> None:
    assert state(COST_OF, Rows([], many(3, 10))).title == "No requests in this window"
    assert state(P95, Rows([], many(3, 10))).title == "No requests in this window"
    assert state(ERRORS, Rows([], many(3, 10))).title == "No requests in this window"


def test_nothing_before_is_nothing_to_compare_with() -> None:
    for study in (COST_OF, P95, ERRORS):
        shown = state(study, Rows(many(300, 10), []))
        assert (shown.kind, shown.title) == ("empty", "Nothing to compare with")
        said = "No request is recorded between 12:31 and 13:31 UTC, the window before this one."
        assert shown.text.replace("\u00a0", " ") == said


def test_a_rate_or_a_quantile_of_few_requests_explains_nothing() -> None:
    for study in (P95, ERRORS):
        shown = state(study, Rows(many(300, 10), many(58, 10)))
        assert shown.title == "Too few to compare"
        assert "300 requests now and 58 before" in shown.text
    picture(COST_OF, Rows(many(3, 10), many(1, 10)))


def test_an_unreported_sample_says_so_in_words() -> None:
    panel = Panel("What changed", study=P95, height=0)
    error = NotReported("Latency of single requests", ("There is no request log.", "Prometheus keeps none of them."))
    shown = panel.draw(Rows([], [], wrong={"samples": error}), ASKING)  # type: ignore[arg-type]
    assert isinstance(shown, State)
    assert (shown.kind, shown.text) == ("absent", "There is no request log. Prometheus keeps none of them.")


def test_the_panel_of_overview_has_a_variant_for_each_of_three_measures() -> None:
    (panel,) = (each for each in PAGE.panels if each.title == "What changed")
    assert isinstance(panel, Panel)
    assert [each.name for each in panel.variants] == ["P95", "Cost", "Errors"]
    gateway = Rows([*many(80, 10), *many(80, 3, "llama")], many(100, 10))
    for each in panel.variants:
        shown = panel.draw(gateway, replace(ASKING, shown=(("what-changed", each.slug),)))  # type: ignore[arg-type]
        assert isinstance(shown, Picture), each.name
        (query, *_) = panel.queries(replace(ASKING, shown=(("what-changed", each.slug),)))
        assert query.question.by is not None
        assert query.question.by.parts == (MODEL, ACCOUNT, REGION)


def test_ends_that_are_known_better_leave_the_difference_to_the_rest() -> None:
    found = Changed(REQUESTS, "Requests")._summed(
        Rows(many(5, 1), many(2, 1)),  # type: ignore[arg-type]
        ASKING,
        changed.CUTS[0],
    )
    ended = found.changes.ending(Fraction(2), Fraction(6))
    assert (ended.change, sum(row.amount for row in ended.rows)) == (4, 3)
    assert ended.rest is not None
    assert ended.rest.amount == 1
    assert found.changes.ending(Fraction(2), Fraction(5)).rest is None


def test_the_cuts_name_every_way_to_combine_the_three_dimensions_once() -> None:
    parts = [frozenset(each.parts) for each in changed.CUTS]
    three = (MODEL, ACCOUNT, REGION)
    every = {frozenset(each for each, on in zip(three, bits, strict=True) if on) for bits in product((0, 1), repeat=3)}
    assert set(parts) == every - {frozenset()}
    assert [len(each) for each in parts] == sorted((len(each) for each in parts), reverse=True)


def test_a_quantile_tells_the_statements_of_its_samples_and_a_sum_those_of_its_queries() -> None:
    assert list(P95.statements(FakeGateway(), ASKING)) == [f"SELECT latencies BY {changed.CUTS[0]}"] * 2
    assert list(COST_OF.statements(FakeGateway(), ASKING)) == ["SELECT cost", "SELECT requests"]


def test_statements_are_those_of_the_source_that_tells_the_page() -> None:
    class Counted(Rows):
        def sample_statement(self, scope: Scope, by: Dimension, source: str = AUTO) -> str:
            if source == "log":
                raise NotReported("latency", ("The log starts later.",))
            return f"{source} by {by}"

    rows = many(300, 10), many(300, 5)
    assert P95.statements(Counted(*rows, sources=("prometheus", "log")), ASKING)[0].startswith("prometheus by")
    assert P95.statements(Counted(*rows), ASKING)[0].startswith("auto by")


def test_statements_are_those_of_the_cut_that_can_be_had() -> None:
    class Coarse(FakeGateway):
        def sample_statement(self, scope: Scope, by: Dimension, source: str = AUTO) -> str:
            if REGION in by.parts:
                raise NotReported("latency", ("no column region",))
            return f"SELECT latencies BY {by}"

    assert set(P95.statements(Coarse(), ASKING)) == {"SELECT latencies BY model*account"}


@dataclass
class Young(Rows):
    """Rows whose log says that it begins in the window before, of which `known` buckets are known."""

    known: int = 1

    def answer(self, query: Query, source: str = AUTO) -> Answer:
        found = super().answer(query, source)
        window = query.scope.window
        if window == WINDOW or query.question.by is not None or query.measure == LATENCY:
            return found
        row = (None,) * (window.size - self.known) + (1.0,) * self.known
        return replace(found, lines=(replace(found.lines[0], values=row, counts=row),))

    def samples(self, scope: Scope, by: Dimension, source: str = AUTO) -> Samples:
        found = super().samples(scope, by)
        if scope.window == WINDOW:
            return found
        note = Note(NoteKind.PARTIAL, "The log starts at 12:40.")
        return replace(found, provenance=replace(found.provenance, notes=(note,)))


def test_a_window_before_that_hardly_anybody_watched_is_nothing_to_compare_with() -> None:
    rows = many(300, 10), many(300, 5)
    for study in (COST_OF, P95, ERRORS):
        shown = state(study, Young(*rows))
        assert (shown.kind, shown.title) == ("empty", "Nothing to compare with")
        picture(study, Young(*rows, known=WINDOW.previous().size))
        nobody = state(study, Young(rows[0], [])), state(study, Young(rows[0], [], known=WINDOW.previous().size))
        assert [each.text.split(" 1")[0] for each in nobody] == [
            "Too little is known between",
            "No request is recorded between",
        ]


def test_the_window_before_does_not_age() -> None:
    """Numbers of a window that is over may have been read long ago; they are as good as those of today."""

    class Kept(Rows):
        def answer(self, query: Query, source: str = AUTO) -> Answer:
            found = super().answer(query, source)
            return replace(found, provenance=self._aged(found.provenance, query.scope))

        def samples(self, scope: Scope, by: Dimension, source: str = AUTO) -> Samples:
            found = super().samples(scope, by)
            return replace(found, provenance=self._aged(found.provenance, scope))

        def _aged(self, told: Provenance, scope: Scope) -> Provenance:
            return told if scope.window == WINDOW else replace(told, as_of=NOW - 240)

    for study in (COST_OF, P95, ERRORS):
        assert picture(study, Kept(many(300, 10), many(300, 5))).as_of == NOW
