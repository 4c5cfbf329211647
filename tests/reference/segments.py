"""Segments: who is a member at as_of, in which tier, and since when."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction

from tests.reference import hysteresis
from tests.reference.project import Segment, Spec
from tests.reference.values import Value, ascending, key_text, read_decimal
from tests.reference.world import Members, Record, World
from tests.reference.yaml_text import SpecError, items, mapping, optional_text, text


def timeline(world: World, name: str) -> Sequence[Record]:
    """The members at each recorded instant and at as_of."""
    segment = world.spec.segments.get(name)
    if segment is None:
        raise SpecError(f"`{name}` is not a segment")
    recorded = world.recorded.get(name, [])
    if any(rule in segment.body for rule in hysteresis.RULES):
        return hysteresis.timeline(world, segment, recorded)
    return [*recorded, (world.as_of, _members(world.within(segment), segment))]


def _members(world: World, segment: Segment) -> Members:
    body = segment.body
    base = [key for key in world.population(segment.entity) if hysteresis.in_base(world, segment, key)]
    if "members" in body:
        listed = {text(key, "a member") for key in items(body["members"])}
        return {key: "" for key in base if key in listed}
    if "model" in body:
        rows = _rows_of_model(world, segment)
        return {key: rows[key] for key in base if key in rows}
    if "tiers" not in body and "split" not in body:
        where = body["where"]
        return {key: "" for key in base if world.rules.truth(world, segment.entity, key, where) is True}
    if "where" in body:
        where = body["where"]
        base = [key for key in base if world.rules.truth(world, segment.entity, key, where) is True]
    tiers = {key: _arm(segment, key) if "split" in body else _tier(world, segment, key) for key in base}
    return {key: tier for key, tier in tiers.items() if tier is not None}


def _tier(world: World, segment: Segment, key: str) -> str | None:
    """The first tier that is true, else `otherwise`."""
    for tier in items(segment.body["tiers"]):
        body = mapping(tier, "a tier")
        if world.rules.truth(world, segment.entity, key, body["where"]) is True:
            return text(body["name"], "name")
    return optional_text(segment.body, "otherwise")


def _arm(segment: Segment, key: str) -> str | None:
    """The arm of a key: the first eight hex digits of an md5 against the cumulative shares."""
    split = mapping(segment.body["split"], "split")
    digest = hashlib.md5(f"{text(split['salt'], 'salt')}:{key}".encode(), usedforsecurity=False).hexdigest()
    place = Fraction(int(digest[:8], 16) * 100, 16**8)
    reached = Fraction(0)
    for arm in items(split["arms"]):
        body = mapping(arm, "an arm")
        reached += read_decimal(text(body["share"], "share")) or 0
        if place < reached:
            return text(body["name"], "name")
    return None


def model_of(segment: Segment) -> str | None:
    return optional_text(segment.body, "model")


def is_tiered(spec: Spec, segment: Segment) -> bool:
    model = model_of(segment)
    return bool(segment.tiers) or (model is not None and "tier" in spec.models.get(model, {}))


def _rows_of_model(world: World, segment: Segment) -> Mapping[str, str]:
    """The members and tiers of a model's rows: of several rows of a key, the latest that is valid at as_of."""
    key_column = world.spec.entities[segment.entity].key
    tiered = is_tiered(world.spec, segment)
    found: dict[str, tuple[dt.datetime, Value]] = {}
    for row in world.tables.get(f"model {model_of(segment)}", ()):
        key, valid_from = key_text(row[key_column]), row.get("valid_from")
        since = world.calendar.as_instant(valid_from) if isinstance(valid_from, dt.date) else dt.datetime.min
        tier = row.get("tier") if tiered else ""
        if key is None or tier is None or not since < world.as_of:
            continue
        latest = found.get(key)
        if latest is None or since > latest[0] or (since == latest[0] and ascending(tier) < ascending(latest[1])):
            found[key] = (since, tier)
    return {key: str(tier) for key, (_, tier) in found.items()}


def entered_at(records: Sequence[Record]) -> dict[str, dt.datetime]:
    """The recorded instant at which each member's present unbroken stay (in the present tier) began."""
    as_of, members = records[-1]
    found = {}
    for key, tier in members.items():
        began = as_of
        for instant, before in reversed(records[:-1]):
            if before.get(key) != tier:
                break
            began = instant
        found[key] = began
    return found
