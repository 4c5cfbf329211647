"""What entities and streams stand for: a dbt model, a source's table, or columns declared in place."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf

from orchestration.catalog.data_types import inline_type
from orchestration.catalog.relations import BASES, Catalog, Column
from orchestration.catalog.types import Type
from orchestration.diagnostics import nearest
from orchestration.language.model import Relation
from orchestration.language.reader import Reader, Schema
from orchestration.spec.nodes import Scalar, describe

MODEL: Schema = {
    "type": "string",
    "description": "a dbt model, or source('crm', 'accounts')",
    "examples": ["dim_users"],
}
COLUMNS: Schema = {
    "type": "object",
    "description": "columns and their types, where there is no dbt model",
    "additionalProperties": {"type": "string"},
    "examples": [{"user_id": "text", "age": "integer", "tags": "list of text"}],
}
_SOURCE = re.compile(r"source\(\s*(['\"])(?P<source>[^'\"]+)\1\s*,\s*(['\"])(?P<table>[^'\"]+)\3\s*\)")
_MODEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_relation(reader: Reader, name: str, catalog: Catalog) -> tuple[Relation, MappingOf[str, Column]] | None:
    """The relation an entity or stream stands for, and its columns by name."""
    if reader.has("columns") == reader.has("model"):
        reader.error(
            "missing-key",
            f"`{name}` needs either `model` or `columns`",
            reader.node.span,
            "name a dbt model, or declare the columns in place",
        )
        return None
    if reader.has("columns"):
        return _inline(reader, name)
    text = reader.scalar("model", "a dbt model")
    if text is None:
        return None
    source = _SOURCE.fullmatch(text.text.strip())
    if source:
        relation, key = Relation("source", source["table"], source["source"]), f"{source['source']}.{source['table']}"
    elif _MODEL.fullmatch(text.text):
        relation, key = Relation("model", text.text), text.text
    else:
        reader.error(
            "bad-value", f"`{text.text[:60]}` is not a model", text.span, "a model's name, or source('crm', 'accounts')"
        )
        return None
    known = catalog.relations.get(key)
    if known is None:
        unread = any(found.code == "dbt-yaml" for found in reader.report.diagnostics)
        hint = "" if unread else nearest(key, catalog.relations)
        other = "declare them in dbt's YAML, or run `segments catalog`"
        reader.error(
            "unknown-model",
            f"no columns are known of `{key}`",
            text.span,
            hint or ("they may be in the file that could not be read" if unread else other),
        )
        return None
    return relation, known.columns


def _inline(reader: Reader, name: str) -> tuple[Relation, MappingOf[str, Column]] | None:
    columns: dict[str, Column] = {}
    for key, value in reader.pairs("columns"):
        words = value.text if isinstance(value, Scalar) else describe(value)
        kind: Type | None = inline_type(words) if isinstance(value, Scalar) else None
        if kind is None:
            reader.error(
                "unknown-type",
                f"`{words[:60]}` is not a type",
                value.span,
                "types: text, integer, decimal, decimal(12,2), float, boolean, date, timestamp, list of text",
            )
        columns[key.text] = Column(key.text, kind, words, span=key.span)
    if not columns and not reader.broken:
        reader.error("empty-list", f"`{name}` declares no columns", reader.span("columns"), "declare at least its key")
    return None if reader.broken else (Relation("inline", name), columns)


def column_of(
    reader: Reader, key: str, columns: MappingOf[str, Column], table: str, *types: Type, text: Scalar | None = None
) -> Column | None:
    """The column that `key` names, which must be of one of the types; None where the report says why."""
    node = text if text is not None else reader.scalar(key, "a column")
    if node is None:
        return None
    column = columns.get(node.text)
    if column is None:
        reader.error(
            "unknown-column", f"`{node.text[:60]}` is not a column of `{table}`", node.span, nearest(node.text, columns)
        )
        return None
    if column.type is None:
        reader.error(
            "unsupported-type",
            f"column `{column.name}` has {_type_words(column)}",
            node.span,
            "declare a data_type in dbt's YAML, or cast it in staging",
        )
        return None
    if types and column.type not in types:
        expected = " or ".join(str(t) for t in types)
        reader.error(
            "bad-type",
            f"column `{column.name}` is a {column.type} where {expected} was expected",
            node.span,
            "cast it in staging",
        )
        return None
    return column


def _type_words(column: Column) -> str:
    return (
        f"the type `{column.data_type}`, which the language does not have" if column.data_type else "no declared type"
    )


BASIS: Schema = {"enum": list(BASES)}
__all__ = ["BASIS", "COLUMNS", "MODEL", "column_of", "read_relation"]
