"""The project over RavenStack's tables in a folder of its own, its warehouse, and the command run on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.warehouse import connect, read_target

ROOT = Path(__file__).parents[2]
PROJECT = Path(__file__).with_name("project")
MADE = shutil.ignore_patterns("target", "logs", "warehouse", "segments", ".user.yml")


@dataclass(frozen=True, slots=True)
class Ravenstack:
    """A copy of the project."""

    root: Path

    @classmethod
    def copied_to(cls, folder: Path) -> Ravenstack:
        return cls(Path(shutil.copytree(PROJECT, folder, ignore=MADE)))

    def load(self, data: Path) -> None:
        """Fill the warehouse from the CSV files, as the project's sources declare them."""
        target = read_target(self.root / "dbt_project", None)
        sources = yaml.safe_load((self.root / "dbt_project/models/sources.yml").read_text("utf-8"))["sources"]
        with connect(target, create=True) as connection:
            for source in sources:
                for table in source["tables"]:
                    columns = [(column["name"], column["data_type"]) for column in table["columns"]]
                    connection.load_csv(source["schema"], table["name"], columns, data / f"{table['name']}.csv")

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`segments <command> --project-dir …`, from a folder that is no project."""
        called = [sys.executable, "-m", "orchestration.cli", command, "--project-dir", str(self.root), *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        environment.pop("RAVENSTACK_WAREHOUSE", None)
        return subprocess.run(
            called, cwd=self.root.parent, env=environment, capture_output=True, text=True, check=False
        )

    def data(self, command: str, *arguments: str) -> Any:
        """What a command that must succeed prints as JSON."""
        result = self.run(command, *arguments, "--format", "json")
        assert result.returncode == 0, result.stdout + result.stderr
        return json.loads(result.stdout)

    def published(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the serving file, read as a BI tool reads it."""
        serving = self.root / "dbt_project/warehouse/ravenstack_segments.duckdb"
        with duckdb.connect(str(serving), read_only=True) as connection:
            return connection.execute(query).fetchall()
