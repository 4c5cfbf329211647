"""`entities`: whom segments are of. A spec says what a model stands for; columns and types come from dbt's YAML.

`key` is one column, text or integer, never null and unique. `belongs_to` names the entities it belongs to and the columns
with their keys. `exists` says since when and until when a row counts: from `from` (null: always) to before `until` (null:
still). Rows for which `where` is not true are not of this entity at all.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf

from orchestration.catalog.relations import Catalog, Column
from orchestration.catalog.types import DATE, INTEGER, TEXT, TIMESTAMP
from orchestration.diagnostics import Report
from orchestration.language.declarations.relations import COLUMNS, MODEL, column_of, read_relation
from orchestration.language.model import Entity
from orchestration.language.reader import Reader, Schema
from orchestration.language.reserved import BESIDE_KEYS
from orchestration.spec.nodes import Mapping, Scalar, describe

NAME: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,49}$"}
COLUMN: Schema = {"type": "string", "description": "a column"}
BELONGS_TO: Schema = {
    "type": "object",
    "description": "entity: the column with its key",
    "additionalProperties": COLUMN,
}
EXISTS: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"from": COLUMN, "until": COLUMN},
}
SCHEMA: Schema = {
    "type": "object",
    "description": "whom segments are of",
    "additionalProperties": False,
    "required": ["name", "key"],
    "properties": {
        "name": NAME,
        "model": MODEL,
        "columns": COLUMNS,
        "key": {**COLUMN, "description": "the column that tells them apart: text or integer"},
        "display": {**COLUMN, "description": "the column people know them by"},
        "belongs_to": BELONGS_TO,
        "exists": EXISTS,
        "where": {"type": "string", "description": "rows that are of this entity at all"},
        "slices": {"type": "array", "items": COLUMN, "description": "how sizes are broken down"},
        "history": {"x-later": True},
    },
}


def read_entity(node: Mapping, catalog: Catalog, report: Report) -> tuple[Entity, Reader] | None:
    """The entity without its `where` and unchecked parents, which need the others; None where the report says why."""
    reader = Reader(node, SCHEMA, report, "an entity")
    name = reader.name("name")
    if name is None:
        return None
    found = read_relation(reader, name.text, catalog)
    if found is None:
        return None
    relation, columns = found
    key = column_of(reader, "key", columns, str(relation), TEXT, INTEGER)
    display = column_of(reader, "display", columns, str(relation)) if reader.has("display") else None
    since, until = _exists(reader, columns, str(relation))
    parents = read_parents(reader, columns, str(relation))
    slices = [
        column_of(reader, "slices", columns, str(relation), text=item)
        for item in reader.items("slices")
        if isinstance(item, Scalar)
    ]
    if key is not None and key.name.lower() in BESIDE_KEYS:
        reader.error(
            "reserved-name",
            f"the key of `{name.text}` cannot be called `{key.name}`: published tables have a column of that name beside it",
            reader.span("key"),
            "rename it in staging",
        )
    if key is None or reader.broken:
        return None
    entity = Entity(
        name.text,
        relation,
        key.name,
        columns,
        display.name if display else None,
        parents,
        since,
        until,
        slices=tuple(c.name for c in slices if c),
        span=name.span,
    )
    return entity, reader


def _exists(reader: Reader, columns: MappingOf[str, Column], table: str) -> tuple[str | None, str | None]:
    node = reader.get("exists")
    if node is None:
        return None, None
    inner = Reader.of(node, EXISTS, reader.report, "`exists`")
    if inner is None:
        return None, None
    found = [column_of(inner, key, columns, table, DATE, TIMESTAMP) for key in ("from", "until")]
    reader.broken |= inner.broken
    return (found[0].name if found[0] else None), (found[1].name if found[1] else None)


def read_parents(reader: Reader, columns: MappingOf[str, Column], table: str) -> dict[str, str]:
    """`belongs_to`: the entity's name to the column with its key."""
    parents: dict[str, str] = {}
    for key, value in reader.pairs("belongs_to"):
        if not isinstance(value, Scalar) or value.is_null:
            reader.error(
                "bad-value",
                f"{describe(value)} where a column was expected",
                value.span,
                "belongs_to: {account: account_id}",
            )
            continue
        column = column_of(reader, "belongs_to", columns, table, TEXT, INTEGER, text=value)
        if column is not None:
            parents[key.text] = column.name
    return parents
