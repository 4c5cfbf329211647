"""Random specs on Postgres: the evaluator and the tables of the whole plan agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestration.warehouse import Connection, Target, connect
from tests.conftest import Postgres
from tests.random_specs.examples import run_examples
from tests.random_specs.sizes import size_of

SEED = 7


@pytest.fixture
def server(postgres: Postgres) -> Iterator[Connection]:
    settings = {"host": postgres.host, "port": postgres.port, "user": postgres.user, "dbname": postgres.dbname}
    with connect(Target("postgres", "segments", "postgres", Path(), Path(), settings)) as connection:
        yield connection


def test_random_specs(
    server: Connection, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    size = size_of(request.config, "postgres")
    run_examples(server, (0, 1), size, SEED, record_property, readable=False, complete=False)
