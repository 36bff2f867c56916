"""The editor of conditions, a bar below the filters: a column, an operator, a value, and what they would leave."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from fluxdash.semantic.conditions import FIELDS, OPS, Field, Op
from fluxdash.ui import ids
from fluxdash.views.elements import icon, wild

_SIGNS = {Op.IS: "=", Op.NOT: "≠", Op.UNKNOWN: "NULL", Op.KNOWN: "not NULL"}
_EDITOR = "where-editor"


def opener() -> html.Button:
    """Return the pill that opens the editor; it is seen where there are single requests."""
    return html.Button(
        [icon("plus", 12), "Condition"],
        type="button",
        className="pill add where-open",
        **wild(data_where_open="1", aria_expanded="false", aria_controls=_EDITOR),
    )


def editor() -> html.Div:
    """Return the editor; the script puts the browser's own field for the value into it, and opens and closes it."""
    value = html.Label(
        [
            html.Span("Value", className="sr"),
            html.Span(className="grow", **wild(data_where_slot="1")),
            html.Span(className="muted", **wild(data_where_unit="1")),
        ],
        className="field fe-value",
    )
    cancel = html.Button(
        ["Cancel ", html.Kbd("Esc")], type="button", className="btn-f ghost", **wild(data_where_close="1")
    )
    add = html.Button("Add condition", type="button", className="btn-f primary", **wild(data_where_add="1"))
    return html.Div(
        [
            html.Span("Where", className="muted fe-word"),
            _chosen("field", "Field"),
            _chosen("op", "Operator", sr=True),
            value,
            html.Span("unknown ones stay", className="muted fe-note", hidden=True, **wild(data_where_note="1")),
            html.Span(id=ids.WHERE_LEFT, className="fe-left", role="status"),
            html.Span(className="grow"),
            cancel,
            add,
            html.Datalist(id="where-values"),
            dcc.Store(id=ids.WHERE_TRIAL),
        ],
        id=_EDITOR,
        className="bar fe",
        hidden=True,
        role="group",
        **wild(aria_label="Add a condition"),
    )


def lists() -> list[Component]:
    """Return the lists of columns and of operators that the editor opens."""
    return [
        _listed("field", "Field", [_field(each) for each in FIELDS]),
        _listed("op", "Operator", [_op(each) for each in Op]),
    ]


def _chosen(name: str, title: str, *, sr: bool = False) -> html.Button:
    return html.Button(
        [
            html.Span(title, className="sr" if sr else "muted"),
            html.Span(className="ell", **wild(data_where_chosen=name)),
            html.Span(className="grow"),
            icon("down", 12),
        ],
        type="button",
        className=f"field fe-{name}",
        **wild(data_open=f"where-{name}", aria_haspopup="listbox", aria_expanded="false"),
    )


def _listed(name: str, title: str, options: list[Component]) -> html.Div:
    return html.Div(
        options,
        className="menu pop listed fe-list",
        role="listbox",
        **wild(data_pop=f"where-{name}", aria_label=title),
    )


def _field(field: Field) -> Component:
    kind = "number" if field.numeric else "text"
    return _option(field.title, field.unit, data_where_field=field.slug, data_kind=kind, data_unit=field.unit)


def _op(op: Op) -> Component:
    """Return an operator; the script swaps its sign for the reason where it does not fit the column."""
    text, number = (next(each.refuses(op) for each in FIELDS if each.numeric is numeric) for numeric in (False, True))
    sign, bare = _SIGNS.get(op, ""), "1" if op.is_bare else None
    return _option(OPS[op], sign, data_where_op=op, data_sign=sign, data_text=text, data_number=number, data_bare=bare)


def _option(text: str, small: str, **attributes: str | None) -> html.Button:
    return html.Button(
        [icon("check", 14), html.Span(text), html.Small(small)],
        type="button",
        role="option",
        **wild(aria_selected="false", **attributes),
    )
