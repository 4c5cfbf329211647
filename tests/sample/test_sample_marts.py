"""The sample's dbt project on both engines, and the segments of its marts by hand-written SQL. Starts dbt twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.dbt_runner import DbtProject, build
from orchestration.sample import generate, load
from orchestration.warehouse import Connection, connect, read_target
from tests.conftest import Postgres
from tests.sample.expected import expected_members, expected_queries, populations

REPOSITORY = Path(__file__).parents[2]
MARTS = sorted(path.stem for path in (REPOSITORY / "dbt_project/models/marts").glob("*.sql"))


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse with the sample's marts, and how dbt's run over it went."""

    connection: Connection
    statuses: dict[str, str]

    def run(self, query: str) -> Sequence[Sequence[object]]:
        return self.connection.rows(query)


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[dict[str, Warehouse]]:
    """The default company on DuckDB and on Postgres."""
    folder = tmp_path_factory.mktemp("acme")
    raw = folder / "raw"
    generate(raw)
    postgres.execute("create database acme_marts")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for variable, value in postgres.environment.items():
            patch.setenv(variable, value)
        patch.setenv("SEGMENTS_PG_DBNAME", "acme_marts")
        patch.delenv("SEGMENTS_WAREHOUSE", raising=False)
        yield {name: _built(folder / name, name, raw, stack) for name in ("dev", "postgres")}


def _built(folder: Path, target_name: str, raw: Path, stack: ExitStack) -> Warehouse:
    left_out = shutil.ignore_patterns("target", "logs", "warehouse", "segments", "dbt_packages")
    shutil.copytree(REPOSITORY / "dbt_project", folder, ignore=left_out)
    (folder / "warehouse").mkdir()
    target = read_target(folder, target_name)
    with connect(target, create=True) as connection:
        load(connection, raw)
    result = build(DbtProject(folder, target_name))
    assert result.success, [node for node in result.nodes if node.status in ("error", "fail")]
    opened = stack.enter_context(connect(target, read_only=True))
    return Warehouse(opened, {node.name: node.status for node in result.nodes})


def test_staging_and_marts_build(warehouses: dict[str, Warehouse]) -> None:
    for name, warehouse in warehouses.items():
        assert set(MARTS) <= set(warehouse.statuses)
        assert set(warehouse.statuses.values()) == {"success", "pass", "warn"}, name


def test_dirt_is_visible(warehouses: dict[str, Warehouse]) -> None:
    """What staging found is counted in one table, and tests warn of it."""
    found = {row[0] for row in warehouses["dev"].run("select distinct finding from staging.staging_findings")}
    declared = yaml.safe_load((REPOSITORY / "dbt_project/models/staging/staging_findings.yml").read_text("utf-8"))
    finding = next(c for c in declared["models"][0]["columns"] if c["name"] == "finding")
    values = next(t for t in finding["data_tests"] if isinstance(t, dict))["accepted_values"]["arguments"]["values"]
    assert found == set(values)
    warned = {name for name, status in warehouses["dev"].statuses.items() if status == "warn"}
    assert {"dropped_rows", "late_events", "removed_values", "users_without_account"} <= warned
    assert len(warned) == 6  # and two relationships: events of unknown users, users of unknown accounts


@pytest.mark.parametrize("mart", MARTS)
def test_both_engines_hold_the_same_rows(warehouses: dict[str, Warehouse], mart: str) -> None:
    declared = yaml.safe_load((REPOSITORY / f"dbt_project/models/marts/{mart}.yml").read_text("utf-8"))
    columns = ", ".join(column["name"] for column in declared["models"][0]["columns"])
    duck, post = (sorted(map(repr, w.run(f"select {columns} from marts.{mart}"))) for w in warehouses.values())
    assert duck == post != []


def test_every_segment_is_of_a_telling_size(warehouses: dict[str, Warehouse]) -> None:
    """Between 0.5 and 60 percent of those who exist; the same members on both engines."""
    entities = {str(segment["name"]): str(segment["entity"]) for segment in _segments()}
    members = {name: expected_members(warehouse.run) for name, warehouse in warehouses.items()}
    assert members["dev"] == members["postgres"]
    size = populations(warehouses["dev"].run)
    shares = {n: len(keys) / size[entities[n.partition(".")[0]]] for n, keys in members["dev"].items()}
    assert {name: share for name, share in shares.items() if not 0.005 <= share <= 0.6} == {}


def test_every_segment_is_in_the_sql_written_by_hand() -> None:
    wanted = {
        f"{segment['name']}.{tier['name']}" if tier else str(segment["name"])
        for segment in _segments()
        for tier in segment.get("tiers", [None])
    }
    assert set(expected_queries()) == wanted


def _segments() -> list[dict[str, Any]]:
    files = sorted((REPOSITORY / "segment_specs").rglob("*.yml"))
    return [segment for path in files for segment in yaml.safe_load(path.read_text("utf-8")).get("segments", [])]
