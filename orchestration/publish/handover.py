"""What a run that has built leaves for one that publishes later, in another process.

`segments_run.built` says who built what stands in `segments_build`, and as of when. Beginning the next generation takes
it away before anything else, so that half of a build is never taken for a whole one; so does publishing, once it begins
to write.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from orchestration.compiler.compiled import RUN_SCHEMA
from orchestration.diagnostics import UserError
from orchestration.warehouse import Target, connect

TABLE = "built"
COLUMNS = ("run_id", "as_of", "in_words")


@dataclass(frozen=True, slots=True)
class Built:
    """A build that is ready to be judged: the run that made it, its instant (naive UTC), and the instant in words."""

    run_id: str
    as_of: dt.datetime
    in_words: str


def record_built(target: Target, built: Built) -> None:
    """Say that every table of the generation was built; the caller holds the target (`exclusive`)."""
    forget_built(target)
    with connect(target) as connection, connection.transaction():
        connection.execute(
            f"create table {connection.name(RUN_SCHEMA, TABLE)} (run_id text, as_of timestamp, in_words text)"
        )
        connection.insert(RUN_SCHEMA, TABLE, COLUMNS, [(built.run_id, built.as_of, built.in_words)])


def read_built(target: Target) -> Built | None:
    """The build that waits to be published; None where the last one has not come to its end."""
    if target.files is not None and not target.files.main.exists():
        return None
    with connect(target, read_only=True) as connection:
        if TABLE not in connection.tables(RUN_SCHEMA):
            return None
        rows = connection.rows(f"select {', '.join(COLUMNS)} from {connection.name(RUN_SCHEMA, TABLE)}")
    return Built(*cast("tuple[str, dt.datetime, str]", rows[0])) if rows else None


def forget_built(target: Target) -> None:
    """What was built before counts no more."""
    with connect(target) as connection:
        if TABLE in connection.tables(RUN_SCHEMA):
            connection.execute(f"drop table {connection.name(RUN_SCHEMA, TABLE)}")


@contextmanager
def handing_over(target: Target, built: Built) -> Iterator[None]:
    """Around publishing: the build is used up, unless publishing is refused; then it can be tried again."""
    forget_built(target)
    try:
        yield
    except UserError:
        record_built(target, built)
        raise
