"""Publishing on Postgres: a generation is a schema, and publishing it is one transaction.

The tables that dbt built move into the generation's schema, history is written, and the views of `segments_current` are
replaced, which never breaks a view that reads them. The locks that readers notice are taken last and given up at once
when a reader holds them; then the exchange waits and tries again, with everything else already done.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from orchestration.compiler.compiled import BUILD_SCHEMA, SERVING_SCHEMA, Compiled
from orchestration.diagnostics import UserError
from orchestration.publish.generation import (
    Generation,
    read_generations,
    served,
    set_state,
    write_generation,
)
from orchestration.publish.history import ensure_history, exchange
from orchestration.publish.layout import Layout, apply, merged, read_layout, shaped, write_layout
from orchestration.publish.publication import OnStep, Publication, swap_views
from orchestration.publish.recording import record
from orchestration.publish.served import CURRENT_SCHEMA, GATE, PUBLISH_ID, ServedColumn, ServedView
from orchestration.publish.state import write_run
from orchestration.warehouse import Connection, StatementFailed, Target, connect

STEPS = ("extend", "lock", "history", "catalogue", "move", "views", "commit", "retire", "done")

GENERATION_PREFIX = "segments_g_"
LOCK_TIMEOUT = "800ms"  # below deadlock_timeout: a reader is never the one that is cancelled
PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, *[10.0] * 18)  # seconds between attempts to exchange the views
GIVEN_UP_LOCK = frozenset({"55P03", "40P01"})  # lock_not_available, deadlock_detected
RUN_LOCK, PUBLISH_LOCK = 7_365_676_731, 7_365_676_732  # advisory locks of a database


def generation_schema(publish_id: str) -> str:
    """Where a generation's tables are."""
    return GENERATION_PREFIX + publish_id


def prepare(target: Target, compiled: Compiled, as_of: dt.datetime, instant: Mapping[str, object]) -> tuple[str, ...]:
    """Have the history's tables, and tell the models their instant."""
    with connect(target) as connection:
        with connection.transaction():
            _lock(connection)
            ensure_history(connection)
        write_run(connection, compiled, as_of, instant)
    return ()


def publish(target: Target, publication: Publication, on_step: OnStep) -> Generation:
    """Publish what stands in `segments_build`. The steps are `STEPS`, each announced before it begins."""
    with connect(target) as connection:
        on_step("extend")
        publication.built_types(connection)
        with connection.transaction():
            ensure_history(connection)
        if not publication.breaking:
            _extend(connection, lambda live: _views(connection, publication, live))
        with connection.transaction():
            generation = _publish(connection, publication, on_step)
            on_step("commit")
        on_step("retire")
        notes = _retire(connection, publication.keep_last)
        on_step("done")
    return replace(generation, notes=tuple(notes))


def _views(connection: Connection, publication: Publication, live: Layout) -> tuple[ServedView, ...]:
    generation = publication.generation(connection)
    return publication.views(connection, generation, generation_schema(generation.publish_id), live)


def _publish(connection: Connection, publication: Publication, on_step: OnStep) -> Generation:
    on_step("lock")
    _lock(connection)
    on_step("history")
    generation = publication.generation(connection)
    record(connection, publication.compiled, publication.as_of, generation.publish_id)
    write_generation(connection, generation)
    on_step("catalogue")
    publication.write_catalogue(connection, generation)
    schema = generation_schema(generation.publish_id)
    live = _live(connection, generation.previous)
    views = publication.views(connection, generation, schema, live)
    write_layout(connection, views, BUILD_SCHEMA)
    connection.execute(f"create schema {connection.quoted(schema)}")

    def exchange_views() -> None:
        on_step("move")
        for table in publication.tables:
            name = connection.name(BUILD_SCHEMA, table)
            connection.execute(f"alter table {name} set schema {connection.quoted(schema)}")
        on_step("views")
        _pass_gate(connection)
        swap_views(connection, views, live, breaking=publication.breaking)

    _patiently(connection, exchange_views)
    return generation


