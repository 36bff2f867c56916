"""A real PostgreSQL: databases made in a moment, and a role that may only read."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import create_engine, make_url, text

from tests.servers.process import LOOPBACK, Server, executable

SUPERUSER = "fluxdash_tests"
READER = "fluxdash_reader"
# Durable is what a test database need not be.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresServer(Server):
    """A cluster of its own, which trusts everyone on the loopback."""

    def __init__(self, folder: Path, *options: str) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        initdb, postgres = executable("initdb", *programs), executable("postgres", *programs)
        user = _unprivileged_user()
        data = folder / "data"
        if user:
            shutil.chown(folder, user)
        subprocess.run(
            [initdb, "-D", data, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=folder,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
        settings = (f"listen_addresses={LOOPBACK}", f"unix_socket_directories={folder}", *FAST, *options)
        words = [word for setting in settings for word in ("-c", setting)]
        super().__init__(
            "postgres",
            folder,
            lambda port: [postgres, "-D", data, "-p", str(port), *words],
            _accepts_queries,
            user=user,
            stop_signal=signal.SIGINT,  # fast shutdown: it does not wait for clients to leave
        )

    def address(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """Return the SQLAlchemy address of a database, for the superuser unless told otherwise."""
        return f"postgresql+psycopg2://{user}@{LOOPBACK}:{self.port}/{database}"

    def fresh_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        self.execute(self.address(), f"CREATE DATABASE {name} TEMPLATE template0")
        return self.address(name)

    def read_only(self, address: str) -> str:
        """Return the address of the same database for a role that may only read what is in `public` now or later."""
        name = make_url(address).database
        self.execute(
            address,
            f"DO $$ BEGIN CREATE ROLE {READER} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
            f"GRANT CONNECT ON DATABASE {name} TO {READER}",
            f"GRANT USAGE ON SCHEMA public TO {READER}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {READER}",
        )
        return make_url(address).set(username=READER).render_as_string(hide_password=False)

    @staticmethod
    def execute(address: str, *statements: str) -> None:
        """Run statements, each in a transaction of its own."""
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()


def _unprivileged_user() -> str | None:
    """Return who runs PostgreSQL, which refuses to be run by root; None where we are not root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _accepts_queries(port: int) -> bool:
    try:
        psycopg2.connect(host=LOOPBACK, port=port, user=SUPERUSER, dbname="postgres", connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running cluster, shared by the whole run: make a fresh database in it."""
    # Not in pytest's own folder: another user cannot enter that one.
    with tempfile.TemporaryDirectory(prefix="fluxdash-postgres-") as folder, PostgresServer(Path(folder)) as server:
        yield server


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> str:
    """The SQLAlchemy address of an empty database of this test's own."""
    return postgres_server.fresh_database()
