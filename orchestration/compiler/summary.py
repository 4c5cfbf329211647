"""`compiled.json`: what was compiled, for those who read the compiled models and not the specs.

In: a compiled project. Out: its names, its checks with their limits, and three hashes. `hash` names the tables' SQL;
`specs` the spec files, so that a reader can tell that they have changed since; `stamp` everything that dbt reads of the
compiled models, and stands in dbt's manifest too, as meta of the source `segments_run`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from orchestration.compiler.compiled import CheckLimit, Compiled
from orchestration.compiler.render import json_text
from orchestration.language.model import Resolved

FILE = "compiled.json"
STAMP = "compiled"  # the key of the stamp among the meta of `segments_run`


def specs_hash(sources: Mapping[str, str]) -> str:
    """A hash of spec files, by the path that messages show."""
    return _hash(sorted(sources.items()))


def stamp(files: Mapping[str, str], properties: Mapping[str, Any]) -> str:
    """A hash of what dbt reads of the compiled models."""
    return _hash([sorted(files.items()), properties])


def summary(resolved: Resolved, compiled: Compiled, sources: Mapping[str, str], stamped: str) -> dict[str, Any]:
    """The content of `compiled.json`."""
    spans = {s.name: resolved.segments[s.name].span for s in compiled.segments}
    return {
        "hash": compiled.hash,
        "specs": specs_hash(sources),
        "stamp": stamped,
        "project": compiled.project,
        "dialect": compiled.dialect,
        "timezone": compiled.timezone,
        "week_starts_on": compiled.week_starts_on,
        "grid": compiled.grid,
        "segments": {
            s.name: {"file": spans[s.name].file, "line": spans[s.name].line, "reads": list(s.reads_segments)}
            for s in compiled.segments
        },
        "entities": {e.name: {"traits": [t.name for t in e.traits if not t.hidden]} for e in compiled.entities},
        "streams": {s.name: s.relation.logical for s in resolved.streams.values()},
        "checks": [
            {
                "check": check.check,
                "description": check.description,
                "subject_kind": check.subject_kind,
                "limits": {subject: _limit(limit) for subject, limit in check.limits.items()},
            }
            for check in compiled.checks
        ],
    }


def _limit(limit: CheckLimit) -> dict[str, Any]:
    return {"minimum": _text(limit.minimum), "maximum": _text(limit.maximum), "severity": limit.severity}


def _text(bound: Decimal | None) -> str | None:
    return None if bound is None else f"{bound:f}"


def _hash(value: object) -> str:
    return sha256(json_text(value).encode()).hexdigest()[:16]
