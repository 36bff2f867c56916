"""The colours of figures are the design's: the one table in Python equals the tokens in the stylesheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fluxdash.views.template import PALETTES, THEMES, clear, template

TOKENS = Path(__file__).resolve().parents[2] / "assets" / "10-tokens.css"
START = {"light": ':root, [data-bs-theme="light"] {', "dark": '\n[data-bs-theme="dark"] {'}


def tokens(theme: str) -> dict[str, str]:
    text = TOKENS.read_text()
    start = text.index(START[theme])
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-F]{6})", text[start : text.index("\n}", start)]))


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_is_the_token_of_the_stylesheet(theme: str) -> None:
    known = tokens(theme)
    assert {name: known[name] for name in PALETTES[theme]} == dict(PALETTES[theme])


@pytest.mark.parametrize("theme", THEMES)
def test_the_template_of_a_theme_has_the_colours_of_that_theme(theme: str) -> None:
    layout = template(theme)["layout"]
    palette = PALETTES[theme]
    assert layout["colorway"] == [palette[f"c{slot}"] for slot in range(1, 10)]
    assert layout["yaxis"]["gridcolor"] == palette["grid"]
    assert layout["font"]["color"] == palette["tick"]


def test_both_themes_have_the_same_names() -> None:
    assert set(PALETTES["light"]) == set(PALETTES["dark"])


def test_a_colour_is_made_clear() -> None:
    assert clear("#3553C7", 0.85) == "rgba(53,83,199,0.85)"
