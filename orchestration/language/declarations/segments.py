"""`segments`: named sets of entities, each with an owner, a goal and what is done about it.

A segment is defined by `where` (a condition), by `tiers` (the first that is true; `where` is then an optional base and
`otherwise` the tier of the rest), by `members` (a short list of keys kept by hand) or by `split`: random assignment that can be
repeated. The first eight hex digits of `md5(salt || ':' || key as text)` are compared with the cumulative shares of the arms, in
their order; what the shares leave of 100 is in no arm; nobody's arm depends on who else is there. `base` names a segment, or a
tier, and goes with every kind: outside it there are no members.
"""

from __future__ import annotations

import re
from decimal import Decimal

from orchestration.diagnostics import Report
from orchestration.language.declarations.entities import NAME
from orchestration.language.model import Bounds
from orchestration.language.reader import Reader, Schema
from orchestration.language.scope import SegmentHead
from orchestration.spec.nodes import Mapping, Node, Scalar, Sequence

OWNER = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|team:[A-Za-z0-9_.-]{1,60}")
STATUSES = ("draft", "active", "deprecated")
PURPOSES = ("service", "product", "marketing", "research")
CADENCES = ("hourly", "daily", "weekly")
_CONDITION: Schema = {"$ref": "#/$defs/condition"}
TIER: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "where"],
    "properties": {"name": NAME, "where": _CONDITION, "label": {"type": "string"}, "description": {"type": "string"}},
}
ARM: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "share"],
    "properties": {"name": NAME, "share": {"type": "number", "description": "percent"}},
}
SPLIT: Schema = {
    "type": "object",
    "description": "reproducible random assignment",
    "additionalProperties": False,
    "required": ["salt", "arms"],
    "properties": {"salt": {"type": "string"}, "arms": {"type": "array", "items": ARM, "minItems": 1}},
}
SIZE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {key: {"type": "number"} for key in ("min", "max", "share_min", "share_max")},
}
CHANGE: Schema = {"type": "object", "additionalProperties": False, "properties": {"max": {"type": "number"}}}
CHECKS: Schema = {"type": "object", "additionalProperties": False, "properties": {"size": SIZE, "change": CHANGE}}
SCHEMA: Schema = {
    "type": "object",
    "description": "a named set of entities",
    "additionalProperties": False,
    "required": ["name", "entity"],
    "properties": {
        "name": NAME,
        "entity": {"type": "string", "description": "whose segment it is"},
        "label": {"type": "string", "description": "its name for people"},
        "description": {"type": "string"},
        "owner": {"type": "string", "description": "an address or team:name", "examples": ["growth@acme.test"]},
        "goal": {"type": "string", "description": "what the segment is to achieve"},
        "action": {"type": "string", "description": "what is done differently for it"},
        "purpose": {"enum": list(PURPOSES), "description": "decides which consent applies"},
        "refresh": {"enum": list(CADENCES), "description": "how often it is rebuilt"},
        "status": {"enum": list(STATUSES)},
        "traits": {
            "type": "array",
            "items": {"$ref": "#/$defs/local_trait"},
            "description": "visible in this segment only",
        },
        "where": _CONDITION,
        "tiers": {"type": "array", "items": TIER, "minItems": 1},
        "otherwise": NAME,
        "members": {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 1},
        "base": {"type": "string", "description": "a segment, or one of its tiers: outside it nobody is a member"},
        "split": SPLIT,
        "checks": CHECKS,
        **{
            key: {"x-later": True}
            for key in ("model", "stay_while", "min_stay", "max_stay", "renamed_from")
        },
    },
}


