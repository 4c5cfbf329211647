"""`all`, `any`, `none` and `not`: conditions of conditions.

A list means `all`. Truth has SQL's three values: `any` is true where one part is, `none` where every part is false, `not`
(of one condition) where it is false; unknown is not true. An empty list is an error.
"""

from __future__ import annotations

from orchestration.language.conditions.condition_kind import CONDITION, ConditionKind, shape
from orchestration.language.expression import Call, conjunction
from orchestration.language.model import Condition, Words
from orchestration.language.reader import Reader
from orchestration.language.scope import Scope
from orchestration.spec.nodes import Mapping, Scalar, Sequence

_LIST = {"type": "array", "items": CONDITION, "minItems": 1}


def _parts(reader: Reader, scope: Scope, keyword: str) -> list[Condition] | None:
    node = reader.get(keyword)
    if isinstance(node, Scalar | Mapping):
        reader.error(
            "bad-value", f"`{keyword}` takes a list of conditions", node.span, "write `- ` before each of them"
        )
        return None
    parts = [scope.condition(item) for item in reader.items(keyword)]
    found = [p for p in parts if p is not None]
    return found if found and len(found) == len(parts) else None


def all_of(parts: list[Condition]) -> Condition:
    """Every part is true."""
    if len(parts) == 1:
        return parts[0]
    return Condition(
        conjunction(tuple(p.expression for p in parts)), Words("all of these hold:", tuple(p.words for p in parts))
    )


def _all(reader: Reader, scope: Scope) -> Condition | None:
    parts = _parts(reader, scope, "all")
    return None if parts is None else all_of(parts)


def _any(reader: Reader, scope: Scope) -> Condition | None:
    parts = _parts(reader, scope, "any")
    if parts is None or len(parts) == 1:
        return parts[0] if parts else None
    return Condition(
        Call("or", tuple(p.expression for p in parts)), Words("any of these holds:", tuple(p.words for p in parts))
    )


def _none(reader: Reader, scope: Scope) -> Condition | None:
    parts = _parts(reader, scope, "none")
    if parts is None:
        return None
    whole = parts[0].expression if len(parts) == 1 else Call("or", tuple(p.expression for p in parts))
    return Condition(Call("not", (whole,)), opposite(tuple(p.words for p in parts)))


def opposite(parts: tuple[Words, ...]) -> Words:
    """That none of the parts holds."""
    if len(parts) > 1:
        return Words("none of these holds:", parts)
    only = parts[0]
    if only.parts:
        return Words("this does not hold:", parts)
    return Words(f"not {only.text}" if only.text.isidentifier() else f"it is not so that {only.text}", (), only.names)


def _not(reader: Reader, scope: Scope) -> Condition | None:
    node = reader.get("not")
    assert node is not None
    if isinstance(node, Sequence):
        if len(node.items) != 1:
            reader.error("bad-value", "`not` takes one condition", node.span, "use `none:` for a list")
            return None
        node = node.items[0]
    part = scope.condition(node)
    return None if part is None else Condition(Call("not", (part.expression,)), opposite((part.words,)))


KINDS = (
    ConditionKind("all", shape("every condition is true", {"all": _LIST}, "all"), _all),
    ConditionKind("any", shape("at least one condition is true", {"any": _LIST}, "any"), _any),
    ConditionKind("none", shape("every condition is false", {"none": _LIST}, "none"), _none),
    ConditionKind("not", shape("the condition is false", {"not": CONDITION}, "not"), _not),
)
