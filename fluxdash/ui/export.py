"""The CSV of a panel: its shown numbers in base units, below what they are about."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from flask import Response, request

from fluxdash.errors import BadRequest
from fluxdash.semantic.moments import rfc3339
from fluxdash.sources.source import TITLES
from fluxdash.ui.house import House
from fluxdash.ui.intake import refuse
from fluxdash.ui.panel import slug
from fluxdash.ui.states import State
from fluxdash.ui.study import Asking, Picture
from fluxdash.views.tabular import Cell
from fluxdash.views.times import Clock

_LONGEST = 16_384
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


def csv_of(house: House, name: str) -> Response:
    """Return the CSV of a panel for the view in the query string; 400 for a bad name, 404 or 502 without numbers."""
    search = request.query_string.decode("utf-8", "replace")
    if len(search) > _LONGEST:
        refuse(400, "address", f"at most {_LONGEST:,} characters")
    try:
        panel = house.book.panel(name)
    except BadRequest as err:
        refuse(400, err.field, err.allowed)
    address = house.address(search)
    asking = house.asked(address, search)
    shown = panel.draw(house.gateway, asking)
    if isinstance(shown, State):
        refuse(502 if shown.kind == "failed" else 404, panel.slug, f"{shown.title}. {shown.text}")
    between = "-".join(re.sub(r"[:Z-]", "", rfc3339(each)) for each in _span(shown, asking))
    response = Response(
        written(shown, asking, address.notices), mimetype="text/csv", content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="fluxdash-{slug(panel.title)}-{between}.csv"'
    return response


def written(shown: Picture, asking: Asking, notices: Sequence[str] = ()) -> str:
    """Return the lines: first what the numbers are about, each after a `#`, then a header and the rows.

    `notices` say what of the address was left out; window and zone are the picture's own where it has them.
    """
    text = io.StringIO()
    lines = csv.writer(text)
    clock = Clock(shown.zone) if shown.zone else asking.look.clock
    start, end = (clock.at(each).isoformat() for each in _span(shown, asking))
    sources = ", ".join(dict.fromkeys(TITLES.get(each.source, each.source) for each in shown.sources))
    notes = dict.fromkeys((*notices, *(note.text for each in shown.sources for note in each.notes)))
    about = [
        ("panel", shown.title),
        ("window", f"{start} to {end}"),
        ("zone", str(clock.zone)),
        ("filters", "; ".join(asking.scope.told) or "none"),
        ("source", sources),
        *(("note", each) for each in notes),
    ]
    lines.writerows([f"# {name}", safe(said)] for name, said in about)
    lines.writerow([safe(each.heading) for each in shown.table.columns])
    lines.writerows([[safe(plain(cell)) for cell in row] for row in shown.table.rows])
    return text.getvalue()


def plain(cell: Cell) -> Cell:
    """Return a number without what counting in binary adds at its end: 0.949, not 0.9490000000000001; 39, not 39.0."""
    if not isinstance(cell, float):
        return cell
    rounded = cell if cell.is_integer() else float(f"{cell:.12g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def safe(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers, unknown stays empty."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _span(shown: Picture, asking: Asking) -> tuple[int, int]:
    window = asking.scope.window
    return shown.span or (window.start, window.end)
