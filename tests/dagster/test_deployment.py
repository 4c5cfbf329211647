"""What the deployment page says, done."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import yaml

import orchestration.defs
from orchestration.commands.dagster_command import INSTANCE
from orchestration.defs.names import POOL
from tests.conftest import Postgres
from tests.publish.company import SEGMENTS, Company, at, compiled, postgres_target, segment

PAGE = (Path(orchestration.defs.__file__).with_name("DEPLOYMENT.md")).read_text("utf-8")
BUILDER, GRANTS, LOGIN = (
    [statement for statement in map(str.strip, block.split(";")) if statement]
    for block in re.findall(r"^```sql\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
)
SCHEMAS = ("crm", "product", "billing", "support", "surveys")


@pytest.fixture
def builder(empty_postgres: Postgres) -> Iterator[Postgres]:
    """The database, with the roles of the page, seen by the one that builds."""
    empty_postgres.execute(*(f"create schema {name}" for name in SCHEMAS), "create table crm.accounts (account_id text)")
    statements = [statement.replace("database acme", f"database {empty_postgres.dbname}") for statement in BUILDER]
    empty_postgres.execute(*statements, *GRANTS, *LOGIN)
    yield replace(empty_postgres, user="segments_builder")
    empty_postgres.execute(
        "drop owned by segments_builder cascade",
        "drop owned by segments_reader",
        *(f"drop role {name}" for name in ("bi", "segments_reader", "segments_builder")),
    )


@pytest.fixture
def reader(builder: Postgres) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A BI tool's connection."""
    with closing(replace(builder, user="bi").connect()) as connection:
        yield connection


def test_a_reader_sees_what_is_served_and_nothing_else(
    builder: Postgres, tmp_path: Path, reader: psycopg.Connection[tuple[object, ...]]
) -> None:
    company = Company(postgres_target(builder, tmp_path), compiled(SEGMENTS, dialect="postgres"))

    def members() -> list[tuple[object, ...]]:
        return reader.execute("select segment, entity_id from segments.segment_membership order by 1, 2").fetchall()

    def schemas() -> set[object]:
        """Those in which the role may read anything."""
        found = reader.execute(
            "select table_schema from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')"
        )
        return {schema for (schema,) in found}

    company.run(at(1), {"power_users": ["u1"]})
    assert members() == [("power_users", "u1")]
    assert schemas() == {"segments"}
    company.specs(segment("power_users"), segment("newcomers"))
    company.run(at(2), {"power_users": ["u2"], "newcomers": ["u3"]})
    assert members() == [("newcomers", "u3"), ("power_users", "u2")]
    assert reader.execute("select user_id from segments.newcomers").fetchall() == [("u3",)]
    assert schemas() == {"segments"}
    hidden = ("segments_history.segment_changes", "segments_current.segment_membership", "segments_run.instant", "crm.accounts")
    for table in hidden:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(f"select 1 from {table}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("create table segments.mine (a int)")


def test_the_settings_of_the_page_are_those_that_the_command_writes() -> None:
    block = re.search(r"^  ```yaml\n(  telemetry.*?)^  ```$", PAGE, re.DOTALL | re.MULTILINE)
    assert block is not None
    page, written = yaml.safe_load(block[1]), yaml.safe_load(INSTANCE)
    assert page == {key: written[key] for key in page}
    assert f"`{POOL}`" in PAGE
