"""Columns and types of the tables that specs stand on, read offline.

In: the texts of dbt's properties files and of `columns.lock.yml`. Out: a `Catalog`. No file is opened here and no warehouse.
"""

from orchestration.catalog.lock import LOCK_NAME, render_lock
from orchestration.catalog.read import read_catalog
from orchestration.catalog.relations import (
    BASES,
    SENSITIVITIES,
    Age,
    Catalog,
    CatalogRelation,
    Column,
    Freshness,
    source_key,
)

__all__ = [
    "BASES",
    "LOCK_NAME",
    "SENSITIVITIES",
    "Age",
    "Catalog",
    "CatalogRelation",
    "Column",
    "Freshness",
    "read_catalog",
    "render_lock",
    "source_key",
]
