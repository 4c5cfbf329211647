"""dbt's log, a JSON object a line, read as it comes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

EventKind: TypeAlias = Literal["parsing", "started", "finished"]
KEPT_LINES = 40


@dataclass(frozen=True, slots=True)
class DbtEvent:
    """Progress: dbt reads the project, a node starts, or a node has ended (`done` of `total` have).

    At its end a node has a status, took `seconds`, and a test has found `failures` rows.
    """

    kind: EventKind
    done: int = 0
    total: int = 0
    unique_id: str = ""
    name: str = ""
    resource_type: str = ""
    status: str = ""
    failures: int | None = None
    seconds: float = 0.0


@dataclass(slots=True)
class Log:
    """What is kept of a log: whose run it is, warnings, the error that ended it, and lines that are not dbt's."""

    invocation_id: str = ""
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    fatal: str = ""
    other_lines: list[str] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)

    def read(self, line: str) -> DbtEvent | None:
        """Take in a line; the progress it tells of, if any."""
        try:
            entry = json.loads(line)
            info, data = entry["info"], entry["data"]
        except (ValueError, KeyError, TypeError):
            if line.strip():
                self.other_lines = [*self.other_lines[1 - KEPT_LINES :], line.rstrip()]
            return None
        self.invocation_id = info.get("invocation_id", self.invocation_id)
        self._keep(info)
        return self._progress(info.get("name", ""), data)

    def _keep(self, info: Mapping[str, str]) -> None:
        message = info.get("msg", "").strip()
        match info.get("level"), info.get("name"):
            case _, "MainEncounteredError":
                self.fatal = message
            case _, "MainStackTrace":
                pass
            case "warn", _ if message and message not in self.warnings:
                self.warnings.append(message)
            case "error", _ if message:
                self.errors.append(message)

    def _progress(self, event: str, data: Mapping[str, object]) -> DbtEvent | None:
        if event == "MainReportVersion":
            return DbtEvent("parsing")
        node = data.get("node_info")
        total = data.get("total") or data.get("num_models")
        if not isinstance(node, Mapping) or not isinstance(total, int):
            return None
        unique_id, status = str(node.get("unique_id", "")), str(node.get("node_status", ""))
        if event.endswith("StartLine"):
            kind: EventKind = "started"
        elif unique_id in self.finished or status in {"started", "compiling", "executing"}:
            return None
        else:
            kind = "finished"
            self.finished.add(unique_id)
        name, resource_type = str(node.get("node_name", "")), str(node.get("resource_type", ""))
        failures, seconds = data.get("num_failures"), data.get("execution_time")
        return DbtEvent(
            kind,
            len(self.finished),
            total,
            unique_id,
            name,
            resource_type,
            status,
            failures if isinstance(failures, int) else None,
            seconds if isinstance(seconds, float) else 0.0,
        )
