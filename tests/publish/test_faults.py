"""Runs that die, readers that come at any time, clients that misbehave."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psycopg
import pytest

from orchestration import publish
from orchestration.diagnostics import UserError
from orchestration.publish import files as file_steps
from orchestration.publish import on_duckdb as duckdb_steps
from orchestration.publish import on_postgres as postgres_steps
from orchestration.warehouse import connect
from tests.conftest import Postgres
from tests.publish.company import ACCOUNTS, USERS, Company, at, segment, size_check

STEPS = {"duckdb": duckdb_steps.STEPS, "postgres": postgres_steps.STEPS}
BEFORE = {"power_users": ["u1"], "arr_tier": {1: "smb"}}
AFTER = {"power_users": ["u2"], "arr_tier": {1: "enterprise"}}


class Died(BaseException):
    """Stands for a process that ends here."""


def dies_at(step: str) -> Callable[[str], None]:
    def on_step(name: str) -> None:
        if name == step:
            raise Died

    return on_step


def test_the_steps_are_those_named(company: Company) -> None:
    heard: list[str] = []
    company.run(at(1), BEFORE, on_step=heard.append)
    assert tuple(heard) == STEPS[company.target.dialect]


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_dying_at_any_step(company: Company, first: bool) -> None:
    """Readers see the old generation or the new one; the next run finds its way."""
    steps = STEPS[company.target.dialect]
    visible = steps[steps.index("swap" if company.target.dialect == "duckdb" else "commit") + 1 :]
    if not first:
        company.run(at(1), BEFORE)
    for step in steps:
        known = company.publish_ids()
        with pytest.raises(Died):
            company.run(at(2), AFTER, on_step=dies_at(step))
        if step in visible:
            assert len(company.publish_ids()) == 1
            assert company.publish_ids() != known
        else:
            assert company.publish_ids() == known
    generation = company.run(at(2), AFTER)
    assert company.publish_ids() == {generation.publish_id}
    assert company.read("select user_id, entered_at from segments.power_users") == [("u2", at(2))]
    stays = company.read("select entity_id, valid_from, valid_to from segments.segment_membership_history "
                         "where segment = 'power_users' order by 2")  # fmt: skip
    assert stays == ([] if first else [("u1", at(1), at(2))]) + [("u2", at(2), None)]


def test_dying_between_prepare_and_publish(company: Company) -> None:
    generation = company.run(at(1), BEFORE)
    company.prepare_and_build(at(2), AFTER)
    assert company.publish_ids() == {generation.publish_id}
    assert company.run(at(3), AFTER).previous == generation.publish_id
    assert company.read("select distinct as_of from segments.segment_daily order by 1") == [(at(1),), (at(3),)]


def test_a_run_of_another_instant_is_not_judged(company: Company) -> None:
    company.prepare_and_build(at(2), AFTER)
    with pytest.raises(UserError, match="prepared for 2026-03-02"):
        publish.audit(company.target, company.compiled, at(3))


def test_what_was_not_built_is_not_published(company: Company) -> None:
    company.run(at(1), BEFORE)
    before = company.publish_ids()
    publish.prepare(company.target, company.compiled, at(2))
    if company.target.dialect == "postgres":  # the tables of the generation before have moved on
        with pytest.raises(UserError, match="has no columns"):
            publish.publish(company.target, company.compiled, at(2), ())
    assert company.publish_ids() == before


def test_one_run_at_a_time(company: Company) -> None:
    with (
        publish.exclusive(company.target),
        pytest.raises(UserError, match="another run"),
        publish.exclusive(company.target),
    ):
        pass
    with publish.exclusive(company.target):
        pass


def test_a_failed_check_keeps_everything_as_it_was(company: Company) -> None:
    generation = company.run(at(1), BEFORE)
    checks = [size_check("power_users", "user_segments", 2), size_check("at_risk", "user_segments", 0, "warn")]
    company.specs(*company.compiled.segments, checks=checks)
    company.prepare_and_build(at(2), {"power_users": USERS, "at_risk": ["u1"]})
    results = publish.audit(company.target, company.compiled, at(2))
    assert [(r.check, r.segment, r.passed, r.blocks) for r in results] == [
        ("size", "power_users", False, True), ("size", "at_risk", False, False),
    ]  # fmt: skip
    with pytest.raises(UserError, match="`size` of segment `power_users` is 8, expected at most 2"):
        company.publish(at(2))
    assert company.publish_ids() == {generation.publish_id}
    company.run(at(2), {"power_users": USERS[:2], "at_risk": ["u1"]})
    assert company.read(
        "select check_name, subject, segment, value, maximum, severity, passed from segments.segment_checks order by 2"
    ) == [
        ("size", "at_risk", "at_risk", 1, 0, "warn", False),
        ("size", "power_users", "power_users", 2, 2, "error", True),
    ]  # fmt: skip


def test_old_generations_go(company: Company) -> None:
    made = [company.run(at(day), BEFORE, keep_last=3).publish_id for day in range(1, 6)]
    assert [g.publish_id for g in publish.generations(company.target)] == made[:1:-1]
    publish.rollback(company.target, made[2])
    with pytest.raises(UserError, match=f"no generation `{made[1]}`"):
        publish.rollback(company.target)
    with pytest.raises(UserError):
        publish.rollback(company.target, made[0])
    made.append(company.run(at(6), BEFORE, keep_last=3).publish_id)
    assert [(g.publish_id, g.state) for g in publish.generations(company.target)] == [
        (made[5], "served"), (made[4], "withdrawn"), (made[3], "withdrawn"),
    ]  # fmt: skip


def test_nothing_to_roll_back(company: Company) -> None:
    with pytest.raises(UserError, match="nothing is published"):
        publish.rollback(company.target)
    company.run(at(1), BEFORE)
    with pytest.raises(UserError, match="no generation before"):
        publish.rollback(company.target)


READER = """
import sys, duckdb
path, views = sys.argv[1], sys.argv[2].split(",")
query = " union all ".join(f"select distinct publish_id from segments.{view}" for view in views)
mixes = queries = 0
seen = set()
print("ready", flush=True)
import os, time
while not os.path.exists(sys.argv[3]):
    with duckdb.connect(path, read_only=True) as connection:
        found = {value for (value,) in connection.execute(query).fetchall()}
        found |= {value for view in views for (value,) in
                  connection.execute(f"select distinct publish_id from segments.{view}").fetchall()}
    mixes += len(found) != 1
    seen |= found
    queries += 1
