"""Postgres, through psycopg 3: autocommit except in a `transaction()`, in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.diagnostics import Diagnostic, UserError
from orchestration.warehouse.connection import Connection, StatementFailed
from orchestration.warehouse.profile import integer_setting, text_setting
from orchestration.warehouse.target import Target

if TYPE_CHECKING:
    from orchestration.warehouse.connection import Statement

try:
    import psycopg
    from psycopg.conninfo import make_conninfo
except ModuleNotFoundError as missing:
    raise UserError.of(
        "missing-driver",
        "Postgres needs the package `psycopg`, which is not installed",
        "install `segments-as-code[postgres]`",
    ) from missing

CHUNK = 1 << 16
SESSION = (
    "-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c standard_conforming_strings=on "
    "-c client_min_messages=warning -c extra_float_digits=1"
)
PASSED_ON = ("sslmode", "sslcert", "sslkey", "sslrootcert")


class PostgresConnection(Connection):
    """A connection to one Postgres database."""

    dialect = "postgres"
    placeholder = "%s"

    def __init__(self, driver: psycopg.Connection[tuple[object, ...]]) -> None:
        self._driver = driver

    def execute(self, statement: Statement, parameters: Sequence[object] = ()) -> None:
        with _refused():
            self._driver.execute(self.text(statement), list(parameters) or None)

    def rows(self, statement: Statement, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with _refused():
            return self._driver.execute(self.text(statement), list(parameters) or None).fetchall()

    def read(self, text: str, limit: int | None) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
        """Column names and at most `limit` + 1 rows, through a cursor: Postgres takes one query for it, nothing else."""
        with _refused(), self._driver.cursor(name="segments_query") as cursor:
            cursor.execute(text)
            rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit + 1)
            return tuple(column.name for column in cursor.description or ()), rows

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with _refused(), self._driver.transaction():
            yield

    def columns(self, schema: str, table: str, *, catalog: str | None = None) -> list[tuple[str, str]]:
        found = self.rows(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute "
            "join pg_class on pg_class.oid = attrelid join pg_namespace on pg_namespace.oid = relnamespace "
            "where nspname = %s and relname = %s and relkind in ('r','v','m','p','f') "
            "and attnum > 0 and not attisdropped order by attnum",
            [schema, table],
        )
        return [(str(name), str(kind)) for name, kind in found]

    def tables(self, schema: str, *, catalog: str | None = None) -> list[str]:
        found = self.rows(
            "select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace "
            "where nspname = %s and relkind in ('r','v','m','p','f') order by relname collate \"C\"",
            [schema],
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
        names = ", ".join(map(self.quoted, columns))
        statement = f"copy {self.name(schema, table)} ({names}) from stdin"
        with _refused(), self._driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def load_csv(self, schema: str, table: str, columns: Sequence[tuple[str, str]], path: Path) -> None:
        with self.transaction():
            self._empty_table(schema, table, columns)
            statement = f"copy {self.name(schema, table)} from stdin with (format csv, header true, encoding 'UTF8')"
            with (
                _refused(),
                path.open("rb") as file,
                self._driver.cursor() as cursor,
                cursor.copy(statement) as copy,
            ):
                while chunk := file.read(CHUNK):
                    copy.write(chunk)

    def _empty_table(self, schema: str, table: str, columns: Sequence[tuple[str, str]]) -> None:
        """An empty table of these columns; one that is there already is emptied, since views may read it."""
        name = self.name(schema, table)
        self.execute(f"create schema if not exists {self.quoted(schema)}")
        existing = self.columns(schema, table)
        if existing and _same_columns(existing, columns):
            self.execute(f"truncate {name}")
            return
        self.execute(f"drop table if exists {name}")
        declared = ", ".join(f"{self.quoted(column)} {kind}" for column, kind in columns)
        self.execute(f"create table {name} ({declared})")


@contextmanager
def open_postgres(target: Target, *, read_only: bool) -> Iterator[PostgresConnection]:
    """Connect as the profile says."""
    settings = target.settings
    passed_on = {key: text_setting(settings.get(key)) for key in PASSED_ON}
    conninfo = make_conninfo("", **{key: value for key, value in passed_on.items() if value})
    try:
        driver = psycopg.connect(
            conninfo,
            host=text_setting(settings.get("host")),
            port=integer_setting(settings, "port", 5432),
            user=text_setting(settings.get("user")),
            password=text_setting(settings.get("password") or settings.get("pass")),
            dbname=text_setting(settings.get("dbname") or settings.get("database")),
            connect_timeout=integer_setting(settings, "connect_timeout", 10),
            application_name="segments",
            options=SESSION + (" -c default_transaction_read_only=on" if read_only else ""),
            autocommit=True,
        )
    except psycopg.Error as error:
        raise _cannot_connect(target, error) from error
    with driver:
        connection = PostgresConnection(driver)
        if role := text_setting(settings.get("role")):
            connection.execute(f"set role {connection.quoted(role)}")
        yield connection


@contextmanager
def open_server(conninfo: str) -> Iterator[PostgresConnection]:
    """Connect to a server by a connection string, for the tests of specs."""
    try:
        driver = psycopg.connect(conninfo, application_name="segments", options=SESSION, autocommit=True)
    except psycopg.Error as error:
        message = str(error).strip().removeprefix("connection failed: ")
        raise UserError.of("unreachable-warehouse", f"the server for tests cannot be reached: {message}") from error
    with driver:
        yield PostgresConnection(driver)


def _cannot_connect(target: Target, error: psycopg.Error) -> UserError:
    message = str(error).strip().removeprefix("connection failed: ")
    hint = "see the target in profiles.yml"
    if "does not exist" in message and "database" in message:
        hint = f"create it (`createdb {text_setting(target.settings.get('dbname'))}`), or mend `dbname` in profiles.yml"
    elif "authentication" in message or "password" in message or "role" in message:
        hint = "mend `user` and `password` in profiles.yml"
    elif "refused" in message or "No such file" in message or "timeout" in message or "resolve" in message:
        hint = "is the server running, and are `host` and `port` in profiles.yml right?"
    return UserError.of("unreachable-warehouse", f"target `{target.name}` cannot be reached: {message}", hint)


def _same_columns(existing: Sequence[tuple[str, str]], declared: Sequence[tuple[str, str]]) -> bool:
    from sqlglot import exp

    def kinds(columns: Sequence[tuple[str, str]]) -> list[tuple[str, exp.DataType]]:
        return [(name, exp.DataType.build(kind, dialect="postgres")) for name, kind in columns]

    return kinds(existing) == kinds(declared)


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        message = f"Postgres: {message_of(error)}"
        raise StatementFailed(Diagnostic("statement-failed", message), error.sqlstate) from error


def message_of(error: psycopg.Error) -> str:
    """Postgres's message, with its detail and hint where it gives them."""
    parts = (error.diag.message_primary or str(error).strip(), error.diag.message_detail, error.diag.message_hint)
    return "; ".join(part for part in parts if part)
