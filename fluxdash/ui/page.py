"""A page: rows of panels under a path; and the book of all pages, where the names of panels are looked up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fluxdash.errors import BadRequest
from fluxdash.semantic.dimensions import ACCOUNT, MODEL, REGION, Dimension
from fluxdash.ui.ledger import Ledger
from fluxdash.ui.panel import Panel
from fluxdash.ui.strip import Strip
from fluxdash.ui.traceviewer import TraceViewer

Row = tuple[Panel | Strip, ...]


def row(*panels: Panel | Strip) -> Row:
    """Return panels that stand beside each other; their widths add up to twelve."""
    return panels


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page, at a path below the prefix; the lower its `order`, the higher it stands in the navigation.

    `ledger` and `traces` stand below all rows; `soon` is the sentence that says what will be there, on a page to come.
    """

    path: str
    title: str
    icon: str = "page"
    order: int = 100
    rows: tuple[Row, ...] = ()
    filters: tuple[Dimension, ...] = (ACCOUNT, MODEL, REGION)
    soon: str = ""
    ledger: Ledger | None = None
    traces: TraceViewer | None = None

    def named(self, panel: Panel | Strip) -> str:
        """Return the name of one of its panels, as ids carry it."""
        return f"{self.slug}.{panel.slug}"

    @property
    def slug(self) -> str:
        """Its name in ids, which is its path."""
        return self.path.strip("/").replace("/", "-") or "overview"

    @property
    def panels(self) -> Iterator[Panel | Strip]:
        """Everything on it, in reading order."""
        return (panel for each in self.rows for panel in each)


class Book:
    """The pages of one app, in order; it knows every panel by its name and nothing else."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.pages = tuple(sorted(pages, key=lambda page: page.order))
        self._paths = {page.path: page for page in self.pages}
        self._panels = {page.named(each): each for page in self.pages for each in page.panels}
        if len(self._paths) != len(self.pages):
            raise ValueError("two pages have one path")
        if len(self._panels) != sum(1 for page in self.pages for _ in page.panels):
            raise ValueError("two panels of a page have one title")

    def page(self, path: str) -> Page | None:
        """Return the page at a path below the prefix, such as `/cost`."""
        return self._paths.get("/" + path.strip("/"))

    def panel(self, name: str) -> Panel:
        """Return the panel of that name; raises BadRequest, for names come from the browser."""
        found = self._panels.get(name)
        if not isinstance(found, Panel):
            raise BadRequest("panel", name, "the name of a panel")
        return found

    def tiles(self, name: str) -> Strip:
        """Return the strip of that name; raises BadRequest."""
        found = self._panels.get(name)
        if not isinstance(found, Strip):
            raise BadRequest("strip", name, "the name of a strip")
        return found

    @property
    def filters(self) -> tuple[Dimension, ...]:
        """The dimensions that the filter bar offers, on any page."""
        return tuple(dict.fromkeys(each for page in self.pages for each in page.filters))