print(mixes, queries, len(seen))
"""
READ = ("segment_generation", "user_segments", "account_segments", "user_traits", "arr_tier", "segment_catalog",
        "segment_membership", "segment_daily")  # fmt: skip


def test_readers_of_files_see_one_generation(on_duckdb: Company, tmp_path: Path) -> None:
    on_duckdb.run(at(1), BEFORE)
    assert on_duckdb.target.files
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", READER, str(on_duckdb.target.files.serving), ",".join(READ), str(stop)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for reader in readers:
        assert reader.stdout
        assert reader.stdout.readline() == "ready\n"
    for day in range(2, 6):
        on_duckdb.run(at(day), AFTER if day % 2 else BEFORE)
    publish.rollback(on_duckdb.target)
    stop.touch()
    for reader in readers:
        told, _ = reader.communicate(timeout=60)
        mixes, queries, seen = map(int, told.split())
        assert (reader.returncode, mixes) == (0, 0)
        assert queries >= 3
        assert seen >= 2


def test_readers_of_postgres_see_one_generation(on_postgres: Company, empty_postgres: Postgres) -> None:
    on_postgres.run(at(1), BEFORE)
    stop = threading.Event()
    faults: list[object] = []
    queries = [0]

    def read(in_transaction: bool) -> None:
        together = " union all ".join(f"select distinct publish_id from segments.{view}" for view in READ)
        with empty_postgres.connect() as connection:
            while not stop.is_set():
                try:
                    with connection.transaction():
                        found = {value for (value,) in connection.execute(together).fetchall()}
                        if in_transaction:
                            found |= {
                                value
                                for view in READ
                                for (value,) in connection.execute(
                                    f"select distinct publish_id from segments.{view}"
                                ).fetchall()
                            }
                except psycopg.Error as error:
                    faults.append(error)
                    return
                queries[0] += 1
                if len(found) != 1:
                    faults.append(found)
                time.sleep(0.002)

    readers = [threading.Thread(target=read, args=(n % 2 == 0,)) for n in range(4)]
    for reader in readers:
        reader.start()
    for day in range(2, 8):
        if day % 2:  # a new view, and a new column of a view that is being read
            on_postgres.specs(*on_postgres.compiled.segments, segment(f"new_{day}"))
        on_postgres.run(at(day), AFTER if day % 2 else BEFORE)
    publish.rollback(on_postgres.target)
    stop.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert queries[0] > 20


@contextmanager
def holding(server: Postgres, query: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A reader with a transaction open."""
    with server.connect() as connection, connection.transaction():
        connection.execute(query)
        yield connection


def test_publishing_waits_for_a_reader(on_postgres: Company, empty_postgres: Postgres) -> None:
    on_postgres.run(at(1), BEFORE)
    with holding(empty_postgres, "select * from segments.user_segments") as reader:
        done = threading.Event()

        def run() -> None:
            on_postgres.run(at(2), AFTER)
            done.set()

        writer = threading.Thread(target=run)
        writer.start()
        assert not done.wait(2)
        assert reader.execute("select user_id from segments.power_users").fetchall() == [("u1",)]
    writer.join()
    assert done.is_set()
    assert on_postgres.read("select user_id from segments.power_users") == [("u2",)]


