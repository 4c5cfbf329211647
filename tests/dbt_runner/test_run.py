"""dbt itself, on a project of a few lines: each test here starts it once, which takes seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

import orchestration
from orchestration.dbt_runner import DbtEvent, DbtProject, build, parse
from orchestration.diagnostics import UserError

PROFILES = """
tiny:
  target: dev
  outputs:
    dev: {type: duckdb, path: tiny.duckdb, schema: main, threads: 1}
"""
MODELS = """
models:
  - name: good
    columns:
      - name: a
        data_tests:
          - not_null
          - accepted_values: {arguments: {values: [2]}, config: {severity: warn}}
          - unique: {config: {severity: error}}
"""


@pytest.fixture
def project(tmp_path: Path) -> DbtProject:
    files = {
        "dbt_project.yml": "name: tiny\nversion: '1.0'\nprofile: tiny\nflags: {send_anonymous_usage_stats: true}\n",
        "profiles.yml": PROFILES,
        "models/good.sql": "select 1 as a union all select 1",
        "models/models.yml": MODELS,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return DbtProject(tmp_path, "dev", "tiny", tmp_path)


def test_a_build_reports_every_node(project: DbtProject) -> None:
    models = project.dbt_dir / "models"
    (models / "broken.sql").write_text("select nope from (select 1 as a)")
    (models / "after_broken.sql").write_text("select * from {{ ref('broken') }}")
    events: list[DbtEvent] = []
    result = build(project, on_event=events.append)
    assert not result.success
    statuses = {node.name: node.status for node in result.nodes}
    names = ("good", "broken", "after_broken", "not_null_good_a", "accepted_values_good_a__2", "unique_good_a")
    assert statuses == dict(zip(names, ("success", "error", "skipped", "pass", "warn", "fail"), strict=True))
    broken, unique = result.failed
    assert "nope" in broken.message
    assert (unique.resource_type, unique.severity, unique.failures) == ("test", "error", 1)
    assert next(node for node in result.nodes if node.status == "warn").severity == "warn"
    assert [node.name for node in result.skipped] == ["after_broken"]
    assert result.manifest_path.is_file()
    finished = [event for event in events if event.kind == "finished"]
    assert [event.done for event in finished] == [1, 2, 3, 4, 5, 6]
    assert {event.total for event in finished} == {6}
    assert [event.failures for event in finished if event.name == "unique_good_a"] == [1]
    assert events[0].kind == "parsing"
    with duckdb.connect(str(project.dbt_dir / "tiny.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from good").fetchone() == (2,)


def test_a_project_that_does_not_parse_is_a_diagnostic(project: DbtProject) -> None:
    (project.dbt_dir / "models" / "good.sql").write_text("select * from {{ ref('nowhere') }}")
    with pytest.raises(UserError) as caught:
        parse(project)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "dbt-failed"
    assert "a node named 'nowhere' which was not found" in diagnostic.message
    assert "Traceback" not in diagnostic.message


def test_a_missing_profile_is_a_diagnostic(project: DbtProject) -> None:
    (project.dbt_dir / "profiles.yml").unlink()
    with pytest.raises(UserError) as caught:
        parse(project)
    assert "profile" in caught.value.diagnostics[0].message
    assert "Traceback" not in caught.value.diagnostics[0].message


def test_one_dbt_at_a_time(project: DbtProject) -> None:
    project.target_dir.mkdir()
    with FileLock(project.target_dir / "segments.lock"), pytest.raises(UserError) as caught:
        build(project)
    assert caught.value.diagnostics[0].code == "dbt-is-running"


def fake_dbt(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    path = folder / "fake_dbt.py"
    path.write_text(script)
    monkeypatch.setattr("orchestration.dbt_runner.command.CHILD", path)


def test_an_interrupted_run_ends_dbt(project: DbtProject, monkeypatch: pytest.MonkeyPatch) -> None:
    event = {"info": {"name": "MainReportVersion", "level": "info"}, "data": {}}
    pid_file = project.dbt_dir / "pid"
    script = f"import os, time\nopen({str(pid_file)!r}, 'w').write(str(os.getpid()))\n"
    fake_dbt(monkeypatch, project.dbt_dir, script + f"print({json.dumps(event)!r})\ntime.sleep(60)")

    def interrupt(event: DbtEvent) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(project, on_event=interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
    with FileLock(project.target_dir / "segments.lock", timeout=0):
        pass


def test_a_dbt_that_cannot_start_says_why(project: DbtProject, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_dbt(monkeypatch, project.dbt_dir, "import no_such_module")
    with pytest.raises(UserError) as caught:
        build(project)
    assert caught.value.diagnostics[0].message == "dbt: ModuleNotFoundError: No module named 'no_such_module'"


def test_dbt_does_not_outlive_a_killed_starter(project: DbtProject) -> None:
    numbers = "range(100000000000) a(x), range(100000) b(y)"
    slow = f"{{{{ config(materialized='table') }}}} select count(*) as n from {numbers} where x * y % 7 = 3"
    (project.dbt_dir / "models" / "good.sql").write_text(slow)
    script = (
        "import sys; from pathlib import Path; from orchestration.dbt_runner import *\n"
        "p = Path(sys.argv[1]); build(DbtProject(p, 'dev', 'tiny', p), on_event=lambda e: print(e.kind, flush=True))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(orchestration.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", script, str(project.dbt_dir)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as starter:
        assert starter.stdout is not None
        while starter.stdout.readline().strip() != "started":
            assert starter.poll() is None
        time.sleep(0.5)
        starter.kill()
        assert starter.wait(timeout=20) != 0
    deadline = time.monotonic() + 20
    while not _can_be_opened(project.dbt_dir / "tiny.duckdb"):
        assert time.monotonic() < deadline, "dbt still holds the file"
        time.sleep(0.1)


def _can_be_opened(path: Path) -> bool:
    try:
        duckdb.connect(str(path)).close()
    except duckdb.IOException:
        return False
    return True
