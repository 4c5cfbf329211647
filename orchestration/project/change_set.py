"""Compiled files: what is wanted against what is on disk.

`<model path>/segments/` belongs to the compiler. A record in it, `.compiled.json`, names the files that were written there;
only those are ever changed or removed. A file of someone else that dbt would read from there stops the change, untouched.
Every file is replaced atomically, and one that already holds its text keeps its time.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from orchestration.diagnostics import UserError

RECORD = ".compiled.json"
_TEMPORARY = ".segments-new"
_READ_BY_DBT = (".sql", ".py", ".yml", ".yaml", ".md", ".csv")


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What it takes to make a folder hold `files`; paths are relative to it, sorted. Nothing is written before `apply`."""

    folder: Path
    files: Mapping[str, str] = field(repr=False)
    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not self.written and not self.removed

    def apply(self) -> None:
        """Makes it so; after a crash in between, the next change set finishes it."""
        write_text(self.folder / RECORD, _record({*self.files, *self.removed}))
        for name in self.written:
            write_text(self.folder / name, self.files[name])
        for name in self.removed:
            _remove(self.folder, name)
        write_text(self.folder / RECORD, _record(self.files))


def change_set(folder: Path, files: Mapping[str, str], within: Path) -> ChangeSet:
    """Compares files (relative path → text) with a folder inside `within`; UserError where a file of someone else is in the way."""
    if not folder.resolve().is_relative_to(within.resolve()):
        raise UserError.of("link-outside", f"{folder} is a link out of the project", "replace it with a folder")
    for name in files:
        if not _is_plain(name):
            raise ValueError(f"not a path below {folder}: {name!r}")
    recorded = _recorded(folder)
    foreign = [name for name in _present(folder) if name not in recorded and not _holds(folder, name, files.get(name))]
    if foreign:
        listed = ", ".join(foreign[:5]) + (f" and {len(foreign) - 5} more" if len(foreign) > 5 else "")
        raise UserError.of(
            "not-compiled",
            f"in {folder} are files that the compiler has not written, and does not touch: {listed}",
            "this folder holds compiled models alone; move or delete them",
        )
    unchanged = tuple(sorted(name for name, text in files.items() if _holds(folder, name, text)))
    return ChangeSet(
        folder=folder,
        files=files,
        written=tuple(sorted(set(files) - set(unchanged))),
        removed=tuple(sorted(name for name in recorded if name not in files and os.path.lexists(folder / name))),
        unchanged=unchanged,
    )


def write_text(path: Path, text: str) -> bool:
    """Replaces a file atomically, with its folders; False where it holds the text already. UserError where it cannot."""
    if _holds(path.parent, path.name, text):
        return False
    temporary = path.parent / f"{_TEMPORARY}.{os.getpid()}.{path.name}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8", newline="")
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise UserError.of("cannot-write", f"{path} cannot be written: {error.strerror or error}") from error
    return True


def _remove(folder: Path, name: str) -> None:
    path = folder / name
    try:
        path.unlink(missing_ok=True)
        for parent in path.relative_to(folder).parents[:-1]:
            if not any((folder / parent).iterdir()):
                (folder / parent).rmdir()
    except OSError as error:
        raise UserError.of("cannot-write", f"{path} cannot be removed: {error.strerror or error}") from error


def _is_plain(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return (
        bool(parts)
        and not name.startswith("/")
        and ".." not in parts
        and name.isprintable()
        and "\\" not in name
        and not parts[-1].startswith(".")
    )


def _present(folder: Path) -> list[str]:
    """What dbt would read in a folder, sorted; the leftovers of a broken write aside."""
    found = []
    for where, folders, names in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(where, name))]
        for name in [*names, *links]:
            path = Path(where, name)
            if name in links or path.suffix in _READ_BY_DBT:
                found.append(path.relative_to(folder).as_posix())
    return sorted(name for name in found if not PurePosixPath(name).name.startswith(_TEMPORARY))


def _holds(folder: Path, name: str, text: str | None) -> bool:
    """Whether a regular file, reached through no link, holds exactly the text."""
    if text is None:
        return False
    path = folder / name
    try:
        linked = path.is_symlink() or not path.resolve().is_relative_to(folder.resolve())
        return not linked and path.read_bytes() == text.encode()
    except (OSError, RuntimeError):
        return False


def _record(names: Mapping[str, str] | set[str]) -> str:
    return json.dumps({"compiled": sorted(names)}, indent=1) + "\n"


def _recorded(folder: Path) -> frozenset[str]:
    """The files that were written here; none where the record is missing or is not one."""
    try:
        content = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError, RecursionError):
        return frozenset()
    listed = content.get("compiled") if isinstance(content, dict) else None
    names = listed if isinstance(listed, list) else []
    return frozenset(
        name for name in names if isinstance(name, str) and _is_plain(name) and not _through_link(folder, name)
    )


def _through_link(folder: Path, name: str) -> bool:
    path = folder / name
    return path.is_symlink() or any((folder / parent).is_symlink() for parent in PurePosixPath(name).parents[:-1])
