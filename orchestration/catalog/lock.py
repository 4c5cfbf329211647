"""`columns.lock.yml`: the columns of a warehouse's tables, written by `segments catalog` and kept in git.

```yaml
relations:
  crm.accounts:            # a source's table; a model has no point in its name
    account_id: VARCHAR    # columns in the table's order, types as the warehouse names them
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

from orchestration.catalog.data_types import type_of
from orchestration.catalog.relations import CatalogRelation, Column
from orchestration.catalog.yaml_nodes import compose, entries, scalar, span_of
from orchestration.diagnostics import Report

LOCK_NAME = "columns.lock.yml"
_HEAD = "# Columns as the warehouse has them. Written by `segments catalog`, read where dbt's YAML declares no type.\n"


def render_lock(columns: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """The lock's text for (column, data type) pairs by relation; the same bytes for the same columns."""
    relations = {key: dict(columns[key]) for key in sorted(columns)}
    body = yaml.safe_dump(
        {"relations": relations}, sort_keys=False, allow_unicode=True, default_flow_style=False, width=10_000
    )
    return _HEAD + body


def read_lock(path: str, text: str, report: Report) -> list[CatalogRelation]:
    """The relations of a lock; a file that is none is reported."""
    root = compose(path, text, report)
    if root is None:
        return []
    relations = entries(root).get("relations")
    if not isinstance(relations, yaml.MappingNode):
        hint = "`segments catalog --target …` writes it anew"
        report.error("columns-lock", "this is no columns.lock.yml: `relations` is missing", span_of(path, root), hint)
        return []
    found = []
    for key, body in relations.value:
        source, point, table = key.value.partition(".")
        columns = {
            name.value: Column(
                name=name.value,
                type=type_of(scalar(value) or ""),
                data_type=scalar(value) or "",
                span=span_of(path, name),
            )
            for name, value in (body.value if isinstance(body, yaml.MappingNode) else ())
        }
        found.append(
            CatalogRelation(
                name=table if point else source,
                kind="source" if point else "model",
                source=source if point else "",
                columns=columns,
                span=span_of(path, key),
            )
        )
    return found
