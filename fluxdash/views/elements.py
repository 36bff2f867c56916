"""The smallest parts of a page: icons, times that age in the browser, and text that is safe inside a figure."""

from __future__ import annotations

from typing import Any

from dash import html

from fluxdash.semantic.units import age

_LONGEST_LABEL = 200


def icon(name: str, size: int = 16, extra: str = "") -> html.Span:
    """Return an icon of the set: a CSS mask, so that it takes the colour of the text around it."""
    classes = ["i", f"i-{name}", f"i-{size}" if size != 16 else "", extra]
    return html.Span(className=" ".join(filter(None, classes)), **wild(aria_hidden="true"))


def ago(as_of: float, now: float) -> html.Time:
    """Return an age such as `4 s`, which the browser keeps counting."""
    return html.Time(age(now - as_of), **wild(data_as_of=f"{as_of:.0f}"))


def label(text: str) -> str:
    """Return text from outside as Plotly may show it: it reads some HTML in labels, so none is left."""
    short = text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wild(**attributes: Any) -> dict[str, Any]:
    """Return `aria_label=…` and `data_step=…` as the attributes `aria-label` and `data-step`."""
    return {name.replace("_", "-"): value for name, value in attributes.items() if value is not None}
