"""`segments catalog`: columns read from a real warehouse, where dbt says the tables are."""

import json
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
      path: small.duckdb
      attach: [{path: segments_next.duckdb, alias: segments_next}]
"""
SOURCES = """\
sources:
  - name: crm
    schema: raw_crm
    tables:
      - {name: accounts, identifier: account_rows}
"""
SPECS = """\
entities:
  - {name: account, model: "source('crm', 'accounts')", key: account_id}
  - {name: user, model: MODEL, key: user_id}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    dbt = tmp_path / "dbt_project"
    (dbt / "models").mkdir(parents=True)
    (tmp_path / "segment_specs").mkdir()
    (dbt / "dbt_project.yml").write_text("name: small\nprofile: small\nmodel-paths: [models]\n")
    (dbt / "profiles.yml").write_text(PROFILES)
    (dbt / "models" / "sources.yml").write_text(SOURCES)
    (dbt / "models" / "dim_users.sql").write_text("{{ config(alias='users') }} select 'u1' as user_id")
    with duckdb.connect(str(dbt / "small.duckdb")) as warehouse:
        warehouse.execute("create schema raw_crm")
        warehouse.execute("create table raw_crm.account_rows (account_id text, arr numeric(18,2), tags text[])")
        warehouse.execute("create table main.users (user_id bigint)")
    return tmp_path


def write_specs(root: Path, model: str) -> None:
    (root / "segment_specs" / "all.yml").write_text(SPECS.replace("MODEL", model))


def test_columns_are_locked_and_mistakes_point_into_the_spec(root: Path) -> None:
    lock = root / "dbt_project" / "columns.lock.yml"
    write_specs(root, "dim_user")
    result = CliRunner().invoke(segments, ["catalog", "--project-dir", str(root)])
    assert result.exit_code == 1
    assert "error[unknown-model]: dbt knows no model or source `dim_user`" in result.stderr
    assert "segment_specs/all.yml:3:25" in result.stderr
    assert "did you mean `dim_users`?" in result.stderr
    assert not lock.exists()

    write_specs(root, "dim_users")
    result = CliRunner().invoke(segments, ["catalog", "--project-dir", str(root), "--format", "json"])
    assert result.exit_code == 0, result.stderr
    columns = {
        "crm.accounts": [["account_id", "VARCHAR"], ["arr", "DECIMAL(18,2)"], ["tags", "VARCHAR[]"]],
        "dim_users": [["user_id", "BIGINT"]],
    }
    assert json.loads(result.stdout) == {"lock": str(lock), "written": True, "columns": columns}
    assert lock.read_text().startswith("# Columns as the warehouse has them.")
