"""`segments sample`: into an empty warehouse, and never over somebody's tables."""

from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from orchestration.cli import segments

PROFILES = """\
small:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: warehouse/small.duckdb
      attach: [{path: warehouse/segments_next.duckdb, alias: segments_next}]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project" / "warehouse").mkdir(parents=True)
    (tmp_path / "segment_specs").mkdir()
    (tmp_path / "dbt_project" / "dbt_project.yml").write_text("name: small\nprofile: small\n")
    (tmp_path / "dbt_project" / "profiles.yml").write_text(PROFILES)
    return tmp_path


def run(root: Path, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(segments, ["sample", "--project-dir", str(root), *arguments])
    return result.exit_code, result.stdout, result.stderr


def count(root: Path, table: str) -> int:
    with duckdb.connect(str(root / "dbt_project" / "warehouse" / "small.duckdb")) as warehouse:
        return int(warehouse.execute(f"select count(*) from {table}").fetchall()[0][0])


def test_the_sample_is_loaded_and_replaced(root: Path) -> None:
    code, out, _ = run(root, "--size", "0.02")
    assert (code, out.strip()[-26:]) == (0, "company (size 0.02, seed 7)"[-26:])
    users = count(root, "product.users")
    assert run(root, "--size", "0.02")[0] == 0
    assert count(root, "product.users") == users > 0
    assert count(root, "sample.sample_run") == 1


def test_tables_of_somebody_else_stay(root: Path) -> None:
    with duckdb.connect(str(root / "dbt_project" / "warehouse" / "small.duckdb")) as warehouse:
        warehouse.execute("create schema crm")
        warehouse.execute("create table crm.accounts (account_id text)")
        warehouse.execute("insert into crm.accounts values ('mine')")
    code, _, errors = run(root, "--size", "0.02")
    assert code == 1
    assert "error[not-the-sample]: target `dev` holds tables that the sample would replace: crm.accounts" in errors
    assert count(root, "crm.accounts") == 1
    assert run(root, "--size", "0.02", "--replace")[0] == 0
    assert count(root, "crm.accounts") > 1


@pytest.mark.parametrize("size", ["0", "-1", "101", "huge", "nan", "inf"])
def test_sizes_that_cannot_be(root: Path, size: str) -> None:
    code, _, errors = run(root, "--size", size)
    assert code == 2
    assert "neither small, default, large nor a number up to 100" in errors


def test_an_unknown_target_names_the_nearest(root: Path) -> None:
    code, _, errors = run(root, "--target", "devv")
    assert code == 1
    assert "did you mean `dev`?" in errors
