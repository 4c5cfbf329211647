"""Every case of the pages: refused with the text that stands there, or with the members that its tests say.

Each case with tests is judged three times: by the reference evaluator, on DuckDB and on Postgres.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from sqlglot import exp

from orchestration.catalog.relations import Catalog
from orchestration.compiler.check import check_tests
from orchestration.compiler.readable import readable_query
from orchestration.compiler.render import direct
from orchestration.diagnostics import Report, render_text
from orchestration.language.declarations.tests import SpecTest
from orchestration.language.functions import FUNCTIONS
from orchestration.language.model import Resolved
from orchestration.testing import Outcome, run_tests
from orchestration.testing.outcome import judge
from orchestration.testing.run import Prepared, members, prepare
from orchestration.testing.tables import tables_of
from orchestration.warehouse import Connection, Target, connect
from orchestration.warehouse.memory import connect_in_memory
from tests import reference
from tests.conftest import Postgres
from tests.language.pages import FOLDER, Case, read_pages

CASES = tuple(read_pages())
TESTED = tuple(case for case in CASES if not case.diagnostic)
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.page.removesuffix('.md')}-{case.name}")
each_tested_case = pytest.mark.parametrize(
    "case", TESTED, ids=lambda case: f"{case.page.removesuffix('.md')}-{case.name}"
)


@pytest.fixture(scope="module")
def memory() -> Iterator[Connection]:
    with connect_in_memory() as connection:
        yield connection


@pytest.fixture(scope="module")
def server(postgres: Postgres) -> Iterator[Connection]:
    settings = {"host": postgres.host, "port": postgres.port, "user": postgres.user, "dbname": postgres.dbname}
    with connect(Target("postgres", "segments", "postgres", Path(), Path(), settings)) as connection:
        yield connection


@cache
def checked(case: Case) -> tuple[Resolved, tuple[SpecTest, ...]]:
    """A case's project and tests, which the check accepts."""
    report = Report()
    found = check_tests(case.sources, Catalog(), report)
    assert found is not None, render_text(report.diagnostics, case.sources)
    return found


def failures(outcomes: tuple[Outcome, ...]) -> dict[str, Outcome]:
    """Whatever did not come out as expected, by the test's name."""
    return {outcome.test: outcome for outcome in outcomes if not outcome.passed}


@each_case
def test_the_check_says_what_the_page_says(case: Case) -> None:
    report = Report()
    check_tests(case.sources, Catalog(), report)
    assert render_text(report.diagnostics, case.sources) == case.diagnostic.rstrip("\n")


@each_tested_case
def test_the_reference_evaluator_agrees(case: Case) -> None:
    assert reference.check_tests(list(case.sources.values())) == []


@each_tested_case
def test_the_members_on_duckdb(case: Case, memory: Connection) -> None:
    resolved, tests = checked(case)
    assert failures(run_tests(resolved, tests, memory)) == {}


@each_tested_case
def test_the_members_on_duckdb_from_the_tables_of_the_whole_project(case: Case, memory: Connection) -> None:
    resolved, tests = checked(case)
    assert failures(run_tests(resolved, tests, memory, whole=True)) == {}


@each_tested_case
def test_the_query_that_a_person_reads_has_the_same_members(case: Case, memory: Connection) -> None:
    resolved, tests = checked(case)
    for test in tests:
        judged = replace(test, expected=replace(test.expected, entered_at={}))
        found = members(resolved, readable(resolved, test.segment), test, memory)
        assert failures((judge(judged, found),)) == {}


def readable(resolved: Resolved, segment: str) -> Prepared:
    """The statements of a segment with its one readable query in place of the tables."""
    tables = tables_of(resolved, resolved.segments[segment], "duckdb")
    prepared = prepare(tables)
    names = {shape.relation.logical: name for name, shape in prepared.inputs}

    def table(logical: str) -> exp.Table:
        return exp.Table(this=exp.to_identifier(names.get(logical, logical.removeprefix("build:")), quoted=True))

    query = readable_query(resolved, tables.segment, tables.target)
    key, *tier = query.named_selects
    columns = [exp.column(key, quoted=True), exp.column(tier[0], quoted=True) if tier else exp.null(), exp.null()]
    whole = exp.select(*columns).from_(query.subquery("readable"))
    return replace(prepared, built=(), query=direct(whole, "duckdb", table))


@each_tested_case
def test_the_members_on_postgres(case: Case, server: Connection) -> None:
    resolved, tests = checked(case)
    assert failures(run_tests(resolved, tests, server, whole=True)) == {}


@each_tested_case
def test_a_case_tests_something(case: Case) -> None:
    _, tests = checked(case)
    assert tests
    assert not [name for name, count in Counter(test.name for test in tests).items() if count > 1]


def test_titles_are_unique_within_a_page() -> None:
    titles = Counter((case.page, case.name) for case in CASES)
    assert not [title for title, count in titles.items() if count > 1]


def test_the_list_of_functions_is_complete() -> None:
    page = (FOLDER / "functions.md").read_text("utf-8")
    rows = [f"| `{rule.signature}` | {rule.nulls} |" for rule in FUNCTIONS]
    assert [line for line in page.splitlines() if line.startswith("| `")] == rows
