"""Reading a project's text files: UTF-8, regular, inside the project, of a bounded size; anything else is reported."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from orchestration.diagnostics import Report, Span

SPEC_BYTES = 1_000_000
DBT_BYTES = 16_000_000
YAML_SUFFIXES = (".yml", ".yaml")


def yaml_files(root: Path, folder: Path, report: Report) -> Iterator[Path]:
    """The YAML files below a folder, in order of their path; hidden ones and hidden folders are left out."""
    entries = []
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        report.error("unreadable-folder", f"{shown(root, folder)} cannot be opened: {_reason(error)}")
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from yaml_files(root, path, report)
        elif entry.is_symlink() and path.is_dir():
            report.error(
                "linked-folder",
                f"{shown(root, path)} is a link to a folder, which is not followed",
                hint="move the folder here, or link its files",
            )
        elif path.suffix.lower() in YAML_SUFFIXES:
            yield path


def read_text(root: Path, path: Path, limit: int, report: Report) -> str | None:
    """A file's text without a byte order mark; None where it cannot be read, which is reported."""
    name = shown(root, path)
    try:
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(root):
            report.error("link-outside", f"{name} is a link out of the project", hint="copy the file here")
            return None
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            report.error("unreadable-file", f"{name} is not a regular file")
            return None
        if found.st_size > limit:
            hint = f"a file holds at most {limit:,} bytes; split it"
            report.error("file-too-large", f"{name} has {found.st_size:,} bytes", hint=hint)
            return None
        content = path.read_bytes()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, as pathlib says it
        report.error("unreadable-file", f"{name} cannot be read: {_reason(error)}")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        span = Span(name, line, column, column + 1)
        report.error("not-utf-8", f"{name} is not UTF-8: byte {content[error.start]:#04x}", span, "save it as UTF-8")
        return None


def shown(root: Path, path: Path) -> str:
    """A path as messages show it: from the project's root where it is below it, always printable."""
    name = (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
    return os.fsencode(name).decode("utf-8", "replace")


def _reason(error: OSError | RuntimeError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
