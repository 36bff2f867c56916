"""The rows of the log as CSV, written leaf by leaf as they are read: however many there are, one leaf is in memory."""

from __future__ import annotations

import csv
import io
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from flask import Response, request

from fluxdash.errors import FluxDashError, NotReported
from fluxdash.semantic.leaves import MOST_ROWS, Leaf, Leafing
from fluxdash.semantic.moments import rfc3339
from fluxdash.semantic.records import Record
from fluxdash.semantic.scope import Scope
from fluxdash.sources.source import TITLES
from fluxdash.ui.export import safe
from fluxdash.ui.house import House
from fluxdash.ui.intake import refuse
from fluxdash.ui.reading import leafing, searchable
from fluxdash.ui.study import Asking
from fluxdash.views.extent import MOST_EXPORTED
from fluxdash.views.tabular import Cell
from fluxdash.views.times import Clock

MOST_AT_ONCE = 2
"""Exports that one process writes at the same time; a third is asked to come again."""

_LONGEST_READ = 900.0
"""Seconds after which an export is ended, for others wait for its place."""

_LONGEST = 16_384
_DIGITS = 9
_COLUMNS: tuple[tuple[str, Callable[[Record], Cell]], ...] = (
    ("Request", lambda each: each.request_id),
    ("Trace", lambda each: each.trace_id),
    ("Account", lambda each: each.account_name),
    ("Account id", lambda each: each.account),
    ("Model", lambda each: each.model),
    ("Region", lambda each: each.region),
    ("Strategy", lambda each: each.strategy),
    ("Status", lambda each: each.status),
    ("Cache", lambda each: each.cache),
    ("Cache type", lambda each: each.cache_type),
    ("Latency (seconds)", lambda each: each.latency),
    ("Input tokens", lambda each: each.input_tokens),
    ("Output tokens", lambda each: each.output_tokens),
    ("Cost (USD)", lambda each: each.cost),
    ("List price (USD)", lambda each: each.list_price),
    ("Input cost (USD)", lambda each: each.input_cost),
    ("Error", lambda each: each.error),
)


@dataclass(frozen=True, slots=True)
class Exports:
    """Writes the exports of one app; each is asked with the query string of the page."""

    house: House
    places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MOST_AT_ONCE))
    clock: Callable[[], float] = time.monotonic

    def response(self) -> Response:
        """Return the CSV as a stream; 404 or 502 where the log tells nothing, 429 while others are being written."""
        search = request.query_string.decode("utf-8", "replace")
        if len(search) > _LONGEST:
            refuse(400, "address", f"at most {_LONGEST:,} characters")
        if not self.places.acquire(blocking=False):
            refuse(429, "export", f"at most {MOST_AT_ONCE} exports at a time: try again when one of them is done")
        try:
            response = self._response(search)
        except BaseException:
            self.places.release()
            raise
        response.call_on_close(self.places.release)
        return response

    def _response(self, search: str) -> Response:
        asking, gateway = self.house.asked(self.house.address(search), search), self.house.gateway
        how = leafing(search, at=self.house.address(search).at)
        try:
            how = searchable(gateway.extent(asking.scope, how), how)
            first = gateway.leaf(asking.scope, how, None, MOST_ROWS)
        except NotReported as err:
            refuse(404, "requests", str(err))
        except FluxDashError as err:
            refuse(502, "requests", str(err))
        window = asking.scope.window
        between = "-".join(re.sub(r"[:Z-]", "", rfc3339(each)) for each in (window.start, _end(asking.scope)))
        response = Response(self._lines(asking, how, first), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="fluxdash-requests-{between}.csv"'
        return response

    def _lines(self, asking: Asking, how: Leafing, leaf: Leaf) -> Iterator[str]:
        clock, written, last = asking.look.clock, 0, self.clock() + _LONGEST_READ
        yield _text(_about(asking, how, leaf))
        yield _text([[f"Time, {clock.name(asking.scope.window.end)}", *(name for name, _ in _COLUMNS)]])
        while True:
            shown = leaf.entries[: MOST_EXPORTED - written]
            yield _text([_row(each.record, clock) for each in shown])
            written += len(shown)
            ended = not leaf.more and leaf.reached is None
            if ended and len(shown) == len(leaf.entries):
                yield _text([["# end", f"all {written:,} rows"]])
                return
            if written >= MOST_EXPORTED:
                yield _text([["# truncated", f"at {MOST_EXPORTED:,} rows: there are more"]])
                return
            if self.clock() > last:
                yield _text(
                    [["# incomplete", f"it was read too slowly: given up after {_LONGEST_READ // 60:g} minutes"]]
                )
                return
            try:
                leaf = self._next(asking, how, leaf)
            except FluxDashError as err:
                yield _text([["# incomplete", str(err)]])
                return

    def _next(self, asking: Asking, how: Leafing, leaf: Leaf) -> Leaf:
        """Return the leaf after one; where looking for rows took long, looking goes on where it ended."""
        if leaf.reached is None:
            return self.house.gateway.leaf(asking.scope, how, leaf.entries[-1].place, MOST_ROWS)
        return self.house.gateway.leaf(asking.scope, how.onward(leaf.reached), None, MOST_ROWS)


def _about(asking: Asking, how: Leafing, leaf: Leaf) -> list[list[Cell]]:
    clock, scope = asking.look.clock, asking.scope
    source = leaf.provenance.source
    said = [
        ("window", f"{clock.at(scope.window.start).isoformat()} to {clock.at(_end(scope)).isoformat()}"),
        ("zone", str(clock.zone)),
        ("filters", "; ".join(scope.told) or "none"),
        *([("begins at", clock.at(how.at).isoformat())] if how.at is not None else []),
        *([("search", how.find)] if how.find else []),
        ("order", f"{how.by}, {'ascending' if how.ascending else 'descending'}"),
        ("source", TITLES.get(source, source)),
        ("rows", f"at most {MOST_EXPORTED:,}"),
    ]
    return [[f"# {name}", safe(text)] for name, text in said]


def _row(told: Record, clock: Clock) -> list[Cell]:
    time = clock.at(told.time).isoformat(timespec="milliseconds")
    cells = (of(told) for _, of in _COLUMNS)
    return [time, *(safe(round(cell, _DIGITS) if isinstance(cell, float) else cell) for cell in cells)]


def _end(scope: Scope) -> int:
    return max(scope.window.end, scope.window.now)


def _text(rows: Sequence[Sequence[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
