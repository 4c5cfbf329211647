"""Where the project is: the folder that was named, or the nearest one upwards that holds `segment_specs/`, as git looks."""

from __future__ import annotations

from pathlib import Path

from orchestration.diagnostics import UserError
from orchestration.project.project import SPECS_FOLDER, Project


def find_project(project_dir: Path | None = None, start: Path | None = None) -> Project:
    """The project at `project_dir`, or the one that holds `start` (by default the current folder); UserError without one."""
    if project_dir is not None:
        root = _absolute(project_dir)
        if (root / SPECS_FOLDER).is_dir():
            return Project(root)
        if not root.is_dir():
            raise UserError.of(
                "no-project", f"there is no folder {project_dir}", "--project-dir names a project's root"
            )
        raise UserError.of(
            "no-project",
            f"{project_dir} is not a project: it holds no folder `{SPECS_FOLDER}`",
            f"--project-dir names the folder that holds `{SPECS_FOLDER}/` and `dbt_project/`",
        )
    here = _absolute(start or Path())
    for folder in (here, *here.parents):
        if (folder / SPECS_FOLDER).is_dir():
            return Project(folder)
    raise UserError.of(
        "no-project",
        f"there is no project here: neither {here} nor a folder above it holds `{SPECS_FOLDER}`",
        "run it inside a project, or name one with --project-dir",
    )


def _absolute(folder: Path) -> Path:
    try:
        return folder.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links; a current folder that was deleted
        raise UserError.of("no-project", f"{folder} cannot be opened: {error}") from error
