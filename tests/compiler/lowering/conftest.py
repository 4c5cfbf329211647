"""Both engines, once per test process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import duckdb
import pytest

from tests.compiler.lowering.engines import Engines
from tests.conftest import Postgres


@pytest.fixture(scope="session")
def engines(postgres: Postgres) -> Iterator[Engines]:
    """DuckDB and Postgres in sessions whose own zone is not UTC, which must not matter."""
    with duckdb.connect() as database, closing(postgres.connect()) as connection:
        database.execute("set threads = 2")
        connection.execute("set timezone = 'Asia/Tokyo'")
        connection.execute("set datestyle = 'German'")
        yield Engines(database, connection)
