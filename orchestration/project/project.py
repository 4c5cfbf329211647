"""A project on disk: specs, dbt's YAML, the lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import yaml

from orchestration.catalog import LOCK_NAME, Catalog, read_catalog
from orchestration.catalog.yaml_nodes import compose, entries, items, scalar
from orchestration.diagnostics import Report, UserError
from orchestration.project.reading import DBT_BYTES, SPEC_BYTES, read_text, shown, yaml_files

SPECS_FOLDER = "segment_specs"
DBT_FOLDER = "dbt_project"
COMPILED_FOLDER = "segments"
SCHEMA_NAME = ".schema.json"

_PATHS = {"model-paths": "models", "seed-paths": "seeds", "snapshot-paths": "snapshots"}


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with `segment_specs/` and, where there is one, `dbt_project/`."""

    root: Path
    specs_folder: str = SPECS_FOLDER

    @property
    def specs_dir(self) -> Path:
        return self.root / self.specs_folder

    @property
    def dbt_dir(self) -> Path:
        return self.root / DBT_FOLDER

    @property
    def has_dbt(self) -> bool:
        """Whether there is a dbt project to compile into."""
        return (self.dbt_dir / "dbt_project.yml").is_file()

    @property
    def schema_path(self) -> Path:
        """Where the JSON Schema of specs is kept for editors."""
        return self.specs_dir / SCHEMA_NAME

    @property
    def lock_path(self) -> Path:
        return self.dbt_dir / LOCK_NAME

    @property
    def compiled_dir(self) -> Path:
        """Where the compiled models go: `segments/` in the first of dbt's model paths."""
        return self._paths(Report())[0] / COMPILED_FOLDER

    def spec_sources(self, report: Report) -> dict[str, str]:
        """The texts of all spec files by shown path, sorted; files that cannot be read are reported."""
        return self._texts([self.specs_dir], SPEC_BYTES, report)

    def dbt_yaml(self, report: Report) -> dict[str, str]:
        """The texts of dbt's properties files (models, seeds, snapshots) by shown path; none without a dbt project."""
        return self._texts(self._paths(report), DBT_BYTES, report) if self.has_dbt else {}

    def lock(self, report: Report) -> tuple[str, str] | None:
        """`columns.lock.yml` as (shown path, text); None where there is none."""
        if not self.lock_path.exists() and not self.lock_path.is_symlink():
            return None
        text = read_text(self.root, self.lock_path, DBT_BYTES, report)
        return None if text is None else (shown(self.root, self.lock_path), text)

    def exposures(self, report: Report) -> str | None:
        """The exposures that reach dbt together with the compiled models, as one properties file; None without any.

        The text of the one file in `dbt_project/exposures/`; of several, one file that lists what all of them hold.
        """
        folder = self.dbt_dir / "exposures"
        texts = self._texts([folder], DBT_BYTES, report) if folder.is_dir() else {}
        if len(texts) <= 1:
            return next(iter(texts.values()), None)
        merged: list[object] = []
        for path, text in texts.items():
            if compose(path, text, report) is None:
                continue
            try:
                content = yaml.safe_load(text)
            except yaml.YAMLError as error:
                report.error("dbt-yaml", f"{path} cannot be read: {error}")
                continue
            listed = content.get("exposures") if isinstance(content, Mapping) else None
            merged += listed if isinstance(listed, list) else []
        return yaml.safe_dump({"version": 2, "exposures": merged}, sort_keys=False, allow_unicode=True)

    def catalog(self, report: Report) -> tuple[Catalog, dict[str, str]]:
        """The catalog, and the texts it was read from (for the lines that messages show)."""
        texts, lock = self.dbt_yaml(report), self.lock(report)
        return read_catalog(texts, lock, report), {**texts, **(dict([lock]) if lock else {})}

    def _texts(self, folders: list[Path], limit: int, report: Report) -> dict[str, str]:
        texts = {}
        compiled = self.compiled_dir
        for folder in folders:
            if not folder.is_dir():
                continue
            for path in yaml_files(self.root, folder, report):
                if path.is_relative_to(compiled):
                    continue
                text = read_text(self.root, path, limit, report)
                if text is not None:
                    texts[shown(self.root, path)] = text
        return dict(sorted(texts.items()))

    def _paths(self, report: Report) -> list[Path]:
        """The folders that dbt reads models, seeds and snapshots from, models first."""
        path = self.dbt_dir / "dbt_project.yml"
        text = read_text(self.root, path, SPEC_BYTES, report) if self.has_dbt else None
        settings = entries(compose(shown(self.root, path), text, report)) if text else {}
        found = []
        for key, usual in _PATHS.items():
            named = [name for node in items(settings.get(key)) if (name := scalar(node))] or [usual]
            for name in named:
                if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                    raise UserError.of("path-outside", f"`{key}` in dbt_project.yml leaves the dbt project: {name}")
                found.append(self.dbt_dir / name)
        return found
