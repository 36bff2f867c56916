"""The house of the architecture: who may import whom, and what may stand where."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "fluxdash"
LONGEST = 300
ANYONE_MAY = {"errors"}
STANDARD_LIBRARY_ALONE = {"semantic", "errors", "telemetry"}
BELOW_THE_APP = {"semantic", "profiles", "sources", "analysis", "views", "ui", "pages", "api", "auth"}
# A room may import itself, `errors`, and the rooms or single modules named here.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "telemetry": set(),
    "casts": set(),
    "settings": {"casts"},
    "semantic": set(),
    "profiles": {"semantic"},
    "sources": {"semantic", "profiles", "telemetry"},
    "analysis": {"semantic"},
    "views": {"semantic"},
    "ui": {"semantic", "analysis", "views", "telemetry", "sources.source", "sources.trace_store"},
    "pages": {"semantic", "analysis", "views", "ui"},
    "auth": {"semantic"},
    "demo": {"semantic", "profiles"},
    "api": {"semantic", "sources.source"},
    "blame": {"settings"},
    "extend": {"semantic", "profiles", "views", "ui"},
    "extensions": {"blame", "semantic", "profiles", "views", "ui"},
    "operations": {"telemetry"},
    "app": {"settings", "extensions", "telemetry", "operations", *BELOW_THE_APP},
    "diagnosis": {"settings", "extensions", "telemetry", *BELOW_THE_APP},
    "cli": {"settings", "app", "diagnosis", "demo", "extensions", *BELOW_THE_APP},
    "gunicorn_conf": {"settings", "operations"},
    "wsgi": {"app"},
    "__init__": {"app", "settings"},
    "__main__": {"cli"},
}
OF_THE_PROCESS = {"environ", "environb", "getenv", "putenv"}
OF_ALL_APPS = {"callback", "clientside_callback", "register_page"}


def modules() -> dict[str, str]:
    """Each module below the package by its dotted name, `sources.sql`; a room's `__init__` goes by the room's name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path.read_text()
    return found


MODULES = modules()


def violations(module: str, source: str) -> list[str]:
    """Say what `source` does that the architecture does not allow to `module`."""
    tree = ast.parse(source)
    room = module.partition(".")[0]
    found = [*_arrows(module, tree), *_process_state(room, tree), *_shared_state(tree), *_handlers(tree)]
    if room == "pages":
        found += [f"line {node.lineno}: a page is a declaration" for node in ast.walk(tree) if isinstance(node, _LOGIC)]
    if source.count("\n") > LONGEST:
        found.append(f"{source.count(chr(10))} lines, more than {LONGEST}: find the second idea")
    return found


_LOGIC = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.If, ast.IfExp)


def _arrows(module: str, tree: ast.Module) -> Iterator[str]:
    room = module.partition(".")[0]
    if room not in MAY_IMPORT:
        yield f"there is no room named {room!r} in the architecture"
        return
    allowed = MAY_IMPORT[room] | ANYONE_MAY | {room}
    for line, name in _imports(tree):
        package, _, inner = name.partition(".")
        if not package:
            yield f"line {line}: imports are absolute"
        elif package != "fluxdash":
            if room in STANDARD_LIBRARY_ALONE and package not in sys.stdlib_module_names:
                yield f"line {line}: {room} imports {package}, which is not of the standard library"
        elif inner and not any(f"{inner}.".startswith(f"{each}.") for each in allowed):
            yield f"line {line}: {room} must not import {inner}"
    at_once = [name for node in tree.body if not _is_later(node) for _, name in _imports(node)]
    if room == "__init__" and any(name.startswith("fluxdash.app") for name in at_once):
        yield "importing fluxdash must not import the app"


def _is_later(node: ast.stmt) -> bool:
    """Tell whether importing the module does not run this: a function, or what only a type checker reads."""
    return isinstance(node, ast.FunctionDef) or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of what is imported: `from fluxdash.sources import sql` is fluxdash.sources.sql."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                deeper = f"{base}.{alias.name}"
                face = "fluxdash.__init__" if base == "fluxdash" else base
                yield node.lineno, deeper if _is_module(deeper) else face


