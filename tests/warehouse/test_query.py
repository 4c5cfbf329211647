"""What a user's SQL may do, and what it may not, on DuckDB and on Postgres alike."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.diagnostics import UserError
from orchestration.warehouse import Target, read_target
from orchestration.warehouse.query import QueryResult, query
from tests.conftest import Postgres

PROFILES = """
p:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: acme.duckdb
      schema: main
      attach: [{path: segments_next.duckdb, alias: segments_next}]
    postgres:
      type: postgres
      host: "{{ env_var('SEGMENTS_PG_HOST') }}"
      port: "{{ env_var('SEGMENTS_PG_PORT') | int }}"
      user: "{{ env_var('SEGMENTS_PG_USER') }}"
      password: "{{ env_var('SEGMENTS_PG_PASSWORD', '') }}"
      dbname: "{{ env_var('SEGMENTS_PG_DBNAME') }}"
      schema: public
"""
TABLES = (
    "create schema segments",
    "create schema segments_build",
    "create schema crm",
    "create table crm.secret as select 'hidden' as word",
    """create table segments_build.users
    (user_id text, country text, orders bigint, spent numeric(18,2), seen timestamp, tags text[], comment text)""",
    """insert into segments_build.users values
    ('u1', 'DE', 3, 10.50, timestamp '2026-01-02 03:04:05.000006', array['a', 'b'], '50% -- not a comment'),
    ('u2', 'FR', 1, null, null, null, 'it''s /* text */')""",
    "create view segments.user_traits as select * from segments_build.users",
    "create view segments.power_users as select user_id, seen as entered_at from segments_build.users where orders > 2",
)
POSTGRES_ONLY = (
    "create function segments.evil() returns text language sql as $$ select word from crm.secret $$",
    "create function crm.evil() returns text language sql as $$ select word from crm.secret $$",
    "create sequence segments.counter",
    "create table segments.plain (a bigint)",
    'create schema "Segments"',
    """create table "Segments".user_traits as select 'hidden' as user_id""",
)
DUCKDB_ONLY = ("create macro segments.evil() as (select word from crm.secret)", "create sequence segments.counter")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dbt")
    (folder / "dbt_project.yml").write_text("name: p\nprofile: p\n")
    (folder / "profiles.yml").write_text(PROFILES)
    with duckdb.connect(str(folder / "acme_segments.duckdb")) as connection:
        for statement in (*TABLES, *DUCKDB_ONLY):
            connection.execute(statement)
    return folder


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def target(request: pytest.FixtureRequest, folder: Path) -> Iterator[Target]:
    if request.param == "duckdb":
        yield read_target(folder, "dev")
        return
    server: Postgres = request.getfixturevalue("postgres")
    database = server.new_database("query")
    database.execute(*TABLES, *POSTGRES_ONLY)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in database.environment.items():
            patch.setenv(name, value)
        yield read_target(folder, "postgres")


def rows(target: Target, sql: str) -> list[tuple[object, ...]]:
    return list(query(target, sql).rows)


ANSWERS: list[tuple[str, list[tuple[object, ...]]]] = [
    ("select user_id from segments.user_traits order by 1", [("u1",), ("u2",)]),
    ("select user_id from power_users", [("u1",)]),
    ('SELECT "user_id" FROM "segments"."power_users" ;', [("u1",)]),
    ("values (1), (2)", [(1,), (2,)]),
    ("(select 1) union all (select 2) order by 1", [(1,), (2,)]),
    ("select count(*), sum(orders), max(spent) from user_traits", [(2, 4, Decimal("10.50"))]),
    ("with x(n) as (select orders from user_traits), y as (select n + 1 as n from x) select max(n) from y", [(4,)]),
    ("with x(n) as (values (1), (2)) select sum(m) from x as t(m)", [(3,)]),
    ("with recursive r(n) as (select 1 union all select n + 1 from r where n < 3) select count(*) from r", [(3,)]),
    ("select a.user_id from user_traits a join power_users as b using (user_id)", [("u1",)]),
    ("select country, row_number() over (order by country) from user_traits order by 2", [("DE", 1), ("FR", 2)]),
    ("select count(*) filter (where country in ('DE', 'AT')) from user_traits", [(1,)]),
    ("select seen, date_trunc('month', seen) from user_traits where seen is not null",
     [(datetime.datetime(2026, 1, 2, 3, 4, 5, 6), datetime.datetime(2026, 1, 1))]),
    ("select extract(year from seen) from user_traits where user_id = 'u1'", [(2026,)]),
    ("select tags from user_traits where user_id = 'u1'", [(["a", "b"],)]),
    ("select t.comment from user_traits t order by 1", [("50% -- not a comment",), ("it's /* text */",)]),
    ("select '{{ env_var(''HOME'') }}', 'ä;\\', '100%'", [("{{ env_var('HOME') }}", "ä;\\", "100%")]),
    ("select 1 -- a comment\n, 2 /* another; /* nested */ drop table x */", [(1, 2)]),
    ("select cast('1.5' as numeric(10, 2)), '7'::varchar(3)", [(Decimal("1.50"), "7")]),
    ("select 7 / 2 > 1, 'a' || 'b', not (1 = 2)", [(True, "ab", True)]),
    ("select exists (select 1 from power_users), case when 1 = 1 then 'x' end", [(True, "x")]),
    ("select distinct on (country) user_id from user_traits order by country", [("u1",), ("u2",)]),
    ("select string_agg(user_id, ',' order by user_id) from user_traits group by ()", [("u1,u2",)]),
    ("select größe from (select 1 as größe) as s", [(1,)]),
    ("select 1 as \"drop\" order by \"drop\"", [(1,)]),
    ("select user_id from user_traits where false", []),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "expected"), ANSWERS)
def test_a_query_gives_the_engines_answer(target: Target, sql: str, expected: list[tuple[object, ...]]) -> None:
    assert rows(target, sql) == expected


def test_columns_limit_and_listing(target: Target) -> None:
    everything = query(target, "select user_id, orders as n, orders as n from user_traits order by 1", limit=1)
    assert everything == QueryResult(("user_id", "n", "n"), (("u1", 3, 3),), truncated=True)
    assert query(target, "select 1 as one where false").columns == ("one",)
    assert not query(target, "select user_id from user_traits", limit=2).truncated
    assert {"power_users", "user_traits"} <= {row[0] for row in query(target, "SHOW TABLES;").rows}
    described = query(target, "describe segments.power_users")
    assert described.columns == ("column", "type")
    assert [row[0] for row in described.rows] == ["user_id", "entered_at"]
    with pytest.raises(UserError, match="no published table `power_user`"):
        query(target, "describe power_user")


REFUSED = [
    # other tables
    "select * from crm.secret",
    "select * from segments_build.users",
    "select * from secret",
    "select * from nowhere",
    "select * from public.secret",
    'select * from "crm"."secret"',
    "select * from CRM.SECRET",
    "select * from crm . secret",
    "select * from crm/* */.secret",
    "select * from acme_segments.crm.secret",
    "select * from user_traits, crm.secret",
    "select * from user_traits as crm, crm.secret",
    "select (select word from crm.secret)",
    "select 1 union select word from crm.secret",
    "select 1 where exists (select 1 from crm.secret)",
    "with x as (select * from crm.secret) select * from x",
    "with secret as (select 1) select * from crm.secret",
    "select * from (user_traits join crm.secret on true)",
    "select * from user_traits, lateral (select * from crm.secret) as s",
    "table crm.secret",
    "select 1 union table crm.secret",
    "select * from only crm.secret",
    "select 'crm.secret'::regclass, crm.secret from user_traits",
    "select * from pg_catalog.pg_authid",
    "select * from pg_authid",
    "select * from pg_shadow",
    "select * from pg_stat_activity",
    "select * from information_schema.tables",
    "select * from sqlite_master",
    "select * from duckdb_settings()",
    "from duckdb_secrets()",
    # files, network, settings
    "select pg_read_file('/etc/passwd')",
    "select * from pg_read_file('/etc/passwd')",
    "select \"pg_read_file\"('/etc/passwd')",
    "select pg_catalog.pg_read_file('/etc/passwd')",
    "select PG_READ_FILE/**/('/etc/passwd')",
    "select distinct on (1) pg_read_file('/etc/passwd')",
    "select pg_ls_dir('/')",
    "select lo_import('/etc/passwd')",
    "select lo_get(1)",
    "select * from dblink('host=x', 'select 1') as (a int)",
    "select * from dblink('host=x', 'select 1') as t(a int)",
    "select * from user_traits, dblink('host=x', 'select 1') as t(a int)",
    "select query_to_xml('select * from crm.secret', true, false, '')",
    "select table_to_xml('crm.secret', true, false, '')",
    "select * from ts_stat('select word from crm.secret')",
    "select set_config('statement_timeout', '0', false)",
    "select current_setting('data_directory')",
    "select pg_sleep(100)",
    "select nextval('segments.counter')",
    "select setval('segments.counter', 1)",
    "select segments.evil()",
    "select evil()",
    "select crm.evil()",
    "select segments.count(1)",
    "select pg_terminate_backend(1)",
    "select pg_advisory_lock(1)",
    "select * from rows from (pg_ls_dir('/'))",
    "select 1 operator(crm.+) 2",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from '/etc/passwd'",
    'select * from "/etc/passwd"',
    "from '/etc/passwd'",
    "select * from glob('/etc/*')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from query('select * from crm.secret')",
    "select * from query_table('crm.secret')",
    "select json_execute_serialized_sql('{}')",
    "select getenv('HOME')",
    "select getvariable('x')",
    "select * from pragma_table_info('crm.secret')",
    "select 'x'.read_text()",
    "select * from parquet_scan('s3://x/y')",
    "attach '/tmp/x.duckdb' as x",
    "install httpfs",
    "load httpfs",
    "pragma database_list",
    "set enable_external_access = true",
    "select * from (describe crm.secret)",
    "select * from (show all tables)",
    "copy segments.user_traits to '/tmp/x.csv'",
    "copy (select 1) to program 'id'",
    "export database '/tmp/x'",
    # changes
    "insert into segments.user_traits values ('u3')",
    "with x as (insert into segments.plain values (1) returning a) select * from x",
    "with x as (delete from segments.plain returning a) select * from x",
    "with x as (update segments.plain set a = 1 returning a) select * from x",
    "delete from segments.user_traits",
    "update segments.user_traits set country = 'XX'",
    "merge into segments.plain using user_traits on true when matched then delete",
    "truncate segments.plain",
    "drop view segments.user_traits",
    "create table segments.x as select 1",
    "create temp table x as select 1",
    "select 1 as a into segments.x",
    "select 1 as a into temp x",
    "select * from segments.plain for update",
    "select * from segments.user_traits for share",
    "alter table segments.plain add column b int",
    "vacuum",
    "checkpoint",
    "do $$ begin end $$",
    "call crm.evil()",
    "prepare x as select 1",
    "execute x",
    "begin",
    "commit",
    "explain analyze select 1",
    "lock table segments.plain",
    "listen x",
    "grant select on crm.secret to public",
    "set role postgres",
    "reset role",
    "pivot user_traits on country",
    # more than one statement, or none
    "select 1; select 2",
    "select 1; drop table segments.plain",
    "select 1 /* ; */ ; /* */ drop view segments.user_traits",
    "",
    " ;; ",
    "-- only a comment",
    "select 1 +",
    "select (1",
    "hello",
    # where engines read text differently
    "select e'\\' || pg_read_file(''/etc/passwd'') || '",
    "select $$ x $$",
    "select $a$ x $a$",
    "select u&'\\0041'",
    "select 'a",
    'select "a',
    "select 1 /* a",
    "select 1 \x00",
    "select '\x00'",
    "select\u00a01",
    "select \u20281",
    "select $1",
    "select ?",
    "select :x",
    "select `a`",
    "select " + "(" * 500 + "1" + ")" * 500,
    "select " + "not " * 12_000 + "true",
    "select " + "[" * 300,
    "select '" + "x" * 60_000 + "'",
]


@pytest.mark.parametrize("sql", REFUSED, ids=lambda sql: ascii(sql)[:70])
def test_more_than_a_read_of_published_tables_is_refused(target: Target, sql: str) -> None:
    with pytest.raises(UserError) as caught:
        query(target, sql)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code in {"query-not-allowed", "query-failed"}
    assert "hidden" not in diagnostic.message
    assert rows(target, "select count(*) from user_traits where country in ('DE', 'FR')") == [(2,)]


def test_the_engines_own_error_is_a_diagnostic(target: Target) -> None:
    with pytest.raises(UserError) as caught:
        query(target, "select nope from user_traits")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "query-failed"
    assert "nope" in diagnostic.message
    with pytest.raises(UserError) as caught:
        query(target, "select * from power_user")
    assert caught.value.diagnostics[0].hint == "did you mean `power_users`?"


def test_a_query_is_stopped_in_time(target: Target) -> None:
    numbers = "generate_series(1, 100000000) as a(x), generate_series(1, 100000) as b(y)"
    endless = f"select count(*) from {numbers} where x * y % 7 = 3"
    with pytest.raises(UserError) as caught:
        query(target, endless, seconds=0.3)
    assert caught.value.diagnostics[0].code == "query-too-slow"


def test_quoted_names_are_compared_as_the_engine_does(target: Target) -> None:
    sql = 'select user_id from "Segments".user_traits order by 1'
    if target.dialect == "duckdb":
        assert rows(target, sql) == [("u1",), ("u2",)]
    else:
        with pytest.raises(UserError, match=r"`Segments.user_traits` is not a published table"):
            query(target, sql)


BEHIND_THE_GUARD = {
    "duckdb": (
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from glob('/etc/*')",
        "select * from query('attach ''/tmp/x.duckdb''')",
        "copy (select 1) to '/tmp/x.csv'",
        "set enable_external_access = true",
        "install httpfs",
        "create table segments.x as select 1",
        "insert into segments_build.users (user_id) values ('u3')",
        "with x as (delete from segments_build.users returning 1) select * from x",
        "select 1; select 2",
    ),
    "postgres": (
        "select pg_read_file('/etc/passwd')",
        "select pg_ls_dir('/')",
        "select lo_import('/etc/passwd')",
        "select nextval('segments.counter')",
        "select pg_reload_conf()",
        "copy (select 1) to program 'id'",
        "insert into segments.plain values (1)",
        "with x as (insert into segments.plain values (1) returning a) select * from x",
        "select 1; drop table segments.plain",
        "create temp table x as select 1",
        "select * from secret",
    ),
}


def test_the_engine_is_closed_up_behind_the_guard(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.warehouse.query.guard", lambda sql, dialect, published: sql)
    for sql in BEHIND_THE_GUARD[target.dialect]:
        with pytest.raises(UserError) as caught:
            query(target, sql)
        assert caught.value.diagnostics[0].code in {"query-failed", "query-not-allowed"}, sql


def test_python_variables_are_no_tables(target: Target) -> None:
    nowhere = duckdb.sql("select 1") if target.dialect == "duckdb" else None
    with pytest.raises(UserError):
        query(target, "select * from nowhere")
    del nowhere


def test_nothing_is_published_yet(folder: Path, tmp_path: Path) -> None:
    for name in ("dbt_project.yml", "profiles.yml"):
        (tmp_path / name).write_text((folder / name).read_text())
    with pytest.raises(UserError, match="no segment tables are published yet"):
        query(read_target(tmp_path, "dev"), "select 1")
    duckdb.connect(str(tmp_path / "acme_segments.duckdb")).close()
    with pytest.raises(UserError, match="no segment tables are published yet"):
        query(read_target(tmp_path, "dev"), "select 1")


def test_the_file_is_not_written(folder: Path) -> None:
    path = folder / "acme_segments.duckdb"
    before = (path.read_bytes(), sorted(os.listdir(folder)))
    query(read_target(folder, "dev"), "select * from user_traits")
    assert (path.read_bytes(), sorted(os.listdir(folder))) == before
