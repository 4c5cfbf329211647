"""What is common to publishing on every engine: what is published, and what its views shall be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from orchestration.compiler.compiled import BUILD_SCHEMA, Compiled
from orchestration.diagnostics import UserError
from orchestration.publish.breaking import drop_broken
from orchestration.publish.catalogue import TABLES, write_catalogue
from orchestration.publish.checks import CheckResult
from orchestration.publish.current import Current
from orchestration.publish.generation import DAILY, Generation, new_publish_id, read_generations, served
from orchestration.publish.history import HISTORY_TABLES
from orchestration.publish.layout import LAYOUT_TABLES, Layout, apply, merged
from orchestration.publish.served import ServedView
from orchestration.warehouse import Connection

OnStep: TypeAlias = Callable[[str], None]

OWN_TABLES = (*TABLES, *LAYOUT_TABLES, *HISTORY_TABLES)


@dataclass(frozen=True, slots=True)
class Publication:
    """A request to publish what stands in `segments_build`."""

    compiled: Compiled
    as_of: dt.datetime
    results: Sequence[CheckResult]
    published_at: dt.datetime
    breaking: bool
    keep_last: int

    def generation(self, connection: Connection) -> Generation:
        """The generation this becomes: a new name, after the one that is served."""
        known = read_generations(connection)
        before = served(known)
        return Generation(
            publish_id=new_publish_id(self.published_at, {g.publish_id for g in known}),
            published_at=self.published_at,
            as_of=((DAILY, self.as_of),),
            compiled_hash=self.compiled.hash,
            previous=before.publish_id if before else None,
            state="served",
        )

    def built_types(self, connection: Connection) -> dict[str, Mapping[str, str]]:
        """The columns' types of the built tables; what a model should have and has not is a `UserError`."""
        types: dict[str, Mapping[str, str]] = {}
        for model in self.compiled.models:
            found = dict(connection.columns(BUILD_SCHEMA, model.name))
            missing = [column.name for column in model.columns if column.name not in found]
            if missing:
                raise UserError.of(
                    "not-built",
                    f"`{BUILD_SCHEMA}.{model.name}` has no " + ("columns" if not found else f"column `{missing[0]}`"),
                    "it was not built, or from other specs: run `segments build` again",
                )
            types[model.name] = found
        return types

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of the generation, all in `segments_build`."""
        return (*(model.name for model in self.compiled.models), *OWN_TABLES)

    def write_catalogue(self, connection: Connection, generation: Generation) -> None:
        """The generation's tables about itself."""
        write_catalogue(connection, self.compiled, self.as_of, self.results, generation)

    def views(
        self, connection: Connection, generation: Generation, schema: str, live: Layout
    ) -> tuple[ServedView, ...]:
        """The views that shall be served; the generation's tables will be in `schema`."""
        types = self.built_types(connection)
        desired = Current(self.compiled, self.as_of, generation.publish_id, schema, types).views()
        return desired if self.breaking else merged(desired, live, connection.dialect)


def swap_views(connection: Connection, views: Sequence[ServedView], live: Layout, *, breaking: bool) -> None:
    """Make the served views what they shall be; a breaking change drops those that cannot become it."""
    grants: list[str] = []
    if breaking:
        live, grants = drop_broken(connection, views, live)
    apply(connection, views, live)
    for grant in grants:
        connection.execute(grant)
