"""One way to speak to every engine: `connect(target)` yields a `Connection`.

The drivers are imported when a connection is opened. What an engine refuses comes back as `StatementFailed`, a
`UserError` with the engine's own message; statements never glue values into SQL, they bind them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from orchestration.diagnostics import Diagnostic, UserError
from orchestration.warehouse.target import Target

if TYPE_CHECKING:
    from sqlglot import exp

    Statement: TypeAlias = str | exp.Expr

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Attach:
    """Another DuckDB file to open beside the main one; a new one is made such that `STORAGE_VERSION` clients open it."""

    path: Path
    alias: str
    read_only: bool = False


class StatementFailed(UserError):
    """An engine refused a statement. `sqlstate` is Postgres's code, None on DuckDB."""

    def __init__(self, diagnostic: Diagnostic, sqlstate: str | None = None) -> None:
        super().__init__(diagnostic)
        self.sqlstate = sqlstate


class Connection(ABC):
    """An open connection. `schema` and `table` are plain names, quoted here; `catalog` is an attached DuckDB file's."""

    dialect: str
    placeholder: str  # of a bound parameter in a statement's text

    @abstractmethod
    def execute(self, statement: Statement, parameters: Sequence[object] = ()) -> None:
        """Run one statement for its effect."""

    @abstractmethod
    def rows(self, statement: Statement, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Run one statement and fetch everything it returns."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Everything inside is committed together, or rolled back when it raises. Not to be nested."""

    @abstractmethod
    def columns(self, schema: str, table: str, *, catalog: str | None = None) -> list[tuple[str, str]]:
        """Name and data type of a table's or view's columns, in order; empty if there is none of that name."""

    @abstractmethod
    def tables(self, schema: str, *, catalog: str | None = None) -> list[str]:
        """Names of the tables and views in a schema, sorted; empty if there is no such schema."""

    @abstractmethod
    def insert(
        self,
        schema: str,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        catalog: str | None = None,
    ) -> None:
        """Append rows to a table, their values bound to the table's own types, in batches."""

    @abstractmethod
    def load_csv(self, schema: str, table: str, columns: Sequence[tuple[str, str]], path: Path) -> None:
        """Replace a table by a CSV file with a header line: UTF-8, commas, double quotes; unquoted nothing is null.

        `columns` are names and SQL types, in the order of the file. Schema and table are made if they are not there.
        """

    def text(self, statement: Statement) -> str:
        """A statement as the engine's SQL."""
        return statement if isinstance(statement, str) else statement.sql(dialect=self.dialect)

    def name(self, schema: str, table: str, catalog: str | None = None) -> str:
        """A table's name, quoted for this engine."""
        return ".".join(self.quoted(part) for part in (catalog, schema, table) if part)

    @staticmethod
    def quoted(identifier: str) -> str:
        """An identifier, quoted: both engines double the quotes inside."""
        escaped = identifier.replace('"', '""')
        return f'"{escaped}"'


@contextmanager
def connect(
    target: Target,
    *,
    read_only: bool = False,
    create: bool = False,
    path: Path | None = None,
    attach: Sequence[Attach] = (),
) -> Iterator[Connection]:
    """Open the warehouse of a target; it is closed at the end.

    On DuckDB `path` opens another of its files (a generation, the serving file) instead of the main one, and `attach`
    opens more beside it; without `create` a missing file is a `UserError`. On Postgres `read_only` makes every
    transaction read-only, and the DuckDB arguments do not apply. Raises `UserError` where it cannot be opened.
    """
    if target.dialect == "duckdb":
        from orchestration.warehouse.duckdb_connection import open_duckdb

        assert target.files is not None
        with open_duckdb(
            target, path or target.files.main, read_only=read_only, create=create, attach=attach
        ) as opened:
            yield opened
    elif target.dialect == "postgres":
        from orchestration.warehouse.postgres_connection import open_postgres

        with open_postgres(target, read_only=read_only) as opened:
            yield opened
    else:
        raise UserError.of(
            "unsupported-engine",
            f"target `{target.name}` is of type `{target.dialect}`, which cannot be opened here",
            "supported are `duckdb` and `postgres`",
        )


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of at most `size` items, in order."""
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
