"""`segment_membership` where there are many segments, and the shape that older DuckDB clients need."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlglot import exp

from orchestration.publish import membership
from tests.publish.company import USERS, Company, at, segment


def test_many_segments(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "PART", 7)
    plain = [segment(f"plain_{n}") for n in range(30)]
    tiered = [segment(f"tiered_{n}", "account", ("high", "low")) for n in range(9)]
    company.specs(*plain, *tiered)
    members = {s.name: [USERS[n % 8], USERS[n % 5]] for n, s in enumerate(plain)}
    company.run(at(1), members | {s.name: {n % 4: "low"} for n, s in enumerate(tiered) if n % 4})
    expected: set[tuple[object, ...]] = {(s, None, user) for s, users in members.items() for user in users}
    expected |= {(s.name, "low", str(n % 4)) for n, s in enumerate(tiered) if n % 4}
    found = company.read("select segment, tier, entity_id from segments.segment_membership")
    assert len(found) == len(expected)
    assert set(found) == expected


def test_no_union_stands_on_the_right_of_another(on_duckdb: Company) -> None:
    """DuckDB 1.4 loses rows of such a one."""
    more = [replace(s, name=f"{s.name}_{n}") for s in on_duckdb.compiled.segments for n in range(40)]
    on_duckdb.specs(*more)
    query = membership.unnested(on_duckdb.compiled, lambda name: exp.table_(name))
    assert query is not None
    unions = list(query.find_all(exp.Union))
    assert len(unions) == 3
    assert [union for union in unions if union.expression.find(exp.Union)] == []
    assert [union for union in unions if isinstance(union.this, exp.Union)] == []  # they are stored as if on the right
