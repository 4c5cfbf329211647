"""Whom the sample's segments hold, by SQL written by hand in `expected_members.sql`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

FILE = Path(__file__).with_name("expected_members.sql")
Run = Callable[[str], Iterable[Sequence[object]]]


def expected_queries() -> dict[str, str]:
    """A query per segment, and per tier of a tiered one (`arr_tier.smb`), that gives its members' keys."""
    head, *parts = re.split(r"^-- segment: (\S+)\n", FILE.read_text("utf-8"), flags=re.MULTILINE)
    shared = "with" + head.partition("-- with\n")[2]
    shared = shared.replace("with", "with\n", 1)
    return {name: f"{shared}\n{query}" for name, query in zip(parts[::2], parts[1::2], strict=True)}


def expected_members(run: Run) -> dict[str, set[str]]:
    """The members of every segment and tier; `run` runs a query on a warehouse with the marts."""
    return {name: {str(row[0]) for row in run(query)} for name, query in expected_queries().items()}


def populations(run: Run) -> dict[str, int]:
    """How many entities exist, by entity."""
    shared = next(iter(expected_queries().values())).rpartition("select user_id from engaged")[0]
    rows = run(f"{shared} select 'account', count(*) from account union all select 'user', count(*) from usr")
    return {str(entity): int(str(count)) for entity, count in rows}
