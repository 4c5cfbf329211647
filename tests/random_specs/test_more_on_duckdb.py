"""Random specs on DuckDB, the second half: the evaluator, the tables of the whole plan and the readable query agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from orchestration.warehouse import Connection
from orchestration.warehouse.memory import connect_in_memory
from tests.random_specs.examples import run_examples
from tests.random_specs.sizes import PARTS, size_of

PART = 1


@pytest.fixture
def memory() -> Iterator[Connection]:
    with connect_in_memory() as connection:
        yield connection


def test_random_specs(
    memory: Connection, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    size = size_of(request.config, "duckdb", PARTS)
    complete = bool(request.config.getoption("--long"))
    run_examples(memory, (PART, PARTS), size, PART, record_property, readable=True, complete=complete)
