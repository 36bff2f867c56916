"""Cards: each model's state with its reason and numbers, the worst twelve of them, and how states are decided."""

from __future__ import annotations

from dataclasses import replace

from fluxdash.semantic.dimensions import JOINT
from fluxdash.semantic.window import Window
from fluxdash.views.cards import CAUSES, NEEDED, REPORTED, SEEN, TAIL, status_cards
from fluxdash.views.goals import Goals
from fluxdash.views.scene import Look
from tests.views.reading import marked, prop, text
from tests.views.scenes import NOW, answer, courses, grouped, ranked, scene

SONNET, OPUS = "anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-3-opus-20240229-v1:0"
LLAMA, MIXTRAL = "meta.llama3-8b-instruct-v1:0", "mistral.mixtral-8x7b-instruct-v0:1"
ERRORS = {SONNET: (0.0626, 1000), OPUS: (0.0142, 7138), LLAMA: (0.0029, 5490), MIXTRAL: (0.5, 22)}


def needed(errors: dict[str, tuple[float, float]]):
    available = {model: (1 - share, n) for model, (share, n) in errors.items()}
    failed = {model: (round(share * n), n) for model, (share, n) in errors.items()}
    return [ranked(question, rows) for question, rows in zip(NEEDED, (errors, available, failed), strict=True)]


def cards(*more, look: Look | None = None, errors=ERRORS):
    return status_cards(scene(*needed(errors), *more, look=look))


def card(drawing, name: str):
    return next(each for each in marked(drawing.beside, "mcard") if name in text(marked(each, "nm")))


def figures(one) -> list[str]:
    return [text(each) for each in (group.children[1] for group in marked_figures(one))]


def marked_figures(one):
    listed = next(each for each in one.children if type(each).__name__ == "Dl")
    return listed.children


def test_the_worst_come_first_and_the_unknown_last() -> None:
    drawing = cards()
    shown = [text(marked(each, "nm")) for each in marked(drawing.beside, "mcard")[:-1]]
    assert [each.strip() for each in shown] == ["claude-3-5-sonnet", "claude-3-opus", "llama3-8b", "mixtral-8x7b"]
    for state in ("1 unhealthy", "1 degraded", "1 healthy", "1 unknown", "worst first"):
        assert state in text(marked(drawing.beside, "sums"))
    assert drawing.sentence.startswith("Model status: 1 unhealthy, 1 degraded, 1 healthy, 1 unknown;")


def test_a_card_tells_availability_errors_and_p95() -> None:
    tails = courses(TAIL, {SONNET: [5.0, 5.2, 5.1, 5.3, 5.38]})
    one = card(cards(tails), "claude-3-5-sonnet")
    assert figures(one) == ["93.74 %", "6.26 %", "5.38 s"]
    assert one.className == "mcard bad"
    assert marked(one, "spark")


def test_without_a_latency_the_rest_of_the_card_stands() -> None:
    one = card(cards(), "claude-3-5-sonnet")
    assert figures(one) == ["93.74 %", "6.26 %", "–"]
    assert not marked(one, "spark")


def test_the_reason_is_the_cause_behind_most_failures_else_their_share() -> None:
    rows = {f"{SONNET}{JOINT}ThrottlingException": [0.0, 0.0, 50.0, 0.0, 0.0], f"{OPUS}{JOINT}X": [1.0] * 5}
    drawing = cards(grouped(CAUSES, rows))
    assert text(marked(card(drawing, "claude-3-5-sonnet"), "why")) == "50 throttled, most 14:29 – 14:30"
    assert text(marked(card(drawing, "claude-3-opus"), "why")) == "1.42 % failed, 101 of 7,138"
    assert text(marked(card(drawing, "llama3-8b"), "why")) == "99 % or better"


def test_too_few_requests_are_told_and_no_number_is() -> None:
    seen = grouped(SEEN, {MIXTRAL: [0.0, 20.0, 2.0, 0.0, 0.0]})
    one = card(cards(seen), "mixtral-8x7b")
    assert text(marked(one, "why")) == "n 22: too few to judge"
    assert figures(one) == ["–", "–", "–"]
    assert text(marked(one, "seen")) == "last request 14:29 UTC"


def test_the_last_request_of_wide_buckets_is_told_from_when_to_when() -> None:
    wide = Window(NOW // 3600 * 3600 - 18000, NOW // 3600 * 3600, 3600, NOW)
    one = card(cards(grouped(SEEN, {MIXTRAL: [0.0, 22.0, 0.0, 0.0, 0.0]}, wide)), "mixtral-8x7b")
    assert text(marked(one, "seen")) == "last request 10:00 – 11:00 UTC"


def test_what_the_gateway_itself_reports_stands_beside() -> None:
    drawing = cards(ranked(REPORTED, {SONNET: (0.9312, None)}))
    assert text(marked(card(drawing, "claude-3-5-sonnet"), "reported")) == "the gateway reports 93.12 %"
    assert not marked(card(drawing, "claude-3-opus"), "reported")


def test_a_click_filters_by_the_model_and_a_keyboard_reaches_it() -> None:
    one = card(cards(), "claude-3-opus")
    assert prop(one, "data-filter") == f"model={OPUS}"
    assert prop(one, "tabIndex") == 0
    assert prop(one, "aria-label").startswith("claude-3-opus: degraded, 1.42")


def test_the_card_of_rules_says_the_settings() -> None:
    drawing = cards(look=Look(goals=Goals(healthy=0.98, degraded=0.9, least=10)))
    told = text(marked(drawing.beside, "decided"))
    for said in ("≥ 98 % of requests succeed", "≥ 90 %", "under 90 %", "under 10 requests"):
        assert said in told
    assert card(drawing, "mixtral-8x7b").className == "mcard bad"
    assert text(marked(card(drawing, "llama3-8b"), "why")) == "98 % or better"


def test_of_many_models_the_worst_twelve_have_cards_and_all_are_counted() -> None:
    many = {f"acme.m{place:02}": (place / 1000, 1000) for place in range(20)}
    drawing = cards(errors=many)
    shown = [text(marked(each, "nm")).strip() for each in marked(drawing.beside, "mcard")[:-1]]
    assert shown == [f"m{place:02}" for place in range(19, 7, -1)]
    assert "the worst 12 of 20 models" in text(marked(drawing.beside, "sums"))
    assert "9 degraded" in text(marked(drawing.beside, "sums"))
    assert "11 healthy" in text(marked(drawing.beside, "sums"))
    assert drawing.table is not None
    assert len(drawing.table.rows) == 20


def test_a_p95_that_is_only_a_lower_bound_says_so() -> None:
    bound = answer(TAIL, [30.0] * 5)
    line = replace(bound.lines[0], group=SONNET, total=30.0, n=1000, at_least=True)
    assert figures(card(cards(replace(bound, lines=(line,))), "claude-3-5-sonnet"))[2] == "≥ 30.00 s"


def test_the_table_to_read_holds_every_number_of_the_cards() -> None:
    drawing = cards(courses(TAIL, {SONNET: [5.38] * 5}), ranked(REPORTED, {SONNET: (0.93, None)}))
    assert drawing.table is not None
    assert drawing.table.rows[0] == (
        SONNET, "Unhealthy", 1000, 1 - 0.0626, 0.0626, 5.38, 0.93, "6.26\u00a0% failed, 63 of 1,000",
    )  # fmt: skip
