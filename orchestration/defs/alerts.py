"""Who hears that segments were not published: their owners, each once, with the reason.

Where checks of segments failed, it is the owners of those segments; where it is about all of them (dbt failed, an
entity has repeated keys), every owner. A message goes to standard output, and as JSON to the address in
`SEGMENTS_ALERT_WEBHOOK`, whose `text` most chat tools show as it is. An alert that cannot be delivered is logged: it
never hides what it is about.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import dagster as dg

from orchestration.defs.compiled_project import CompiledProject
from orchestration.defs.steps import FAILED_CHECKS

WEBHOOK_VARIABLE = "SEGMENTS_ALERT_WEBHOOK"
SECONDS = 10
NOBODY = "nobody (the segments have no owner)"


@dataclass(frozen=True, slots=True)
class Alert:
    """What one owner is told."""

    owner: str
    segments: tuple[str, ...]
    reason: str
    run_id: str
    checks: tuple[Mapping[str, Any], ...] = ()

    @property
    def text(self) -> str:
        many = "segment" if len(self.segments) == 1 else "segments"
        names = ", ".join(self.segments)
        return f"{self.owner}: run {self.run_id} has failed, which concerns {many} {names}.\n{self.reason}"


def alert_owners(project: CompiledProject) -> dg.HookDefinition:
    """Sends the alerts of a failed step."""

    @dg.failure_hook(name="alert_owners")
    def alert(context: dg.HookContext) -> None:
        error = context.op_exception
        reason = (error.description if isinstance(error, dg.Failure) else None) or str(error)
        checks = _failed_checks(error)
        for message in alerts(project, reason, checks, context.run_id):
            print(message.text, flush=True)
            if address := os.environ.get(WEBHOOK_VARIABLE):
                try:
                    send(address, message)
                except (OSError, ValueError) as problem:
                    context.log.error(f"the alert to {message.owner} was not delivered: {problem}")

    return alert


def alerts(
    project: CompiledProject, reason: str, checks: Sequence[Mapping[str, Any]], run_id: str
) -> Iterator[Alert]:
    """An alert for each owner, in order."""
    about_all = not checks or any(check["segment"] not in project.facts["segments"] for check in checks)
    concerned = {check["segment"] for check in checks}
    by_owner: dict[str, list[str]] = {}
    for segment in project.segments:
        if about_all or segment.name in concerned:
            by_owner.setdefault(segment.owner or NOBODY, []).append(segment.name)
    for owner, names in sorted(by_owner.items()):
        own = tuple(check for check in checks if about_all or check["segment"] in names)
        text = "\n".join(check["in_words"] for check in own) or reason
        yield Alert(owner, tuple(names), text, run_id, own)


def send(address: str, alert: Alert) -> None:
    """Posts an alert; raises OSError or ValueError where it is not taken."""
    if not address.startswith(("https://", "http://")):
        raise ValueError(f"{WEBHOOK_VARIABLE} is no http address")
    body = json.dumps({"text": alert.text, **asdict(alert)}, ensure_ascii=False).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json; charset=utf-8"})
    with urllib.request.urlopen(request, timeout=SECONDS):
        pass


def _failed_checks(error: BaseException | None) -> tuple[Mapping[str, Any], ...]:
    found = error.metadata.get(FAILED_CHECKS) if isinstance(error, dg.Failure) else None
    return tuple(found.value) if isinstance(found, dg.JsonMetadataValue) and isinstance(found.value, list) else ()
