"""A page or one panel of it in somebody else's frame: what is shown, and who may show it."""

from __future__ import annotations

import json

import pytest

from fluxdash.app import create_app
from fluxdash.errors import SettingError
from fluxdash.pages import cost, overview
from fluxdash.settings import Settings
from fluxdash.ui.embedding import alone, single
from fluxdash.ui.ids import strip as tiles_of
from tests.ui.fake import FakeGateway

PORTAL = "https://portal.example.com"


@pytest.mark.parametrize(
    ("search", "panel"),
    [
        ("?embed=1&panel=spend-by-model", "spend-by-model"),
        ("?embed=1&panel=first&panel=last", "last"),
        ("?embed=1", None),
        ("?panel=spend-by-model", None),
        ("?embed=0&panel=spend-by-model", None),
        ("?embed=1&embed=1&panel=x", None),
        ("", None),
        ("?embed=1&panel=x" + "&a=1" * 500, None),
        ("?embed=1&panel=" + "x" * 10_000, None),
    ],
)
def test_an_address_names_one_panel_only_where_it_embeds(search: str, panel: str | None) -> None:
    assert single(search) == panel


def test_one_panel_stands_alone_under_the_name_it_has_on_its_page() -> None:
    (grid,) = alone(cost.PAGE, "spend-by-model")
    told = json.dumps(grid.to_plotly_json(), default=lambda each: each.to_plotly_json())
    assert told.count('"data-panel"') == 1
    assert '"data-panel": "cost.spend-by-model"' in told


def test_the_tiles_of_a_page_can_stand_alone_too() -> None:
    (strip,) = alone(overview.PAGE, "key-figures")
    told = json.dumps(strip.to_plotly_json(), default=lambda each: each.to_plotly_json())
    assert json.dumps(tiles_of("overview.key-figures"))[1:-1] in told


def test_a_panel_that_is_not_there_is_named_with_the_ones_that_are() -> None:
    (nowhere,) = alone(cost.PAGE, "spend-by-modle<b>")
    told = json.dumps(nowhere.to_plotly_json(), default=lambda each: each.to_plotly_json())
    assert "spend-by-modle<b>" in told  # as the text of an element, which is escaped where it is drawn
    assert "Did you mean 'spend-by-model'?" in told
    assert "what-moved-the-cost" in told


def test_only_sites_that_are_named_may_show_it_in_a_frame() -> None:
    def ancestors(settings: Settings) -> str:
        response = create_app(settings, FakeGateway()).server.test_client().get("/?embed=1")
        policy = response.headers["Content-Security-Policy"]
        return next(part for part in policy.split("; ") if part.startswith("frame-ancestors"))

    assert ancestors(Settings()) == "frame-ancestors 'self'"
    named = Settings.from_env({"FLUXDASH_EMBED_ORIGINS": f"{PORTAL}/, http://*.example.org:8080"})
    assert ancestors(named) == f"frame-ancestors 'self' {PORTAL} http://*.example.org:8080"


@pytest.mark.parametrize(
    "origins", ["*", "portal.example.com", f"{PORTAL}/path", f"{PORTAL}; script-src *", "https://a b", "javascript:x"]
)
def test_what_is_no_origin_is_refused(origins: str) -> None:
    with pytest.raises(SettingError, match=r"FLUXDASH_EMBED_ORIGINS.*origins such as"):
        Settings.from_env({"FLUXDASH_EMBED_ORIGINS": origins})
