"""The company of `company.py` on each engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.warehouse import connect
from tests.conftest import Postgres
from tests.publish.company import SEGMENTS, Company, compiled, duckdb_target, postgres_target


@pytest.fixture
def on_duckdb(tmp_path: Path) -> Company:
    target = duckdb_target(tmp_path)
    with connect(target, create=True):
        pass
    return Company(target, compiled(SEGMENTS))


@pytest.fixture
def on_postgres(empty_postgres: Postgres, tmp_path: Path) -> Company:
    return Company(postgres_target(empty_postgres, tmp_path), replace(compiled(SEGMENTS), dialect="postgres"))


@pytest.fixture(params=["duckdb", "postgres"])
def company(request: pytest.FixtureRequest) -> Company:
    """The company on each engine in turn."""
    found = request.getfixturevalue(f"on_{request.param}")
    assert isinstance(found, Company)
    return found
