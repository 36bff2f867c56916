"""The fetcher of the log's own rows, a leaf at a time: what is there, what that allows, and one row as a whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from fluxdash.errors import BadRequest, NotReported, SourceError
from fluxdash.profiles.profile import Log
from fluxdash.semantic.answer import Note, NoteKind, Provenance
from fluxdash.semantic.leaves import MOST_ROWS, By, Entry, Extent, Leaf, Leafing, Place, Whole
from fluxdash.semantic.measures import REQUESTS
from fluxdash.semantic.scope import Scope
from fluxdash.sources import clauses, leaves, places, rows
from fluxdash.sources.cells import Spec
from fluxdash.sources.database import Database
from fluxdash.sources.log import LogSource
from fluxdash.sources.source import LOG
from fluxdash.sources.survey import Survey

SLICE = 500_000
"""Rows that are looked through at once for those that meet a filter or a search: no index helps to find them."""

PATIENCE = 3.0
"""Seconds after which no further slice is begun."""


class LogLedger:
    """Reads the rows of a log in their order; methods raise NotReported, BadRequest or SourceError.

    Nothing is cached: a leaf begins where the reader's last one ended, and few readers end at the same row.
    """

    def __init__(
        self, source: LogSource, database: Database, log: Log, survey: Survey, clock: Callable[[], float] = time.time
    ) -> None:
        self._source = source
        self._database = database
        self._log = log
        self._survey = survey
        self._clock = clock

    def leaf(self, scope: Scope, how: Leafing, after: Place | None, n: int) -> Leaf:
        """Return up to `n` rows that follow a place, or the first ones."""
        if not 1 <= n <= MOST_ROWS:
            raise BadRequest("n", n, f"a whole number from 1 to {MOST_ROWS}")
        notes = self._allowed(scope, how)
        read, reached = self._searched(scope, how, after, n + 1)
        entries = tuple(_entry(each) for each in read[:n])
        estimated = sum(each.record.estimated for each in entries)
        told = [Note(NoteKind.ESTIMATED, f"{estimated:,} requests priced from the price list")] if estimated else []
        source = Provenance(LOG, self._clock(), not estimated, (*told, *notes))
        return Leaf(entries, source, len(read) > n, reached)

    def newer(self, scope: Scope, how: Leafing, than: Place) -> int:
        """Return how many rows came after a place, up to MOST_NEWER; 0 where looking would read the whole log."""
        if self._survey.unindexed():
            return 0
        self._allowed(scope, how)
        statement = leaves.newer(self._survey.log, self._tables, _spec(scope), _span(scope), how, than, file=self._file)
        return int(self._read(statement)[0].tally)

    def extent(self, scope: Scope, how: Leafing) -> Extent:
        """Return how much there is; counted where few rows lie in the window, else about, without filters alone."""
        self._checked(scope)
        log, schema, span = self._survey.log, self._survey.schema(), _span(scope)
        index = "" if schema.indexed else leaves.index(log, file=self._file)
        dear, silent = self._survey.expensive(*span), self._unsearchable(scope)
        unsortable = f"{dear} Sorting by this reads all of them." if dear else ""
        if dear or (how.find and silent):
            narrowed = scope.filters or scope.conditions or how.find or scope.grant.accounts is not None
            count = None if dear and narrowed else self._about(span)
            return Extent(count, False, index, unsortable, silent, schema.rows)
        conditions = clauses.conditions(log, self._tables, _spec(scope), *span)
        statement = (
            sa.select(sa.func.count().label("tally"))
            .select_from(clauses.table(log))
            .where(*conditions, *leaves.found(log, self._tables, how))
        )
        return Extent(int(self._read(statement)[0].tally), True, index, unsortable, silent, schema.rows)

    def whole(self, scope: Scope, at: Place) -> Whole | None:
        """Return one row with every field; None where there is none that this viewer may see."""
        self._checked(scope)
        log, tables = self._survey.log, self._tables
        read = self._read(leaves.whole(log, tables, _spec(scope), at, file=self._file))
        if not read:
            return None
        raw = read[0]._mapping
        fields = tuple((name, _text(raw[f"raw_{name}"])) for name in leaves.columns(log, tables))
        found = rows.record(read[0])
        return Whole(found, fields, Provenance(LOG, self._clock(), not found.estimated))

    def statement(self, scope: Scope, how: Leafing, n: int) -> str:
        """Return the SQL of the first leaf, for people to copy."""
        self._allowed(scope, how)
        return self._database.text(
            leaves.leaf(self._survey.log, self._tables, _spec(scope), _span(scope), how, None, n, file=self._file)
        )

    def _allowed(self, scope: Scope, how: Leafing) -> tuple[Note, ...]:
        """Refuse what cannot be told, or would be too dear; return what the reader must know."""
        notes = self._checked(scope)
        if how.by is not By.TIME and (dear := self._survey.expensive(*_span(scope))):
            raise NotReported("This order", (dear,))
        if how.find and (silent := self._unsearchable(scope)):
            raise NotReported("This search", (silent,))
        return notes

    def _checked(self, scope: Scope) -> tuple[Note, ...]:
        try:
            self._survey.check()
        except SourceError as err:
            self._source.failed(err)
            raise
        verdict = self._source.verdict(REQUESTS.total().within(scope))
        if verdict.reason:
            raise NotReported(rows.REQUESTS_LISTED, (verdict.reason,))
        return tuple(Note(NoteKind.PARTIAL, text) for text in (verdict.stale, verdict.uncovered) if text)

    def _unsearchable(self, scope: Scope) -> str:
        text = dict(self._log.record).get("error")
        if text is None:
            return "The request log holds no error messages."
        if lacking := clauses.missing(self._log, self._tables, text):
            return f"The database has no column {', '.join(lacking)}."
        return ""

    def _searched(
        self, scope: Scope, how: Leafing, after: Place | None, n: int
    ) -> tuple[list[sa.Row[Any]], int | None]:
        """Return the next rows, and how far was looked for them where that is not to the end."""
        log, tables, spec, found = self._survey.log, self._tables, _spec(scope), list[sa.Row[Any]]()
        parts = self._slices(places.from_there(_span(scope), how, after), scope, how)
        last = time.monotonic() + PATIENCE
        for part in parts:
            wanted = n - len(found)
            found += self._read(leaves.leaf(log, tables, spec, part, how, after, wanted, file=self._file))
            if len(found) >= n:
                break
            if time.monotonic() > last and part is not parts[-1]:
                return found, part[1] if how.ascending else part[0]
        return found, None

    def _slices(self, span: tuple[int, int], scope: Scope, how: Leafing) -> list[tuple[int, int]]:
        """Return the parts of a span to look through one after the other; one where every row is wanted."""
        start, end = span
        narrowed = bool(scope.selection or scope.conditions or how.find)
        expected = self._about(span) if narrowed and how.by is By.TIME and self._survey.schema().indexed else None
        if expected is None or expected <= SLICE:
            return [span]
        width = max((end - start) * SLICE // expected, 60)
        if how.ascending:
            return [(at, min(at + width, end)) for at in range(start, end, width)]
        return [(max(at - width, start), at) for at in range(end, start, -width)]

    def _about(self, span: tuple[int, int]) -> int | None:
        return self._survey.expected(*span)

    def _read(self, statement: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        try:
            read = self._database.rows(statement)
        except SourceError as err:
            self._source.failed(err)
            raise
        self._source.read(self._clock())
        return read

    @property
    def _tables(self) -> clauses.Tables:
        return self._survey.schema().tables

    @property
    def _file(self) -> bool:
        return self._database.is_sqlite


def _spec(scope: Scope) -> Spec:
    return Spec((), None, scope.selection or (), conditions=scope.conditions)


def _span(scope: Scope) -> tuple[int, int]:
    """The rows of the head are listed, too: the log itself has no unfinished bucket."""
    return scope.window.start, max(scope.window.end, scope.window.now)


def _entry(row: sa.Row[Any]) -> Entry:
    raw = row._asdict()
    value = raw.get("place_value")
    at = Place(
        str(raw["place_time"]),
        str(raw["place_key"]),
        value if value is None or isinstance(value, str) else float(value),
    )
    return Entry(rows.record(row), at)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
