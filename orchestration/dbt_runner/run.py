"""Running dbt: one at a time in a project, its log read as it comes, ended together with the caller.

A node that fails is part of the `DbtResult`; dbt failing to start, to read the project or to reach the warehouse is a
`UserError` with dbt's own words.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager

from orchestration.dbt_runner.command import DbtProject, build_arguments, command, environment
from orchestration.dbt_runner.events import DbtEvent, Log
from orchestration.dbt_runner.results import DbtResult, read_nodes
from orchestration.diagnostics import UserError

SECONDS_TO_CANCEL = 10.0
LONGEST_MESSAGE = 4_000


def build(
    project: DbtProject,
    *,
    select: Sequence[str] = (),
    exclude: Sequence[str] = (),
    on_event: Callable[[DbtEvent], None] | None = None,
) -> DbtResult:
    """`dbt build`: seeds, models, snapshots and tests, in their order."""
    return run_dbt(project, build_arguments(select, exclude), on_event)


def parse(project: DbtProject, *, on_event: Callable[[DbtEvent], None] | None = None) -> DbtResult:
    """`dbt parse`: writes the manifest at `manifest_path`; opens no warehouse."""
    return run_dbt(project, ["parse"], on_event)


def docs_generate(project: DbtProject, *, on_event: Callable[[DbtEvent], None] | None = None) -> DbtResult:
    """`dbt docs generate`: the manifest and a catalog of the warehouse's columns."""
    return run_dbt(project, ["docs", "generate"], on_event)


def run_dbt(
    project: DbtProject, arguments: Sequence[str], on_event: Callable[[DbtEvent], None] | None = None
) -> DbtResult:
    """Run a subcommand of dbt; `on_event` is called with its progress, in this thread."""
    events = stream_dbt(project, arguments)
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            result: DbtResult = end.value
            return result
        if on_event:
            on_event(event)


def stream_dbt(project: DbtProject, arguments: Sequence[str]) -> Generator[DbtEvent, None, DbtResult]:
    """Run a subcommand of dbt: its progress as it comes, then the result. Closing the generator ends dbt."""
    started = time.monotonic()
    project.target_dir.mkdir(parents=True, exist_ok=True)
    log = Log()
    with _alone(project), _process(project, arguments) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = log.read(line)
            if event:
                yield event
        code = process.wait()
        nodes = read_nodes(project.target_dir, log.invocation_id)
    if code not in (0, 1) or (code == 1 and not nodes):
        raise _failure(log, code)
    return DbtResult(
        success=code == 0,
        nodes=nodes or (),
        warnings=tuple(log.warnings),
        manifest_path=project.target_dir / "manifest.json",
        seconds=time.monotonic() - started,
    )


@contextmanager
def _alone(project: DbtProject) -> Iterator[None]:
    """One dbt at a time: two would write the same artifacts and the same DuckDB file."""
    from filelock import FileLock, Timeout

    lock = FileLock(project.target_dir / "segments.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError.of(
            "dbt-is-running",
            f"another dbt run of `{project.dbt_dir}` has not ended",
            "wait for it, or end it, and start again",
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _process(project: DbtProject, arguments: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """dbt in a process group of its own, which does not outlive this block."""
    process = subprocess.Popen(
        command(project, arguments),
        cwd=project.dbt_dir,
        env=environment(os.environ),
        stdin=subprocess.PIPE,  # held open: its end tells the child that we are gone
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    with process:
        try:
            yield process
        except BaseException:
            _end(process)
            raise


def _end(process: subprocess.Popen[str]) -> None:
    """Ask dbt to cancel its statements and end; end it if it does not."""
    for sign, seconds in ((signal.SIGINT, SECONDS_TO_CANCEL), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, sign)
            process.communicate(timeout=seconds)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return


def _failure(log: Log, code: int) -> UserError:
    """dbt's reason for not running at all."""
    reason = log.fatal.removeprefix("[ERROR]:").strip().removeprefix("Encountered an error:").strip()
    if not reason:
        reason = "\n".join(log.errors or _without_traceback(log.other_lines)) or f"it ended with code {code}"
    if len(reason) > LONGEST_MESSAGE:
        reason = reason[:LONGEST_MESSAGE] + " …"
    if "Could not set lock on file" in reason:
        return UserError.of("locked-warehouse", f"dbt: {reason}", "close the file there, or wait until it has ended")
    return UserError.of("dbt-failed", f"dbt: {reason}", "")


def _without_traceback(lines: Sequence[str]) -> list[str]:
    """The last line of a traceback, which says what went wrong; other output as it is."""
    if any(line.startswith("Traceback ") for line in lines):
        return list(lines[-1:])
    return list(lines)
