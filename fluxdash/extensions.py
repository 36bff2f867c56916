"""The user's own pages and measures: found in a folder and among what is installed, each held to what a page may be."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from fluxdash.blame import blamed
from fluxdash.errors import ExtensionError, SettingError
from fluxdash.profiles.extension import Written, extended
from fluxdash.profiles.profile import Profile
from fluxdash.semantic.dimensions import DIMENSIONS
from fluxdash.ui.body import body
from fluxdash.ui.page import Book, Page
from fluxdash.ui.panel import Panel, slug
from fluxdash.ui.strip import Strip
from fluxdash.ui.watched import watched, wrong
from fluxdash.views.patches import printed

GROUP = "fluxdash.pages"
"""The entry-point group of pages that come with an installed package."""

_PATH = re.compile(r"/[a-z0-9][a-z0-9-]{0,39}")
_OURS = frozenset({"/api", "/assets", "/healthz", "/panels", "/readyz"})
_COLUMNS = 12
_LONGEST_TITLE = 40

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Extensions:
    """The profile with the user's measures, the user's pages, and what is wrong with those that only say so."""

    profile: Profile
    pages: tuple[Page, ...] = ()
    faults: tuple[ExtensionError, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """One place where a page is declared: its name, how its module is loaded, and its file where that is known."""

    name: str
    load: Callable[[], ModuleType] = field(repr=False)
    file: Path | None = None


def extensions(folder: Path | None, profile: Profile, shipped: Sequence[Page]) -> Extensions:
    """Return what installed packages and the folder add to the shipped pages and the profile.

    A page that is wrong becomes a page that says so; raises SettingError only for a folder that is not there.
    """
    found = Extensions(profile)
    for each in (*_installed(), *_in_folder(folder)):
        found = _with(found, each, shipped)
    return found


def require(folder: Path) -> None:
    """Raise SettingError for a folder of pages that is not there."""
    if not folder.is_dir():
        raise SettingError("FLUXDASH_PAGES", str(folder), "a folder that is there")


def _with(found: Extensions, declared: Declaration, shipped: Sequence[Page]) -> Extensions:
    taken, file, page = (*shipped, *found.pages), declared.file, None
    try:
        module = declared.load()
        file = file or _file(module)
        page = _page(module)
        _check(page, taken, shipped)
        profile = extended(found.profile, _measures(module))
    except (Exception, SystemExit) as err:
        _log.warning("The page %s cannot be used", declared.name, exc_info=err)
        fault = blamed(declared.name, file, err)
        told = wrong(*_place(declared, page, taken), 100, fault)
        return Extensions(found.profile, (*found.pages, told), (*found.faults, fault))
    own = watched(page, partial(blamed, declared.name, file))
    return Extensions(profile, (*found.pages, own), found.faults)


def _installed() -> Iterator[Declaration]:
    for each in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        yield Declaration(each.name, partial(_loaded, each))


def _loaded(point: EntryPoint) -> ModuleType:
    module = point.load()
    if not isinstance(module, ModuleType):
        raise SettingError(GROUP, point.value, "the dotted name of a module that holds PAGE")
    return module


def _in_folder(folder: Path | None) -> Iterator[Declaration]:
    if folder is None:
        return
    require(folder)
    package = f"fluxdash_pages_{hashlib.blake2b(str(folder).encode(), digest_size=6).hexdigest()}"
    for file in sorted(folder.glob("*.py")):
        if not file.name.startswith(("_", ".")):
            yield Declaration(file.name, partial(_imported, package, file), file)


def _imported(package: str, file: Path) -> ModuleType:
    """Import a file by its path, as a module of a package that is only the folder: `from ._shared import …` works."""
    parent = sys.modules.setdefault(package, ModuleType(package))
    parent.__path__ = [str(file.parent)]
    name = f"{package}.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while it is being imported
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _page(module: ModuleType) -> Page:
    page = getattr(module, "PAGE", None)
    if not isinstance(page, Page):
        raise SettingError("PAGE", page, "a fluxdash.extend.Page: a page is a module with PAGE = Page(…)")
    return page


def _measures(module: ModuleType) -> tuple[Written, ...]:
    measures = getattr(module, "MEASURES", ())
    if not isinstance(measures, tuple | list) or not all(isinstance(each, Written) for each in measures):
        raise SettingError("MEASURES", measures, "a tuple of fluxdash.extend.Written")
    return tuple(measures)


def _check(page: Page, taken: Sequence[Page], shipped: Sequence[Page]) -> None:
    """Raise SettingError for what would not fit among the other pages, or could not be drawn."""
    if not _PATH.fullmatch(str(page.path)) or page.path in _OURS:
        raise SettingError("PAGE.path", page.path, "a slash, then small letters, digits and hyphens, such as /retries")
    if page.path in {each.path for each in taken}:
        raise SettingError("PAGE.path", page.path, "a path that no other page has")
    if not 1 <= len(str(page.title).strip()) <= _LONGEST_TITLE or not str(page.title).isprintable():
        raise SettingError("PAGE.title", page.title, f"1 to {_LONGEST_TITLE} characters")
    if page.title.casefold() in {each.title.casefold() for each in taken}:
        raise SettingError("PAGE.title", page.title, "a title that no other page has")
    if page.icon in {each.icon for each in shipped}:
        raise SettingError("PAGE.icon", page.icon, "left out, or an icon that no page of FluxDash has")
    for row in page.rows:
        if not row or not all(isinstance(each, Panel | Strip) for each in row):
            raise SettingError("PAGE.rows", row, "rows of panels and strips: row(Panel(…), Panel(…))")
        if sum(each.width for each in row) != _COLUMNS:
            widths = [each.width for each in row]
            raise SettingError("PAGE.rows", widths, f"panels whose widths add up to {_COLUMNS} in each row")
    for panel in (each for each in page.panels if isinstance(each, Panel)):
        if not all(each.view or each.study for each in panel.variants or (panel,)):
            raise SettingError("PAGE.rows", panel.title, "panels with a view or a study, or variants that have one")
    for tile in (tile for each in page.panels if isinstance(each, Strip) for tile in each.tiles):
        if not (tile.question or tile.study):
            raise SettingError("PAGE.rows", tile.title, "tiles with a question or a study")
    if not page.rows and not page.soon:
        raise SettingError("PAGE.rows", (), "at least one row")
    if not set(page.filters) <= set(DIMENSIONS):
        raise SettingError("PAGE.filters", page.filters, f"some of {', '.join(each.slug for each in DIMENSIONS)}")
    Book([*taken, page])
    printed(body(page, (), 0.0))  # what cannot be laid out is better known now


def _place(declared: Declaration, page: Page | None, taken: Sequence[Page]) -> tuple[str, str]:
    """Return a path and a title that are free, for the page that says what is wrong."""
    stem = Path(declared.name).stem
    titles, paths = {each.title.casefold() for each in taken}, {each.path for each in taken} | _OURS
    path, title = f"/{slug(stem)[:30] or 'page'}", stem.replace("_", " ").replace("-", " ")
    if page and str(page.title).strip() and str(page.title).casefold() not in titles:
        title = str(page.title)
    title = f"{title[:1].upper()}{title[1:_LONGEST_TITLE]}"
    number = next(i for i in range(1, len(taken) + 3) if _numbered(path, i, "-") not in paths
                  and _numbered(title, i, " ").casefold() not in titles)  # fmt: skip
    return _numbered(path, number, "-"), _numbered(title, number, " ")


def _numbered(text: str, number: int, gap: str) -> str:
    return text if number == 1 else f"{text}{gap}{number}"


def _file(module: ModuleType) -> Path | None:
    return Path(module.__file__) if module.__file__ else None
