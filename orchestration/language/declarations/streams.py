"""`streams`: things that happened, one row each.

`at` is a timestamp, or a date (then local midnight). With `id`, repeated rows count once and are reported. `belongs_to` says
whose a row is. `event` is the column that names the event and `events` the names it may have, so that a misspelt one is an
error (`open_events: true` opts out); `events: {report_exported: 'Report Exported'}` gives a value a name of its own.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf

from orchestration.catalog.relations import Catalog
from orchestration.catalog.types import DATE, TEXT, TIMESTAMP
from orchestration.diagnostics import Report
from orchestration.language.declarations.entities import BELONGS_TO, COLUMN, NAME, read_parents
from orchestration.language.declarations.relations import BASIS, COLUMNS, MODEL, column_of, read_relation
from orchestration.language.model import Stream
from orchestration.language.reader import NAME as NAME_PATTERN
from orchestration.language.reader import Reader, Schema
from orchestration.spec.nodes import Mapping, Scalar, Sequence, describe

SCHEMA: Schema = {
    "type": "object",
    "description": "things that happened, one row each",
    "additionalProperties": False,
    "required": ["name", "at", "belongs_to"],
    "properties": {
        "name": NAME,
        "model": MODEL,
        "columns": COLUMNS,
        "at": {**COLUMN, "description": "when: a timestamp, or a date (then local midnight)"},
        "id": {**COLUMN, "description": "unique; repeated rows count once and are reported"},
        "belongs_to": BELONGS_TO,
        "event": {**COLUMN, "description": "the column that names the event"},
        "events": {
            "description": "the events there are, or names for their values",
            "oneOf": [{"type": "array", "items": NAME}, {"type": "object", "additionalProperties": {"type": "string"}}],
        },
        "open_events": {"type": "boolean", "description": "other events than the declared ones may be named"},
        "basis": BASIS,
        "future": {"x-later": True},
    },
}


def read_stream(node: Mapping, catalog: Catalog, report: Report) -> tuple[Stream, Reader] | None:
    """The stream with unchecked parents; None where the report says why."""
    reader = Reader(node, SCHEMA, report, "a stream")
    name = reader.name("name")
    if name is None:
        return None
    found = read_relation(reader, name.text, catalog)
    if found is None:
        return None
    relation, columns = found
    table = str(relation)
    at = column_of(reader, "at", columns, table, TIMESTAMP, DATE)
    identity = column_of(reader, "id", columns, table) if reader.has("id") else None
    event = column_of(reader, "event", columns, table, TEXT) if reader.has("event") else None
    events = _events(reader)
    if events is not None and event is None and not reader.broken:
        reader.error(
            "missing-key", "`events` without `event`", reader.span("events"), "name the column that holds the event"
        )
    parents = read_parents(reader, columns, table)
    if not parents and not reader.broken:
        reader.error(
            "missing-key",
            f"stream `{name.text}` belongs to nobody",
            reader.span("belongs_to"),
            "belongs_to: {user: user_id}",
        )
    if at is None or reader.broken:
        return None
    stream = Stream(
        name.text,
        relation,
        at.name,
        columns,
        parents,
        identity.name if identity else None,
        event.name if event else None,
        events,
        reader.boolean("open_events"),
        basis=reader.choice("basis", "behavioural"),
        span=name.span,
    )
    return stream, reader


def _events(reader: Reader) -> MappingOf[str, str] | None:
    node = reader.get("events")
    if node is None:
        return None
    events: dict[str, str] = {}
    if isinstance(node, Sequence):
        pairs = [(item, item) for item in reader.items("events")]
    else:
        pairs = [(key, value) for key, value in reader.pairs("events")]
    for name, value in pairs:
        if not isinstance(name, Scalar) or not isinstance(value, Scalar) or value.is_null:
            reader.error("bad-value", f"{describe(value)} where an event was expected", value.span)
        elif not NAME_PATTERN.fullmatch(name.text):
            reader.error(
                "bad-name",
                f"`{name.text[:60]}` is not a name",
                name.span,
                "give the value a name: events: {report_exported: 'Report Exported'}",
            )
        elif name.text in events:
            reader.error("duplicate-name", f"event `{name.text}` occurs twice", name.span, "leave one of them out")
        else:
            events[name.text] = value.text
    return events
