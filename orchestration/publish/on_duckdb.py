"""Publishing on DuckDB: a generation is a file, and publishing it is one rename.

The next generation is built in a file of its own, which begins as a copy of the served one, so that history comes
along. It is finished in one transaction, closed without a log, made read-only and durable, and renamed onto the serving
path.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from orchestration.compiler.compiled import BUILD_SCHEMA, Compiled
from orchestration.diagnostics import UserError
from orchestration.publish import files as file_steps
from orchestration.publish.generation import Generation, read_generations, served, write_generation
from orchestration.publish.history import ensure_history
from orchestration.publish.layout import Layout, apply, merged, read_layout, write_layout
from orchestration.publish.publication import OnStep, Publication, swap_views
from orchestration.publish.recording import record
from orchestration.publish.state import write_run
from orchestration.warehouse import Attach, Connection, DuckDBFiles, Target, connect

STEPS = (
    "history", "catalogue", "views", "commit", "checkpoint", "seal", "keep", "swap", "synchronise", "retire", "done",
)  # fmt: skip


def prepare(target: Target, compiled: Compiled, as_of: dt.datetime, instant: Mapping[str, object]) -> tuple[str, ...]:
    """Begin the next generation's file, and tell the models their instant; returns notes for people."""
    files = _files(target)
    notes = [*file_steps.set_log_aside(files), *file_steps.start_next(files)]
    with connect(target, path=files.generation, create=True) as connection:
        connection.execute(f"create schema if not exists {BUILD_SCHEMA}")
        ensure_history(connection)
    beside = Attach(files.generation, files.alias, read_only=True)
    with connect(target, attach=[beside]) as connection:
        write_run(connection, compiled, as_of, instant, files.alias)
    return tuple(notes)


def publish(target: Target, publication: Publication, on_step: OnStep) -> Generation:
    """Publish the next generation's file. The steps are `STEPS`, each announced before it begins."""
    files = _files(target)
    if not files.generation.exists():
        raise UserError.of("not-built", f"there is no `{files.generation}` to publish", "run `segments build`")
    with connect(target, path=files.generation) as connection:
        generation = _finish(connection, publication, on_step)
        on_step("checkpoint")
        connection.execute("checkpoint")
    on_step("seal")
    file_steps.seal(files.generation)
    on_step("keep")
    if files.serving.exists() and generation.previous:
        file_steps.keep(files, generation.previous)
    on_step("swap")
    notes = file_steps.serve(files, files.generation)
    on_step("synchronise")
    file_steps.synchronise(files.serving.parent)
    file_steps.keep(files, generation.publish_id)
    on_step("retire")
    file_steps.retire(files, publication.keep_last, generation.publish_id)
    on_step("done")
    return replace(generation, notes=tuple(notes))


def _finish(connection: Connection, publication: Publication, on_step: OnStep) -> Generation:
    """History, catalogue and views, in one transaction: cut short, the file is as dbt left it."""
    with connection.transaction():
        on_step("history")
        publication.built_types(connection)
        generation = publication.generation(connection)
        live = read_layout(connection, BUILD_SCHEMA)
        record(connection, publication.compiled, publication.as_of, generation.publish_id)
        write_generation(connection, generation)
        on_step("catalogue")
        publication.write_catalogue(connection, generation)
        on_step("views")
        views = publication.views(connection, generation, BUILD_SCHEMA, live)
        write_layout(connection, views, BUILD_SCHEMA)
        swap_views(connection, views, live, breaking=publication.breaking)
        for leftover in set(connection.tables(BUILD_SCHEMA)) - set(publication.tables):
            connection.execute(f"drop table {connection.name(BUILD_SCHEMA, leftover)}")
        on_step("commit")
    return generation


def generations(target: Target) -> tuple[Generation, ...]:
    """The served generation and those that can be served again, newest first."""
    files = _files(target)
    if not files.serving.exists():
        return ()
    lineage = _lineage(target, files.serving)
    now = served(lineage)
    found = {now.publish_id: now} if now else {}
    before = {generation.publish_id for generation in lineage}
    for publish_id, path in file_steps.kept_files(files).items():
        own = served(_lineage(target, path))
        if own and publish_id not in found:
            found[publish_id] = replace(own, state="kept" if publish_id in before else "withdrawn")
    return tuple(sorted(found.values(), key=lambda generation: generation.publish_id, reverse=True))


def _lineage(target: Target, path: Path) -> tuple[Generation, ...]:
    with connect(target, read_only=True, path=path) as connection:
        return read_generations(connection)


def rollback(target: Target, current: Generation, chosen: Generation, *, breaking: bool) -> tuple[str, ...]:
    """Serve another generation's file, which holds its history; returns notes for people.

    Columns and views that readers know by now and that the file has not are added to it, empty.
    """
    files = _files(target)
    file_steps.keep(files, current.publish_id)
    live, stored = (_layout(target, path) for path in (files.serving, file_steps.kept_files(files)[chosen.publish_id]))
    views = tuple(stored.values()) if breaking else merged(stored.values(), live, target.dialect)
    if views != tuple(stored.values()):
        with file_steps.rewritten(files, chosen.publish_id) as copy, connect(target, path=copy) as connection:
            with connection.transaction():
                apply(connection, views, stored)
                write_layout(connection, views, BUILD_SCHEMA)
            connection.execute("checkpoint")
    return tuple(file_steps.serve_again(files, chosen.publish_id))


def _layout(target: Target, path: Path) -> Layout:
    with connect(target, read_only=True, path=path) as connection:
        return read_layout(connection, BUILD_SCHEMA)


def _files(target: Target) -> DuckDBFiles:
    assert target.files is not None
    return target.files