def _live(connection: Connection, publish_id: str | None) -> Layout:
    return read_layout(connection, generation_schema(publish_id)) if publish_id else {}


def _extend(connection: Connection, desired: Callable[[Layout], Sequence[ServedView]]) -> None:
    """Add the columns that views of the contract are going to get, as null, before the generation that fills them.

    Replacing a view takes a lock that a reader may hold while it waits at the gate; so this is done for one view at a
    time, holding nothing else, and the exchange itself needs the gate alone.
    """
    current = served(read_generations(connection))
    if current is None:
        return
    schema = generation_schema(current.publish_id)
    live = read_layout(connection, schema)
    longer = {
        view.name: view.columns
        for view in desired(live)
        if view.schema == SERVING_SCHEMA and view.key in live and len(view.columns) > len(live[view.key].columns)
    }

    def add(keys: Sequence[tuple[str, str]]) -> None:
        nonlocal live
        added = [c for c in keys if c in live]
        wider = {key: shaped(live[key], _appended(live[key], longer[key[1]]), connection.dialect) for key in added}
        views = live | wider
        with connection.transaction():
            _lock(connection)
            _patiently(connection, lambda: apply(connection, tuple(views.values()), live))
            write_layout(connection, views.values(), schema)
        live = views

    if longer:
        add([(CURRENT_SCHEMA, name) for name in longer])
    for name in longer:
        add([(SERVING_SCHEMA, name)])


def _appended(view: ServedView, columns: Sequence[ServedColumn]) -> tuple[ServedColumn, ...]:
    known = {column.name for column in view.columns} | ({PUBLISH_ID} if view.schema == CURRENT_SCHEMA else set())
    return (*view.columns, *(column for column in columns if column.name not in known))


def _pass_gate(connection: Connection) -> None:
    """Wait until no reader is past the gate, and let none through."""
    if GATE in connection.tables(CURRENT_SCHEMA):
        connection.execute(f"lock table {connection.name(CURRENT_SCHEMA, GATE)} in access exclusive mode")


def _lock(connection: Connection) -> None:
    """One publish at a time in a database, for the rest of the transaction; give up other locks soon."""
    connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
    ((free,),) = connection.rows(f"select pg_try_advisory_xact_lock({PUBLISH_LOCK})")
    if not free:
        raise UserError.of("run-in-progress", "another run is publishing to this database", "wait until it has ended")


def _patiently(connection: Connection, step: Callable[[], None]) -> None:
    """Do a step that needs locks; while readers hold them, undo it, wait and try again."""
    for pause in (*PAUSES, None):
        connection.execute("savepoint before_exchange")
        try:
            step()
        except StatementFailed as error:
            if error.sqlstate not in GIVEN_UP_LOCK:
                raise
            if pause is None:
                raise _busy(connection, error) from error
            connection.execute("rollback to savepoint before_exchange")
            time.sleep(pause)
        else:
            connection.execute("release savepoint before_exchange")
            return


def _busy(connection: Connection, error: StatementFailed) -> UserError:
    connection.execute("rollback to savepoint before_exchange")
    holders = connection.rows(
        "select distinct a.pid, coalesce(a.usename::text, ''), coalesce(a.application_name, '') from pg_locks l "
        "join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace "
        "join pg_stat_activity a on a.pid = l.pid where l.pid <> pg_backend_pid() and l.granted "
        "and (n.nspname in ('segments', 'segments_current', 'segments_build') or starts_with(n.nspname, 'segments_g_'))"
    )
    who = ", ".join(f"process {pid} ({' '.join(filter(None, map(str, names)))})" for pid, *names in holders)
    return UserError.of(
        "readers-hold-locks",
        f"the published views are in use and could not be replaced in time, so nothing was published: {error}",
        f"long transactions that read them: {who}" if who else "look for long transactions that read them",
    )


