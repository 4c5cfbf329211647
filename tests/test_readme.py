"""Every command of the README, run as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.build.project import ROOT, SampleProject
from tests.conftest import Postgres

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
INSTALL = "python3 -m venv .venv && .venv/bin/python -m pip install -q --no-deps -r requirements.lock -e . && "


def shell(script: str, folder: Path, **environment: str) -> str:
    clean = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_quick_start_is_two_commands_of_one_line() -> None:
    section = README.split("## Quick start\n")[1].split("\n## ")[0]
    assert re.findall(r"^```sh\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)[:2] == BLOCKS[:2]
    assert BLOCKS[0] == INSTALL + ".venv/bin/segments build\n"
    assert BLOCKS[1].startswith(INSTALL + ".venv/bin/python -m pytest")
    assert BLOCKS[1].count("\n") == 1


def test_every_command_of_the_readme(tmp_path: Path, empty_postgres: Postgres) -> None:
    SampleProject.copied_to(tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)  # what the first command would install
    script = "\n".join([BLOCKS[0].removeprefix(INSTALL), *BLOCKS[2:]])
    printed = shell(script, tmp_path, **empty_postgres.environment)
    for words in ("engagement", "pdf_exporters", "published"):
        assert words in printed
    assert (tmp_path / "segment_specs" / ".schema.json").is_file()


def test_the_main_job_from_a_fresh_clone(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--long"):
        pytest.skip("installs every package anew: --long")
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tmp_path / "clone")], check=True)
    printed = shell(BLOCKS[0], tmp_path / "clone")
    assert "engagement" in printed
    assert "published" in printed


def test_a_client_of_duckdb_1_4_opens_the_serving_file(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--long"):
        pytest.skip("installs another duckdb: --long")
    project = SampleProject.copied_to(tmp_path / "project")
    project.good("build")
    shell("python3 -m venv old && old/bin/python -m pip install -q 'duckdb==1.4.*'", tmp_path)
    read = "execute('from segments.segment_generation').fetchall()"
    code = f"import duckdb; print(duckdb.connect({str(project.serving)!r}, read_only=True).{read})"
    assert "20" in shell(f'old/bin/python -c "{code}"', tmp_path)
    shutil.rmtree(tmp_path / "old")
