"""The command line itself: help, wrong calls, exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from orchestration.cli import COMMANDS, segments

ROOT = Path(__file__).parents[2]


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        check=False,
    )


def test_help_lists_the_commands() -> None:
    result = run("--help")
    assert result.returncode == 0
    assert [line.split()[0] for line in result.stdout.split("Commands:")[1].strip().splitlines()] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    result = CliRunner().invoke(segments, [name, "--help"])
    assert result.exit_code == 0
    command = segments.get_command(click.Context(segments), name)
    assert command is not None
    assert command.help
    for option in command.params:
        assert isinstance(option, click.Argument) or (isinstance(option, click.Option) and option.help), option.name
    assert "--project-dir" in result.output


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, orchestration.cli; "
        "print([m for m in ('rich', 'sqlglot', 'duckdb', 'yaml', 'dbt', 'dagster') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert result.stdout.strip() == "[]"


def test_an_unknown_command_names_the_nearest() -> None:
    result = run("biuld")
    assert result.returncode == 2
    assert "did you mean `build`?" in result.stderr


def test_no_project_is_a_diagnostic_and_exit_code_1(tmp_path: Path) -> None:
    for arguments in (["list"], ["check"], ["build", "--project-dir", str(tmp_path)], ["show", "x"]):
        result = run(*arguments, cwd=tmp_path)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith("error[no-project]: ")
        assert "Traceback" not in result.stderr


def test_a_failure_is_json_too_where_json_was_asked_for(tmp_path: Path) -> None:
    result = run("list", "--format", "json", "--project-dir", str(tmp_path))
    assert result.returncode == 1
    assert "error[no-project]" in result.stderr
    assert [error["code"] for error in json.loads(result.stdout)["errors"]] == ["no-project"]
