"""The values that a filter offers, and how many it leaves out."""

from __future__ import annotations

from fluxdash.semantic.dimensions import ACCOUNT, MODEL, Dimension
from fluxdash.semantic.scope import Filter, Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.source import Choice, Choices
from fluxdash.ui.filters import choices, names
from tests.ui.fake import FakeGateway

SCOPE = Scope(Window.last(3600, 1_795_444_345.0))


class Crowded(FakeGateway):
    """A gateway with more models than a filter offers."""

    def choices(self, dimension: Dimension, scope: Scope) -> Choices:
        return Choices((Choice("m", "m", 1200.0),), 60)


def test_values_that_are_not_offered_are_counted() -> None:
    told = choices(Crowded(), MODEL, SCOPE, 1)
    assert told["more"] == 60
    assert [each["value"] for each in told["values"]] == ["m"]  # type: ignore[attr-defined]


def test_where_all_are_offered_none_is_left() -> None:
    assert choices(FakeGateway(), MODEL, SCOPE, 1)["more"] == 0


class Named(FakeGateway):
    """A gateway with a model of the design's, one of its own, and an account."""

    def choices(self, dimension: Dimension, scope: Scope) -> Choices:
        if dimension == MODEL:
            return Choices((Choice(OPUS, OPUS, 1200.0), Choice("acme.own", "acme.own", 3.0)), 0)
        return Choices((Choice("u1", "acme-retail", 7.0),), 0)


OPUS = "anthropic.claude-3-opus-20240229-v1:0"


def test_a_model_goes_by_its_short_name_and_in_its_colour() -> None:
    told = choices(Named(), MODEL, SCOPE, 1, lambda models: {"acme.own": 4})
    found = [(each["value"], each["name"], each["token"]) for each in told["values"]]  # type: ignore[attr-defined]
    assert found == [(OPUS, "claude-3-opus", "c3"), ("acme.own", "own", "c4")]
    assert names(Named(), MODEL, Scope(SCOPE.window, (Filter.of(MODEL, [OPUS]),))) == ("claude-3-opus",)


def test_nothing_else_has_a_colour() -> None:
    (account,) = choices(Named(), ACCOUNT, SCOPE, 1)["values"]  # type: ignore[misc]
    assert (account["name"], account["token"]) == ("acme-retail", None)
