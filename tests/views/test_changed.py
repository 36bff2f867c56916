"""What changed, drawn: a sentence, rows whose bars share one zero, and a table of all slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from dash import html

from fluxdash.semantic.answer import OTHER
from fluxdash.semantic.dimensions import ACCOUNT, MODEL, REGION, UNKNOWN
from fluxdash.semantic.measures import COST, ERROR_RATE, HIT_RATE, LATENCY, REQUESTS
from fluxdash.views.changed import what_changed
from fluxdash.views.scene import Drawing
from fluxdash.views.split import Mover, Part, Rest, Split
from fluxdash.views.times import Clock
from tests.views.scenes import WINDOW

OPUS, SONNET = "anthropic.claude-3-opus-20240229-v1:0", "anthropic.claude-3-5-sonnet-20241022-v2:0"
BANK = "22222222-2222-4222-8222-222222222222"
PARTS = (
    Part((OPUS, BANK, "eu-west-1"), 3.0, 5.0, 0.52),
    Part((SONNET, "retail", "us-east-1"), 2.2, 3.1, 0.29),
    Part((SONNET, "retail", "eu-west-1"), 2.21, 2.05, -0.06),
    Part((OPUS, "retail", UNKNOWN), None, 1.0, 0.01),
)
SPLIT = Split(
    measure=LATENCY,
    title="P95",
    by=(MODEL, ACCOUNT, REGION),
    before=3.47,
    after=4.31,
    movers=(
        Mover((OPUS, BANK, "eu-west-1"), 1, 0.52, "share", 0.039, 0.055),
        Mover((SONNET, None, "us-east-1"), 1, 0.29, "value", 2.2, 3.1),
        Mover((SONNET, None, None), 2, -0.06, "value", 2.21, 2.05),
    ),
    rest=Rest(31, 0.09, 0.02),
    lead=(2, 0.9643),
    parts=PARTS,
    names={BANK: "borealis-bank"},
)


def drawn(split: Split) -> Drawing:
    return what_changed(split, WINDOW, Clock())


def text(part: Any) -> str:
    """What is read of a component, with plain spaces."""
    if part is None:
        return ""
    if isinstance(part, Sequence) and not isinstance(part, str):
        return "".join(map(text, part))
    return part.replace("\u00a0", " ") if isinstance(part, str) else text(part.children)


def rows(drawing: Drawing) -> list[html.Div]:
    assert isinstance(drawing.beside, html.Div)
    return list(drawing.beside.children[1].children)


def read(split: Split) -> list[tuple[str, str, str]]:
    """The rows as they are read: name, why, amount."""
    found = []
    for row in rows(drawn(split)):
        what, _, amount = row.children
        name, why = what.children
        found.append((text(name), text(why), text(amount)))
    return found


def test_the_sentence_says_by_how_much_and_how_few_slices_explain_it() -> None:
    said = "P95 rose 0.84 s to 4.31 s. Two groups explain 96 % of it."
    assert drawn(SPLIT).sentence.replace("\u00a0", " ") == said.replace("groups", "slices")
    grouped = replace(SPLIT, movers=(replace(SPLIT.movers[0], slices=3), *SPLIT.movers[1:]))
    assert drawn(grouped).sentence.replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("lead", "said"),
    [
        ((1, 0.8), "One slice explains 80 % of it."),
        ((1, 1.0), "One slice explains all of it."),
        ((2, 1.12), "Two slices explain more than all of it."),
        ((3, 0.9999), "Three groups explain 99 % of it."),
        (None, "It is spread over 4 slices."),
    ],
)
def test_what_explains_it_is_said_in_words(lead: tuple[int, float] | None, said: str) -> None:
    assert drawn(replace(SPLIT, lead=lead)).sentence.replace("\u00a0", " ").endswith(f" 4.31 s. {said}")


def test_under_a_hundredth_nothing_rose_or_fell() -> None:
    near = drawn(replace(SPLIT, before=4.29))
    assert near.sentence.replace("\u00a0", " ") == "P95 is about the same, 4.31 s after 4.29 s."
    same = drawn(replace(SPLIT, before=4.31, movers=(), rest=Rest(4, 0, 0)))
    assert same.sentence.replace("\u00a0", " ") == "P95 is what it was, 4.31 s."
    assert rows(same) == []


def test_a_row_names_what_it_is_and_what_moved_it() -> None:
    assert read(SPLIT) == [
        ("claude-3-opus borealis-bank · eu-west-1", "share of requests 3.9 → 5.5 %", "+0.52 s worse"),
        ("claude-3-5-sonnet us-east-1", "P95 2.20 → 3.10 s", "+0.29 s worse"),
        ("claude-3-5-sonnet all accounts", "P95 2.21 → 2.05 s", "−0.06 s better"),
        ("everything else 31 slices", "none above 0.02 s", "+0.09 s worse"),
    ]


def test_a_row_without_a_model_is_named_by_what_it_has() -> None:
    movers = (Mover((None, BANK, None), 2, 0.5, "share", 0.1, 0.2), Mover((None, None, UNKNOWN), 1, 0.2, "value", 1, 2))
    assert [name for name, _, _ in read(replace(SPLIT, movers=movers, rest=None))] == [
        "borealis-bank all models",
        "unknown all models",
    ]


def test_what_never_varies_is_not_called_all() -> None:
    one = tuple(replace(each, values=(OPUS, each.values[1], each.values[2])) for each in PARTS)
    split = replace(SPLIT, parts=one, movers=(Mover((None, None, "us-east-1"), 1, 0.5, "value", 1, 2),), rest=None)
    assert read(split)[0][0] == "us-east-1 all accounts"


@pytest.mark.parametrize(
    ("measure", "kind", "before", "after", "said"),
    [
        (COST, "amount", 1.2, 3.4, "$1.20 → $3.40"),
        (COST, "amount", 0.0, 3.4, "new, $3.40"),
        (COST, "amount", 1.2, 0.0, "gone, was $1.20"),
        (COST, "count", 1204, 1780, "requests 1,204 → 1,780"),
        (COST, "value", 0.00392, 0.0051, "$0.00392 → $0.00510 per request"),
        (ERROR_RATE, "value", 0.0, 0.0541, "error rate 0 → 5.41 %"),
        (ERROR_RATE, "share", 0.0, 0.055, "share of requests new, 5.5 %"),
        (LATENCY, "value", 0.412, 1.5, "P95 412 ms → 1.50 s"),
        (LATENCY, "value", None, 1.5, "P95 – → 1.50 s"),
    ],
)
def test_the_reason_of_a_row_in_its_unit(measure: Any, kind: str, before: Any, after: Any, said: str) -> None:
    title = {"latency": "P95", "error_rate": "Error rate"}.get(measure.slug, measure.title)
    mover = Mover((OPUS, None, None), 1, 0.5, kind, before, after)
    assert read(replace(SPLIT, measure=measure, title=title, movers=(mover,)))[0][1] == said


@pytest.mark.parametrize(
    ("measure", "amount", "said", "fill"),
    [
        (LATENCY, 0.52, "+0.52 s worse", "bad-fill"),
        (LATENCY, -0.52, "−0.52 s better", "good-fill"),
        (LATENCY, 0.001, "< 0.01 s worse", "bad-fill"),
        (COST, 12.3, "+$12.30 more", "warn-fill"),
        (COST, -12.3, "−$12.30 less", "good-fill"),
        (ERROR_RATE, 0.0122, "+1.22 pt worse", "bad-fill"),
        (HIT_RATE, -0.028, "−2.8 pt worse", "bad-fill"),
        (REQUESTS, 1234.0, "+1,234", "m-main"),
    ],
)
def test_the_amount_has_a_sign_a_unit_and_a_judgement(measure: Any, amount: float, said: str, fill: str) -> None:
    split = replace(
        SPLIT, measure=measure, movers=(Mover((OPUS, None, None), 1, amount, "share", 0.1, 0.2),), rest=None
    )
    _, bar, shown = rows(drawn(split))[0].children
    assert text(shown) == said
    assert bar.children.style["background"] == f"var(--{fill})"


def test_all_bars_start_at_one_zero_and_are_as_long_as_they_contribute() -> None:
    bars = [row.children[1] for row in rows(drawn(SPLIT))]
    (zero,) = {bar.style["--z"] for bar in bars}
    at, whole = float(zero.rstrip("%")), 0.52 + 0.06
    assert at == pytest.approx(0.06 / whole * 100, abs=0.1)
    for bar, amount in zip(bars, (0.52, 0.29, -0.06, 0.09), strict=True):
        style = bar.children.style
        assert float(style["width"].rstrip("%")) == pytest.approx(abs(amount) / whole * 100, abs=0.1)
        start = float(style.get("left" if amount > 0 else "right").rstrip("%"))
        assert start == pytest.approx(at if amount > 0 else 100 - at, abs=0.1)


def test_a_row_filters_by_its_model_or_by_what_it_names_unless_no_filter_can_say_it() -> None:
    movers = [(OPUS, BANK, None), (None, BANK, "eu-west-1"), (None, None, UNKNOWN), (OTHER, OTHER, OTHER)]
    split = replace(SPLIT, movers=tuple(Mover(each, 1, 0.1, "value", 1, 2) for each in movers))
    found = [getattr(row, "data-filter", None) for row in rows(drawn(split))]
    assert found == [f"model={OPUS}", f"account={BANK}", None, None, None]
    assert [getattr(row, "tabIndex", None) for row in rows(drawn(split))] == [0, 0, None, None, None]


def test_the_rest_is_told_even_where_no_slice_is_left() -> None:
    assert read(replace(SPLIT, rest=Rest(0, -0.1, 0)))[-1] == (
        "everything else ",
        "what the rows above do together",
        "−0.10 s better",
    )
    assert read(replace(SPLIT, rest=Rest(1, 0.0, 0.0)))[-1] == ("everything else 1 slice", "unchanged", "0.00 s")


def test_the_table_holds_every_slice_with_its_numbers_and_the_link_leads_there() -> None:
    drawing = drawn(SPLIT)
    assert drawing.table is not None
    headings = [each.heading for each in drawing.table.columns]
    assert headings == [
        "Model", "Account", "Region", "Before (seconds)", "After (seconds)", "Contribution (seconds)",
    ]  # fmt: skip
    assert drawing.table.rows == (
        (OPUS, "borealis-bank", "eu-west-1", 3.0, 5.0, 0.52),
        (SONNET, "retail", "us-east-1", 2.2, 3.1, 0.29),
        (SONNET, "retail", "eu-west-1", 2.21, 2.05, -0.06),
        (OPUS, "retail", UNKNOWN, None, 1.0, 0.01),
    )
    assert drawing.link is not None
    assert text(drawing.link) == "All 4 slices"
    assert getattr(drawing.link, "data-perform") == "table"
    assert drawn(replace(SPLIT, parts=PARTS[:1])).link is None
    assert drawing.unit.replace("\u00a0", " ") == "vs 14:22 – 14:27"
