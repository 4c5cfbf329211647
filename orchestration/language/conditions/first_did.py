"""`first_did`: the first of all matching rows lies in the window.

`first_did: usage.project_created` with `within: 7 days` looks at the matching rows (with `where`) of all time: true where the
earliest of them lies in the window. It is two-valued: with no matching row it is false.
"""

from __future__ import annotations

from orchestration.catalog.types import DATE, TIMESTAMP
from orchestration.language.conditions.condition_kind import ConditionKind, shape
from orchestration.language.conditions.dates import edge_at
from orchestration.language.conditions.did import COMMON, STREAM, read_rows
from orchestration.language.expression import AS_OF, EVER, Call, Field, conjunction
from orchestration.language.model import Condition, Words
from orchestration.language.reader import Reader
from orchestration.language.scope import Scope


def _first_did(reader: Reader, scope: Scope) -> Condition | None:
    rows = read_rows(reader, "first_did", scope)
    if rows is None:
        return None
    window, kind = rows.window.window, rows.stream.at_type
    first = rows.over(EVER).measured("min", Field((), rows.stream.at, kind))
    edges = [("ge", window.start), ("lt", window.end or AS_OF)]
    parts = tuple(Call(operation, (first, edge_at(edge, kind))) for operation, edge in edges if edge is not None)
    if window.after is not None and window.before is not None:
        at = Call("local_midnight", (first,), TIMESTAMP) if kind is DATE else first
        parts = (Call("ge", (at, window.after)), Call("lt", (at, window.before)))
    words = Words(rows.said(f"for the first time {rows.window.words}"))
    return Condition(rows.window.known(Call("is_true", (conjunction(parts),))), words)


KINDS = (
    ConditionKind(
        "first_did",
        shape("something happened for the first time", {"first_did": STREAM, **COMMON}, "first_did"),
        _first_did,
    ),
)
