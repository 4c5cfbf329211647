"""A user's SQL on the published tables: read, never written, whatever the engine.

The text passes `guard` first; then the engine is closed up too. DuckDB: the serving file alone, read-only, without
access to files, network, extensions or Python's variables, its configuration locked. Postgres: a cursor, which takes one
query only, in a read-only transaction with a time limit, a superuser stepping down to a role that can only read.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.diagnostics import UserError, nearest
from orchestration.warehouse.connection import Connection, StatementFailed, connect
from orchestration.warehouse.guard import REMEDY, SERVING_SCHEMA, Published, guard
from orchestration.warehouse.target import Target

if TYPE_CHECKING:
    import duckdb

SHOW_TABLES = re.compile(r"\s*show\s+tables\s*;?\s*", re.IGNORECASE)
DESCRIBE = re.compile(r'\s*desc(?:ribe)?\s+(?:"?segments"?\.)?"?(?P<table>\w+)"?\s*;?\s*', re.IGNORECASE)
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Column names and rows; `truncated` if the limit left rows out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    truncated: bool = False


def query(target: Target, sql: str, *, limit: int | None = None, seconds: float = SECONDS) -> QueryResult:
    """The rows of one query on the published tables, at most `limit`; also `show tables` and `describe <table>`.

    Raises `UserError` if the text is more than a read of published tables, if it takes longer than `seconds`, if the
    engine refuses it, or if nothing is published.
    """
    if target.dialect == "duckdb":
        return _on_duckdb(target, sql, limit, seconds)
    with connect(target, read_only=True) as connection:
        published = _published(connection)
        return _listing(connection, sql, published) or _on_postgres(
            connection, guard(sql, target.dialect, published), limit, seconds
        )


def _published(connection: Connection) -> Published:
    schemas = connection.rows("select catalog_name, schema_name from information_schema.schemata")
    catalog = str(connection.rows("select current_database()")[0][0])
    tables = connection.tables(SERVING_SCHEMA)
    if not tables:
        raise UserError.of(
            "nothing-published", "no segment tables are published yet", "`segments build` publishes them"
        )
    names = {str(name) for schema in schemas for name in schema}
    return Published(catalog, tables, names - {SERVING_SCHEMA, catalog})


def _listing(connection: Connection, sql: str, published: Published) -> QueryResult | None:
    """`show tables` and `describe`, answered alike on every engine."""
    if SHOW_TABLES.fullmatch(sql):
        return QueryResult(("name",), tuple((name,) for name in published.tables))
    if not (found := DESCRIBE.fullmatch(sql)):
        return None
    table = next((name for name in published.tables if name.lower() == found["table"].lower()), None)
    if table is None:
        hint = nearest(found["table"], published.tables) or REMEDY
        raise UserError.of("query-not-allowed", f"there is no published table `{found['table']}`", hint)
    return QueryResult(("column", "type"), tuple(connection.columns(SERVING_SCHEMA, table)))


def _on_duckdb(target: Target, sql: str, limit: int | None, seconds: float) -> QueryResult:
    import duckdb

    from orchestration.warehouse.duckdb_connection import DuckDBConnection, message_of

    assert target.files is not None
    with closing(_sealed(target.files.serving)) as driver:
        connection = DuckDBConnection(driver)
        published = _published(connection)
        if listing := _listing(connection, sql, published):
            return listing
        text = guard(sql, "duckdb", published)
        try:
            with _interrupted_after(driver, seconds):
                statements = driver.extract_statements(text)
                if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                    raise UserError.of("query-not-allowed", "the statement is not a query", REMEDY)
                driver.execute(statements[0])
                columns = tuple(str(column[0]) for column in driver.description)
                rows = driver.fetchall() if limit is None else driver.fetchmany(limit + 1)
        except duckdb.InterruptException as error:
            raise _too_slow(seconds) from error
        except duckdb.Error as error:
            raise _failed(message_of(error)) from error
    return _result(columns, rows, limit)


def _sealed(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads this file and nothing else, and cannot be told otherwise."""
    import duckdb

    from orchestration.warehouse.duckdb_connection import opening

    if not path.exists():
        raise UserError.of(
            "nothing-published", "no segment tables are published yet", "`segments build` publishes them"
        )
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "enable_external_access": False,
        "python_enable_replacements": False,
    }
    with opening(path):
        driver = duckdb.connect(str(path), read_only=True, config=config)
        driver.execute("set TimeZone = 'UTC'")
        if driver.execute("select 1 from duckdb_schemas() where schema_name = ?", [SERVING_SCHEMA]).fetchall():
            driver.execute(f"set search_path = '{SERVING_SCHEMA}'")
        driver.execute("set lock_configuration = true")
    return driver


@contextmanager
def _interrupted_after(driver: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, driver.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _on_postgres(connection: Connection, text: str, limit: int | None, seconds: float) -> QueryResult:
    from orchestration.warehouse.postgres_connection import PostgresConnection

    assert isinstance(connection, PostgresConnection)
    try:
        with connection.transaction():
            connection.execute(f"set local statement_timeout = {int(seconds * 1000)}")
            connection.execute(f"set local search_path = pg_catalog, {SERVING_SCHEMA}")
            if connection.rows("select rolsuper from pg_roles where rolname = current_user") == [(True,)]:
                connection.execute("set local role pg_read_all_data")
            columns, rows = connection.read(text, limit)
    except StatementFailed as error:
        if error.sqlstate == "57014":
            raise _too_slow(seconds) from error
        raise _failed(error.diagnostics[0].message.removeprefix("Postgres: ")) from error
    return _result(columns, rows, limit)


def _result(columns: tuple[str, ...], rows: list[tuple[object, ...]], limit: int | None) -> QueryResult:
    kept = tuple(rows if limit is None else rows[:limit])
    return QueryResult(columns, kept, truncated=len(kept) < len(rows))


def _too_slow(seconds: float) -> UserError:
    return UserError.of("query-too-slow", f"the query was stopped after {seconds:g} seconds", "make it read less")


def _failed(message: str) -> UserError:
    return UserError.of("query-failed", message, "`describe <table>` shows the columns of a published table")