def read_head(node: Mapping, report: Report) -> tuple[SegmentHead, Reader] | None:
    """What others may know of the segment; None where it cannot be named."""
    reader = Reader(node, SCHEMA, report, "a segment")
    name, entity = reader.name("name"), reader.scalar("entity", "an entity")
    if name is None or entity is None:
        return None
    forms = [key for key in ("where", "tiers", "members", "split") if reader.has(key)]
    if not forms and not reader.broken:
        reader.error(
            "missing-key",
            f"segment `{name.text}` has no definition",
            node.span,
            "add `where:`, `tiers:`, `members:` or `split:`",
        )
    if "tiers" in forms and "split" in forms:
        reader.error(
            "bad-value", f"segment `{name.text}` has tiers and a split", reader.span("split"), "split the tier by `base:`"
        )
    if "members" in forms and len(forms) > 1:
        reader.error(
            "bad-value",
            f"segment `{name.text}` has members and {forms[0]}",
            reader.span("members"),
            "choose one of them",
        )
    if reader.has("otherwise") and not reader.has("tiers"):
        reader.error(
            "bad-value", "`otherwise` without `tiers`", reader.span("otherwise"), "it names the tier of the rest"
        )
    split = reader.get("split")
    named = _items(reader.get("tiers")) or _items(split.get("arms") if isinstance(split, Mapping) else None)
    tiers = [t for t in (_tier_name(item) for item in named) if t]
    if (otherwise := reader.name("otherwise") if reader.has("otherwise") else None) is not None:
        tiers.append(otherwise.text)
    for number, tier in enumerate(tiers):
        if tier in tiers[:number]:
            reader.error(
                "duplicate-name",
                f"tier `{tier}` occurs twice in `{name.text}`",
                reader.span("tiers" if reader.has("tiers") else "split"),
                "rename one",
            )
    head = SegmentHead(name.text, entity.text, tuple(tiers), reader.choice("status", "active"), name.span)
    return head, reader


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else ()


def _tier_name(node: Node) -> str | None:
    name = node.get("name") if isinstance(node, Mapping) else None
    return name.text if isinstance(name, Scalar) else None


def read_owner(reader: Reader) -> str:
    """An address or `team:name`; empty where there is none."""
    owner = reader.text("owner")
    if owner and not OWNER.fullmatch(owner):
        reader.error("bad-value", f"`{owner[:60]}` is not an owner", reader.span("owner"), "an address, or team:name")
    return owner


def read_bounds(reader: Reader) -> Bounds:
    """The declared limits of size and change."""
    node = reader.get("checks")
    checks = None if node is None else Reader.of(node, CHECKS, reader.report, "`checks`")
    if checks is None:
        return Bounds()
    size_node, change_node = checks.get("size"), checks.get("change")
    size = None if size_node is None else Reader.of(size_node, SIZE, reader.report, "`size`")
    change = None if change_node is None else Reader.of(change_node, CHANGE, reader.report, "`change`")
    bounds = Bounds(
        size_min=size.integer("min") if size else None,
        size_max=size.integer("max") if size else None,
        share_min=size.number("share_min") if size else None,
        share_max=size.number("share_max") if size else None,
        change_max=change.number("max") if change else None,
    )
    if size is not None and not size.broken:
        _check_bounds(size, bounds)
    reader.broken |= checks.broken or bool(size and size.broken) or bool(change and change.broken)
    return bounds


def _check_bounds(size: Reader, bounds: Bounds) -> None:
    """A limit that nothing can break, or everything breaks, is a typing mistake."""
    for key, share in (("share_min", bounds.share_min), ("share_max", bounds.share_max)):
        if share is not None and Decimal(share) > 1:
            size.error(
                "bad-value", f"`{key}` is more than everybody", size.span(key), "a share is from 0 to 1: 0.4 for 40 %"
            )
    for what, least, most in (
        ("", bounds.size_min, bounds.size_max),
        ("share_", bounds.share_min, bounds.share_max),
    ):
        if least is not None and most is not None and Decimal(least) > Decimal(most):
            size.error("bad-value", f"`{what}min` is more than `{what}max`", size.span(f"{what}min"), "exchange them")
