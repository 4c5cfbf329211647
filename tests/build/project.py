"""The repository's own project in a folder of its own, and the command run on it as a user runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns("target", "logs", "warehouse", "segments", ".user.yml", "__pycache__")


@dataclass(frozen=True, slots=True)
class SampleProject:
    """A copy of the project; `environment` is added to the command's."""

    root: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def copied_to(cls, folder: Path, **environment: str) -> SampleProject:
        for part in ("dbt_project", "segment_specs"):
            shutil.copytree(ROOT / part, folder / part, ignore=LEFT_OUT if part == "dbt_project" else None)
        return cls(folder, environment)

    @property
    def serving(self) -> Path:
        return self.root / "dbt_project" / "warehouse" / "acme_segments.duckdb"

    @property
    def warehouse(self) -> Path:
        return self.root / "dbt_project" / "warehouse" / "acme.duckdb"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`segments …` in the project's folder."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **self.environment}
        return subprocess.run(
            [sys.executable, "-m", "orchestration.cli", *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def good(self, *arguments: str) -> str:
        """The output of a command that must succeed."""
        result = self.run(*arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def refused(self, *arguments: str) -> str:
        """The messages of a command that must fail as a user's mistake does: exit code 1 and no traceback."""
        result = self.run(*arguments)
        assert result.returncode == 1, result.stdout + result.stderr
        assert "Traceback" not in result.stderr
        return result.stdout + result.stderr

    def data(self, *arguments: str) -> Any:
        return json.loads(self.good(*arguments, "--format", "json"))

    def published(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the serving file, read as a BI tool reads it."""
        with duckdb.connect(str(self.serving), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def change(self, *statements: str) -> None:
        """Statements on the warehouse's own file."""
        with duckdb.connect(str(self.warehouse)) as connection:
            for statement in statements:
                connection.execute(statement)

    def members(self) -> dict[str, set[str]]:
        """The published members of every segment, and of every tier as `segment.tier`."""
        return by_segment(self.published("select segment, tier, entity_id from segments.segment_membership"))


def by_segment(rows: list[tuple[Any, ...]]) -> dict[str, set[str]]:
    """Rows (segment, tier, entity_id) as sets of members."""
    found: dict[str, set[str]] = {}
    for segment, tier, entity_id in rows:
        found.setdefault(f"{segment}.{tier}" if tier else segment, set()).add(entity_id)
    return found
