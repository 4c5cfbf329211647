"""A small company on both engines: two entities, four segments, built by hand as dbt would build them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlglot import exp, parse_one

from orchestration import publish
from orchestration.catalog.types import INTEGER, TEXT, TIMESTAMP
from orchestration.compiler.compiled import (
    BUILD_SCHEMA,
    RUN_SCHEMA,
    CheckLimit,
    CheckQuery,
    Compiled,
    CompiledEntity,
    CompiledSegment,
    Model,
    OutputColumn,
)
from orchestration.language.expression import AS_OF
from orchestration.language.model import Relation
from orchestration.publish import Generation
from orchestration.warehouse import Attach, Connection, DuckDBFiles, Target, connect
from tests.conftest import Postgres

DAY = dt.timedelta(days=1)
MARCH = dt.datetime(2026, 3, 1)
HOSTILE = "it's \"quoted\" */ -- \\ {{ env_var('HOME') }} {% raw %}\n" + "ünïcödé 🚀 " * 900


def at(day: int) -> dt.datetime:
    """Midnight of a day in March 2026."""
    return MARCH + (day - 1) * DAY


def segment(name: str, entity: str = "user", tiers: Sequence[str] = (), **more: str) -> CompiledSegment:
    """A segment as the compiler would describe it."""
    words: dict[str, Any] = {
        "label": name.replace("_", " ").capitalize(), "description": f"Those who are {name}",
        "owner": "growth@acme.test", "goal": "", "action": "", "purpose": "product", "refresh": "daily",
        "status": "active", "definition": "where: true", "in_words": "everybody", "definition_hash": f"hash_{name}",
        "sql": "select 1",
    } | more  # fmt: skip
    words |= dict.fromkeys(("reads_columns", "reads_traits", "reads_segments", "dependents"), ())
    return CompiledSegment(name=name, entity=entity, tiers=tuple(tiers), basis=("behavioural", "value"), **words)


def compiled(
    segments: Sequence[CompiledSegment], checks: Sequence[CheckQuery] = (), dialect: str = "duckdb"
) -> Compiled:
    """Specs of users and accounts with these segments, compiled."""
    entities = []
    for name, key, kind in (("user", "user_id", TEXT), ("account", "account_id", INTEGER)):
        traits = (OutputColumn("sessions", INTEGER, "Sessions ever"), OutputColumn("_hidden", INTEGER, hidden=True))
        names = tuple(s.name for s in segments if s.entity == name)
        entities.append(CompiledEntity(name, key, kind, None, traits, names, Relation("model", f"dim_{name}s")))
    models = []
    for entity in entities:
        key_column = OutputColumn(entity.key, entity.key_type)
        columns = [key_column]
        for s in (s for s in segments if s.entity == entity.name):
            columns += [OutputColumn(s.name, TEXT)] if s.tiers else []
            columns += [OutputColumn(s.entered_at_column, TIMESTAMP)]
        for table, shape in (
            (entity.traits_table, (key_column, *entity.traits)),
            (entity.segments_table, tuple(columns)),
        ):
            models.append(Model(table, exp.select("1"), shape, "", ()))
    return Compiled(
        project="acme", dialect=dialect, timezone="UTC", week_starts_on="monday", grid="day", hash="specs-1",
        edges=(AS_OF,), models=tuple(models), entities=tuple(entities), segments=tuple(segments), checks=tuple(checks),
        files={},
    )  # fmt: skip


SEGMENTS = (
    segment("power_users"),
    segment("at_risk", status="deprecated"),
    segment("arr_tier", "account", ("enterprise", "smb", "unknown")),
    segment("big_accounts", "account", description=HOSTILE),
)

# Who is in what: by segment, keys (with the tier, for a segment that has tiers).
Members = Mapping[str, Iterable[object] | Mapping[object, str]]
USERS = tuple(f"u{n}" for n in range(1, 9))
ACCOUNTS = tuple(range(1, 7))


@dataclass(slots=True)
class Company:
    """A target, its specs, and the steps of a run on it."""

    target: Target
    compiled: Compiled
    clock: dt.datetime = dt.datetime(2026, 6, 1, 12)
    sessions_type: str = "bigint"
    reads: Mapping[str, exp.Table] = field(default_factory=dict)

    def specs(self, *segments: CompiledSegment, checks: Sequence[CheckQuery] = ()) -> None:
        self.compiled = compiled(segments, checks, self.target.dialect)

    def build(self, members: Members) -> None:
        """What dbt does: the tables of `segments_build`, entered_at carried on from the state before."""
        files = self.target.files
        attach = [Attach(files.generation, files.alias)] if files else []
        catalog = files.alias if files else None
        with connect(self.target, attach=attach) as connection:
            states = {entity.name: self._state(connection, entity) for entity in self.compiled.entities}
            ((as_of,),) = connection.rows(f"select as_of from {RUN_SCHEMA}.instant")
            connection.execute(f"create schema if not exists {connection.name(BUILD_SCHEMA, '', catalog).rstrip('.')}")
            with connection.transaction():
                for entity in self.compiled.entities:
                    self._build_entity(connection, entity, members, states[entity.name], as_of, catalog)

    def _state(self, connection: Connection, entity: CompiledEntity) -> dict[object, dict[str, object]]:
        table = connection.name(RUN_SCHEMA, entity.state_table)
        names = [name for name, _ in connection.columns(RUN_SCHEMA, entity.state_table)]
        assert tuple(names) == tuple(
            c.name for m in self.compiled.models if m.name == entity.segments_table for c in m.columns
        )
        return {row[0]: dict(zip(names, row, strict=True)) for row in connection.rows(f"select * from {table}")}

    def _build_entity(
        self,
        connection: Connection,
        entity: CompiledEntity,
        members: Members,
        state: Mapping[object, Mapping[str, object]],
        as_of: object,
        catalog: str | None,
    ) -> None:
        keys: Sequence[object] = USERS if entity.name == "user" else ACCOUNTS
        kind = "bigint" if entity.key_type is INTEGER else "text"
        key = connection.quoted(entity.key)
        traits = f"{key} {kind}, sessions {self.sessions_type}, _hidden bigint"
        self._table(connection, entity.traits_table, traits, [(k, n, n) for n, k in enumerate(keys)], catalog)
        columns, rows = f"{key} {kind}", [[k] for k in keys]
        for s in map(self.compiled.segment, entity.segments):
            now = members.get(s.name, ())
            tiers = now if isinstance(now, Mapping) else dict.fromkeys(now, None)
            columns += f", {s.name} text" if s.tiers else ""
            columns += f", {s.entered_at_column} timestamp"
            for row in rows:
                before = state.get(row[0], {})
                stays = row[0] in tiers and before.get(s.entered_at_column) is not None
                if s.tiers:
                    stays = stays and before[s.name] == tiers[row[0]]
                    row.append(tiers.get(row[0]))
                row.append(before[s.entered_at_column] if stays else as_of if row[0] in tiers else None)
        self._table(connection, entity.segments_table, columns, rows, catalog)

    def _table(
        self, connection: Connection, name: str, columns: str, rows: Sequence[Sequence[object]], catalog: str | None
    ) -> None:
        table = connection.name(BUILD_SCHEMA, name, catalog)
        connection.execute(f"drop table if exists {table}")
        connection.execute(f"create table {table} ({columns})")
        names = [name for name, _ in connection.columns(BUILD_SCHEMA, name, catalog=catalog)]
        connection.insert(BUILD_SCHEMA, name, names, rows, catalog=catalog)

    def prepare_and_build(self, as_of: dt.datetime, members: Members) -> None:
        publish.prepare(self.target, self.compiled, as_of)
        self.build(members)

    def publish(self, as_of: dt.datetime, **options: object) -> Generation:
        self.clock += dt.timedelta(minutes=1)
        results = publish.audit(self.target, self.compiled, as_of, self.reads)
        return publish.publish(
            self.target,
            self.compiled,
            as_of,
            results,
            published_at=self.clock,
            **options,  # type: ignore[arg-type]
        )

    def run(self, as_of: dt.datetime, members: Members, **options: object) -> Generation:
        """A whole run."""
        with publish.exclusive(self.target):
            self.prepare_and_build(as_of, members)
            return self.publish(as_of, **options)

    def read(self, query: str) -> list[tuple[object, ...]]:
        """What a reader gets."""
        path = self.target.files.serving if self.target.files else None
        with connect(self.target, read_only=True, path=path) as connection:
            return connection.rows(query)

    def columns(self, view: str) -> list[str]:
        path = self.target.files.serving if self.target.files else None
        with connect(self.target, read_only=True, path=path) as connection:
            return [name for name, _ in connection.columns("segments", view)]

    def served_tables(self) -> list[str]:
        path = self.target.files.serving if self.target.files else None
        with connect(self.target, read_only=True, path=path) as connection:
            return connection.tables("segments")

    def publish_ids(self) -> set[object]:
        """Every publish_id that any served table shows; none where nothing is served."""
        path = self.target.files.serving if self.target.files else None
        if path and not path.exists():
            return set()
        with connect(self.target, read_only=True, path=path) as connection:
            shown = [
                {value for (value,) in connection.rows(f"select distinct publish_id from segments.{view}")}
                for view in connection.tables("segments")
            ]
        assert all(len(ids) <= 1 for ids in shown)
        return set().union(*shown)


def size_check(name: str, table: str, maximum: int, severity: str = "error") -> CheckQuery:
    """A check that counts the members of a plain segment."""
    query = parse_one(f"select '{name}' as subject, count({name}) as value, cast(null as text) as detail from t")
    query = query.transform(lambda n: exp.table_(f"build:{table}", quoted=True) if isinstance(n, exp.Table) else n)
    assert isinstance(query, exp.Query)
    limit = CheckLimit(maximum=Decimal(maximum), severity=severity)  # type: ignore[arg-type]
    return CheckQuery("size", "Members of the segment", "segment", query, {name: limit})


def duckdb_target(folder: Path) -> Target:
    folder = folder / "warehouse"
    files = DuckDBFiles(
        folder / "acme.duckdb", folder / "segments_next.duckdb", "segments_next", folder / "acme_segments.duckdb"
    )
    return Target("dev", "segments", "duckdb", folder, folder, {}, files)


def postgres_target(server: Postgres, folder: Path) -> Target:
    settings = {"host": server.host, "port": server.port, "user": server.user, "dbname": server.dbname}
    return Target("postgres", "segments", "postgres", folder, folder, settings)
