"""A breaking publish: views are dropped and made again, because a column goes, moves or changes its type."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp, parse_one

from orchestration.diagnostics import UserError
from orchestration.publish.layout import Layout
from orchestration.publish.served import ServedView
from orchestration.warehouse import Connection, StatementFailed

STILL_NEEDED = "2BP01"  # Postgres: other objects depend on it


def drop_broken(connection: Connection, desired: Sequence[ServedView], live: Layout) -> tuple[Layout, list[str]]:
    """Drop the views that cannot become what is desired by appending, and those of ours that read them.

    Returns what is left, and the grants to give again once the views are back. Raises `UserError` where a view of
    somebody else reads one: it would go with it.
    """
    wanted = {view.key: view for view in desired}
    broken = {key for key, view in live.items() if key not in wanted or not _continues(wanted[key], view)}
    for key, view in live.items():  # in the order in which they were made: what a view reads comes before it
        if any(read in broken for read in _reads(view, connection.dialect)):
            broken.add(key)
    grants = [g for key in sorted(broken & wanted.keys()) for g in _grants(connection, *key)]
    for key in [key for key in reversed(live) if key in broken]:
        _drop(connection, key)
    return {key: view for key, view in live.items() if key not in broken}, grants


def _continues(wanted: ServedView, live: ServedView) -> bool:
    shapes = [[(column.name, column.type) for column in view.columns] for view in (wanted, live)]
    return shapes[0][: len(shapes[1])] == shapes[1]


def _reads(view: ServedView, dialect: str) -> set[tuple[str, str]]:
    return {(table.db, table.name) for table in parse_one(view.query, dialect=dialect).find_all(exp.Table)}


def _drop(connection: Connection, key: tuple[str, str]) -> None:
    try:
        connection.execute(f"drop view if exists {connection.name(*key)}")
    except StatementFailed as error:
        if error.sqlstate != STILL_NEEDED:
            raise
        raise UserError.of(
            "view-in-use",
            f"`{key[0]}.{key[1]}` has to be dropped, but views of others read it: {error}",
            "drop those first, and make them again afterwards",
        ) from error


def _grants(connection: Connection, schema: str, name: str) -> list[str]:
    """Statements that give what others may do with a view; Postgres only."""
    if connection.dialect != "postgres":
        return []
    rows = connection.rows(
        "select case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end, privilege_type, "
        "is_grantable from pg_class join pg_namespace on pg_namespace.oid = relnamespace, aclexplode(relacl) "
        "where nspname = %s and relname = %s and grantee <> relowner order by 1, 2",
        (schema, name),
    )
    view = connection.name(schema, name)
    return [
        f"grant {privilege} on {view} to {grantee}" + (" with grant option" if grantable else "")
        for grantee, privilege, grantable in rows
    ]
