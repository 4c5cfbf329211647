"""The project's own rules: style, types, layers, and what must not stand in it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*arguments: str) -> None:
    result = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def test_style() -> None:
    run("ruff", "check", ".")


def test_types() -> None:
    run("mypy")


def test_layers() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_schema_for_editors_is_that_of_the_language() -> None:
    run("orchestration.cli", "schema", "--check")


def test_the_lock_names_versions_and_no_hosts() -> None:
    lines = [line for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) > 100
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9.-]+==[^\s:/]+( ; .*)?", line)] == []
    locked = {line.partition("==")[0] for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    assert {re.split(r"[\[<>=]", name)[0].lower() for name in declared} <= locked


def test_the_top_level_is_what_a_repository_needs() -> None:
    allowed = {
        "pyproject.toml", "README.md", "segment_specs", "orchestration", "dbt_project", "tests", "requirements.lock", ".gitignore",
        ".ci", ".github", ".pre-commit-hooks.yaml", "LICENSE",
    }  # fmt: skip
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= allowed


@pytest.mark.parametrize("word", ["/work" + "/", "pypi" + ".org", "--index" + "-url", "TO" + "DO", "FIX" + "ME"])
def test_words_that_do_not_belong_here(word: str) -> None:
    found = [path.relative_to(ROOT) for path in tracked() if word in path.read_text("utf-8", errors="ignore")]
    assert found == []
