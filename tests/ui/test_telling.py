"""What is told of each panel that is drawn: how it stands, where from, and in a word of ours what it lacks."""

from __future__ import annotations

import contextlib

import pytest
from dash.exceptions import PreventUpdate

from fluxdash.errors import (
    BadRequest,
    ExtensionError,
    FluxDashError,
    NotReported,
    SourceForbidden,
    SourceTimeout,
    SourceUnreachable,
)
from fluxdash.pages.overview import PAGE
from fluxdash.semantic.scope import Scope
from fluxdash.semantic.window import Window
from fluxdash.sources.source import slug_of
from fluxdash.ui.intake import Drawn, Shown
from fluxdash.ui.panel import Panel
from fluxdash.ui.redraw import redraw, restrip
from fluxdash.ui.strip import Strip
from fluxdash.ui.study import Asking
from fluxdash.views.scene import Look
from tests.heard import Heard
from tests.ui.fake import FakeGateway

NOW = 1_795_444_345.0
ASKING = Asking(Scope(Window.last(3600, NOW)), Look(), True, "?range=1h")
LATENCY = next(each for each in PAGE.panels if isinstance(each, Panel) and each.title == "Latency")
STRIP = next(each for each in PAGE.panels if isinstance(each, Strip))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SourceTimeout("Prometheus", "did not answer in 10 s"), ("failed", "prometheus", "timeout")),
        (SourceUnreachable("The request log", "cannot be reached"), ("failed", "log", "unreachable")),
        (SourceForbidden("acme's own source", "refused <b>"), ("failed", "other", "forbidden")),
        (NotReported("latency", ["none"]), ("absent", "", "not_reported")),
        (NotReported("latency", ["no fluxai_* series exist"]), ("absent", "", "no_series")),
        (BadRequest("region", "<b>", "a region"), ("failed", "", "bad_request")),
        (ExtensionError("page.py:1", "wrong"), ("failed", "", "extension")),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_fails_is_told_in_words_of_ours(error: FluxDashError, told: tuple[str, ...]) -> None:
    heard = Heard()
    redraw(LATENCY, FakeGateway(wrong={"latency": error}), ASKING, None, NOW, heard)
    assert heard.take() == [("drew", *told)]


def test_a_picture_is_told_also_when_nothing_of_it_changed() -> None:
    heard, gateway = Heard(), FakeGateway()
    drawn = Drawn(**redraw(LATENCY, gateway, ASKING, None, NOW, heard)[-1])
    (word,) = heard.take()
    assert word[1] == "data"
    assert word[3] == ""
    with pytest.raises(PreventUpdate):
        redraw(LATENCY, gateway, ASKING, drawn, NOW, heard)
    assert heard.take() == [word]


def test_a_picture_that_stands_while_its_source_fails_is_stale() -> None:
    heard, gateway = Heard(), FakeGateway()
    drawn = Drawn(**redraw(LATENCY, gateway, ASKING, None, NOW)[-1])
    gateway.wrong["latency"] = SourceTimeout("Prometheus", "did not answer in 10 s")
    for later in (1, 600):
        with contextlib.suppress(PreventUpdate):
            redraw(LATENCY, gateway, ASKING, drawn, drawn.as_of + later, heard)
    assert heard.take() == [("drew", "stale", "prometheus", "timeout")] * 2


def test_a_strip_is_told_as_a_whole() -> None:
    heard, gateway = Heard(), FakeGateway()
    shown = Shown(**restrip(STRIP, gateway, ASKING, None, NOW, heard)[-1])
    (whole,) = heard.take()
    assert (whole[1], whole[3]) == ("data", "")
    gateway.wrong["cost"] = SourceTimeout("The request log", "did not answer in 10 s")
    restrip(STRIP, gateway, ASKING, None, NOW, heard)
    assert heard.take() == [("drew", "partial", "log", "timeout")]
    gateway.wrong["*"] = gateway.wrong["cost"]
    restrip(STRIP, gateway, ASKING, None, NOW, heard)
    assert heard.take() == [("drew", "failed", "log", "timeout")]
    with pytest.raises(PreventUpdate):
        restrip(STRIP, gateway, ASKING, shown, shown.as_of + 1, heard)
    assert heard.take() == [("drew", "stale", "log", "timeout")]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("The request log", "log"),
        ("log", "log"),
        ("Prometheus", "prometheus"),
        ("Tempo", "tempo"),
        ("table of spans", "spans"),
        ("", "other"),
        ("<b>", "other"),
    ],
)
def test_a_source_has_one_of_few_names(name: str, slug: str) -> None:
    assert slug_of(name) == slug
