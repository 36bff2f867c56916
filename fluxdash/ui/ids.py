"""The ids of everything that callbacks read or write; nobody else spells an id."""

from __future__ import annotations

from typing import Any

Pattern = dict[str, Any]
Name = Any
"""A name, or the wildcard that stands for one."""

URL = "url"
TICK = "tick"
CONTENT = "rows"
VIEW = "view"
PULSE = "pulse"
WINDOW = "window"
STATES = "states"
SPAN = "span"
NOTICE = "notice"
SOURCES = "sources"
TITLE = "page-title"
COMPARE = "compare"
RANGE_NAME = "range-name"
RANGE_FROM, RANGE_TO, RANGE_DAYS, RANGE_APPLY, RANGE_ERROR, RANGE_TYPED = (
    "range-from", "range-to", "range-days", "range-apply", "range-error", "range-typed",
)  # fmt: skip
EVERY = "every"
PALETTE, PALETTE_LIST = "palette", "palette-list"
DUMMY = "painted"
INQUIRY, INSIGHT = "inquiry", "insight"
LEDGER, LEDGER_MOUNT, LEDGER_READY, LEDGER_HOST, LEDGER_GRID = (
    "ledger", "ledger-mount", "ledger-ready", "ledger-host", "ledger-grid",
)  # fmt: skip
LEDGER_LEAVES, LEDGER_UNIT, LEDGER_FOOT, LEDGER_BLANK, LEDGER_BANNER, LEDGER_CSV = (
    "ledger-leaves", "ledger-unit", "ledger-foot", "ledger-blank", "ledger-banner", "ledger-csv",
)  # fmt: skip
LEDGER_NEWER, LEDGER_LOOK, LEDGER_PICKED, LEDGER_DRAWER = (
    "ledger-newer", "ledger-look", "ledger-picked", "ledger-drawer",
)  # fmt: skip
LEDGER_WAYS, LEDGER_GO, LEDGER_GONE, LEDGER_GO_ERROR = (
    "ledger-ways", "ledger-go-to", "ledger-gone", "ledger-go-error",
)  # fmt: skip
CONDITIONS, WHERE_TRIAL, WHERE_LEFT = "conditions", "where-trial", "where-left"
TRACES, TRACE_DOTS, TRACE_DOTS_FOOT, TRACE_LIST, TRACE_LIST_FOOT = (
    "traces", "trace-dots", "trace-dots-foot", "trace-list", "trace-list-foot",
)  # fmt: skip
TRACE_BANNER, TRACE_WANTED, TRACE_SHEET, TRACE_HEAD, TRACE_ALIKE, TRACE_FOOT = (
    "trace-banner", "trace-wanted", "trace-sheet", "trace-head", "trace-alike", "trace-foot",
)  # fmt: skip
TRACE_PICKED, TRACE_DRAWER, TRACE_DOTS_BLANK, TRACE_DOTS_FRAME, TRACE_LIKE, TRACE_OPERATIONS = (
    "trace-picked", "trace-drawer", "trace-dots-blank", "trace-dots-frame", "trace-like", "trace-operations",
)  # fmt: skip
TRACE_ID, TRACE_OPERATION, TRACE_MIN, TRACE_MAX, TRACE_TAGS = (
    "trace-id", "trace-operation", "trace-min", "trace-max", "trace-tags",
)  # fmt: skip

PANEL, SHEET = "panel", "sheet"
"""The two kinds of panel: with a graph, and without one."""

LOG_LIST, TRACES_LIST, DURATIONS_LIST = LISTS = ("log", "traces", "durations")
"""The lists that have a menu and are no panels, that of the traces twice; the name of a panel has a dot."""


def found(listed: Name) -> Pattern:
    """What a list shows now, as its server left it with the browser."""
    return {"part": "found", "list": listed}


def graph(panel: Name) -> Pattern:
    """The graph of a panel."""
    return {"part": "graph", "panel": panel}


def frame(panel: Name, kind: str = PANEL) -> Pattern:
    """The panel itself; its data-state decides what of it is seen."""
    return {"part": "frame", kind: panel}


def title(panel: Name, kind: str = PANEL) -> Pattern:
    """Its title, which an answer may replace."""
    return {"part": "title", kind: panel}


def unit(panel: Name, kind: str = PANEL) -> Pattern:
    """The unit beside its title."""
    return {"part": "unit", kind: panel}


def figure(panel: Name) -> Pattern:
    """The element around its graph, which carries the sentence for those who can't see it."""
    return {"part": "figure", "panel": panel}


def beside(panel: Name, kind: str = PANEL) -> Pattern:
    """What stands below its graph: a table, or nothing."""
    return {"part": "beside", kind: panel}


def blank(panel: Name, kind: str = PANEL) -> Pattern:
    """What is seen in the place of its graph when there is nothing to draw."""
    return {"part": "blank", kind: panel}


def foot(panel: Name, kind: str = PANEL) -> Pattern:
    """Its footnote."""
    return {"part": "foot", kind: panel}


def drawn(panel: Name, kind: str = PANEL) -> Pattern:
    """The marker of what is drawn now."""
    return {"part": "drawn", kind: panel}


def strip(name: Name) -> Pattern:
    """A strip of tiles."""
    return {"part": "strip", "panel": name}


def tiles(name: Name) -> Pattern:
    """The marker of what a strip shows now."""
    return {"part": "tiles", "panel": name}


def choices(dimension: Name) -> Pattern:
    """The values that the filter of a dimension offers."""
    return {"part": "choices", "dimension": dimension}


def asked(dimension: Name) -> Pattern:
    """What the popover of a dimension was opened for; writing it asks for the choices."""
    return {"part": "asked", "dimension": dimension}


def chosen(dimension: Name) -> Pattern:
    """What the pill of a dimension says is chosen."""
    return {"part": "chosen", "dimension": dimension}
