"""The traces that a search lists, as CSV: the same ones as on the page, below what they are about."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

from flask import Response, request

from fluxdash.errors import FluxDashError, NotReported
from fluxdash.semantic.moments import rfc3339
from fluxdash.semantic.records import Record
from fluxdash.semantic.spans import NANOSECONDS
from fluxdash.semantic.tracesearch import Found, TraceSearch, TraceSummary
from fluxdash.sources.source import TITLES
from fluxdash.ui.export import safe
from fluxdash.ui.house import House
from fluxdash.ui.intake import refuse
from fluxdash.ui.sightings import search_of, sought
from fluxdash.ui.study import Asking
from fluxdash.views.tabular import Cell
from fluxdash.views.tracelist import extent

_LONGEST = 16_384
_DIGITS = 9
_COLUMNS: tuple[tuple[str, Callable[[TraceSummary], Cell]], ...] = (
    ("Trace", lambda each: each.id.shown),
    ("Duration (seconds)", lambda each: None if each.seconds is None else round(each.seconds, _DIGITS)),
    ("Outcome", lambda each: None if each.failed is None else "error" if each.failed else "ok"),
    ("Spans", lambda each: each.spans),
    ("Failed spans", lambda each: each.errors),
    ("Operation", lambda each: each.operation),
    ("Service", lambda each: each.service),
    ("Model", lambda each: each.model),
    ("Region", lambda each: each.region),
)
_OF_THE_ROW: tuple[tuple[str, Callable[[Record], Cell]], ...] = (
    ("Request", lambda row: row.request_id),
    ("Account", lambda row: row.account_name),
    ("Account id", lambda row: row.account),
    ("Input tokens", lambda row: row.input_tokens),
    ("Output tokens", lambda row: row.output_tokens),
    ("Cost (USD)", lambda row: None if row.cost is None else round(row.cost, _DIGITS)),
)


def csv_of_traces(house: House) -> Response:
    """Return the CSV of the search in the query string; 404 or 502 where nothing can be searched."""
    words = request.query_string.decode("utf-8", "replace")
    if len(words) > _LONGEST:
        refuse(400, "address", f"at most {_LONGEST:,} characters")
    asking = house.asked(house.address(words), words)
    search, notices = search_of(asking)
    try:
        found = sought(house, search)
    except NotReported as err:
        refuse(404, "traces", str(err))
    except FluxDashError as err:
        refuse(502, "traces", str(err))
    start, end = search.scope.window.start, search.end // NANOSECONDS
    between = "-".join(re.sub(r"[:Z-]", "", rfc3339(each)) for each in (start, end))
    response = Response(_written(asking, search, found, notices), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="fluxdash-traces-{between}.csv"'
    return response


def _written(asking: Asking, search: TraceSearch, found: Found, notices: tuple[str, ...]) -> str:
    text, clock, window = io.StringIO(), asking.look.clock, search.scope.window
    lines = csv.writer(text)
    source = found.provenance.source
    about = [
        ("window", f"{clock.at(window.start).isoformat()} to {clock.at(search.end // NANOSECONDS).isoformat()}"),
        ("zone", str(clock.zone)),
        ("filters", "; ".join(search.scope.told) or "none"),
        ("search", "; ".join(search.told) or "none"),
        ("source", TITLES.get(source, source)),
        ("rows", extent(found, search)),
        *(("note", each) for each in (*notices, *(note.text for note in found.provenance.notes))),
    ]
    lines.writerows([f"# {name}", safe(said)] for name, said in about)
    lines.writerow([f"Start, {clock.name(window.end)}", *(name for name, _ in (*_COLUMNS, *_OF_THE_ROW))])
    for each in found.rows:
        at = clock.at(each.start / NANOSECONDS).isoformat(timespec="milliseconds")
        lines.writerow([at, *(safe(of(each)) for _, of in _COLUMNS), *_booked(each.record)])
    return text.getvalue()


def _booked(row: Record | None) -> list[Cell]:
    return [None if row is None else safe(of(row)) for _, of in _OF_THE_ROW]
