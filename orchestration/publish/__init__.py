"""Audit and publish: what dbt has built becomes what readers see, all at once or not at all.

A run calls, in order, `prepare` (before dbt starts), `audit` and `publish`; `exclusive` around all three keeps a second
run out. Where building and publishing are processes of their own, `record_built` and `read_built` hand over between
them. `generations` lists what can be served, `rollback` serves an earlier one. A run that dies at any moment leaves
the generation served before as it was, and the next run's `prepare` clears away what it left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from sqlglot import exp

from orchestration.compiler.compiled import Compiled
from orchestration.compiler.instant import instant_row
from orchestration.diagnostics import UserError, nearest
from orchestration.publish import files, on_duckdb, on_postgres
from orchestration.publish.checks import CheckResult, demand_instant, located, measure, refuse_failed
from orchestration.publish.generation import Generation, served
from orchestration.publish.handover import Built, forget_built, handing_over, read_built, record_built
from orchestration.publish.publication import OnStep, Publication
from orchestration.publish.state import write_instant
from orchestration.warehouse import Attach, Target, connect

__all__ = [
    "Built",
    "CheckResult",
    "Generation",
    "audit",
    "exclusive",
    "generations",
    "handing_over",
    "prepare",
    "publish",
    "read_built",
    "record_built",
    "rollback",
    "write_instant",
]

KEEP_LAST = 5


def exclusive(target: Target) -> AbstractContextManager[None]:
    """Keep every other run from building and publishing on the target; a `UserError` if one is at it."""
    match target.dialect:
        case "duckdb":
            assert target.files is not None
            return files.locked(target.files)
        case "postgres":
            return on_postgres.locked(target)
        case _:
            raise _unsupported(target)


def prepare(target: Target, compiled: Compiled, as_of: dt.datetime) -> tuple[str, ...]:
    """Before dbt starts: begin the next generation and write the tables of `segments_run`; returns notes for people.

    `as_of` is UTC without a zone. Clears away what a run that died has left.
    """
    instant = instant_row(compiled, as_of)
    forget_built(target)
    match target.dialect:
        case "duckdb":
            return on_duckdb.prepare(target, compiled, as_of, instant)
        case "postgres":
            return on_postgres.prepare(target, compiled, as_of, instant)
        case _:
            raise _unsupported(target)


def audit(
    target: Target, compiled: Compiled, as_of: dt.datetime, relations: Mapping[str, exp.Table] | None = None
) -> tuple[CheckResult, ...]:
    """Measure every check on what dbt has built, and judge it. Changes nothing.

    `relations` says where the dbt models and sources are that checks read, by `Relation.logical`. Raises `UserError`
    where the tables were built for another instant or from other specs.
    """
    known = relations or {}
    attach, build_catalog, main_catalog = [], None, None
    if target.files:
        attach = [Attach(target.files.generation, target.files.alias, read_only=True)]
        build_catalog, main_catalog = target.files.alias, target.files.main_catalog
    with connect(target, read_only=True, attach=attach) as connection:
        demand_instant(connection, compiled, as_of)
        return measure(connection, compiled, located(build_catalog, main_catalog, known.__getitem__))


def publish(
    target: Target,
    compiled: Compiled,
    as_of: dt.datetime,
    results: Sequence[CheckResult],
    *,
    published_at: dt.datetime | None = None,
    breaking: bool = False,
    keep_last: int = KEEP_LAST,
    on_step: OnStep = lambda step: None,
) -> Generation:
    """Make what dbt has built visible to readers, everything at once, and write its history.

    Raises `UserError` and publishes nothing where a blocking check failed (every such check is named), where a column
    would change its type and the publish is not `breaking`, or where readers hold what has to be replaced for too long.
    The last `keep_last` generations stay. `on_step` hears the name of each step before it begins (`STEPS` of the
    engine's module).
    """
    refuse_failed(results)
    at = published_at or dt.datetime.now(dt.UTC).replace(tzinfo=None)
    publication = Publication(compiled, as_of, tuple(results), at, breaking, max(1, keep_last))
    match target.dialect:
        case "duckdb":
            return on_duckdb.publish(target, publication, on_step)
        case "postgres":
            return on_postgres.publish(target, publication, on_step)
        case _:
            raise _unsupported(target)


def generations(target: Target) -> tuple[Generation, ...]:
    """The served generation and those that can be served again, newest first."""
    match target.dialect:
        case "duckdb":
            return on_duckdb.generations(target)
        case "postgres":
            return on_postgres.generations(target)
        case _:
            raise _unsupported(target)


def rollback(target: Target, publish_id: str | None = None, *, breaking: bool = False) -> Generation:
    """Serve another generation, its history with it; without `publish_id` the one that was served before."""
    there = generations(target)
    current = served(there)
    if current is None:
        raise UserError.of("nothing-published", f"nothing is published in {target.place}", "`segments build` does it")
    wanted = publish_id or current.previous
    chosen = next((generation for generation in there if generation.publish_id == wanted), None)
    if chosen is None:
        raise UserError.of(
            "unknown-generation",
            f"there is no generation `{wanted}` to go back to"
            if wanted
            else "there is no generation before the served one",
            nearest(wanted, (g.publish_id for g in there))
            if wanted
            else "`segments publish --list` shows what is kept",
        )
    if chosen.publish_id == current.publish_id:
        return current
    match target.dialect:
        case "duckdb":
            notes = on_duckdb.rollback(target, current, chosen, breaking=breaking)
        case "postgres":
            notes = on_postgres.rollback(target, current, chosen, breaking=breaking)
        case _:
            raise _unsupported(target)
    return replace(chosen, state="served", notes=notes)


def _unsupported(target: Target) -> UserError:
    return UserError.of(
        "unsupported-engine",
        f"target `{target.name}` is of type `{target.dialect}`, on which nothing can be published yet",
        "supported are `duckdb` and `postgres`",
    )
