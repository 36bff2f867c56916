"""The tool that takes pictures: everything it opens above Overview can be opened."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tools import screenshots

pytestmark = pytest.mark.browser

_PNG = b"\x89PNG"


def test_every_overlay_opens_and_no_two_pictures_have_one_name(
    browser: Browser, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screenshots, "THEMES", ("light",))
    shots = list(screenshots._overlays(browser, url))
    assert len({name for name, _ in shots}) == len(shots) == len(screenshots.OVERLAYS)
    assert all(picture.startswith(_PNG) for _, picture in shots)
    assert len({picture for _, picture in shots}) == len(shots)
