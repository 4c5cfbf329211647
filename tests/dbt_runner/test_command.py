"""The command line and the environment of dbt, and the reading of its log: without dbt."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from orchestration.dbt_runner import DbtEvent, DbtProject
from orchestration.dbt_runner.command import build_arguments, command, environment
from orchestration.dbt_runner.events import Log

PROJECT = DbtProject(Path("/x/dbt_project"), "dev", "segments", Path("/x/profiles"))


def test_the_command_names_project_target_and_profile() -> None:
    words = command(PROJECT, ["build"])
    assert words[0] == sys.executable
    assert words[3] == "build"
    for option, value in (
        ("--project-dir", "/x/dbt_project"),
        ("--target", "dev"),
        ("--profile", "segments"),
        ("--profiles-dir", "/x/profiles"),
        ("--target-path", "/x/dbt_project/target"),
        ("--log-path", "/x/dbt_project/target/logs"),
        ("--log-format", "json"),
    ):
        assert words[words.index(option) + 1] == value
    assert "--partial-parse" in words
    assert "--no-use-colors" in words


def test_dbt_finds_its_profile_by_itself_unless_told() -> None:
    words = command(DbtProject(Path("/x"), "dev"), ["parse"])
    assert "--profile" not in words
    assert "--profiles-dir" not in words


def test_selection_becomes_options() -> None:
    assert build_arguments([], []) == ["build"]
    assert build_arguments(["+tag:a", "b"], ["tag:segment"]) == [
        "build",
        "--select",
        "+tag:a",
        "b",
        "--exclude",
        "tag:segment",
    ]


def test_telemetry_is_off_and_the_log_is_ours() -> None:
    kept = environment(
        {"HOME": "/h", "DBT_LOG_FORMAT": "text", "DBT_QUIET": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "1"}
    )
    assert kept["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert kept["DO_NOT_TRACK"] == "1"
    assert kept["HOME"] == "/h"
    assert "DBT_LOG_FORMAT" not in kept
    assert "DBT_QUIET" not in kept


def line(name: str, level: str = "info", message: str = "", **data: object) -> str:
    return json.dumps({"info": {"name": name, "level": level, "msg": message, "invocation_id": "i"}, "data": data})


def node(status: str) -> dict[str, str]:
    return {"unique_id": "model.p.one", "node_name": "one", "resource_type": "model", "node_status": status}


def test_progress_is_read_from_the_log() -> None:
    log = Log()
    events = [
        log.read(text)
        for text in (
            line("MainReportVersion"),
            line("LogStartLine", node_info=node("started"), total=2),
            line("LogModelResult", node_info=node("success"), total=2),
            line("LogModelResult", node_info=node("success"), total=2),
        )
    ]
    assert events == [
        DbtEvent("parsing"),
        DbtEvent("started", 0, 2, "model.p.one", "one", "model", "started"),
        DbtEvent("finished", 1, 2, "model.p.one", "one", "model", "success"),
        None,
    ]
    assert log.invocation_id == "i"


def test_warnings_the_fatal_error_and_foreign_lines_are_kept() -> None:
    log = Log()
    for text in (
        line("Deprecated", "warn", "old key"),
        line("Deprecated", "warn", "old key"),
        line("MainEncounteredError", "error", "[ERROR]: Encountered an error:\nCompilation Error\n  x"),
        line("MainStackTrace", "error", "Traceback …"),
        "[1, 2]",
        "Usage: dbt",
    ):
        assert log.read(text) is None
    assert log.warnings == ["old key"]
    assert "Compilation Error" in log.fatal
    assert log.errors == []
    assert log.other_lines == ["[1, 2]", "Usage: dbt"]
