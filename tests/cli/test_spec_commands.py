"""The commands that need specs and no warehouse: check, list, show, schema, compile."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestration.cli import segments

SPECS = """\
entities:
  - name: user
    key: user_id
    columns: {user_id: text, age: integer, plan: text}
segments:
  - name: adults
    entity: user
    label: Adults
    description: Users of age
    owner: growth@acme.test
    goal: Sell more
    action: Write to them
    purpose: marketing
    where: age >= 18
  - name: paying_adults
    entity: user
    label: Paying adults
    description: Adults on a plan that is not free
    owner: growth@acme.test
    goal: Sell more
    action: Write to them
    purpose: marketing
    status: draft
    where:
      - in: adults
      - plan <> 'free'
"""
PROFILES = """\
small:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: small.duckdb
      attach: [{path: segments_next.duckdb, alias: segments_next}]
    elsewhere:
      type: postgres
      host: "{{ env_var('NOT_SET_ANYWHERE') }}"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "segment_specs").mkdir()
    (tmp_path / "segment_specs" / "all.yml").write_text(SPECS)
    return tmp_path


@pytest.fixture
def dbt_root(root: Path) -> Path:
    (root / "dbt_project" / "models").mkdir(parents=True)
    (root / "dbt_project" / "dbt_project.yml").write_text("name: small\nprofile: small\n")
    (root / "dbt_project" / "profiles.yml").write_text(PROFILES)
    return root


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(segments, [*arguments, "--project-dir", str(root)])


