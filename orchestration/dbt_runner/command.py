"""What is run: the command line and the environment, as pure functions."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True, slots=True)
class DbtProject:
    """A dbt project and the target to run it on. Without `profile` and `profiles_dir`, dbt finds them by itself."""

    dbt_dir: Path
    target: str
    profile: str | None = None
    profiles_dir: Path | None = None

    @property
    def target_dir(self) -> Path:
        """Where dbt writes its artifacts and logs."""
        return self.dbt_dir / "target"


def command(project: DbtProject, arguments: Sequence[str]) -> list[str]:
    """The command line for dbt's subcommand and options in `arguments`."""
    options = ["--project-dir", str(project.dbt_dir), "--target", project.target]
    options += ["--target-path", str(project.target_dir), "--log-path", str(project.target_dir / "logs")]
    options += ["--log-format", "json", "--log-format-file", "text", "--no-use-colors", "--no-use-colors-file"]
    options += ["--no-version-check", "--partial-parse"]
    if project.profile is not None:
        options += ["--profile", project.profile]
    if project.profiles_dir is not None:
        options += ["--profiles-dir", str(project.profiles_dir)]
    return [sys.executable, "-P", str(CHILD), *arguments, *options]


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of dbt: the caller's, with telemetry off and without what would change its output."""
    kept = {key: value for key, value in inherited.items() if not _is_dbt_logging(key)}
    return kept | {
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONWARNINGS": "ignore",
    }


def _is_dbt_logging(variable: str) -> bool:
    return variable in {"DBT_QUIET", "DBT_PRINT", "DBT_DEBUG"} or variable.startswith(("DBT_LOG_", "DBT_USE_COLORS"))


def build_arguments(select: Sequence[str], exclude: Sequence[str], *, exactly: bool = False) -> list[str]:
    """`dbt build` of the selected nodes; everything if nothing is selected. `exactly`: without the tests of those nodes."""
    arguments = ["build", "--indirect-selection", "empty"] if exactly else ["build"]
    for option, selectors in (("--select", select), ("--exclude", exclude)):
        if selectors:
            arguments += [option, *selectors]
    return arguments
