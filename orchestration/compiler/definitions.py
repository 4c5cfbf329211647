"""A segment's definition: conditions, tiers or members, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from orchestration.catalog.types import INTEGER, TEXT
from orchestration.compiler.scopes import EntityScope, Resolver
from orchestration.language.conditions.logic import all_of
from orchestration.language.declarations.segments import ARM, SPLIT, TIER, read_bounds, read_owner
from orchestration.language.model import (
    Condition,
    Definition,
    Members,
    Segment,
    Split,
    Tier,
    Tiers,
)
from orchestration.language.reader import Reader
from orchestration.language.scope import SegmentHead
from orchestration.spec.nodes import Mapping, Node, Scalar, Sequence, describe


def read_segment(resolver: Resolver, head: SegmentHead, reader: Reader) -> Segment | None:
    """The resolved segment; None where the report says why."""
    scope = resolver.scope(resolver.entities[head.entity], head.name)
    definition = _definition(scope, head, reader)
    owner, bounds = read_owner(reader), read_bounds(reader)
    label, description = reader.text("label", head.name.replace("_", " ")), reader.text("description")
    goal, action = reader.text("goal"), reader.text("action")
    purpose, refresh = reader.choice("purpose", "service"), reader.choice("refresh", "daily")
    if refresh == "hourly" and resolver.project.grid == "day":
        reader.error(
            "bad-value",
            f"`refresh` of segment `{head.name}` is finer than the project's instants",
            reader.span("refresh"),
            "`project` has `as_of: day`: write `daily`, or `as_of: hour` there",
        )
    if definition is None or reader.broken:
        return None
    text = _own_text(reader.node, resolver.document.sources)
    return Segment(
        head.name,
        head.entity,
        definition,
        label,
        description,
        owner,
        goal,
        action,
        purpose,
        refresh,
        head.status,
        bounds,
        text,
        head.span,
    )


def _definition(scope: EntityScope, head: SegmentHead, reader: Reader) -> Definition | None:
    base = _base(scope, reader)
    node = reader.get("where")
    where = scope.condition(node) if node is not None else None
    if (reader.has("base") and base is None) or (node is not None and where is None):
        return None
    parts = [part for part in (base, where) if part is not None]
    where = all_of(parts) if parts else None
    if reader.has("members"):
        members = _members(scope, reader)
        return None if members is None else replace(members, base=where)
    if reader.has("split"):
        return _split(reader, where)
    if not reader.has("tiers"):
        return where
    tiers = []
    for item in reader.items("tiers"):
        inner = Reader.of(item, TIER, scope.report, "a tier")
        name = inner.name("name") if inner else None
        tier_node = inner.get("where") if inner else None
        condition = scope.condition(tier_node) if tier_node is not None else None
        if name is not None and condition is not None:
            tiers.append(Tier(name.text, condition))
        else:
            reader.broken = True
    otherwise = reader.name("otherwise") if reader.has("otherwise") else None
    return Tiers(where, tuple(tiers), otherwise.text if otherwise else None)


def _base(scope: EntityScope, reader: Reader) -> Condition | None:
    """Membership of the segment that `base:` names: the same as `in:`."""
    name = reader.scalar("base", "a segment")
    if name is None:
        return None
    keyword = Scalar("in", True, name.span, "in")
    return scope.condition(Mapping(((keyword, name),), name.span))


def _split(reader: Reader, base: Condition | None) -> Split | None:
    node = reader.get("split")
    assert node is not None
    inner = Reader.of(node, SPLIT, reader.report, "`split`")
    salt = None if inner is None else inner.scalar("salt")
    if inner is None or salt is None or inner.broken:
        return None
    if not salt.text or "\0" in salt.text:
        inner.error("bad-value", "a split without a salt", salt.span, "name the test: salt: winback-2026-03")
    names, shares = [], []
    for item in inner.items("arms"):
        arm = Reader.of(item, ARM, reader.report, "an arm")
        name, share = (arm.name("name"), arm.number("share")) if arm else (None, None)
        if arm is None or name is None or share is None or arm.broken:
            inner.broken = True
            continue
        names.append(name.text)
        shares.append(Decimal(share))
        if not shares[-1]:
            arm.error("bad-value", f"arm `{name.text}` without a share", arm.span("share"), "leave the arm out")
            inner.broken = True
    if sum(shares) > 100:
        inner.error("bad-value", f"the shares of the arms are {sum(shares)} together", inner.span("arms"), "100 at most")
    return None if inner.broken or not names else Split(base, salt.text, tuple(names), tuple(shares))


def _members(scope: EntityScope, reader: Reader) -> Members | None:
    keys: list[str | int] = []
    for item in reader.items("members"):
        if not isinstance(item, Scalar) or item.is_null:
            reader.error("bad-value", f"{describe(item)} in `members`", item.span, "list keys")
            continue
        key: str | int = item.text
        if scope.entity.key_type is INTEGER:
            if not item.text.lstrip("-").isdigit() or abs(int(item.text)) >= 2**63:
                reader.error(
                    "bad-type",
                    f"`{item.text[:60]}` is no key of `{scope.entity.name}`, whose key is an integer",
                    item.span,
                )
                continue
            key = int(item.text)
        if key in keys:
            scope.report.warning("repeated-member", f"`{item.text[:60]}` is listed twice", item.span, "leave one out")
        else:
            keys.append(key)
    assert scope.entity.key_type in (INTEGER, TEXT)
    return Members(tuple(keys))


def _own_text(node: Mapping, sources: object) -> str:
    """The item as it stands in its file, without the indentation."""
    assert isinstance(sources, dict)
    lines = sources[node.span.file].splitlines()[node.span.line - 1 : _last_line(node)]
    indent = node.span.column - 1
    return "\n".join(
        [lines[0][indent:], *(line[indent:] if not line[:indent].strip() else line for line in lines[1:])]
    ).rstrip()


def _last_line(node: Node) -> int:
    match node:
        case Scalar():
            return node.span.line + node.source.rstrip().count("\n")
        case Sequence():
            return max([node.span.line, *(_last_line(i) for i in node.items)])
        case Mapping():
            return max([node.span.line, *(_last_line(v) for _, v in node.entries)])
