"""A DuckDB of nothing but memory, for tests of specs: no file is read or written, nothing is downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orchestration.warehouse.connection import Connection


@contextmanager
def connect_in_memory() -> Iterator[Connection]:
    """An empty DuckDB, in UTC, gone at the end."""
    import duckdb

    from orchestration.warehouse.duckdb_connection import DuckDBConnection

    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,  # tables of a few rows
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "enable_external_access": False,
    }
    connection = DuckDBConnection(duckdb.connect(":memory:", config=config))
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()
