"""The routes of the read API and how each of our errors looks in HTTP."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request

from fluxdash.api import openapi, parameters, wire
from fluxdash.errors import (
    BadPayload,
    BadRequest,
    FluxDashError,
    NotReported,
    SourceError,
    SourceSaturated,
    SourceTimeout,
)
from fluxdash.sources.source import Gateway


def blueprint(gateway: Gateway, clock: Callable[[], float]) -> Blueprint:
    """Return the routes `query`, `measures` and `openapi.json`, to be mounted under `api/v1`.

    `clock` gives epoch seconds; it is read once a request.
    """
    api = Blueprint("fluxdash_api", __name__)

    @api.get("/query")
    def query() -> Response:
        asked = parameters.query(request.args, clock(), gateway.measures())
        return jsonify(wire.answer(gateway.answer(asked.query, asked.source)))

    @api.get("/measures")
    def measures() -> Response:
        parameters.none(request.args)
        return jsonify(wire.measures(gateway.measures(), gateway.capabilities()))

    @api.get("/openapi.json")
    def description() -> Response:
        base = request.script_root + request.path.rpartition("/")[0]
        return jsonify(openapi.description(base, gateway.measures()))

    @api.errorhandler(FluxDashError)
    def failed(err: FluxDashError) -> tuple[Response, int]:
        return jsonify(wire.error(err)), _status(err)

    @api.after_request
    def private(response: Response) -> Response:
        # What one viewer may see must not be kept for another.
        response.headers["Cache-Control"] = "no-store, private"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return api


def _status(err: FluxDashError) -> int:
    match err:
        case BadRequest():
            return 400
        case NotReported():
            return 404
        case SourceSaturated():
            return 503
        case SourceTimeout():
            return 504
        case BadPayload() | SourceError():
            return 502
        case _:
            return 500
