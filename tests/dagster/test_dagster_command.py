"""`segments dagster`, and where it keeps what it writes."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml

from orchestration.commands.dagster_command import environment
from orchestration.commands.options import PROJECT_DIR_VARIABLE, TARGET_VARIABLE
from orchestration.project import Project
from tests.build.project import ROOT, SampleProject

ASSETS = "{assetNodes {assetKey {path} groupName}}"


def test_settings_are_written_once_and_telemetry_is_off(tmp_path: Path) -> None:
    found = environment(Project(tmp_path), "postgres", {"PATH": "/bin"})
    home = tmp_path / ".dagster"
    assert found == {
        "PATH": "/bin",
        PROJECT_DIR_VARIABLE: str(tmp_path),
        TARGET_VARIABLE: "postgres",
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }
    assert (home / ".gitignore").read_text() == "*\n"
    settings = yaml.safe_load((home / "dagster.yaml").read_text())
    assert settings["telemetry"] == {"enabled": False}
    assert settings["concurrency"] == {"pools": {"default_limit": 1, "granularity": "run"}}
    (home / "dagster.yaml").write_text("# changed\n")
    environment(Project(tmp_path), None, {})
    assert (home / "dagster.yaml").read_text() == "# changed\n"


def test_a_given_folder_is_used_and_gets_settings_where_it_has_none(tmp_path: Path) -> None:
    found = environment(Project(tmp_path), None, {"DAGSTER_HOME": str(tmp_path / "home")})
    assert found["DAGSTER_HOME"] == str(tmp_path / "home")
    assert TARGET_VARIABLE not in found
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["dagster.yaml"]


def test_a_port_that_is_taken_is_said_before_anything_is_written(tmp_path: Path) -> None:
    project = SampleProject.copied_to(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} cannot be used" in project.refused("dagster", "--port", str(port))
    assert not (tmp_path / ".dagster").exists()
    assert not project.warehouse.exists()


def test_the_page_shows_the_project_and_ends_with_the_command(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not request.config.getoption("--long"):
        pytest.skip("starts Dagster's page and daemon: --long")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    project = SampleProject.copied_to(tmp_path)
    command = [sys.executable, "-m", "orchestration.cli", "dagster", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Dagster: "):
                break
        try:
            assert lines[0].startswith("there was no data: generated the sample company into ")
            address = f"http://127.0.0.1:{port}"
            assert lines[-1].startswith(f"Dagster: {address} ")
            asked = urllib.request.Request(
                f"{address}/graphql", json.dumps({"query": ASSETS}).encode(), {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(asked, timeout=60) as answer:
                assets = {tuple(a["assetKey"]["path"]): a["groupName"] for a in json.load(answer)["data"]["assetNodes"]}
            assert assets["segments", "engagement"] == "user"
            assert assets["crm", "accounts"] == "sources"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    assert process.returncode == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=5)
    assert project.warehouse.exists()
    assert not project.serving.exists()
