"""The read API over a small request log on SQLite, with a Prometheus beside it that is down."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from fluxdash.api.blueprint import blueprint
from fluxdash.demo.schema import schema
from fluxdash.profiles.fluxai import PROFILE
from fluxdash.sources.connect import connect
from fluxdash.sources.router import Router
from fluxdash.sources.source import Gateway

# A busy machine fails no test: examples are judged by what they show, not by how long they take.
settings.register_profile("fluxdash", deadline=None, max_examples=50)
settings.load_profile("fluxdash")

NOON = 1_795_003_200  # 2026-11-18 12:00 UTC
ACME, BETA, GONE = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")


@dataclass(frozen=True)
class Installation:
    """What there is: a log, and a Prometheus that nobody answers for."""

    database_url: str | None
    prometheus_url: str | None
    cache_dir: Path
    prometheus_headers: tuple[tuple[str, str], ...] | None = None
    prometheus_bearer_token: str | None = None
    prometheus_timeout: float = 1.0
    prometheus_concurrency: int = 2
    max_response_bytes: int = 1_000_000
    scrape_interval: int = 15
    database_timeout: float = 5.0
    database_concurrency: int = 2
    max_rows: int = 200_000
    prefer: str = "auto"
    cache: str = "memory"


def write(path: Path) -> str:
    """Two accounts, an unknown one, two models; a request a minute, every tenth failed, every fourth a hit."""
    engine = sa.create_engine(f"sqlite:///{path}")
    tables = schema()
    tables.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("PRAGMA foreign_keys = OFF"))
        connection.execute(
            tables.tables["accounts"].insert(), [{"id": ACME, "name": "Acme, Inc."}, {"id": BETA, "name": "Béta"}]
        )
        rows = [
            {
                "id": f"{i:032x}",
                "account_id": (ACME, BETA, GONE)[i % 3],
                "model_id": ("m-1", "m-2")[i % 2],
                "region": "us-east-1",
                "timestamp": datetime.fromtimestamp(NOON - 3600 + i * 60, UTC).replace(tzinfo=None),
                "latency_ms": 100 + i,
                "input_tokens": 10,
                "output_tokens": 5,
                "total_cost": 0.01,
                "cache_hit": i % 4 == 3,
                "status": "error" if i % 10 == 0 else "success",
                "error_message": "ThrottlingException: slow down" if i % 20 == 0 else None,
            }
            for i in range(60)
        ]
        connection.execute(tables.tables["request_metrics"].insert(), rows)
    engine.dispose()
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Router]:
    folder = tmp_path_factory.mktemp("api")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    made = connect(Installation(write(folder / "log.db"), f"http://127.0.0.1:{port}", folder), PROFILE)
    yield made
    made.close()


Serve = Callable[[Gateway], FlaskClient]


@pytest.fixture(scope="session")
def serve() -> Serve:
    def client(gateway: Gateway) -> FlaskClient:
        app = Flask(__name__)
        app.register_blueprint(blueprint(gateway, lambda: NOON + 40.0), url_prefix="/obs/api/v1")
        return app.test_client()

    return client


@pytest.fixture(scope="session")
def api(gateway: Router, serve: Serve) -> FlaskClient:
    return serve(gateway)
