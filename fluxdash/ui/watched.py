"""A page of the user's own, watched: what its code gets wrong becomes a state of the panel it is wrong in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dash.development.base_component import Component

from fluxdash.errors import ExtensionError, FluxDashError
from fluxdash.semantic.query import Query, Question
from fluxdash.sources.source import Gateway
from fluxdash.ui.page import Page
from fluxdash.ui.panel import Panel
from fluxdash.ui.states import State
from fluxdash.ui.strip import Strip, Tile, TileStudy
from fluxdash.ui.study import Asking, Charted, Picture, Study
from fluxdash.views.patches import packed, patch, printed, traces
from fluxdash.views.scene import Drawing, Scene, View

_log = logging.getLogger(__name__)

Blamed = Callable[[BaseException], ExtensionError]
"""What names the file and the line of an exception."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A study that only tells what is wrong with its page."""

    error: ExtensionError

    def queries(self, asking: Asking) -> Sequence[Query]:
        return ()

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        raise self.error


@dataclass(frozen=True, slots=True)
class Watched:
    """A study whose every exception is told in its panel; what it draws is tried before it is sent."""

    study: Study
    blamed: Blamed

    def queries(self, asking: Asking) -> Sequence[Query]:
        try:
            return tuple(self.study.queries(asking))
        except FluxDashError:
            raise
        except Exception as err:
            _log.warning("%s could not tell its queries", type(self.study).__name__, exc_info=err)
            raise self.blamed(err) from err

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Picture | State:
        try:
            return _sendable(self.study.draw(gateway, asking, title), asking.look.theme)
        except FluxDashError:
            raise
        except Exception as err:
            _log.warning("%s could not be drawn", title, exc_info=err)
            raise self.blamed(err) from err


@dataclass(frozen=True, slots=True)
class WatchedTile:
    """A tile's study whose every exception is told in the tile."""

    study: TileStudy
    blamed: Blamed

    def draw(self, gateway: Gateway, asking: Asking, title: str) -> Component:
        try:
            tile = self.study.draw(gateway, asking, title)
            printed(tile)
        except FluxDashError:
            raise
        except Exception as err:
            _log.warning("%s could not be drawn", title, exc_info=err)
            raise self.blamed(err) from err
        return tile


def wrong(path: str, title: str, order: int, error: ExtensionError) -> Page:
    """Return the page that stands in the place of one that cannot be used, and says why."""
    return Page(
        path=path,
        title=title,
        icon="bad",
        order=order,
        rows=((Panel("What is wrong with this page", study=Wrong(error), height=0),),),
    )


def watched(page: Page, blamed: Blamed) -> Page:
    """Return the page with everything on it watched."""
    rows = tuple(tuple(_panel(each, blamed) for each in row) for row in page.rows)
    return replace(page, rows=rows)


def _panel(panel: Panel | Strip, blamed: Blamed) -> Panel | Strip:
    if isinstance(panel, Strip):
        return replace(panel, tiles=tuple(_tile(each, blamed) for each in panel.tiles))
    variants = tuple(
        replace(each, study=_study(each.study, each.view, each.questions, blamed)) for each in panel.variants
    )
    return replace(panel, study=_study(panel.study, panel.view, panel.questions, blamed), variants=variants)


def _tile(tile: Tile, blamed: Blamed) -> Tile:
    return replace(tile, study=WatchedTile(tile.study, blamed)) if tile.study else tile


def _study(study: Study | None, view: View | None, questions: tuple[Question, ...], blamed: Blamed) -> Study | None:
    if study is None and view is not None:
        study = Charted(questions, _drawing(view))
    return None if study is None else Watched(study, blamed)


def _drawing(view: View) -> View:
    def drawn(scene: Scene) -> Drawing:
        found = view(scene)
        if not isinstance(found, Drawing):
            raise TypeError(f"a view returns a Drawing, not {type(found).__name__}")
        return found

    return drawn


def _sendable(shown: object, theme: str) -> Picture | State:
    """Return what a study made if the browser can be sent it; raises whatever is wrong with it."""
    if isinstance(shown, State):
        return shown
    if not isinstance(shown, Picture):
        raise TypeError(f"a study returns a Picture or a State, not {type(shown).__name__}")
    drawing = shown.drawing
    printed([drawing.sentence, drawing.unit, drawing.foot, drawing.beside, drawing.link])
    if drawing.figure is not None:
        try:
            traces(drawing.figure, theme)
            patch(packed(drawing.figure))
        except KeyError as err:
            raise ValueError(f"the figure has no {err}: traces need a uid, the layout what over_time gives") from err
    return shown
