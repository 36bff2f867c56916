"""Models: what they are called, and the colour that each keeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.views.models import names, seated, short, tokens

KNOWN = [
    "claude-3-5-sonnet", "claude-3-5-haiku", "claude-3-opus", "llama3-70b", "llama3-8b", "titan-text-express",
    "titan-text-lite", "mistral-7b", "mixtral-8x7b",
]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet"),
        ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet"),
        ("anthropic.claude-3-opus-20240229-v1:0", "claude-3-opus"),
        ("meta.llama3-70b-instruct-v1:0", "llama3-70b"),
        ("amazon.titan-text-express-v1", "titan-text-express"),
        ("mistral.mixtral-8x7b-instruct-v0:1", "mixtral-8x7b"),
        ("amazon.nova-pro-v1:0", "nova-pro"),
        ("gpt-4o", "gpt-4o"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_model_is_called_by_its_short_name(model: str, name: str) -> None:
    assert short(model) == name


def test_two_models_that_would_be_called_the_same_are_called_in_full() -> None:
    old, new, other = "a.claude-3-5-sonnet-20240620-v1:0", "a.claude-3-5-sonnet-20241022-v2:0", "m.mistral-7b-v0:2"
    assert names([old, new, other]) == {old: old, new: new, other: "mistral-7b"}


def test_a_known_model_keeps_the_slot_of_the_design_whoever_is_beside_it() -> None:
    opus = "anthropic.claude-3-opus-20240229-v1:0"
    assert tokens([opus])[opus] == "c3"
    assert tokens(["x", opus, "y"], {"x": 1, "y": 2})[opus] == "c3"


def test_a_stranger_without_a_seat_has_the_colour_of_other() -> None:
    assert tokens(["acme.own"])["acme.own"] == "c-other"


@given(st.lists(st.text(min_size=1, max_size=12), max_size=20), st.lists(st.text(min_size=1, max_size=12), max_size=20))
def test_no_two_strangers_share_a_seat_and_none_ever_moves(first: list[str], second: list[str]) -> None:
    before = seated(first, {})
    after = seated(second, before)
    assert {model: after[model] for model in before} == before
    assert len(set(after.values())) == len(after)
    assert all(1 <= seat <= 9 for seat in after.values())


def test_a_seat_that_a_known_model_of_the_same_page_holds_is_not_given_away() -> None:
    assert seated(["anthropic.claude-3-5-sonnet-20241022-v2:0", "acme.own"], {}) == {"acme.own": 2}


@given(st.lists(st.sampled_from(["auto", "acme.a", "acme.b", *KNOWN]), max_size=14), st.permutations(KNOWN))
def test_no_two_models_of_a_picture_share_a_colour_whoever_was_seen_first(first: list[str], later: list[str]) -> None:
    seats: dict[str, int] = {}
    for picture in (first[:3], first, [*later[:6], *first], [*later, "auto"]):
        seats = seated(picture, seats)
        colours = [each for each in tokens(picture, seats).values() if each != "c-other"]
        assert len(set(colours)) == len(colours)
