"""The same connection on DuckDB and on Postgres: types, nulls, loading, transactions, and what cannot be opened."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from sqlglot import exp

from orchestration.diagnostics import UserError
from orchestration.warehouse import Attach, Connection, StatementFailed, Target, connect
from orchestration.warehouse.target import DuckDBFiles
from tests.conftest import Postgres


def duckdb_target(folder: Path, **settings: object) -> Target:
    files = DuckDBFiles(folder / "w/acme.duckdb", folder / "w/next.duckdb", "segments_next", folder / "w/served.duckdb")
    return Target("dev", "p", "duckdb", folder, folder, settings, files)


def postgres_target(folder: Path, database: Postgres) -> Target:
    settings = {"host": database.host, "port": str(database.port), "user": database.user, "dbname": database.dbname}
    return Target("pg", "p", "postgres", folder, folder, settings)


@pytest.fixture(params=["duckdb", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    if request.param == "duckdb":
        return duckdb_target(tmp_path)
    return postgres_target(tmp_path, request.getfixturevalue("empty_postgres"))


@pytest.fixture
def connection(target: Target) -> Iterator[Connection]:
    with connect(target, create=True) as opened:
        yield opened


COLUMNS = [
    ("id", "bigint"),
    ("odd name", "text"),
    ("at", "timestamp"),
    ("amount", "numeric(18,2)"),
    ("ok", "boolean"),
    ("day", "date"),
    ("tags", "text[]"),
]
CSV = """id,odd name,at,amount,ok,day,tags
1,"quoted ""text"", with
a newline {{ x }}",2026-01-02 03:04:05.000006,10.50,true,2026-01-02,
2,"",,,,,
3,,1969-12-31 23:59:59,-0.01,false,0999-12-31,
,  ü  ,,,,,
"""
ROWS: list[tuple[object, ...]] = [
    (
        1,
        'quoted "text", with\na newline {{ x }}',
        datetime.datetime(2026, 1, 2, 3, 4, 5, 6),
        Decimal("10.50"),
        True,
        datetime.date(2026, 1, 2),
        None,
    ),
    (2, "", None, None, None, None, None),
    (3, None, datetime.datetime(1969, 12, 31, 23, 59, 59), Decimal("-0.01"), False, datetime.date(999, 12, 31), None),
    (None, "  ü  ", None, None, None, None, None),
]


def test_a_csv_file_replaces_a_table(connection: Connection, tmp_path: Path) -> None:
    path = tmp_path / "it's.csv"
    path.write_text(CSV, encoding="utf-8")
    for _ in range(2):
        connection.load_csv("crm", "the accounts", COLUMNS, path)
        assert connection.rows('select * from crm."the accounts" order by id nulls last') == ROWS
    assert [name for name, _ in connection.columns("crm", "the accounts")] == [name for name, _ in COLUMNS]
    path.write_text("id\n7\n")
    connection.load_csv("crm", "the accounts", [("id", "integer")], path)
    assert connection.rows('select * from crm."the accounts"') == [(7,)]
    assert connection.tables("crm") == ["the accounts"]
    assert connection.tables("nowhere") == []
    assert connection.columns("crm", "nothing") == []


def test_a_loaded_table_keeps_its_views(connection: Connection, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id\n1\n")
    connection.load_csv("crm", "t", [("id", "bigint")], path)
    connection.execute("create view v as select id from crm.t")
    path.write_text("id\n2\n")
    connection.load_csv("crm", "t", [("id", "bigint")], path)
    assert connection.rows("select * from v") == [(2,)]


def test_a_bad_csv_file_leaves_the_table(connection: Connection, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id\n1\n")
    connection.load_csv("crm", "t", [("id", "bigint")], path)
    path.write_text("id\nx\n")
    with pytest.raises(StatementFailed):
        connection.load_csv("crm", "t", [("id", "bigint")], path)
    assert connection.rows("select * from crm.t") == [(1,)]


def test_inserted_values_come_back(connection: Connection) -> None:
    declared = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS)
    connection.execute("create schema s")
    connection.execute(f"create table s.t ({declared})")
    tagged: list[tuple[object, ...]] = [
        (*row[:-1], tags) for row, tags in zip(ROWS, (["a", None], [], None, ["x"]), strict=True)
    ]
    connection.insert("s", "t", [name for name, _ in COLUMNS], tagged)
    assert connection.rows("select * from s.t order by id nulls last") == tagged
    connection.insert("s", "t", ["odd name"], iter([("only",)]))
    connection.insert("s", "t", ["odd name"], [])
    assert connection.rows("select count(*), count(id) from s.t") == [(5, 3)]
    many = ((number, f"it's {number}; drop table s.t --") for number in range(25_000))
    connection.insert("s", "t", ["id", "odd name"], many)
    assert connection.rows("select count(*), max(id) from s.t") == [(25_005, 24_999)]


def test_parameters_are_bound(connection: Connection) -> None:
    text = "'; drop table x; -- {{ }} % %s ? $1"
    sql = f"select {connection.placeholder}, cast({connection.placeholder} as bigint)"
    assert connection.rows(sql, [text, 5]) == [(text, 5)]
    assert connection.rows("select 'like 100%', 7 % 4") == [("like 100%", 3)]
    tree = exp.select(exp.Literal.string("a'b"), exp.column("x", quoted=True)).from_("(select 1 as x) as t")
    assert connection.rows(tree) == [("a'b", 1)]


def test_a_transaction_is_all_or_nothing(connection: Connection) -> None:
    connection.execute("create table t (a bigint)")
    with connection.transaction():
        connection.execute("insert into t values (1)")

    def interrupted(*statements: str) -> None:
        with connection.transaction():
            for statement in statements:
                connection.execute(statement)
            raise KeyboardInterrupt

    with pytest.raises(StatementFailed):
        interrupted("insert into t values (2)", "insert into nowhere values (3)")
    with pytest.raises(KeyboardInterrupt):
        interrupted("insert into t values (4)")
    assert connection.rows("select a from t") == [(1,)]


def test_time_is_utc(connection: Connection) -> None:
    instant = "cast(timestamp with time zone '2026-07-01 12:00:00+02' as timestamp)"
    assert connection.rows(f"select {instant}") == [(datetime.datetime(2026, 7, 1, 10),)]


def test_a_read_only_connection_does_not_write(target: Target) -> None:
    with connect(target, create=True) as writing:
        writing.execute("create table t as select 1 as a")
    with connect(target, read_only=True) as reading:
        assert reading.rows("select a from t") == [(1,)]
        for statement in ("insert into t values (2)", "create table u as select 1", "drop table t"):
            with pytest.raises(StatementFailed):
                reading.execute(statement)
        assert reading.rows("select a from t") == [(1,)]


def test_a_failed_statement_says_what_the_engine_said(connection: Connection) -> None:
    with pytest.raises(StatementFailed) as caught:
        connection.rows("select nope from (select 1 as a) as t")
    assert "nope" in str(caught.value)
    assert caught.value.sqlstate == ("42703" if connection.dialect == "postgres" else None)


def test_duckdb_files_are_attached_by_name_and_readable_by_older_clients(tmp_path: Path) -> None:
    target = duckdb_target(tmp_path, settings={"threads": "1", "preserve_insertion_order": False})
    assert target.files is not None
    generation = Attach(target.files.generation, target.files.alias)
    with connect(target, create=True, attach=[generation]) as connection:
        connection.execute("create schema segments_next.segments_build")
        connection.execute("create table segments_next.segments_build.t (a bigint, b text)")
        connection.insert("segments_build", "t", ["a", "b"], [(1, "x")], catalog="segments_next")
        assert connection.columns("segments_build", "t", catalog="segments_next") == [("a", "BIGINT"), ("b", "VARCHAR")]
        assert connection.columns("segments_build", "t") == []
        assert connection.tables("segments_build", catalog="segments_next") == ["t"]
        tags = connection.rows("select database_name, tags from duckdb_databases() where not internal order by 1")
        assert tags == [("acme", {"storage_version": "v1.4.0+"}), ("segments_next", {"storage_version": "v1.4.0+"})]
        assert connection.rows("select current_setting('threads')") == [(1,)]
    with connect(target, read_only=True, path=target.files.generation) as connection:
        assert connection.rows("select * from next.segments_build.t") == [(1, "x")]
    with connect(target, attach=[replace(generation, read_only=True)]) as connection, pytest.raises(StatementFailed):
        connection.execute("delete from segments_next.segments_build.t")
    assert not list(target.files.main.parent.glob("*.wal"))


def refusal(target: Target, *, read_only: bool = False) -> tuple[str, str]:
    with pytest.raises(UserError) as caught, connect(target, read_only=read_only):
        pass
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code, f"{diagnostic.message}\n{diagnostic.hint}"


def test_duckdb_files_that_cannot_be_opened(tmp_path: Path) -> None:
    target = duckdb_target(tmp_path)
    assert target.files is not None
    assert refusal(target)[0] == "missing-warehouse"
    assert refusal(target, read_only=True)[0] == "missing-warehouse"
    assert not target.files.main.parent.exists()
    target.files.main.parent.mkdir()
    target.files.main.write_text("not a database " * 1000)
    assert refusal(target)[0] == "unreadable-warehouse"
    target.files.main.unlink()
    duckdb.connect(str(target.files.main)).close()
    bad = replace(target, settings={"config_options": {"no_such_option": 1}})
    assert refusal(bad)[0] == "unreadable-warehouse"
    assert refusal(replace(target, settings={"settings": {"threads": "many"}}))[0] == "statement-failed"


def test_a_locked_duckdb_file_names_the_process(tmp_path: Path) -> None:
    target = duckdb_target(tmp_path)
    assert target.files is not None
    target.files.main.parent.mkdir()
    script = f"import duckdb; c = duckdb.connect({str(target.files.main)!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        code, message = refusal(target)
        assert (code, refusal(target, read_only=True)[0]) == ("locked-warehouse", "locked-warehouse")
        assert f"process {holder.pid}" in message
        holder.communicate(b"\n")
    with connect(target):
        pass


def test_a_postgres_that_cannot_be_reached(postgres: Postgres, tmp_path: Path) -> None:
    target = postgres_target(tmp_path, postgres)

    def changed(**settings: str) -> tuple[str, str]:
        return refusal(replace(target, settings={**target.settings, **settings}))

    code, message = changed(dbname="no_such_database")
    assert code == "unreachable-warehouse"
    assert "createdb no_such_database" in message
    code, message = changed(user="nobody_here")
    assert code == "unreachable-warehouse"
    assert "`user`" in message
    code, message = changed(host=str(tmp_path))
    assert code == "unreachable-warehouse"
    assert "is the server running" in message
    assert changed(port="many")[0] == "bad-profile"
    assert changed(role="no_such_role")[0] == "statement-failed"


def test_an_engine_that_is_not_supported_yet(tmp_path: Path) -> None:
    code, message = refusal(Target("lake", "p", "spark", tmp_path, tmp_path, {}))
    assert code == "unsupported-engine"
    assert "`duckdb` and `postgres`" in message
