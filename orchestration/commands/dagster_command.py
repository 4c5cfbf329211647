"""`segments dagster`: the project in Dagster's web page, ready to run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from orchestration.commands.compile_command import demand_dbt, write_models
from orchestration.commands.loading import Specs, compiled_or_fail, dbt_of, is_sample, read_specs, target_of
from orchestration.commands.options import PROJECT_DIR_VARIABLE, TARGET_VARIABLE, project_options
from orchestration.commands.output import say, step
from orchestration.commands.sample_command import fill_with_sample
from orchestration.diagnostics import UserError
from orchestration.project import Project
from orchestration.project.change_set import write_text
from orchestration.warehouse import Target

MODULE = "orchestration.definitions"
HOST = "127.0.0.1"
SECONDS_TO_START, SECONDS_TO_END = 120, 20
INSTANCE = """\
# Dagster's settings for this project. Runs and events are kept in this folder.
telemetry:
  enabled: false
nux:
  enabled: false
python_logs:
  python_log_level: INFO
concurrency:
  pools: # a run that builds or publishes is alone with the warehouse from its first step to its last
    default_limit: 1
    granularity: run
"""


@click.command()
@project_options
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Where the page is served.")
def command(project_dir: Path | None, target: str | None, port: int) -> None:
    """Open the project in Dagster, after writing the compiled models and dbt's manifest.

    A project of the sample gets its data generated where the target has none. Runs are kept in DAGSTER_HOME, by default
    the project's folder .dagster, which git ignores.
    """
    specs = read_specs(project_dir)
    demand_dbt(specs)
    into = target_of(specs, target)
    _demand_free(port)
    prepare(specs, into)
    with _dagster(environment(specs.project, target, os.environ), specs.project.root, port) as process:
        if _answers(process, port):
            say(f"Dagster: http://{HOST}:{port} (the job is `segments`; Ctrl-C ends it)")
        process.wait()
    if process.returncode not in (0, -signal.SIGINT, -signal.SIGTERM):
        raise UserError.of("dagster-ended", f"Dagster ended with code {process.returncode}", "its messages are above")


def prepare(specs: Specs, target: Target) -> None:
    """What the definitions read: compiled models and dbt's manifest; and the sample's data, where there are none."""
    from orchestration import publish
    from orchestration.dbt_runner import parse

    compiled = compiled_or_fail(specs, target)
    if is_sample(specs.texts):
        with publish.exclusive(target):
            for note in fill_with_sample(target):
                say(note)
    write_models(specs, compiled)
    with step("dbt parse"):
        parse(dbt_of(target))


def environment(project: Project, target: str | None, inherited: Mapping[str, str]) -> dict[str, str]:
    """Dagster's environment: this project and target, its folder with its settings, telemetry off."""
    home = Path(inherited.get("DAGSTER_HOME") or project.root / ".dagster").resolve()
    if "DAGSTER_HOME" not in inherited:
        write_text(home / ".gitignore", "*\n")
    if not (home / "dagster.yaml").exists():
        write_text(home / "dagster.yaml", INSTANCE)
    chosen = {TARGET_VARIABLE: target} if target else {}
    return {
        **inherited,
        **chosen,
        PROJECT_DIR_VARIABLE: str(project.root),
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }


def _demand_free(port: int) -> None:
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((HOST, port))
        except OSError as error:
            hint = "--port names another; another Dagster may be running"
            raise UserError.of("port-in-use", f"port {port} cannot be used: {error.strerror}", hint) from None


@contextmanager
def _dagster(environment: Mapping[str, str], folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Dagster's page and daemon, in a process group of their own, which ends with this block."""
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.default_int_handler)  # a shell's background job inherits SIGINT ignored, and so would Dagster
    arguments = ["dev", "-m", MODULE, "--host", HOST, "--port", str(port), "--log-level", "warning"]
    python = [sys.executable, "-W", "ignore:Function `dev_command` is superseded"]  # by a package that is not needed
    process = subprocess.Popen([*python, "-m", "dagster", *arguments], cwd=folder, env=environment, start_new_session=True)
    try:
        yield process
    except KeyboardInterrupt:
        say("ending Dagster")
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask Dagster to end its parts, which it does when interrupted; end what is left of them."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_END)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Waits until the page is served; False where Dagster ends before, or takes too long."""
    deadline = time.monotonic() + SECONDS_TO_START
    with step("starting Dagster"):
        while process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://{HOST}:{port}/server_info", timeout=5):
                    return True
            except (OSError, urllib.error.URLError):
                time.sleep(0.3)
    return False
