"""The DuckDB files of generations: copied, sealed, kept and exchanged, never opened here.

Beside the serving file lies `<stem>_generations/`, which holds a hard link to every generation that can be served
again. Every step can be cut short: a reader finds the old file or the new one at the serving path, complete.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.diagnostics import UserError
from orchestration.warehouse import DuckDBFiles

SEALED = 0o444
OPEN = 0o644
FICLONE = 0x40049409  # Linux: make a file of another's blocks, on file systems that share them


def generations_folder(files: DuckDBFiles) -> Path:
    """Where the generations that can be served again are kept."""
    return files.serving.with_name(f"{files.serving.stem}_generations")


def wal_of(path: Path) -> Path:
    """Where DuckDB logs what it has not written into a file yet."""
    return path.with_name(path.name + ".wal")


def start_next(files: DuckDBFiles) -> list[str]:
    """Put a copy of the serving file where the next generation is built; returns notes about what was amiss.

    Where the serving file is gone, the newest generation that was kept takes its place, so that history goes on. Without
    either there is no file: the first generation begins with nothing.
    """
    for leftover in (wal_of(files.generation), files.generation, _unfinished(files.generation)):
        leftover.unlink(missing_ok=True)
    files.generation.parent.mkdir(parents=True, exist_ok=True)
    kept = list(kept_files(files).values())
    source = files.serving if files.serving.exists() else kept[-1] if kept else None
    if source is None:
        return []
    copy = _unfinished(files.generation)
    copy_file(source, copy)
    copy.chmod(OPEN)
    os.replace(copy, files.generation)
    if source == files.serving:
        return []
    return [f"`{files.serving.name}` is gone: history goes on from generation {source.stem}, the newest that was kept"]


def _unfinished(path: Path) -> Path:
    """Where a file is made that shall be at `path` at once."""
    return path.with_name(path.name + ".unfinished")


def copy_file(source: Path, copy: Path) -> None:
    """Copy a file, sharing its blocks where the file system can."""
    try:
        import fcntl

        with source.open("rb") as old, copy.open("wb") as new:
            fcntl.ioctl(new.fileno(), FICLONE, old.fileno())
    except (ImportError, OSError):
        shutil.copyfile(source, copy)


def seal(path: Path) -> None:
    """Make a finished file read-only and its content durable."""
    if wal_of(path).exists():
        raise RuntimeError(f"`{path}` was closed with a log beside it")
    path.chmod(SEALED)
    synchronise(path)


def synchronise(path: Path) -> None:
    """Wait until a file, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep(files: DuckDBFiles, publish_id: str) -> None:
    """Have the file that is served now among the generations, if it is not there yet."""
    kept = generations_folder(files) / f"{publish_id}.duckdb"
    if kept.exists():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(files.serving, kept)
    except OSError:  # a file system without hard links
        copy = _unfinished(kept)
        copy_file(files.serving, copy)
        seal(copy)
        os.replace(copy, kept)
    synchronise(kept.parent)


def kept_files(files: DuckDBFiles) -> dict[str, Path]:
    """The files of the generations that can be served again, by publish_id, oldest first."""
    return {path.stem: path for path in sorted(generations_folder(files).glob("*.duckdb"))}


def serve(files: DuckDBFiles, path: Path) -> list[str]:
    """Move a sealed file to the serving path, in one step; returns notes about what lay in the way."""
    notes = set_log_aside(files)
    os.replace(path, files.serving)
    return notes + set_log_aside(files)


@contextmanager
def rewritten(files: DuckDBFiles, publish_id: str) -> Iterator[Path]:
    """A copy of a kept generation to change; at the end it takes the place of the one that was copied."""
    kept = kept_files(files)[publish_id]
    copy = _unfinished(kept)
    for leftover in (wal_of(copy), copy):
        leftover.unlink(missing_ok=True)
    copy_file(kept, copy)
    copy.chmod(OPEN)
    yield copy
    seal(copy)
    os.replace(copy, kept)


def serve_again(files: DuckDBFiles, publish_id: str) -> list[str]:
    """Have a kept generation at the serving path too."""
    kept, link = kept_files(files)[publish_id], _unfinished(files.serving)
    link.unlink(missing_ok=True)
    if files.serving.exists() and kept.samefile(files.serving):
        return []  # replacing a file by another name of itself would do nothing, and leave the name
    try:
        os.link(kept, link)
    except OSError:
        copy_file(kept, link)
        seal(link)
    notes = serve(files, link)
    synchronise(files.serving.parent)
    return notes


def set_log_aside(files: DuckDBFiles) -> list[str]:
    """Move a log that a client left beside the serving file away: it would be replayed into the next generation."""
    log = wal_of(files.serving)
    if not log.exists():
        return []
    written = dt.datetime.fromtimestamp(log.stat().st_mtime, dt.UTC)
    aside = log.with_name(f"{log.name}.{written:%Y%m%dt%H%M%S_%f}")
    os.replace(log, aside)
    return [f"a client opened `{files.serving.name}` for writing and left a log, which is now `{aside.name}`"]


def retire(files: DuckDBFiles, keep_last: int, served: str) -> list[str]:
    """Remove the oldest kept generations but `keep_last`, the served one counting; returns what was removed."""
    others = [publish_id for publish_id in kept_files(files) if publish_id != served]
    removed = others[: max(0, len(others) - (keep_last - 1))]
    for publish_id in removed:
        kept_files(files)[publish_id].unlink()
    return removed


@contextmanager
def locked(files: DuckDBFiles) -> Iterator[None]:
    """Hold the right to build and publish; another process that holds it is a `UserError`."""
    try:
        import fcntl
    except ImportError:  # no such locks here: one run at a time is up to the scheduler
        yield
        return
    path = files.serving.with_name(files.serving.name + ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError.of(
                "run-in-progress",
                f"another run is building or publishing `{files.serving.name}`",
                "wait until it has ended; it takes one at a time",
            ) from error
        yield