def _retire(connection: Connection, keep_last: int) -> list[str]:
    """Drop the tables of all but the newest generations; one that is still in use stays until the next time."""
    there = [g for g in read_generations(connection) if g.state != "dropped"]
    notes = []
    for generation in [g for g in there[keep_last:] if g.state != "served"]:
        schema = generation_schema(generation.publish_id)
        try:
            with connection.transaction():
                _lock(connection)
                for table in connection.tables(schema):
                    connection.execute(f"drop table {connection.name(schema, table)}")
                connection.execute(f"drop schema if exists {connection.quoted(schema)}")
                set_state(connection, generation.publish_id, "dropped")
        except UserError as error:
            notes.append(f"the old generation {generation.publish_id} is still in use and stays for now: {error}")
    return notes


@contextmanager
def locked(target: Target) -> Iterator[None]:
    """Hold the right to build and publish; another session that holds it is a `UserError`."""
    with connect(target) as connection:
        if not _taken(connection):
            raise UserError.of(
                "run-in-progress",
                f"another run is building or publishing in {target.place}",
                "wait until it has ended; it takes one at a time",
            )
        try:
            yield
        finally:
            connection.rows(f"select pg_advisory_unlock({RUN_LOCK})")


def _taken(connection: Connection) -> bool:
    """Take the lock of runs; the server may need a moment to notice that a run that held it has died."""
    for pause in (0.1, 0.3, 0.6, None):
        ((free,),) = connection.rows(f"select pg_try_advisory_lock({RUN_LOCK})")
        if free or pause is None:
            return bool(free)
        time.sleep(pause)
    raise AssertionError


def generations(target: Target) -> tuple[Generation, ...]:
    """The served generation and those that can be served again, newest first."""
    with connect(target, read_only=True) as connection:
        return tuple(g for g in read_generations(connection) if g.state != "dropped")


def rollback(target: Target, current: Generation, chosen: Generation, *, breaking: bool) -> tuple[str, ...]:
    """Serve another generation again, and take back the history that came after it, in one transaction."""
    with connect(target) as connection:
        stored = _live(connection, chosen.publish_id)
        if not breaking:
            _extend(connection, lambda live: merged(stored.values(), live, connection.dialect))
        with connection.transaction():
            _lock(connection)
            known = {g.publish_id: g for g in read_generations(connection)}
            now = served(known.values())
            if now is None or now.publish_id != current.publish_id:
                raise UserError.of("run-in-progress", "another run has published meanwhile", "look at the list again")
            _restore_history(connection, known, current.publish_id, chosen.publish_id)
            live = _live(connection, current.publish_id)
            views = tuple(stored.values()) if breaking else merged(stored.values(), live, connection.dialect)

            def exchange_views() -> None:
                _pass_gate(connection)
                swap_views(connection, views, live, breaking=breaking)

            _patiently(connection, exchange_views)
            write_layout(connection, views, generation_schema(chosen.publish_id))
    return ()


def _restore_history(connection: Connection, known: Mapping[str, Generation], current: str, chosen: str) -> None:
    out, back = path_between(known, current, chosen)
    for publish_id in (*out, *back):
        exchange(connection, generation_schema(publish_id))
        set_state(connection, publish_id, "withdrawn" if publish_id in out else "kept")
    set_state(connection, chosen, "served")


def path_between(known: Mapping[str, Generation], current: str, chosen: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The generations to take back, newest first, and those to bring in again, oldest first."""
    above = lineage(known, current)
    below = lineage(known, chosen)
    shared = next((publish_id for publish_id in above if publish_id in below), None)
    out = above[: above.index(shared)] if shared else above
    back = tuple(reversed(below[: below.index(shared)] if shared else below))
    lost = [publish_id for publish_id in (*out, *back) if known[publish_id].state == "dropped"]
    if lost:
        raise UserError.of(
            "generation-dropped",
            f"`{chosen}` cannot be served again: it follows from `{lost[0]}`, which is not kept any more",
            "choose a newer one from `segments publish --list`",
        )
    return out, back


def lineage(known: Mapping[str, Generation], publish_id: str) -> tuple[str, ...]:
    """A generation and those that it followed from, newest first."""
    found: list[str] = []
    following: str | None = publish_id
    while following is not None:
        found.append(following)
        following = known[following].previous
    return tuple(found)
