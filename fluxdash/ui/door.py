"""The door before every route of ours and no other: what may come in, which headers go out, and who is told of it."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import dash
from dash.exceptions import DependencyException, InvalidResourceError, PreventUpdate
from flask import Response, abort, current_app, make_response, request
from werkzeug.exceptions import HTTPException, NotFound

from fluxdash.errors import FluxDashError
from fluxdash.telemetry import NOBODY, REQUEST, Telemetry
from fluxdash.ui import guard

_ASSET_AGE = 31_536_000
_NOT_PAGES = ("api/", "assets/", "panels/", "_")
"""Paths that no page may have, so that a mistyped address of the API is not answered with a page."""

_REQUEST_ID = "X-Request-ID"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

ASSETS = "assets"
_KEPT = (ASSETS, "_dash-component-suites")


@runtime_checkable
class SupportsClose(Protocol):
    """Something that must be closed, as the file behind a response."""

    def close(self) -> None:
        """Close it."""


@dataclass(frozen=True, slots=True)
class Door:
    """The door of one app; the host that it may be mounted in is not touched, its error pages neither."""

    app: dash.Dash
    headers: dict[str, str]
    telemetry: Telemetry = NOBODY

    def guarded(self, route: str, view: Callable[..., Any], rule: str = "") -> Callable[..., Any]:
        """Return the view of one route behind the door; telemetry knows it by its `rule` below the prefix."""

        def entered(*args: Any, **kwargs: Any) -> Response:
            started, number = time.monotonic(), _numbered()
            request.environ[REQUEST] = number
            self.telemetry.entered()

            def leave(status: int) -> None:
                self.telemetry.left(rule or route, status, time.monotonic() - started, number)

            try:
                response = self._answered(route, view, args, kwargs)
            except BaseException:
                leave(500)
                raise
            response.headers[_REQUEST_ID] = number
            if response.is_streamed:  # it is only beginning
                response.call_on_close(lambda: leave(response.status_code))
            else:
                leave(response.status_code)
            return response

        return entered

    def _answered(self, route: str, view: Callable[..., Any], args: Any, kwargs: Any) -> Response:
        try:
            if route == "<path:path>" and kwargs["path"].startswith(_NOT_PAGES):
                abort(404)
            if route == "_dash-update-component":
                guard.inspect(request, self.app.callback_map)
            response = make_response(view(*args, **kwargs))
        except PreventUpdate:
            response = Response(status=204)
        except (InvalidResourceError, DependencyException):
            response = make_response(NotFound().get_response())
        except HTTPException as err:
            response = make_response(err.get_response(request.environ))
        except FluxDashError as err:  # the API has answers for its own; without one it is raised anew
            response = make_response(current_app.handle_user_exception(err))
        return self._sealed(response, kept=route.startswith(_KEPT))

    def _sealed(self, response: Response, *, kept: bool) -> Response:
        for header, value in self.headers.items():
            response.headers.setdefault(header, value)
        if not kept:
            response.headers["Cache-Control"] = "no-store, private"
            return response
        if request.args.get("m"):
            # Dash writes the file's time into the address, so a changed file has another one.
            response.cache_control.public, response.cache_control.max_age = True, _ASSET_AGE
            response.cache_control.no_cache = None
        if response.direct_passthrough:
            # Compression would read the file in chunks and forget to close it.
            file = response.response
            response.direct_passthrough = False
            response.set_data(b"".join(response.iter_encoded()))
            if isinstance(file, SupportsClose):
                file.close()
        return response


def _numbered() -> str:
    """Return the id of this request: the one that a proxy in front gave it, if it is one, or a new one."""
    given = request.headers.get(_REQUEST_ID, "")
    return given if _ID.fullmatch(given) else uuid.uuid4().hex
