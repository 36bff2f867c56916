"""Where others that failed alike are found: by the log's cause, else by the exception itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest

from fluxdash.errors import SourceUnreachable
from fluxdash.semantic.answer import Provenance
from fluxdash.semantic.dimensions import ERROR_TYPE, MODEL
from fluxdash.semantic.scope import Filter, Grant, Scope
from fluxdash.semantic.tracesearch import Found, TraceSearch
from fluxdash.semantic.window import Window
from fluxdash.ui.likefaults import same
from fluxdash.ui.tracewords import searched
from tests.ui.faketraces import FakeTraces

MINE = Scope(Window.last(3600, 1_795_460_400.0), (Filter.of(MODEL, ["m"]),), Grant(frozenset({"a"})))


@dataclass
class Logged(FakeTraces):
    """Answers searches for a cause from the log."""

    scopes: list[Scope] = field(default_factory=list)

    def search(self, search: TraceSearch) -> Found:
        self.scopes.append(search.scope)
        rows: Sequence[object] = FakeTraces(count=1).search(search).rows
        return Found(tuple(rows), Provenance("log", 0.0, True), 1, 1, 836)  # type: ignore[arg-type]


def test_the_log_counts_the_requests_that_failed_alike_within_what_may_be_seen() -> None:
    traces = Logged()
    found = same(traces, "botocore.errorfactory.ThrottlingException", MINE)
    assert found is not None
    assert found.n == 836
    assert found.words == "error_type=botocore.errorfactory.ThrottlingException\nThrottlingException"
    (scope,) = traces.scopes
    assert (scope.window, scope.grant) == (MINE.window, MINE.grant)
    assert scope.filters == (
        *MINE.filters,
        Filter.of(ERROR_TYPE, ["ThrottlingException", "botocore.errorfactory.ThrottlingException"]),
    )


@pytest.mark.parametrize("kind", ["KeyError", 'odd "quoted\\ name', "a b=c"])
def test_without_causes_the_exception_itself_is_searched_for(kind: str) -> None:
    for traces in (FakeTraces(), FakeTraces(wrong=SourceUnreachable("Jaeger", "cannot be reached"))):
        found = same(traces, kind, MINE)
        assert found is not None
        assert found.n is None
        name, _, words = found.words.partition("=")
        search, wrong = searched(f"?{name}={quote(words)}", MINE)
        assert wrong == ()
        assert search.tags == (("exception.type", kind),)


@pytest.mark.parametrize("kind", ["a\x00b", "x" * 300, "line\nbreak"])
def test_a_type_that_nobody_could_search_for_has_no_way_on(kind: str) -> None:
    assert same(Logged(), kind, MINE) is None
