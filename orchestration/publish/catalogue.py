"""The generation's tables about itself: what its segments mean, what was checked, and which generation it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from orchestration.compiler.compiled import BUILD_SCHEMA, Compiled, CompiledSegment
from orchestration.publish.checks import CheckResult
from orchestration.publish.generation import Generation
from orchestration.publish.text import storable
from orchestration.warehouse import Connection

CATALOG = (
    ("segment", "text"), ("entity", "text"), ("label", "text"), ("description", "text"), ("owner", "text"),
    ("goal", "text"), ("action", "text"), ("purpose", "text"), ("basis", "text"), ("refresh", "text"),
    ("status", "text"), ("tiers", "text"), ("definition", "text"), ("in_words", "text"), ("definition_hash", "text"),
    ("sql", "text"), ("reads_columns", "text"), ("reads_traits", "text"), ("reads_segments", "text"),
    ("dependents", "text"), ("as_of", "timestamp"),
)  # fmt: skip
CHECKS = (
    ("check_name", "text"), ("description", "text"), ("subject_kind", "text"), ("subject", "text"),
    ("segment", "text"), ("value", "double"), ("minimum", "double"), ("maximum", "double"), ("severity", "text"),
    ("passed", "boolean"), ("detail", "text"), ("as_of", "timestamp"),
)  # fmt: skip
GENERATION = (
    ("published_at", "timestamp"), ("as_of", "timestamp"), ("as_of_daily", "timestamp"), ("compiled_hash", "text"),
    ("previous_publish_id", "text"),
)  # fmt: skip
TABLES: Mapping[str, Sequence[tuple[str, str]]] = {
    "segment_catalog": CATALOG,
    "segment_checks": CHECKS,
    "segment_generation": GENERATION,
}
COLUMN_COMMENTS: Mapping[str, Mapping[str, str]] = {
    "segment_catalog": {
        "label": "The segment's name for people",
        "description": "What the segment is",
        "owner": "Who answers for it: an address or a team",
        "goal": "What it is meant to achieve",
        "action": "What is done differently for its members",
        "purpose": "What it may be used for: service, product, marketing or research",
        "basis": "What kinds of facts its definition reads",
        "refresh": "How often it is computed",
        "status": "active or deprecated",
        "tiers": "Its tiers in order, separated by commas; empty if it has none",
        "definition": "The definition as it was written",
        "in_words": "The definition in words",
        "sql": "The definition as one query",
        "reads_columns": "The columns that it reads",
        "reads_traits": "The traits that it reads",
        "reads_segments": "The segments that it reads",
        "dependents": "The segments that read it",
    },
    "segment_checks": {
        "check_name": "What was checked",
        "description": "What the check measures",
        "subject_kind": "segment, entity, stream or source",
        "subject": "What it was checked for",
        "segment": "The segment, if it is about one",
        "value": "What was measured",
        "minimum": "The least it may be",
        "maximum": "The most it may be",
        "severity": "error: a failure keeps a generation from being published; warn: it is reported",
        "passed": "Whether the value lies within",
        "detail": "More, where there is more to say",
    },
    "segment_generation": {
        "published_at": "When it was published, UTC",
        "as_of": "The latest instant that it describes, UTC",
        "as_of_daily": "The instant of segments with a daily refresh, UTC",
        "compiled_hash": "Which compiled models it was built from",
        "previous_publish_id": "The generation that was served before",
    },
}


def write_catalogue(
    connection: Connection,
    compiled: Compiled,
    as_of: dt.datetime,
    results: Iterable[CheckResult],
    generation: Generation,
) -> None:
    """Replace the generation's tables about itself in `segments_build`; inside a transaction."""
    _replace(connection, "segment_catalog", (_catalog_row(s, as_of) for s in compiled.segments))
    described = {check.check: check.description for check in compiled.checks}
    _replace(connection, "segment_checks", (_check_row(r, described.get(r.check, ""), as_of) for r in results))
    instants = dict(generation.as_of)
    row = (
        generation.published_at,
        generation.latest,
        instants.get("daily"),
        generation.compiled_hash,
        generation.previous,
    )
    _replace(connection, "segment_generation", [row])


def _replace(connection: Connection, table: str, rows: Iterable[Sequence[object]]) -> None:
    replace_table(connection, table, TABLES[table], rows)


def replace_table(
    connection: Connection,
    table: str,
    columns: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[object]],
    schema: str = BUILD_SCHEMA,
) -> None:
    """A table with these rows, whatever it was before."""
    kinds = {"double": "double precision"}
    declared = ", ".join(f"{connection.quoted(name)} {kinds.get(kind, kind)}" for name, kind in columns)
    name = connection.name(schema, table)
    connection.execute(f"drop table if exists {name}")
    connection.execute(f"create table {name} ({declared})")
    connection.insert(schema, table, [column for column, _ in columns], rows)


def _catalog_row(segment: CompiledSegment, as_of: dt.datetime) -> tuple[object, ...]:
    texts = (
        segment.name,
        segment.entity,
        segment.label,
        segment.description,
        segment.owner,
        segment.goal,
        segment.action,
        segment.purpose,
        ", ".join(segment.basis),
        segment.refresh,
        segment.status,
        ", ".join(segment.tiers),
        segment.definition,
        segment.in_words,
        segment.definition_hash,
        segment.sql,
        ", ".join(segment.reads_columns),
        ", ".join(segment.reads_traits),
        ", ".join(segment.reads_segments),
        ", ".join(segment.dependents),
    )
    return *map(storable, texts), as_of


def _check_row(result: CheckResult, description: str, as_of: dt.datetime) -> tuple[object, ...]:
    def number(value: Decimal | None) -> float | None:
        return None if value is None else float(value)

    return (
        result.check,
        storable(description),
        result.subject_kind,
        storable(result.subject),
        result.segment,
        number(result.value),
        number(result.minimum),
        number(result.maximum),
        result.severity,
        result.passed,
        storable(result.detail),
        as_of,
    )
