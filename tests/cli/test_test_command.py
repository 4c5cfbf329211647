"""`segments test`: fixtures of specs, on DuckDB in memory and on a Postgres server."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import segments
from tests.conftest import Postgres

SPECS = """
entities:
  - {name: user, key: user_id, columns: {user_id: text, country: text}}
segments:
  - {name: germans, entity: user, where: country = 'DE'}
tests:
  - name: by country
    segment: germans
    as_of: 2026-03-01
    given: {user: [{user_id: u1, country: DE}, {user_id: u2, country: FR}]}
    expect: {members: [u1]}
  - name: a wrong expectation
    segment: germans
    as_of: 2026-03-01
    given: {user: [{user_id: u1, country: DE}, {user_id: u2, country: FR}]}
    expect: {members: [u2]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spec.yml").write_text(SPECS, "utf-8")
    return tmp_path


def test_a_failure_shows_who_was_expected_and_who_came(folder: Path) -> None:
    result = CliRunner().invoke(segments, ["test", "--specs", str(folder)])
    assert result.exit_code == 1
    assert "a wrong expectation" in result.output
    assert "1 of 2 tests failed" in result.output
    assert "u1" in result.output
    assert "by country" not in result.output


def test_json_has_one_result_per_test(folder: Path) -> None:
    result = CliRunner().invoke(segments, ["test", "germans", "--specs", str(folder), "--format", "json"])
    first, second = json.loads(result.output)
    assert (first["test"], first["segment"], first["passed"]) == ("by country", "germans", True)
    assert [m["key"] for m in second["missing"]] == ["u2"]
    assert [m["key"] for m in second["unexpected"]] == ["u1"]


def test_postgres_gives_the_same(folder: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"host={postgres.host} port={postgres.port} user={postgres.user} dbname={postgres.dbname}"
    monkeypatch.setenv("SEGMENTS_TEST_POSTGRES", url)
    here = CliRunner().invoke(segments, ["test", "--specs", str(folder), "--format", "json"])
    there = CliRunner().invoke(segments, ["test", "--specs", str(folder), "--format", "json", "--dialect", "postgres"])
    assert json.loads(there.output) == json.loads(here.output)


def test_postgres_without_a_server_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGMENTS_TEST_POSTGRES", raising=False)
    result = CliRunner().invoke(segments, ["test", "--specs", str(folder), "--dialect", "postgres"])
    assert result.exit_code == 1
    assert "SEGMENTS_TEST_POSTGRES" in result.output


def test_the_samples_own_tests_pass() -> None:
    result = CliRunner().invoke(segments, ["test", "--project-dir", str(Path(__file__).parents[2])])
    assert result.exit_code == 0, result.output
    assert "tests passed" in result.output
