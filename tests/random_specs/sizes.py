"""How many examples each test item takes."""

from __future__ import annotations

import pytest

from tests.random_specs.examples import Size

NORMAL, LONG = {"duckdb": 300, "postgres": 60}, {"duckdb": 2000, "postgres": 200}
PARTS = 2  # of the examples on DuckDB, each in a file of its own, so that two workers share them


def examples(config: pytest.Config, engine: str) -> int:
    """How many examples on an engine: `--examples` on DuckDB and a fifth of it on Postgres, or what the suite has."""
    given = config.getoption("--examples")
    if given is not None:
        return int(given) if engine == "duckdb" else max(1, int(given) // 5)
    return (LONG if config.getoption("--long") else NORMAL)[engine]


def size_of(config: pytest.Config, engine: str, parts: int = 1) -> Size:
    number = -(-examples(config, engine) // parts)
    return Size(number, 5, 5) if config.getoption("--long") else Size(number)