def _is_module(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def _process_state(room: str, tree: ast.AST) -> Iterator[str]:
    if room == "settings":
        return
    for node in ast.walk(tree):
        if _reaches(node, "os", OF_THE_PROCESS):
            yield f"{ast.unparse(node)}: only settings.py reads the environment"


def _shared_state(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        pages = isinstance(node, ast.keyword) and node.arg == "use_pages" and ast.unparse(node.value) != "False"
        if pages or _reaches(node, "dash", OF_ALL_APPS):
            yield f"{ast.unparse(node)}: shared by all apps of a process; use app.callback in register(app, …)"


def _reaches(node: ast.AST, module: str, names: set[str]) -> bool:
    """Tell whether the node is `module.name` or `from module import name` for one of the names."""
    if isinstance(node, ast.ImportFrom):
        return node.module == module and not names.isdisjoint(alias.name for alias in node.names)
    return isinstance(node, ast.Attribute) and node.attr in names and ast.unparse(node.value) == module


def _handlers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield f"line {node.lineno}: a bare except"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_keeps_to_the_architecture(module: str) -> None:
    assert violations(module, MODULES[module]) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("semantic.query", "import numpy"),
        ("telemetry", "import prometheus_client"),
        ("semantic.query", "from fluxdash.telemetry import Telemetry"),
        ("sources.gate", "from fluxdash.operations.counts import Counts"),
        ("operations.counts", "from fluxdash.settings import Settings"),
        ("operations.journal", "from fluxdash.sources.source import LOG"),
        ("semantic.query", "from fluxdash.profiles import fluxai"),
        ("profiles.fluxai", "from fluxdash.sources.sql import compile"),
        ("sources.prometheus", "from fluxdash.settings import Settings"),
        ("sources.prometheus", "def ask():\n    from fluxdash import settings"),
        ("sources.sql", "from ..ui import panel"),
        ("sources.sql", "from .. import views"),
        ("analysis.slo", "from fluxdash.views import charts"),
        ("views.charts", "from fluxdash.ui.panel import Panel"),
        ("ui.panel", "from fluxdash.sources.prometheus import Prometheus"),
        ("ui.panel", "from fluxdash.sources import router"),
        ("ui.panel", "from fluxdash.profiles.fluxai import PROFILE"),
        ("pages.cost", "from fluxdash.sources import source"),
        ("auth.guard", "import fluxdash.ui.shell"),
        ("demo.traffic", "from fluxdash.sources.source import Source"),
        ("sources.router", "import fluxdash.app"),
        ("app", "from fluxdash.demo import simulate"),
        ("ui.callbacks", "from fluxdash import create_app"),
        ("__init__", "from fluxdash.app import create_app"),
        ("attic.things", "x = 1"),
        ("app", "import os\nport = os.environ['PORT']"),
        ("app", "import os\nport = os.getenv('PORT')"),
        ("app", "from os import environ"),
        ("ui.callbacks", "import dash\n@dash.callback()\ndef draw(): ..."),
        ("ui.callbacks", "from dash import Input, callback"),
        ("app", "Dash(__name__, use_pages=True)"),
        ("sources.sql", "try:\n    pass\nexcept:\n    pass"),
        ("pages.cost", "def draw(): ..."),
        ("pages.cost", "title = 'a' if True else 'b'"),
        ("sources.sql", "x = 1\n" * (LONGEST + 1)),
    ],
)
def test_the_check_finds_what_is_not_allowed(module: str, source: str) -> None:
    assert len(violations(module, source)) >= 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("semantic.query", "from dataclasses import dataclass\nfrom fluxdash.errors import NotReported"),
        ("profiles.fluxai", "from fluxdash.semantic.measures import COST"),
        ("sources.gate", "from fluxdash.telemetry import NOBODY"),
        ("operations.counts", "import prometheus_client\nfrom fluxdash.telemetry import Telemetry"),
        ("gunicorn_conf", "from fluxdash.operations import serving"),
        ("sources.sql", "import sqlalchemy\nfrom fluxdash.profiles.profile import Profile"),
        ("ui.panel", "from fluxdash.sources.source import Source"),
        ("ui.panel", "from fluxdash.sources import source"),
        ("pages.cost", "from fluxdash.semantic.measures import COST\nPAGE = Page(path='/cost')"),
        ("app", "from fluxdash.settings import Settings\nfrom fluxdash.sources import router"),
        ("cli", "def demo():\n    from fluxdash.demo import simulate"),
        ("__init__", "def create_app():\n    from fluxdash.app import create_app as create"),
        ("settings", "import os\nos.environ"),
        ("ui.callbacks", "def register(app):\n    app.callback()"),
    ],
)
def test_the_check_lets_pass_what_is_allowed(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_importing_fluxdash_does_nothing() -> None:
    heavy = ("dash", "flask", "pandas", "httpx", "sqlalchemy", "fluxdash.app")
    code = f"import sys, fluxdash; sys.exit(', '.join(m for m in {heavy} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