def good(root: Path, *arguments: str) -> str:
    result = run(root, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def add_mistakes(root: Path) -> None:
    mistaken = SPECS.split("segments:")[1].replace("adults", "grown_ups").replace("age >=", "agee >=")
    (root / "segment_specs" / "more.yml").write_text("segments:" + mistaken)
    (root / "segment_specs" / "latin.yml").write_bytes(b"segments: []\n# \xfc")


def test_good_specs(root: Path) -> None:
    assert good(root, "check") == "1 spec file: 0 errors, 0 warnings\n"
    assert json.loads(good(root, "check", "--format", "json")) == []
    assert good(root, "check", "--format", "github") == ""


def test_all_mistakes_of_all_files_at_once(root: Path) -> None:
    add_mistakes(root)
    result = run(root, "check")
    assert result.exit_code == 1
    assert "error[not-utf-8]" in result.stdout
    assert "--> segment_specs/more.yml:10:12" in result.stdout
    assert "did you mean `age`?" in result.stdout
    found = json.loads(run(root, "check", "--format", "json").stdout)
    assert [d["file"] for d in found] == ["segment_specs/latin.yml", "segment_specs/more.yml"]
    annotations = run(root, "check", "--format", "github").stdout.splitlines()
    assert len(annotations) == len(found)
    assert all(line.startswith("::error file=segment_specs/") for line in annotations)


def test_other_commands_show_the_same_mistakes(dbt_root: Path) -> None:
    add_mistakes(dbt_root)
    for command in (["list"], ["show", "adults"], ["compile"], ["build"]):
        result = run(dbt_root, *command)
        assert result.exit_code == 1
        assert "--> segment_specs/more.yml:10:12" in result.stderr
        assert "10 |     where: agee >= 18" in result.stderr
    assert not (dbt_root / "dbt_project" / "models" / "segments").exists()


def test_a_target_that_cannot_be_read_is_one_mistake_more(dbt_root: Path) -> None:
    add_mistakes(dbt_root)
    found = json.loads(run(dbt_root, "check", "--format", "json", "--target", "elsewhere").stdout)
    assert {"missing-variable", "not-utf-8"} <= {d["code"] for d in found}


def test_no_specs_is_a_mistake(root: Path) -> None:
    (root / "segment_specs" / "all.yml").unlink()
    result = run(root, "check")
    assert result.exit_code == 1
    assert "error[no-specs]" in result.stdout


def test_segments_are_listed(root: Path) -> None:
    lines = good(root, "list").splitlines()
    assert lines[0].split() == ["segment", "entity", "kind", "owner", "refresh", "status", "size", "share"]
    assert lines[1].split() == ["adults", "user", "where", "growth@acme.test", "daily", "active"]
    assert lines[2].split() == ["paying_adults", "user", "where", "growth@acme.test", "daily", "draft"]
    listed = json.loads(good(root, "list", "--format", "json"))
    assert [(line["segment"], line["status"], line["size"]) for line in listed] == [
        ("adults", "active", None),
        ("paying_adults", "draft", None),
    ]


def test_a_segment_is_explained(root: Path) -> None:
    text = good(root, "show", "adults")
    for part in ("Users of age", "In words", "where: age >= 18", "user.age", "Read by\n  paying_adults", "SELECT"):
        assert part in text
    shown = json.loads(good(root, "show", "paying_adults", "--format", "json"))
    assert shown["reads"]["segments"] == ["adults"]
    assert shown["published"] == []


def test_an_unknown_segment_names_the_nearest(root: Path) -> None:
    result = run(root, "show", "adult")
    assert result.exit_code == 1
    assert "error[unknown-segment]" in result.stderr
    assert "did you mean `adults`?" in result.stderr


def test_the_schema_is_written_and_compared(root: Path) -> None:
    path = root / "segment_specs" / ".schema.json"
    assert run(root, "schema", "--check").exit_code == 1
    assert "written" in good(root, "schema")
    assert json.loads(path.read_text())["$schema"].startswith("http://json-schema.org/")
    assert "unchanged" in good(root, "schema", "--check")
    path.write_text(path.read_text() + " ")
    assert "error[schema-differs]" in run(root, "schema", "--check").stderr


def test_without_a_dbt_project_nothing_is_compiled(root: Path) -> None:
    for command in ("compile", "build", "instant", "catalog"):
        result = run(root, command)
        assert result.exit_code == 1
        assert "error[no-dbt-project]" in result.stderr


def test_an_off_grid_instant_stops_a_build_before_anything_is_written(dbt_root: Path) -> None:
    (dbt_root / "segment_specs" / "all.yml").write_text(MODEL_SPECS)
    (dbt_root / "dbt_project" / "models" / "users.yml").write_text(MODELS)
    result = run(dbt_root, "build", "--as-of", "2026-03-01T01:00")
    assert result.exit_code == 1
    assert "the nearest are 2026-03-01 and 2026-03-02" in result.stderr
    assert not (dbt_root / "dbt_project" / "models" / "segments").exists()


def test_compiling_writes_only_what_changed(dbt_root: Path) -> None:
    (dbt_root / "segment_specs" / "all.yml").write_text(MODEL_SPECS)
    (dbt_root / "dbt_project" / "models" / "users.yml").write_text(MODELS)
    first = json.loads(good(dbt_root, "compile", "--format", "json"))
    assert "segment__adults.sql" in first["written"]
    assert (first["removed"], first["unchanged"], first["manifest"]) == ([], 0, None)
    second = json.loads(good(dbt_root, "compile", "--format", "json"))
    assert (second["written"], second["removed"], second["unchanged"]) == ([], [], len(first["written"]))
    (dbt_root / "segment_specs" / "all.yml").write_text(MODEL_SPECS.replace("name: adults", "name: grown_ups"))
    text = good(dbt_root, "compile")
    assert "+ segment__grown_ups.sql" in text
    assert "- segment__adults.sql" in text
    assert run(dbt_root, "check").exit_code == 0


def test_checking_the_sample_loads_no_warehouse() -> None:
    sample = Path(__file__).parents[2]
    code = (
        "import sys; from orchestration.cli import segments; segments(['check'], standalone_mode=False); "
        "print([m for m in ('dbt', 'dagster', 'duckdb', 'rich', 'psycopg') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=sample, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


MODELS = """\
models:
  - name: dim_users
    columns: [{name: user_id, data_type: text}, {name: age, data_type: integer}]
"""
MODEL_SPECS = SPECS[: SPECS.index("  - name: paying_adults")].replace(
    "    columns: {user_id: text, age: integer, plan: text}", "    model: dim_users"
)
