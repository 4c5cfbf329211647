"""Hints that need to know a table: what a column's values are."""

from __future__ import annotations

import pytest

from orchestration.catalog.relations import Catalog, CatalogRelation, Column
from orchestration.catalog.types import TEXT
from orchestration.compiler.check import check_specs
from orchestration.diagnostics import Report

COLUMNS = {"user_id": Column("user_id", TEXT), "plan": Column("plan", TEXT, accepted_values=("free", "business"))}
CATALOG = Catalog({"dim_users": CatalogRelation("dim_users", "model", "", COLUMNS)})


@pytest.mark.parametrize(
    ("predicate", "hint"),
    [
        ("plan = free", "a text is written in single quotes: 'free'"),
        ("plan in ('free', business)", "a text is written in single quotes: 'business'"),
        ("business = plan", "a text is written in single quotes: 'business'"),
        ("plan = fre", "known are: `plan`, `user_id`"),
        ("plan = 'fre'", "did you mean `free`?"),
    ],
)
def test_a_value_without_quotes(predicate: str, hint: str) -> None:
    report = Report()
    spec = f"""
entities: [{{name: user, key: user_id, model: dim_users}}]
segments: [{{name: some, entity: user, where: "{predicate}"}}]
"""
    assert check_specs({"spec.yml": spec}, CATALOG, report) is None
    [found] = report.diagnostics
    assert found.hint == hint
