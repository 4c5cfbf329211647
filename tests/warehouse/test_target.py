"""Reading a target of dbt's profile, and every mistake in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import orchestration
from orchestration.compiler import compiled
from orchestration.diagnostics import UserError
from orchestration.warehouse import STORAGE_VERSION, read_target
from orchestration.warehouse.target import RESERVED_SCHEMAS

PROFILES = """
acme:
  target: "{{ env_var('ACME_TARGET', 'dev') }}"
  outputs:
    dev:
      type: duckdb
      path: "{{ env_var('ACME_WAREHOUSE', 'warehouse/acme.duckdb') }}"
      schema: main
      attach: [{path: warehouse/segments_next.duckdb, alias: segments_next}]
    prod:
      type: postgres
      host: db.test
      port: "{{ env_var('ACME_PORT') | int }}"
      user: reader
      password: "{{ env_var('ACME_PASSWORD') }}"
      dbname: acme
      schema: public
    lake: {type: spark, schema: x}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("DBT_PROFILES_DIR", "DBT_TARGET", "DBT_PROFILE", "ACME_PORT", "ACME_PASSWORD"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    write(tmp_path, PROFILES)
    return tmp_path


def write(folder: Path, profiles: str) -> None:
    (folder / "dbt_project.yml").write_text("name: acme\nprofile: acme\n")
    (folder / "profiles.yml").write_text(profiles)


def duckdb_target(folder: Path, path: str = "acme.duckdb", attach: str = "", more: str = "") -> None:
    attach = attach or "[{path: next.duckdb, alias: segments_next}]"
    output = f"{{type: duckdb, path: '{path}', attach: {attach}{more}}}"
    write(folder, f"acme: {{target: dev, outputs: {{dev: {output}}}}}")


def refused(folder: Path, name: str | None = None) -> tuple[str, str]:
    with pytest.raises(UserError) as caught:
        read_target(folder, name)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code, f"{diagnostic.message}\n{diagnostic.hint}"


def test_a_duckdb_target_names_its_three_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = read_target(folder)
    assert (target.name, target.profile, target.dialect, target.profiles_dir) == ("dev", "acme", "duckdb", folder)
    assert target.files is not None
    assert target.files.main == folder / "warehouse/acme.duckdb"
    assert target.files.generation == folder / "warehouse/segments_next.duckdb"
    assert target.files.serving == folder / "warehouse/acme_segments.duckdb"
    assert (target.files.alias, target.files.main_catalog) == ("segments_next", "acme")
    assert target.files.serving_catalog == "acme_segments"
    monkeypatch.setenv("ACME_WAREHOUSE", str(folder / "elsewhere" / "other.v2.duckdb"))
    moved = read_target(folder).files
    assert moved is not None
    assert moved.main == folder / "elsewhere" / "other.v2.duckdb"
    assert moved.serving == folder / "warehouse" / "other_segments.duckdb"


def test_only_the_chosen_target_is_rendered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, message = refused(folder, "prod")
    assert code == "missing-variable"
    assert "`ACME_PORT`" in message
    monkeypatch.setenv("ACME_PORT", "6543")
    monkeypatch.setenv("ACME_PASSWORD", "s3cret-word")
    monkeypatch.setenv("ACME_TARGET", "prod")
    target = read_target(folder)
    assert (target.name, target.dialect, target.files) == ("prod", "postgres", None)
    assert target.settings["port"] == "6543"
    assert target.place == "acme on db.test"
    assert "s3cret-word" not in repr(target)
    assert read_target(folder, "lake").dialect == "spark"
    monkeypatch.setenv("DBT_TARGET", "lake")
    assert read_target(folder).name == "lake"
    assert read_target(folder, "dev").name == "dev"


def test_profiles_are_looked_for_where_dbt_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = folder / "home" / ".dbt"
    home.mkdir(parents=True)
    (folder / "profiles.yml").rename(home / "profiles.yml")
    assert read_target(folder).profiles_dir == home
    other = folder / "other"
    other.mkdir()
    monkeypatch.setenv("DBT_PROFILES_DIR", str(other))
    code, message = refused(folder)
    assert code == "no-profile"
    assert str(other) in message


def test_names_that_are_not_there(folder: Path) -> None:
    assert refused(folder, "prd") == (
        "unknown-target",
        f"profile `acme` in `{folder}/profiles.yml` has no target `prd`\ndid you mean `prod`?",
    )
    (folder / "dbt_project.yml").write_text("name: acme\nprofile: acmee\n")
    assert refused(folder)[0] == "unknown-profile"
    assert "did you mean `acme`?" in refused(folder)[1]
    (folder / "dbt_project.yml").write_text("name: acme\n")
    assert refused(folder)[0] == "bad-dbt-project"
    (folder / "dbt_project.yml").unlink()
    assert refused(folder)[0] == "no-dbt-project"


@pytest.mark.parametrize(
    ("profiles", "code"),
    [
        ("acme: [1", "bad-yaml"),
        ("- acme", "bad-yaml"),
        ("", "bad-yaml"),
        ("acme: 1", "unknown-profile"),
        ("acme: {target: dev}", "bad-profile"),
        ("acme: {target: dev, outputs: {dev: {schema: x}}}", "bad-profile"),
        ("acme: {target: dev, outputs: {dev: {type: \"{{ var('x') }}\"}}}", "bad-template"),
        ('acme: {target: dev, outputs: {dev: {type: "{{ x"}}}', "bad-template"),
        ("acme: {target: dev, outputs: {dev: {type: \"{{ ''.__class__.__mro__ }}\"}}}", "bad-template"),
        ('acme: {target: dev, outputs: {dev: {type: "{{ env_var() }}"}}}', "bad-template"),
    ],
)
def test_a_profile_that_cannot_be_read(folder: Path, profiles: str, code: str) -> None:
    write(folder, profiles)
    assert refused(folder)[0] == code


def test_a_duckdb_target_needs_a_file_for_the_generation(folder: Path) -> None:
    duckdb_target(folder, attach="[]")
    code, message = refused(folder)
    assert code == "no-generation-file"
    assert f"storage_version: {STORAGE_VERSION}" in message
    duckdb_target(folder, attach="[{path: other.duckdb, alias: other}]")
    assert refused(folder)[0] == "no-generation-file"
    duckdb_target(folder, attach="[{path: next.duckdb, alias: segments_next, read_only: true}]")
    assert refused(folder)[0] == "no-generation-file"


@pytest.mark.parametrize("path", ["segments.duckdb", "x/SEGMENTS_BUILD.duckdb", "segments_run.v1.duckdb", "main.db"])
def test_a_file_must_not_be_called_like_a_schema(folder: Path, path: str) -> None:
    duckdb_target(folder, path)
    assert refused(folder)[0] == "reserved-name"


def test_other_ambiguous_names_and_places(folder: Path) -> None:
    duckdb_target(folder, "crm.duckdb", more=", schema: crm")
    assert refused(folder)[0] == "reserved-name"
    duckdb_target(folder, attach="[{path: n.duckdb, alias: segments_next}, {path: h.duckdb, alias: segments_history}]")
    assert refused(folder)[0] == "reserved-name"
    duckdb_target(folder, attach="[{path: acme_segments.duckdb, alias: segments_next}]")
    assert refused(folder)[0] == "same-file"
    duckdb_target(folder, attach="[{path: acme.duckdb, alias: segments_next}]")
    assert refused(folder)[0] == "same-file"
    for path in (":memory:", "md:acme", "s3://bucket/acme.duckdb", ""):
        duckdb_target(folder, path)
        assert refused(folder)[0] == "not-a-file"


def test_the_reserved_schemas_are_the_compilers() -> None:
    schemas = {compiled.RUN_SCHEMA, compiled.BUILD_SCHEMA, compiled.HISTORY_SCHEMA, compiled.SERVING_SCHEMA}
    assert schemas <= RESERVED_SCHEMAS


def test_importing_the_warehouse_loads_no_driver() -> None:
    script = (
        "import sys, orchestration.warehouse, orchestration.dbt_runner\n"
        "print([m for m in ('duckdb', 'psycopg', 'sqlglot', 'jinja2', 'yaml', 'dbt') if m in sys.modules])"
    )
    root = Path(orchestration.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
