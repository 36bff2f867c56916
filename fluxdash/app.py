"""The composition root: settings become sources, sources a gateway, and pages over it a Dash app."""

from __future__ import annotations

import re
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import dash
import orjson
from dash.exceptions import InvalidResourceError, PreventUpdate
from flask import Flask, Response, abort, jsonify, request
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from fluxdash.api.blueprint import blueprint
from fluxdash.errors import SettingError
from fluxdash.extensions import extensions
from fluxdash.operations.counts import Counts
from fluxdash.operations.exposition import Exposition
from fluxdash.operations.journal import Journal
from fluxdash.operations.noticeboard import Noticeboard
from fluxdash.pages import PAGES
from fluxdash.profiles.registry import profile
from fluxdash.settings import Settings, counts_folder
from fluxdash.sources.connect import connect, outlook, seating
from fluxdash.sources.source import Gateway
from fluxdash.sources.trace_store import Traces
from fluxdash.sources.tracing import connect_traces
from fluxdash.telemetry import Several
from fluxdash.ui import document
from fluxdash.ui.callbacks import register
from fluxdash.ui.door import ASSETS, Door
from fluxdash.ui.export import csv_of
from fluxdash.ui.house import House
from fluxdash.ui.ledgercsv import Exports
from fluxdash.ui.page import Book
from fluxdash.ui.preferences import Now, Preferences
from fluxdash.ui.shell import layout
from fluxdash.ui.study import no_seats
from fluxdash.ui.tracescsv import csv_of_traces
from fluxdash.views.goals import Goals
from fluxdash.views.models import seated
from fluxdash.views.times import Clock

_SHARED = "fluxdash_counts"


def create_app(
    settings: Settings | None = None,
    gateway: Gateway | None = None,
    server: Flask | None = None,
    prefix: str | None = None,
    now: Now = time.time,
    traces: Traces | None = None,
) -> dash.Dash:
    """Return a dashboard: on a Flask app of its own, or on `server` below `prefix`, whose other routes it leaves alone.

    Raises SettingError for a setting that is not allowed; a source that is down is a state of the page, not an error.
    """
    chosen = settings or Settings.from_env()
    found = extensions(chosen.pages, profile(chosen.profile), PAGES)
    board = Noticeboard.found(counts_folder())
    counts = _counts(server, counts_folder()) if chosen.metrics else None
    told = Several(Journal(board), *([counts] if counts else []))
    answering = gateway or connect(chosen, found.profile, told)
    below = _slashed(prefix if prefix is not None else chosen.prefix)
    theirs = frozenset(server.view_functions) if server else frozenset()
    app = _Dash(
        __name__,
        server=server or True,  # type: ignore[arg-type]
        assets_folder=str(_assets()),
        assets_ignore=r"^LICENSES$",
        title=f"FluxDash · {chosen.title}",
        update_title=None,  # type: ignore[arg-type]
        routes_pathname_prefix=below,
        requests_pathname_prefix=below,
        index_string=document.INDEX,
        serve_locally=True,
        compress=False,
        use_pages=False,
        enable_mcp=False,
        suppress_callback_exceptions=True,
        add_log_handler=False,
        health_endpoint=None,
        meta_tags=[],
    )
    book, preferences = Book((*PAGES, *found.pages)), _preferences(chosen)
    app.layout = lambda: layout(book, preferences, request.script_root + below)
    # A gateway that is handed in brings no cache that its models' seats could be kept in.
    seats = no_seats if gateway else seating(chosen, found.profile, seated, told)
    spans = traces if gateway else traces or connect_traces(chosen, found.profile, told)
    seen = tuple if gateway else outlook(chosen, found.profile, told)
    house = House(book, answering, preferences, now, below, seats, spans, telemetry=told, outlook=seen)
    register(app, house)
    # Of an application around us only the counts are ours; what its process uses is its own to tell.
    exposition = Exposition(counts, _version(), None if server else board) if counts else None
    _own(app, house, theirs, chosen.embed_origins or (), board, exposition)
    if server is None:
        _stand_alone(app.server, chosen)
    return app


def mount(flask_app: Flask, at: str = "/fluxdash/", settings: Settings | None = None) -> dash.Dash:
    """Put a dashboard into another Flask app, below `at`; nothing else of that app changes.

    Raises SettingError for a path that a dashboard stands at already, and for a setting that is not allowed.
    """
    if f"{_slashed(at)}healthz" in {rule.rule for rule in flask_app.url_map.iter_rules()}:
        raise SettingError("at", at, "a path where no other dashboard is mounted")
    return create_app(settings, server=flask_app, prefix=at)


