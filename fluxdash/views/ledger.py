"""The rows of the log as the grid takes them: every cell written out, with what its look depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fluxdash.semantic.dimensions import HIT
from fluxdash.semantic.leaves import By, Entry, Leafing
from fluxdash.semantic.records import Record
from fluxdash.semantic.units import Unit, count, figure, price
from fluxdash.views.models import OTHER_TOKEN, names, tokens
from fluxdash.views.scene import Look
from fluxdash.views.times import Clock

CELL = "FluxCell"
"""The renderer of all cells, in assets/50-ledger.js; what it draws is text, never markup."""

LATENCY_SCALE = 10.0
"""Seconds of a full latency bar."""

Cells = dict[str, Any]

_SUCCESS = "success"
_LONGEST = 300


def rows(entries: Sequence[Entry], look: Look, seats: Mapping[str, int], *, dated: bool) -> list[Cells]:
    """Return a row of cells for each entry, None where the log says NULL; `dated` writes the day before the time."""
    models = [each.record.model for each in entries if each.record.model]
    called, coloured = names(models), tokens(models, seats)
    return [
        {
            "place": str(each.place),
            **_cells(each.record, look, dated=dated),
            "model": called.get(each.record.model or ""),
            "model_id": each.record.model,
            "token": coloured.get(each.record.model or "", OTHER_TOKEN),
        }
        for each in entries
    ]


def columns(zone: str, how: Leafing, unsortable: str, *, dated: bool, narrow: bool) -> list[Cells]:
    """Return the grid's columns; on a narrow screen one that holds a card."""
    if narrow:
        return [{"headerName": "Requests", "field": "place", "flex": 1, **_drawn("card"), "sortable": False}]
    wanted = [
        _column("time", f"Time ({zone})", "time", 150 if dated else 108, By.TIME),
        _column("request_id", "Request", "id", 92, By.REQUEST_ID),
        _column("account", "Account", "text", 108, By.ACCOUNT, flex=2),
        _column("model", "Model", "model", 132, By.MODEL, flex=3),
        _column("region", "Region", "quiet", 84, By.REGION, flex=1),
        _column("strategy", "Strategy", "quiet", 96, By.STRATEGY, flex=2),
        _column("status", "Status", "status", 84, By.STATUS),
        _column("cache", "Cache", "cache", 68, By.CACHE),
        _column("latency", "Latency", "latency", 122, By.LATENCY, tip="bar: 0 to 10 s"),
        _column("input_tokens", "In", "number", 62, By.INPUT_TOKENS, tip="input tokens"),
        _column("output_tokens", "Out", "number", 62, By.OUTPUT_TOKENS, tip="output tokens"),
        _column("cost", "Cost", "cost", 88, By.COST),
        _column("error", "Error", "error", 120, By.ERROR, flex=3),
    ]
    return [_sorted(each, how, unsortable) for each in wanted]


def _column(
    field: str, name: str, kind: str, width: int, by: By | None = None, *, flex: int | None = None, tip: str = ""
) -> Cells:
    numeric = kind in ("number", "latency", "cost")
    return {
        "field": field,
        "headerName": name,
        "headerTooltip": tip or None,
        "sortable": by is not None,
        "sortingOrder": ["asc", "desc"] if by is not None and by.is_text else ["desc", "asc"],
        "minWidth": width,
        **({"flex": flex} if flex else {"width": width}),
        **({"type": "rightAligned"} if numeric else {}),
        **_drawn(kind),
    }


def _sorted(column: Cells, how: Leafing, unsortable: str) -> Cells:
    field = column["field"]
    if unsortable and column["sortable"] and field != By.TIME:
        return {**column, "sortable": False, "headerTooltip": unsortable}
    return {**column, "initialSort": "asc" if how.ascending else "desc"} if field == how.by else column


def _drawn(kind: str) -> Cells:
    return {"cellRenderer": CELL, "cellRendererParams": {"kind": kind}}


def _cells(told: Record, look: Look, *, dated: bool) -> Cells:
    hit = told.cache == HIT
    return {
        "time": moment(told.time, look.clock, dated=dated),
        "request_id": told.request_id,
        "account": told.account_name or told.account,
        "account_id": told.account,
        "region": told.region,
        "strategy": told.strategy,
        "status": told.status,
        "failed": told.status != _SUCCESS,
        "cache": told.cache,
        "latency": None if told.latency is None else str(figure(Unit.SECONDS, told.latency)),
        "share": None if told.latency is None else round(min(max(told.latency / LATENCY_SCALE, 0.02), 1.0), 3),
        "over": told.latency is not None and look.p95_objective is not None and told.latency > look.p95_objective,
        "input_tokens": None if told.input_tokens is None else count(told.input_tokens),
        "output_tokens": None if told.output_tokens is None else count(told.output_tokens),
        "cost": cost(told),
        "free": hit or told.cost == 0,
        "worth": f"list price {price(told.list_price)}" if hit and told.list_price is not None else "",
        "error": told.error[:_LONGEST] if told.error else None,
    }


def moment(seconds: float, clock: Clock, *, dated: bool) -> str:
    """Return `14:31:59.927`, or `23 Nov 14:31:59.927`."""
    at = clock.at(seconds)
    time = f"{at:%H:%M:%S}.{at.microsecond // 1000:03}"
    return f"{clock.day(seconds)} {time}" if dated else time


def cost(told: Record) -> str | None:
    """Return what was spent; a hit says why that is nothing."""
    if told.cache == HIT:
        return "0, hit"
    if told.cost is None:
        return None
    return "0" if told.cost == 0 else str(price(told.cost))
