"""A generation: a set of tables that is published, and can be served again, as one.

`segments_history.generations` says which were published and from which each followed; `generation_instants` at which
instant each cadence of a generation stands. Both lie where history lies, so that they go back with a rollback of a
DuckDB file and are kept up by a rollback on Postgres.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from orchestration.warehouse import Connection

GenerationState: TypeAlias = Literal["served", "kept", "withdrawn", "dropped"]
DAILY = "daily"

CREATE_GENERATIONS = """
    create table if not exists segments_history.generations (
      number bigint not null, publish_id text not null, previous text, published_at timestamp not null,
      compiled_hash text not null, state text not null
    )"""
CREATE_INSTANTS = """
    create table if not exists segments_history.generation_instants (
      publish_id text not null, cadence text not null, as_of timestamp not null
    )"""
CREATE = (CREATE_GENERATIONS, CREATE_INSTANTS)


@dataclass(frozen=True, slots=True)
class Generation:
    """One published set of tables. `as_of` holds an instant for each cadence; times are UTC without a zone.

    `served` is what readers see; `kept` and `withdrawn` (rolled back from) ones can be served again; `dropped` ones are
    remembered only. `notes` says what publishing did besides, for people.
    """

    publish_id: str
    published_at: dt.datetime
    as_of: tuple[tuple[str, dt.datetime], ...]
    compiled_hash: str
    previous: str | None
    state: GenerationState
    notes: tuple[str, ...] = ()

    @property
    def latest(self) -> dt.datetime:
        """The latest instant of all cadences."""
        return max(instant for _, instant in self.as_of)


def new_publish_id(published_at: dt.datetime, taken: Collection[str]) -> str:
    """A name that sorts by time, is fit for an identifier, and is not taken."""
    stem = f"{published_at:%Y%m%dt%H%M%S_%f}"
    return next(name for n in range(len(taken) + 1) if (name := stem if n == 0 else f"{stem}_{n}") not in taken)


def read_generations(connection: Connection) -> tuple[Generation, ...]:
    """All that the history at hand knows of, newest first."""
    if "generations" not in connection.tables("segments_history"):
        return ()
    instants: dict[str, list[tuple[str, dt.datetime]]] = {}
    for publish_id, cadence, as_of in connection.rows(
        "select publish_id, cadence, as_of from segments_history.generation_instants order by 1, 2"
    ):
        instants.setdefault(cast(str, publish_id), []).append((cast(str, cadence), cast(dt.datetime, as_of)))
    rows = connection.rows(
        "select publish_id, published_at, compiled_hash, previous, state from segments_history.generations "
        "order by number desc"
    )
    return tuple(
        Generation(
            publish_id=cast(str, publish_id),
            published_at=cast(dt.datetime, published_at),
            as_of=tuple(instants.get(cast(str, publish_id), ())),
            compiled_hash=cast(str, compiled_hash),
            previous=cast("str | None", previous),
            state=cast(GenerationState, state),
        )
        for publish_id, published_at, compiled_hash, previous, state in rows
    )


def served(generations: Collection[Generation]) -> Generation | None:
    """The one that readers see."""
    return next((g for g in generations if g.state == "served"), None)


def write_generation(connection: Connection, generation: Generation) -> None:
    """Enter a generation as the served one; the one served before is kept."""
    connection.execute("update segments_history.generations set state = 'kept' where state = 'served'")
    ((number,),) = connection.rows("select coalesce(max(number), 0) + 1 from segments_history.generations")
    columns = ("number", "publish_id", "previous", "published_at", "compiled_hash", "state")
    row = (
        number,
        generation.publish_id,
        generation.previous,
        generation.published_at,
        generation.compiled_hash,
        "served",
    )
    connection.insert("segments_history", "generations", columns, [row])
    instants = [(generation.publish_id, cadence, as_of) for cadence, as_of in generation.as_of]
    connection.insert("segments_history", "generation_instants", ("publish_id", "cadence", "as_of"), instants)


def set_state(connection: Connection, publish_id: str, state: GenerationState) -> None:
    """Mark what has become of a generation."""
    mark = connection.placeholder
    connection.execute(
        f"update segments_history.generations set state = {mark} where publish_id = {mark}", (state, publish_id)
    )