class _Dash(dash.Dash):
    """Dash whose first page keeps the Python version to itself and finds its files below a SCRIPT_NAME too."""

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = super()._config()  # type: ignore[no-untyped-call]
        told = {key: value for key, value in config.items() if key != "python_version"}
        return {**told, "requests_pathname_prefix": request.script_root + self.config.requests_pathname_prefix}

    def _generate_scripts_html(self) -> str:
        """Name the grid's script without loading it: it weighs as much as the charts, and one page needs it."""
        scripts: str = super()._generate_scripts_html()
        return re.sub(r'<script src="([^"]*/dash_ag_grid/[^"]*)"></script>', r'<link rel="grid" href="\1">', scripts)

    def index(self, *args: Any, **kwargs: Any) -> str:
        """Return the first page, its addresses below the path that the server in front took away."""
        page: str = super().index(*args, **kwargs)  # type: ignore[no-untyped-call]
        below = self.config.requests_pathname_prefix
        for attribute in ("src", "href") if request.script_root else ():
            page = page.replace(f'{attribute}="{below}', f'{attribute}="{request.script_root}{below}')
        return page


def _own(
    app: dash.Dash,
    house: House,
    theirs: frozenset[str],
    framers: tuple[str, ...],
    board: Noticeboard,
    exposition: Exposition | None,
) -> None:
    """Add our own routes, and put a door before each of ours; `theirs` are the endpoints that the host had before."""
    server: Flask = app.server
    gateway, prefix = house.gateway, house.prefix
    name = f"fluxdash{prefix.replace('/', '_')}"
    server.add_url_rule(f"{prefix}healthz", f"{name}healthz", lambda: jsonify(status="ok"))
    server.add_url_rule(f"{prefix}readyz", f"{name}readyz", lambda: _ready(gateway, board))
    server.add_url_rule(f"{prefix}metrics", f"{name}metrics", lambda: _exposed(exposition))
    server.add_url_rule(f"{prefix}panels/<panel>.csv", f"{name}csv", lambda panel: csv_of(house, panel))
    server.add_url_rule(f"{prefix}requests.csv", f"{name}requests", Exports(house).response)
    server.add_url_rule(f"{prefix}traces.csv", f"{name}traces", lambda: csv_of_traces(house))
    server.register_blueprint(blueprint(gateway, house.now), url_prefix=f"{prefix}api/v1", name=f"{name}api")
    # Dash's own hooks look at every request and error of the host; the door does their work for our routes alone.
    # Done now, the setup can't be half done when two first requests come at once.
    server.before_request_funcs[None].remove(app._setup_server)
    with server.test_request_context():
        app._setup_server()  # type: ignore[no-untyped-call]
    for error in (PreventUpdate, InvalidResourceError):
        server.error_handler_spec[None][None].pop(error, None)
    door = Door(app, document.headers(app.csp_hashes(), framers), house.telemetry)
    rules = {each.endpoint: f"/{each.rule.removeprefix(prefix)}" for each in server.url_map.iter_rules()}
    for endpoint in server.view_functions.keys() - theirs:
        route = ASSETS if endpoint.endswith("dash_assets.static") else endpoint.removeprefix(prefix)
        server.view_functions[endpoint] = door.guarded(route, server.view_functions[endpoint], rules[endpoint])


def _ready(gateway: Gateway, board: Noticeboard) -> Response:
    """Answer that requests may be sent here, also while a source is down; 503 once the server is about to stop."""
    states = [
        {"name": each.name, "status": each.status, "last_read": each.last_read, "reason": each.reason}
        for each in gateway.states()
    ]
    status = "stopping" if board.leaving else "ok"
    body = orjson.dumps({"status": status, "sources": states})
    return Response(body, 503 if board.leaving else 200, mimetype="application/json")


def _exposed(exposition: Exposition | None) -> Response:
    if exposition is None:
        abort(404)
    text, kind = exposition.text(request.headers.get("Accept", ""))
    return Response(text, content_type=kind)


def _counts(host: Flask | None, folder: Path | None) -> Counts:
    """Return what counts: one for all dashboards of a host whose processes share a folder, where two would overwrite
    each other's files."""
    if host is None or folder is None:
        return Counts(folder)
    if _SHARED not in host.extensions:
        host.extensions[_SHARED] = Counts(folder)
    counts: Counts = host.extensions[_SHARED]
    return counts


def _version() -> str:
    try:
        return version("fluxdash")
    except PackageNotFoundError:  # run from its source, which is not installed
        return "source"


def _stand_alone(server: Flask, settings: Settings) -> None:
    server.debug = False  # whatever the environment says: a traceback is for the log
    server.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=1, COMPRESS_LEVEL=1, COMPRESS_MIN_SIZE=1000
    )
    Compress(server)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        server.wsgi_app = ProxyFix(server.wsgi_app, hops, hops, hops, hops, hops)  # type: ignore[method-assign]


def _preferences(settings: Settings) -> Preferences:
    refresh = settings.refresh_interval if settings.auto_refresh else 0
    goals = Goals(
        settings.cache_target,
        settings.healthy,
        settings.degraded,
        settings.least_requests,
        settings.budget,
        settings.budgets or (),
        settings.zone,
    )
    return Preferences(settings.title, Clock(settings.zone), settings.p95_objective, refresh, goals)


def _assets() -> Path:
    """Return the assets: inside the package where it is installed, beside it in the repository."""
    package = Path(__file__).resolve().parent
    inside = package / "assets"
    return inside if inside.is_dir() else package.parent / "assets"


def _slashed(prefix: str) -> str:
    inner = prefix.strip("/")
    return f"/{inner}/" if inner else "/"
