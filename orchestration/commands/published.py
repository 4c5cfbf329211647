"""Published tables, opened for reading, and what they say of sizes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from orchestration.commands.output import note
from orchestration.compiler.compiled import SERVING_SCHEMA
from orchestration.diagnostics import UserError

if TYPE_CHECKING:
    from orchestration.warehouse import Connection, Target


@dataclass(frozen=True, slots=True)
class Size:
    """What `segment_daily` holds of a segment, or of one of its tiers, at the served instant."""

    as_of: dt.datetime
    size: int
    share: float | None
    entered: int
    left: int


Sizes: TypeAlias = dict[tuple[str, str | None], Size]  # by segment and tier; the whole segment has the tier None


@contextmanager
def open_published(target: Target) -> Iterator[Connection]:
    """A read-only connection to what readers see, that reaches no file and no network; UserError where nothing is published."""
    from orchestration.warehouse import connect

    serving = target.files.serving if target.files else None
    if serving is not None and not serving.exists():
        raise _nothing_published(target)
    with connect(target, read_only=True, path=serving) as connection:
        if serving is not None:
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
        if "segment_generation" not in connection.tables(SERVING_SCHEMA):
            raise _nothing_published(target)
        yield connection


def published_sizes(target: Target) -> Sizes:
    """The sizes that readers see."""
    with open_published(target) as connection:
        rows = connection.rows(
            "select d.segment, d.tier, d.as_of, d.size, d.share, d.entered, d.left from segments.segment_daily d "
            "where d.as_of = (select max(g.as_of) from segments.segment_generation g) order by 1, 2"
        )
    return {
        (cast(str, segment), cast("str | None", tier)): Size(
            cast(dt.datetime, as_of), cast(int, size), cast("float | None", share), cast(int, entered), cast(int, left)
        )
        for segment, tier, as_of, size, share, entered, left in rows
    }


def sizes_if_any(target: Target) -> Sizes:
    """The sizes that readers see; none where nothing is published, and a note where the warehouse does not answer."""
    try:
        return published_sizes(target)
    except UserError as error:
        if error.diagnostics[0].code != "nothing-published":
            note(f"without sizes: {error.diagnostics[0].message.splitlines()[0]}")
        return {}


def _nothing_published(target: Target) -> UserError:
    return UserError.of(
        "nothing-published", f"nothing is published on target `{target.name}` yet", "`segments build` publishes"
    )
