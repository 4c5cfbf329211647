"""From the text of specs to outcomes: all of a project, or one segment's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orchestration.catalog.relations import Catalog, CatalogRelation, Column
from orchestration.catalog.types import INTEGER, TEXT, TIMESTAMP, Type
from orchestration.diagnostics import Report, UserError
from orchestration.testing import run_project_tests
from orchestration.warehouse import Connection
from orchestration.warehouse.memory import connect_in_memory

SPECS = """\
entities:
  - {name: user, key: user_id, model: dim_users}
streams:
  - {name: logins, model: "source('product', 'events')", at: at, belongs_to: {user: user_id}, event: kind, events: [login, logout]}
  - {name: orders, model: "source('product', 'events')", at: at, belongs_to: {user: user_id}}
segments:
  - {name: happy, entity: user, where: nps >= 9}
  - {name: here, entity: user, where: [{did: logins.login}]}
tests:
  - {name: scores, segment: happy, as_of: 2026-03-01, given: {user: [{user_id: u1, nps: 9}]}, expect: {members: [u1]}}
  - name: two streams of one table
    segment: here
    as_of: 2026-03-01
    given:
      user: [{user_id: u1}, {user_id: u2}]
      logins: [{user_id: u1, kind: login, at: 2026-02-01}]
      orders: [{user_id: u2, kind: login, at: 2026-02-01}]
    expect: {members: [u1, u2]}
"""


def relation(name: str, source: str = "", **types: Type | None) -> CatalogRelation:
    columns = {column: Column(column, kind) for column, kind in types.items()}
    return CatalogRelation(name, "source" if source else "model", source, columns)


CATALOG = Catalog(
    {
        "dim_users": relation("dim_users", user_id=TEXT, nps=INTEGER, odd=None),
        "product.events": relation("events", "product", user_id=TEXT, kind=TEXT, at=TIMESTAMP),
    }
)


@pytest.fixture(scope="module")
def memory() -> Iterator[Connection]:
    with connect_in_memory() as connection:
        yield connection


def test_tables_of_models_and_sources_are_made_from_the_catalog(memory: Connection) -> None:
    outcomes = run_project_tests({"specs.yml": SPECS}, CATALOG, Report(), memory)
    assert outcomes is not None
    assert [(o.test, o.passed) for o in outcomes] == [("scores", True), ("two streams of one table", True)]


def test_the_tests_of_one_segment(memory: Connection) -> None:
    outcomes = run_project_tests({"specs.yml": SPECS}, CATALOG, Report(), memory, "happy")
    assert outcomes is not None
    assert [o.test for o in outcomes] == ["scores"]


def test_a_segment_that_does_not_exist(memory: Connection) -> None:
    with pytest.raises(UserError) as raised:
        run_project_tests({"specs.yml": SPECS}, CATALOG, Report(), memory, "hapy")
    assert raised.value.diagnostics[0].hint == "did you mean `happy`?"


def test_specs_with_mistakes_are_not_run(memory: Connection) -> None:
    report = Report()
    broken = SPECS.replace("nps >= 9", "nsp >= 9")
    assert run_project_tests({"specs.yml": broken}, CATALOG, report, memory) is None
    assert [d.code for d in report.diagnostics] == ["unknown-name"]
