"""How a figure looks in each theme: the design's colours as Plotly needs them, which takes no CSS variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

THEMES = ("light", "dark")

PALETTES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "light": MappingProxyType(
            {
                "surface": "#FFFFFF",
                "text": "#151A21",
                "text-2": "#48525F",
                "text-3": "#616C7A",
                "good-fill": "#2B9A5B",
                "warn": "#8A5300",
                "warn-fill": "#C67C05",
                "bad": "#BE2130",
                "bad-fill": "#D63A45",
                "m-main": "#3553C7",
                "m-2": "#7C8FDC",
                "m-3": "#1E2F78",
                "m-quiet": "#8996A8",
                "m-prev": "#6F7B8A",
                "err-1": "#8F1622",
                "err-2": "#C42C38",
                "err-3": "#DE6A70",
                "err-4": "#EDA3A5",
                "err-5": "#F4CDCD",
                "c1": "#3B80BD",
                "c2": "#133C93",
                "c3": "#B1579C",
                "c4": "#684A72",
                "c5": "#7A7A2E",
                "c6": "#2F7775",
                "c7": "#B178E9",
                "c8": "#6A51BB",
                "c9": "#770854",
                "c-other": "#8A93A0",
                "grid": "#E9ECF0",
                "axis": "#C6CDD6",
                "tick": "#616C7A",
                "crosshair": "#848E9B",
            }
        ),
        "dark": MappingProxyType(
            {
                "surface": "#14181E",
                "text": "#E9EDF2",
                "text-2": "#B1BAC6",
                "text-3": "#8E99A8",
                "good-fill": "#35A76A",
                "warn": "#EDB04A",
                "warn-fill": "#D9921A",
                "bad": "#FF8C8C",
                "bad-fill": "#E5565C",
                "m-main": "#8FA5F7",
                "m-2": "#5A71C8",
                "m-3": "#C9D3FC",
                "m-quiet": "#627084",
                "m-prev": "#8290A2",
                "err-1": "#FF8A8A",
                "err-2": "#E0565B",
                "err-3": "#AE4147",
                "err-4": "#7F3237",
                "err-5": "#56262A",
                "c1": "#7CBFFE",
                "c2": "#3968CB",
                "c3": "#E87FCF",
                "c4": "#8A5A99",
                "c5": "#ABA63A",
                "c6": "#4FABA7",
                "c7": "#E5D0FF",
                "c8": "#9F88F8",
                "c9": "#E2ABC8",
                "c-other": "#7C8694",
                "grid": "#1F262F",
                "axis": "#384250",
                "tick": "#8E99A8",
                "crosshair": "#6B7686",
            }
        ),
    }
)
"""The tokens of assets/10-tokens.css that figures use, by theme; a test holds both against each other."""

FADED = 0.35
"""Opacity of a line that is still filling or rests on too few samples."""

PALE = 0.4
"""Opacity of a bar that is still filling."""


@cache
def template(theme: str) -> dict[str, Any]:
    """Return Plotly's template of one theme, as the design generated it; shared, so never to be changed."""
    text = resources.files("fluxdash.views").joinpath("plotly-templates.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)[theme]
    return found


def clear(colour: str, opacity: float) -> str:
    """Return `#RRGGBB` as `rgba(…)` with an opacity."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
