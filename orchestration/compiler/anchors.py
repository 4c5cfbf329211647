"""Windows that begin at a date of the entity: each entity's own edges, joined to the rows that are looked at."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from orchestration.compiler.lowering import Leaf
from orchestration.compiler.query import Query, column, named, part, reads_instant
from orchestration.compiler.rows import Rows
from orchestration.language.expression import Window

ALIAS = "anchors"


class Anchors:
    """The edges of the windows that have some of their own, one row per existing entity."""

    def __init__(self, query: Query, entity: str, windows: Iterable[Window]) -> None:
        self.edges = {w: number for number, w in enumerate(dict.fromkeys(w for w in windows if w.after), 1)}
        self.key = query.entity(entity).key
        if self.edges:
            self.name = _edges(query, entity, self.edges)

    def join(self, key: exp.Expr) -> list[exp.Join]:
        """What joins the edges to rows whose entity's key is `key`."""
        if not self.edges:
            return []
        return [exp.Join(this=part(self.name, ALIAS), on=key.copy().eq(column(ALIAS, self.key)))]

    def within(self, window: Window, at: exp.Expr, *, ends: bool = True) -> list[exp.Expr]:
        """The conditions on the instant of a row; without `ends` only that it is not before the window."""
        if window not in self.edges:
            return []
        number = self.edges[window]
        found: list[exp.Expr] = [exp.GTE(this=at.copy(), expression=column(ALIAS, f"after_{number}"))]
        if ends:
            found.append(exp.LT(this=at.copy(), expression=column(ALIAS, f"before_{number}")))
        return found


def _edges(query: Query, entity: str, windows: dict[Window, int]) -> str:
    rows = Rows(query, entity)

    def leaf(found: Leaf) -> exp.Expr:
        return column("row", rows.leaf(found))

    selected = []
    for window, number in windows.items():
        assert window.after is not None
        assert window.before is not None
        selected.append(named(query.lower(window.after, leaf), f"after_{number}"))
        selected.append(named(query.lower(window.before, leaf), f"before_{number}"))
    base = query.add(f"{entity}_rows", rows.build(), f"entity {entity}: what its windows begin at")
    select = exp.select(column("row", rows.key), *selected).from_(part(base, "row"))
    if reads_instant(*selected):
        select = select.join(part("instant"), join_type="cross")
    return query.add(f"{entity}_windows", select, f"entity {entity}: the edges of its own windows")