def test_publishing_gives_up_when_a_reader_stays(
    on_postgres: Company, empty_postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = on_postgres.run(at(1), BEFORE)
    monkeypatch.setattr(postgres_steps, "PAUSES", (0.01,))
    with holding(empty_postgres, "select * from segments.user_segments"):
        with pytest.raises(UserError, match="in use") as refused:
            on_postgres.run(at(2), AFTER)
        assert "process " in refused.value.diagnostics[0].hint
        assert on_postgres.publish_ids() == {generation.publish_id}


def test_an_old_generation_in_use_stays(on_postgres: Company, empty_postgres: Postgres) -> None:
    first = on_postgres.run(at(1), BEFORE)
    schema = postgres_steps.generation_schema(first.publish_id)
    empty_postgres.execute("create schema bi", f"create view bi.old as select * from {schema}.user_traits")
    second = on_postgres.run(at(2), AFTER, keep_last=1)
    assert "still in use" in second.notes[0]
    empty_postgres.execute("drop view bi.old")
    third = on_postgres.run(at(3), AFTER, keep_last=1)
    assert third.notes == ()
    assert [g.publish_id for g in publish.generations(on_postgres.target)] == [third.publish_id]
    assert on_postgres.read("select count(*) from pg_namespace where starts_with(nspname, 'segments_g_')") == [(1,)]


def test_a_log_left_by_a_client_is_set_aside(on_duckdb: Company) -> None:
    on_duckdb.run(at(1), BEFORE)
    assert on_duckdb.target.files
    serving = on_duckdb.target.files.serving
    serving.chmod(0o644)
    code = (
        "import duckdb, os, sys\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "connection.execute('create table segments.scribble as select 1 as a')\n"
        "os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(serving)], check=False)
    assert file_steps.wal_of(serving).exists()
    notes = publish.prepare(on_duckdb.target, on_duckdb.compiled, at(2))
    assert "left a log" in notes[0]
    assert not file_steps.wal_of(serving).exists()
    on_duckdb.build(AFTER)
    file_steps.wal_of(serving).write_bytes(b"not a log")
    generation = on_duckdb.publish(at(2))
    assert "left a log" in generation.notes[0]
    assert on_duckdb.publish_ids() == {generation.publish_id}
    assert "scribble" not in on_duckdb.served_tables()


def test_leftovers_are_cleared_away(on_duckdb: Company) -> None:
    assert on_duckdb.target.files
    next_file = on_duckdb.target.files.generation
    next_file.parent.mkdir(exist_ok=True)
    for leftover in (next_file, file_steps.wal_of(next_file), next_file.with_name(next_file.name + ".unfinished")):
        leftover.write_bytes(b"half a file")
    generation = on_duckdb.run(at(1), BEFORE)
    assert on_duckdb.publish_ids() == {generation.publish_id}
    files = {path.name for path in next_file.parent.iterdir()}
    assert files == {"acme.duckdb", "acme_segments.duckdb", "acme_segments.duckdb.lock", "acme_segments_generations"}


def test_the_serving_file(on_duckdb: Company) -> None:
    """Read-only, without a log, of an old storage version, under a catalog that is no schema."""
    for day in (1, 2):
        on_duckdb.run(at(day), BEFORE)
    assert on_duckdb.target.files
    serving = on_duckdb.target.files.serving
    assert serving.stat().st_mode & 0o777 == 0o444
    assert not file_steps.wal_of(serving).exists()
    with duckdb.connect(str(serving), read_only=True) as connection:
        found = connection.execute("select database_name, tags from duckdb_databases() where not internal").fetchall()
        assert found == [("acme_segments", {"storage_version": "v1.4.0+"})]
        schemas = {row[0] for row in connection.execute("select schema_name from duckdb_tables()").fetchall()}
        assert schemas == {"segments_build", "segments_history"}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{serving}' as bi (read_only)")
        assert connection.execute("select count(*) from bi.segments.user_segments").fetchall() == [(len(USERS),)]
        assert connection.execute("select count(*) from bi.segments.account_traits").fetchall() == [(len(ACCOUNTS),)]


def test_tables_of_models_that_are_gone_go(on_duckdb: Company) -> None:
    assert on_duckdb.target.files
    on_duckdb.prepare_and_build(at(1), BEFORE)
    with connect(on_duckdb.target, path=on_duckdb.target.files.generation) as connection:
        connection.execute("create table segments_build.gone as select 1 as a")
    on_duckdb.publish(at(1))
    assert on_duckdb.read("select count(*) from duckdb_tables() where table_name = 'gone'") == [(0,)]


def test_two_publishes_in_one_moment_have_names_of_their_own(company: Company) -> None:
    first = company.run(at(1), BEFORE)
    company.clock -= dt.timedelta(minutes=1)
    second = company.run(at(1), BEFORE)
    assert first.publish_id == "20260601t120100_000000"
    assert second.publish_id == "20260601t120100_000000_1"
    assert company.publish_ids() == {second.publish_id}


def test_history_goes_on_when_the_serving_file_is_lost(on_duckdb: Company) -> None:
    on_duckdb.run(at(1), BEFORE)
    on_duckdb.run(at(2), BEFORE)
    assert on_duckdb.target.files
    on_duckdb.target.files.serving.unlink()
    [note] = publish.prepare(on_duckdb.target, on_duckdb.compiled, at(3))
    assert "is gone" in note
    on_duckdb.run(at(3), BEFORE)
    instants = on_duckdb.read("select distinct as_of from segments.segment_daily order by 1")
    assert instants == [(at(1),), (at(2),), (at(3),)]
    assert on_duckdb.read("select distinct entered_at from segments.segment_membership") == [(at(1),)]
