"""Sources that answer from memory: what the tests of the layers above the fetchers need of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fluxdash.errors import SourceError
from fluxdash.semantic.answer import Answer, Line, Note, NoteKind, Provenance
from fluxdash.semantic.measure import Measure
from fluxdash.semantic.query import Query
from fluxdash.sources.reply import Reply, Series
from fluxdash.sources.source import Capability, SourceState, Verdict


class FakePrometheus:
    """Has the metrics it is given, with their labels; `since` is the first hour with data."""

    def __init__(
        self,
        labels: Mapping[str, tuple[str, ...]],
        failure: SourceError | None = None,
        since: int | None = None,
        values: Callable[[str], tuple[Series, ...]] = lambda query: (),
    ) -> None:
        self.carried = {metric: frozenset(each) for metric, each in labels.items()}
        self.failure = failure
        self.since = since
        self.values = values
        self.asked: list[str] = []

    def labels(self, metric: str, start: int, end: int) -> frozenset[str]:
        self._ask(metric)
        return self.carried.get(metric, frozenset())

    def range(self, query: str, start: int, end: int, step: int) -> Reply:
        self._ask(query)
        if query.startswith("count("):
            return Reply((Series({}, ((float(self.since), 1.0),)),) if self.since is not None else (), None)
        return Reply(self.values(query), None)

    def instant(self, query: str, at: float) -> Reply:
        self._ask(query)
        return Reply(self.values(query), None)

    def close(self) -> None:
        pass

    def _ask(self, text: str) -> None:
        self.asked.append(text)
        if self.failure is not None:
            raise self.failure


class FakeStore:
    """A store that says what it is told to say, and notes what it was asked."""

    def __init__(self, name: str, verdict: Verdict | None = None, failure: SourceError | None = None) -> None:
        self.name = name
        self.says = verdict or Verdict(name)
        self.failure = failure
        self.asked: list[Query] = []
        self.closed = False
        self.lines: tuple[Line, ...] = (Line(None, 1.0, 1.0),)

    def verdict(self, query: Query) -> Verdict:
        return self.says

    def answer(self, query: Query, verdict: Verdict) -> Answer:
        self.asked.append(query)
        if self.failure is not None:
            raise self.failure
        partial = (Note(NoteKind.PARTIAL, verdict.uncovered),) if verdict.uncovered else ()
        provenance = Provenance(self.name, query.scope.window.now, self.name == "log", partial, verdict.label)
        return Answer(query, query.scope.window, self.lines, provenance)

    def statements(self, query: Query) -> tuple[str, ...]:
        return (f"asked of {self.name}",)

    def capability(self, measure: Measure) -> Capability:
        return Capability(self.name, measure, ())

    def state(self) -> SourceState:
        return SourceState(self.name, "down" if self.failure else "ok")

    def close(self) -> None:
        self.closed = True
