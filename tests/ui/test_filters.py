"""The values that a filter offers, and how many it leaves out."""

from __future__ import annotations

from fluxdash.semantic.dimensions import MODEL, Dimension
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.source import Choice, Choices
from fluxdash.ui.filters import choices
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
