"""`has`: quantifiers over children.

`has: user` counts the entities of that name which belong to the one at hand and exist at as_of, with `where` (any condition on
the child). `count` bounds how many (default: at least 1), `share` which part of all children; the share of no children is
unknown. The counting form is two-valued; bounds that admit 0 include those without children.
"""

from __future__ import annotations

from orchestration.catalog.types import INTEGER
from orchestration.language.conditions import bounds
from orchestration.language.conditions.condition_kind import CONDITION, ConditionKind, shape
from orchestration.language.expression import (
    EVER,
    Call,
    ChildSource,
    Expression,
    Literal,
    Measure,
    MeasureRef,
    conjunction,
)
from orchestration.language.model import Condition, Words
from orchestration.language.predicates import arithmetic
from orchestration.language.reader import Reader
from orchestration.language.scope import Problem, Scope
from orchestration.language.wording import percent, plural


def child_source(reader: Reader, key: str, scope: Scope) -> tuple[Scope, ChildSource] | None:
    """The children that `key: user` names: their scope, and the way up from them, which `via` may name."""
    name = reader.scalar(key, "an entity")
    via = reader.name("via") if reader.has("via") else None
    if name is None or reader.broken:
        return None
    try:
        child = scope.child(name.text)
        path = scope.path(
            tuple(child.entity.parents.items()), f"entity `{child.entity.name}`", via.text if via else None
        )
    except Problem as problem:
        reader.problem(problem, name.span)
        return None
    return child, ChildSource(child.entity.name, path)


def count_of(source: ChildSource, where: Expression | None) -> MeasureRef:
    """How many children."""
    return MeasureRef(Measure(source, "count", None, where, EVER, INTEGER))


def _has(reader: Reader, scope: Scope) -> Condition | None:
    found = child_source(reader, "has", scope)
    node = reader.get("where")
    if found is None or reader.broken:
        return None
    child, source = found
    where = child.condition(node) if node is not None else None
    if node is not None and where is None:
        return None
    matching = count_of(source, where.expression if where else None)
    parts, words = [], []
    if reader.has("count") or not reader.has("share"):
        counted = bounds.read_bounds(reader.get("count"), matching, scope.report, "count")
        if counted is None:
            return None
        parts.append(counted[0])
        words.append(f"{counted[1]} of its {plural(child.entity.name)}")
    if (node := reader.get("share")) is not None:
        children = count_of(source, None)
        some = Call(
            "nullif", (children, Literal(0, INTEGER)), INTEGER
        )  # without children unknown, and no value is lost
        share = arithmetic("divide", matching, some)
        shared = bounds.read_bounds(node, share, scope.report, "share", said=percent)
        if shared is None:
            return None
        parts.append(shared[0])
        words.append(f"{shared[1]} of {'them' if words else 'its ' + plural(child.entity.name)}")
    return Condition(conjunction(tuple(parts)), _words(words, where.words if where else None))


def _words(words: list[str], where: Words | None) -> Words:
    if where is None:
        return Words(f"it has {', and '.join(words)}")
    line = f"it is true for {', and for '.join(words)}: {where.text}"
    return Words(line, where.parts, where.names)


KINDS = (
    ConditionKind(
        "has",
        shape(
            "children that meet a condition",
            {
                "has": {"type": "string", "description": "an entity that belongs to this one"},
                "where": CONDITION,
                "count": bounds.SCHEMA,
                "share": bounds.SCHEMA,
                "via": {"type": "string", "description": "the way up from the children"},
            },
            "has",
        ),
        _has,
    ),
)
