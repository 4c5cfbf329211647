"""The contract with readers, on both engines: found by reflection, read by joins, steady while it is rebuilt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import URL, Column, Engine, MetaData, Table, and_, func, inspect, select, text
from sqlalchemy.engine.reflection import ObjectKind

from tests.bi.page import ANSWERS, PAGE, blocks
from tests.bi.reader import engine_for
from tests.build.project import ROOT, SampleProject
from tests.conftest import Postgres

FIRST, SECOND = "2026-06-23", "2026-06-30"
LONG_TABLES = {
    "segment_membership", "segment_membership_history", "segment_changes", "segment_daily", "segment_catalog",
    "segment_checks", "segment_generation",
}  # fmt: skip
WIDE_TABLES = {f"{entity}_{kind}" for entity in ("user", "account") for kind in ("segments", "traits")}
pytestmark = pytest.mark.filterwarnings("ignore:duckdb-engine doesn't yet support reflection on indices")


@dataclass(frozen=True, slots=True)
class Served:
    """A published project; what its readers saw during the second build; the generations that build left."""

    project: SampleProject
    engine: Engine
    saw: dict[str, dict[str, Any]]
    generations: tuple[str, str]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def table(self, name: str) -> Table:
        """Of its columns alone: what duckdb-engine asks about constraints, DuckDB 2 does not understand."""
        columns = inspect(self.engine).get_columns(name, schema="segments")
        return Table(name, MetaData(), *(Column(c["name"], c["type"]) for c in columns), schema="segments")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> dict[str, Served]:
    database = postgres.new_database("bi")
    host = {"host": database.host, "port": str(database.port)}
    url = URL.create("postgresql+psycopg", database.user, database=database.dbname, query=host)
    folders = tmp_path_factory.mktemp("duckdb"), tmp_path_factory.mktemp("postgres")
    files = SampleProject.copied_to(folders[0])
    return {
        "duckdb": _built_twice(files, f"duckdb:///{files.serving}"),
        "postgres": _built_twice(
            SampleProject.copied_to(folders[1], **database.environment), url.render_as_string(), "--target", "postgres"
        ),
    }


def _built_twice(project: SampleProject, url: str, *options: str) -> Served:
    project.good("build", *options, "--as-of", FIRST)
    engine = engine_for(url)
    generations = [_generation(engine)]
    with _readers(url) as saw:
        project.good("build", *options, "--as-of", SECOND)
        generations.append(_generation(engine))
    return Served(project, engine, saw, (generations[0], generations[1]))


def _generation(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(text("select publish_id from segments.segment_generation")).scalar_one())


@contextmanager
def _readers(url: str) -> Iterator[dict[str, dict[str, Any]]]:
    """Two readers that look until the block ends; the yielded mapping then holds what they saw."""
    command = [sys.executable, "-m", "tests.bi.reader", url]
    readers = {
        mode: subprocess.Popen([*command, mode], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for mode in ("reconnect", "hold")
    }
    saw: dict[str, dict[str, Any]] = {}
    try:
        for reader in readers.values():
            assert reader.stdout is not None
            assert reader.stdout.readline() == "looking\n"
        yield saw
    finally:
        for mode, reader in readers.items():
            printed, _ = reader.communicate()
            saw[mode] = json.loads(printed.splitlines()[-1])


@pytest.fixture(params=("duckdb", "postgres"))
def one(served: dict[str, Served], request: pytest.FixtureRequest) -> Served:
    return served[request.param]


def test_readers_of_a_rebuild_see_one_generation_or_the_next(one: Served) -> None:
    for mode, report in one.saw.items():
        assert report["errors"] == [], mode
        assert report["looks"] > 10, mode
    assert one.saw["reconnect"]["generations"] == list(one.generations)
    reopened = one.engine.dialect.name == "postgresql"  # a DuckDB file that is open stays what it was
    assert one.saw["hold"]["generations"] == (list(one.generations) if reopened else [one.generations[0]])


def test_a_tool_finds_schemas_tables_columns_and_comments(one: Served) -> None:
    found = inspect(one.engine)
    assert "segments" in {name.rpartition(".")[2] for name in found.get_schema_names()}
    tables = set(found.get_view_names(schema="segments"))
    assert found.get_table_names(schema="segments") == []
    assert tables >= LONG_TABLES | WIDE_TABLES
    assert tables >= {segment for (segment,) in one.rows("select segment from segments.segment_catalog")}
    comments = found.get_multi_table_comment(schema="segments", kind=ObjectKind.ANY)
    all_columns = found.get_multi_columns(schema="segments", kind=ObjectKind.ANY)
    assert {table for _, table in all_columns} == tables
    for (_, table), listed in all_columns.items():
        assert comments["segments", table]["text"], table
        columns = {column["name"]: column for column in listed}
        assert [name for name, column in columns.items() if not column["comment"]] == [], table
        assert columns["publish_id"]["type"].python_type is str
        if table != "segment_membership_history":  # which has the instants from and to
            assert str(columns["as_of"]["type"]) == "TIMESTAMP"


def test_what_specs_say_is_what_comments_say(one: Served) -> None:
    spec = yaml.safe_load((ROOT / "segment_specs/lifecycle/at_risk_accounts.yml").read_text("utf-8"))["segments"][0]
    found = inspect(one.engine)
    assert found.get_table_comment("at_risk_accounts", schema="segments")["text"] == spec["description"]
    columns = {column["name"]: column for column in found.get_columns("account_segments", schema="segments")}
    assert columns["at_risk_accounts"]["comment"] == spec["description"]
    assert columns["at_risk_accounts"]["type"].python_type is bool
    assert columns["arr_tier"]["type"].python_type is str


def test_long_and_wide_tables_filter_and_join(one: Served) -> None:
    long, wide, traits = (one.table(name) for name in ("segment_membership", "account_segments", "account_traits"))
    in_long = (
        select(wide.c.arr_tier, func.count(), func.sum(traits.c.arr))
        .join_from(long, wide, and_(long.c.entity == "account", long.c.entity_id == wide.c.account_id))
        .join(traits, traits.c.account_id == wide.c.account_id)
        .where(long.c.segment == "at_risk_accounts", long.c.entered_at <= long.c.as_of)
    )
    in_wide = (
        select(wide.c.arr_tier, func.count(), func.sum(traits.c.arr))
        .join_from(wide, traits, traits.c.account_id == wide.c.account_id)
        .where(wide.c.at_risk_accounts)
    )
    with one.engine.connect() as connection:
        found = [
            [tuple(row) for row in connection.execute(query.group_by(wide.c.arr_tier).order_by(wide.c.arr_tier))]
            for query in (in_long, in_wide)
        ]
    assert found[0] == found[1]
    assert [tier for tier, _, _ in found[0]] == ["enterprise", "mid_market", "smb"]


@pytest.mark.parametrize("question", ANSWERS)
def test_every_answer_of_the_page(served: dict[str, Served], question: str) -> None:
    answers = {name: one.rows(ANSWERS[question]) for name, one in served.items()}
    assert answers["duckdb"]
    assert [tuple(map(_comparable, row)) for row in answers["duckdb"]] == [
        tuple(map(_comparable, row)) for row in answers["postgres"]
    ]


def _comparable(value: object) -> object:
    return round(value, 9) if isinstance(value, float) else value  # a share, and values of checks


def test_the_page_has_answers_and_the_readme_leads_to_it() -> None:
    assert len(ANSWERS) >= 12
    assert len(ANSWERS) == len(blocks("sql")) == PAGE.count("```sql\n")
    named = {
        table for table in LONG_TABLES | WIDE_TABLES - {"user_traits", "user_segments"} if f"segments.{table}" in PAGE
    }
    assert named == LONG_TABLES | WIDE_TABLES - {"user_traits", "user_segments"}
    assert "(dbt_project/BI.md)" in (ROOT / "README.md").read_text("utf-8")


def test_each_dashboard_names_published_tables(served: dict[str, Served]) -> None:
    exposures = yaml.safe_load((ROOT / "dbt_project/exposures/dashboards.yml").read_text("utf-8"))["exposures"]
    tables = set(inspect(served["duckdb"].engine).get_view_names(schema="segments"))
    for exposure in exposures:
        reads = exposure["config"]["meta"]["reads"]
        assert reads, exposure["name"]
        assert {name.removeprefix("segments.") for name in reads} <= tables, exposure["name"]
        wide = {name.removeprefix("segments.") for name in reads} & WIDE_TABLES
        assert {f"ref('{table}')" for table in wide} <= set(exposure["depends_on"]), exposure["name"]


def test_the_documentation_holds_segments_their_tables_and_dashboards(served: dict[str, Served]) -> None:
    """By the page's commands, after everything else: they build by hand."""
    one = served["duckdb"]
    [commands] = blocks("sh")
    path = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = ["bash", "-euo", "pipefail", "-c", commands]
    result = subprocess.run(script, cwd=one.project.root, env=path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert _generation(one.engine) == one.generations[1]
    target = one.project.root / "dbt_project" / "target"
    catalog, manifest = (json.loads((target / name).read_text("utf-8")) for name in ("catalog.json", "manifest.json"))
    for table in ("account_segments", "account_traits", "user_segments", "user_traits"):
        node = catalog["nodes"][f"model.acme.{table}"]
        assert node["metadata"]["schema"] == "segments_build"
        assert node["metadata"]["comment"], table
        shown = {name: column["comment"] for name, column in node["columns"].items() if not name.startswith("_")}
        assert [name for name, comment in shown.items() if not comment] == [], table
    assert manifest["nodes"]["model.acme.segment__engagement"]["description"]
    for exposure in manifest["exposures"].values():
        assert {name for name in exposure["depends_on"]["nodes"] if name.startswith("model.acme.segment__")}
        assert exposure["config"]["meta"]["reads"]
