"""DuckDB: files opened in UTC, with the profile's settings, one process at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from sqlglot import exp

from orchestration.diagnostics import Diagnostic, UserError
from orchestration.warehouse.connection import Attach, Connection, StatementFailed, batches
from orchestration.warehouse.target import STORAGE_VERSION, Target

if TYPE_CHECKING:
    from orchestration.warehouse.connection import Statement

ROWS_PER_INSERT = 10_000
LOCK_HOLDER = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


class DuckDBConnection(Connection):
    """A connection to one DuckDB file and those attached beside it."""

    dialect = "duckdb"
    placeholder = "?"

    def __init__(self, driver: duckdb.DuckDBPyConnection) -> None:
        self._driver = driver

    def execute(self, statement: Statement, parameters: Sequence[object] = ()) -> None:
        with _refused():
            self._driver.execute(self.text(statement), list(parameters))

    def rows(self, statement: Statement, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with _refused():
            return self._driver.execute(self.text(statement), list(parameters)).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._driver.begin()
        try:
            yield
        except BaseException:
            self._driver.rollback()
            raise
        with _refused():
            self._driver.commit()

    def columns(self, schema: str, table: str, *, catalog: str | None = None) -> list[tuple[str, str]]:
        found = self.rows(
            "select column_name, data_type from duckdb_columns() where database_name = coalesce(?, current_database()) "
            "and schema_name = ? and table_name = ? order by column_index",
            [catalog, schema, table],
        )
        return [(str(name), str(kind)) for name, kind in found]

    def tables(self, schema: str, *, catalog: str | None = None) -> list[str]:
        found = self.rows(
            "select table_name from information_schema.tables where table_catalog = coalesce(?, current_database()) "
            "and table_schema = ? order by 1",
            [catalog, schema],
        )
        return [str(name) for (name,) in found]

    def insert(
        self,
        schema: str,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        catalog: str | None = None,
    ) -> None:
        types = dict(self.columns(schema, table, catalog=catalog))
        names = ", ".join(map(self.quoted, columns))
        values = ", ".join(f"unnest(cast(? as {types[column]}[]))" for column in columns)  # one list for each column
        statement = f"insert into {self.name(schema, table, catalog)} ({names}) select {values}"
        for batch in batches(rows, ROWS_PER_INSERT):
            self.execute(statement, [list(column) for column in zip(*batch, strict=True)])

    def load_csv(self, schema: str, table: str, columns: Sequence[tuple[str, str]], path: Path) -> None:
        types = exp.Struct(
            expressions=[
                exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=exp.Literal.string(kind))
                for name, kind in columns
            ]
        ).sql(dialect="duckdb")
        self.execute(f"create schema if not exists {self.quoted(schema)}")
        self.execute(
            f"create or replace table {self.name(schema, table)} as select * from read_csv({_literal(str(path))}, "
            f"columns = {types}, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
            "nullstr = '', allow_quoted_nulls = false)"
        )

    def attach(self, other: Attach, options: str) -> None:
        """Attach a file; the driver's own errors, since they are about opening."""
        self._driver.execute(f"attach {_literal(str(other.path))} as {self.quoted(other.alias)} ({options})")

    def close(self) -> None:
        self._driver.close()


@contextmanager
def open_duckdb(
    target: Target, path: Path, *, read_only: bool, create: bool, attach: Sequence[Attach]
) -> Iterator[DuckDBConnection]:
    """Open a DuckDB file and attach others; close them all at the end, which also writes the WAL into the file."""
    connection = DuckDBConnection(_open(target, path, read_only=read_only, create=create))
    try:
        _configure(connection, target)
        for other in attach:
            _attach(connection, other, create=create)
        yield connection
    finally:
        connection.close()


def _open(target: Target, path: Path, *, read_only: bool, create: bool) -> duckdb.DuckDBPyConnection:
    demand_file(path, create=create and not read_only)
    options = target.settings.get("config_options")
    config: dict[str, str | bool | int | float | list[str]] = {}
    config.update({str(key): str(value) for key, value in options.items()} if isinstance(options, Mapping) else {})
    config["storage_compatibility_version"] = STORAGE_VERSION
    config["python_enable_replacements"] = False  # a table is a table, not a variable of this program
    config["autoinstall_known_extensions"] = False  # nothing is downloaded
    with opening(path):
        return duckdb.connect(str(path), read_only=read_only, config=config)


def _configure(connection: DuckDBConnection, target: Target) -> None:
    settings = target.settings.get("settings")
    for key, value in (settings if isinstance(settings, Mapping) else {}).items():
        connection.execute(f"set {connection.quoted(str(key))} = {_literal(str(value))}")
    connection.execute("set TimeZone = 'UTC'")


def _attach(connection: DuckDBConnection, other: Attach, *, create: bool) -> None:
    demand_file(other.path, create=create and not other.read_only)
    options = "read_only" if other.read_only else f"storage_version {_literal(STORAGE_VERSION)}"
    if not other.read_only and other.path.exists():
        options = "read_write"  # a file keeps the version it was made with
    with opening(other.path):
        connection.attach(other, options)


def demand_file(path: Path, *, create: bool) -> None:
    """Raise a `UserError` if there is no such file; with `create`, make its folder instead."""
    if create:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        raise UserError.of(
            "missing-warehouse",
            f"there is no DuckDB file `{path}`",
            "load the sources into it (the sample's are made by `segments build`), or mend its path in profiles.yml",
        )


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """What can go wrong when a file is opened, as `UserError`s."""
    try:
        yield
    except duckdb.IOException as error:
        holder = LOCK_HOLDER.search(str(error))
        if holder or "Could not set lock" in str(error):
            who = f" by process {holder['pid']} ({Path(holder['program']).name})" if holder else " by another process"
            raise UserError.of(
                "locked-warehouse",
                f"`{path}` is in use{who}; a DuckDB file takes one process at a time",
                "close it there, or wait until it has ended",
            ) from error
        raise UserError.of("unreadable-warehouse", f"`{path}` cannot be opened: {_first_line(error)}") from error
    except duckdb.Error as error:
        raise UserError.of(
            "unreadable-warehouse",
            f"`{path}` cannot be opened: {_first_line(error)}",
            "`config_options` and `settings` in profiles.yml go to DuckDB as they are",
        ) from error


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise StatementFailed(Diagnostic("statement-failed", f"DuckDB: {message_of(error)}")) from error


def message_of(error: Exception) -> str:
    """DuckDB's message: with the line of SQL and the caret below it, without a stack trace."""
    return str(error).split("\n\nStack Trace", 1)[0].strip()


def _first_line(error: Exception) -> str:
    return message_of(error).split("\n", 1)[0]


def _literal(text: str) -> str:
    return exp.Literal.string(text).sql(dialect="duckdb")
