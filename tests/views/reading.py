"""Components as a reader finds them: by class, and by the text that is in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component


def every(component: Any) -> Iterator[Component]:
    """Yield a component and everything inside it, in reading order."""
    if isinstance(component, list | tuple):
        for each in component:
            yield from every(each)
    elif isinstance(component, Component):
        yield component
        yield from every(getattr(component, "children", None))


def marked(component: Any, name: str) -> list[Component]:
    """Return what has a class, in reading order."""
    return [each for each in every(component) if name in (getattr(each, "className", None) or "").split()]


def text(component: Any) -> str:
    """Return the text of a component, its parts with a blank between, no-break spaces as plain ones."""
    return " ".join(_words(component)).replace("\u00a0", " ")


def prop(component: Component, name: str) -> Any:
    """Return a property such as `data-filter`, or None."""
    return component.to_plotly_json()["props"].get(name)


def cells(component: Any) -> list[list[str]]:
    """Return the rows of the first table in a component, head first, as text."""
    rows = [each for each in every(component) if type(each).__name__ == "Tr"]
    return [[text(cell) for cell in row.children] for row in rows]


def _words(component: Any) -> Iterator[str]:
    if isinstance(component, list | tuple):
        for each in component:
            yield from _words(each)
    elif isinstance(component, Component):
        yield from _words(getattr(component, "children", None))
    elif component is not None:
        yield str(component)
