"""The catalog of a project: dbt's YAML first, the lock where it is silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from orchestration.catalog.dbt_properties import read_properties
from orchestration.catalog.lock import read_lock
from orchestration.catalog.relations import Catalog, CatalogRelation, Column
from orchestration.diagnostics import Report


def read_catalog(dbt_yaml: Mapping[str, str], lock: tuple[str, str] | None, report: Report) -> Catalog:
    """Reads dbt's properties files (path → text) and the lock (path, text), both as they are shown in messages.

    Mistakes go to the report, and reading goes on; a column whose type nobody knows has the type None.
    """
    relations: dict[str, CatalogRelation] = {}
    for path in sorted(dbt_yaml):
        for relation in read_properties(path, dbt_yaml[path], report):
            other = relations.get(relation.key)
            if other is not None:
                report.error(
                    "duplicate-relation",
                    f"`{relation.key}` is described twice",
                    relation.span,
                    f"also at {other.span}; dbt takes one description",
                )
                continue
            relations[relation.key] = relation
    for locked in read_lock(*lock, report) if lock else ():
        known = relations.get(locked.key)
        relations[locked.key] = locked if known is None else _merged(known, locked, report)
    return Catalog({key: relations[key] for key in sorted(relations)})


def _merged(declared: CatalogRelation, locked: CatalogRelation, report: Report) -> CatalogRelation:
    """A relation of dbt's YAML with the types, and then the columns, that only the lock knows."""
    rest = {name.lower(): column for name, column in locked.columns.items()}
    columns: dict[str, Column] = {}
    for name, column in declared.columns.items():
        found = rest.pop(name.lower(), None)
        if found is not None and not column.data_type:
            column = replace(column, type=found.type, data_type=found.data_type)
        elif found is not None and found.type != column.type:
            report.warning(
                "column-types-differ",
                f"`{declared.key}.{name}` is declared as {column.data_type}, and {found.data_type} in the warehouse",
                column.span,
                f"the declaration counts; the warehouse's is at {found.span}",
            )
        columns[name] = column
    columns.update((column.name, column) for column in rest.values())
    return replace(declared, columns=columns)
