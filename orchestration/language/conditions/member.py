"""`in` and `not_in`: membership of another segment.

`in: power_users` is true for members; `in: arr_tier` for any tier, `otherwise` included, `in: arr_tier.enterprise` for one.
The segment may be one of what the entity belongs to: `in: arr_tier.enterprise` of a user asks about the user's account. Both
are two-valued; with a null or missing parent `in` is false and `not_in` true. Nested segments are evaluated at the same as_of.
"""

from __future__ import annotations

from orchestration.language.conditions.condition_kind import ConditionKind, shape
from orchestration.language.expression import Call, MemberRef
from orchestration.language.model import Condition, Words
from orchestration.language.reader import Reader
from orchestration.language.scope import Problem, Scope

_SEGMENT = {"type": "string", "description": "a segment, or one of its tiers", "examples": ["arr_tier.enterprise"]}


def _member(reader: Reader, scope: Scope, key: str) -> MemberRef | None:
    name = reader.scalar(key, "a segment")
    if name is None or reader.broken:
        return None
    try:
        segment, tier = scope.segment(name.text)
        path = () if segment.entity == scope.entity.name else scope.path_to(segment.entity, f"segment `{segment.name}`")
    except Problem as problem:
        reader.problem(problem, name.span)
        return None
    return MemberRef(path, segment.entity, segment.name, tier)


def _whose(member: MemberRef) -> str:
    if not member.path:
        return "it is"
    return f"its {member.path[0]} is" if len(member.path) == 1 else f"the {' of the '.join(reversed(member.path))} above it is"


def _in(reader: Reader, scope: Scope) -> Condition | None:
    member = _member(reader, scope, "in")
    if member is None:
        return None
    return Condition(member, Words(f"{_whose(member)} in {_name(member)}"))


def _not_in(reader: Reader, scope: Scope) -> Condition | None:
    member = _member(reader, scope, "not_in")
    if member is None:
        return None
    return Condition(Call("not", (member,)), Words(f"{_whose(member)} not in {_name(member)}"))


def _name(member: MemberRef) -> str:
    return f"tier {member.tier} of {member.segment}" if member.tier else f"segment {member.segment}"


KINDS = (
    ConditionKind("in", shape("a member of a segment", {"in": _SEGMENT}, "in"), _in),
    ConditionKind("not_in", shape("not a member of a segment", {"not_in": _SEGMENT}, "not_in"), _not_in),
)
