"""Tables as panels show them: numbers to the right, swatches before names, a bar where a share says more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fluxdash.semantic.answer import OTHER
from fluxdash.semantic.dimensions import JOINT, UNKNOWN, Dimension
from fluxdash.views.elements import icon, wild

Content = str | Component | None


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: `ranked` is the one that the rows are sorted by; `spare` ones are left out on small screens.

    `shown` stands in the place of the name for those who see it, such as a legend.
    """

    name: str
    numeric: bool = True
    ranked: bool = False
    spare: bool = False
    spoken: bool = True
    shown: Component | None = None

    def cell(self) -> html.Th:
        """Return it as a cell; a name that is only heard is not seen."""
        name: Content = self.shown or (self.name if self.spoken else html.Span(self.name, className="sr"))
        if self.ranked:
            name = html.Span([name, icon("dn", 12)], className="th-i")
        order = wild(aria_sort="descending") if self.ranked else {}
        return html.Th(name, className=self.classes() or None, scope="col", **order)

    def classes(self, more: str = "") -> str:
        """Return the classes that its cells share."""
        return " ".join(filter(None, ("num" if self.numeric else "", "no-m" if self.spare else "", more)))


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a cell a column, and what clicking it filters by, as `<dimension>=<value>`."""

    cells: tuple[Content | tuple[Content, str], ...]
    filter: str | None = None


def table(caption: str, heads: Sequence[Head], rows: Sequence[Row], extra: str = "") -> html.Div:
    """Return a table that scrolls inside its panel; a cell may bring a class of its own: `("…", "b")`."""
    head = html.Thead(html.Tr([each.cell() for each in heads]))
    body = [_row(heads, each) for each in rows]
    classes = f"tbl compact rows-m {extra}".strip()
    grid = html.Table([html.Caption(caption, className="sr"), head, html.Tbody(body)], className=classes)
    return html.Div(grid, className="scroll-x", tabIndex=0, **wild(data_scroll="1", role="group", aria_label=caption))


def named(text: str, token: str | None = None, title: str | None = None) -> html.Span:
    """Return a name, with the swatch of its colour token before it."""
    mark = [html.Span(className="sw", style={"background": f"var(--{token})"})] if token else []
    return html.Span([*mark, html.Span(text, title=title or text)], className="mdl")


def bar(*parts: tuple[float, str]) -> html.Span:
    """Return a horizontal bar of `(share 0–1, colour token)` parts, each beside the last."""
    pieces = [
        html.I(style={"width": f"{min(max(share, 0), 1) * 100:.1f}%", "background": f"var(--{token})"})
        for share, token in parts
    ]
    return html.Span(pieces, className="hb parts" if len(pieces) > 1 else "hb")


def filtering(dimension: Dimension, group: str) -> str | None:
    """Return what clicking a group filters by; None where no filter could say it."""
    return None if group in (OTHER, UNKNOWN) or JOINT in group else f"{dimension.slug}={group}"


def _row(heads: Sequence[Head], row: Row) -> html.Tr:
    cells = [_cell(head, each) for head, each in zip(heads, row.cells, strict=True)]
    chosen = wild(data_filter=row.filter) if row.filter else {}
    return html.Tr(cells, tabIndex=0 if row.filter else None, **chosen)


def _cell(head: Head, cell: Content | tuple[Content, str]) -> html.Td:
    content, more = cell if isinstance(cell, tuple) else (cell, "")
    return html.Td(content, className=head.classes(more) or None)
