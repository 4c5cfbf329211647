"""Conditions on segments: in, not in, entered, left, was in, held."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise

from tests.reference.grid import instants_between
from tests.reference.project import scalar_list
from tests.reference.values import Truth, all_of
from tests.reference.wall_time import read_length
from tests.reference.windows import read_window
from tests.reference.world import Members, World
from tests.reference.yaml_text import Node, Scalar, SpecError, mapping, text


def _target(world: World, entity: str, key: str, form: Mapping[str, Node], name: str) -> tuple[str, str, str | None]:
    """The segment, the tier (or nothing) and the key of whom it is about: the entity, or what it belongs to."""
    segment, _, tier = text(form[name], name).partition(".")
    if segment not in world.spec.segments:
        raise SpecError(f"`{segment}` is not a segment")
    of = world.spec.segments[segment].entity
    if of == entity:
        return segment, tier, key
    path = world.path(entity, of, scalar_list(form.get("via"), "via"))
    return segment, tier, world.parent_key(entity, world.population(entity)[key], path)


def _holds(members: Members, tier: str, key: str | None) -> bool:
    return key is not None and key in members and tier in ("", members[key])


def is_in(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    segment, tier, whose = _target(world, entity, key, form, "in")
    return _holds(world.members(segment), tier, whose)


def is_not_in(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    segment, tier, whose = _target(world, entity, key, form, "not_in")
    return not _holds(world.members(segment), tier, whose)


def _changed(world: World, entity: str, key: str, form: Mapping[str, Node], name: str, into: bool) -> Truth:
    segment, tier, whose = _target(world, entity, key, form, name)
    window = read_window(form.get("within"), world.scope(entity, key))
    if window is None:
        return None
    timeline = world.timeline(segment)
    for (_, before), (instant, after) in pairwise(timeline):
        was, now = _holds(before, tier, whose), _holds(after, tier, whose)
        if window.holds_until(instant) and was is not now and now is into:
            return True
    return False


def entered(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """Became a member at an instant of `(start, end]`; who is one at the first recorded instant entered nothing."""
    return _changed(world, entity, key, form, "entered", True)


def left(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """Was no longer a member at an instant of `(start, end]`."""
    return _changed(world, entity, key, form, "left", False)


def was_in(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """Was a member at an instant of `(start, end]`."""
    segment, tier, whose = _target(world, entity, key, form, "was_in")
    window = read_window(form.get("within"), world.scope(entity, key))
    if window is None:
        return None
    return any(
        window.holds_until(instant) and _holds(members, tier, whose) for instant, members in world.timeline(segment)
    )


def held(world: World, entity: str, key: str, form: Mapping[str, Node]) -> Truth:
    """True now and, by the record, at every grid instant of `(as_of - for, as_of]`.

    The record of a held condition is given like that of a segment, under the name `held: <its text>`.
    """
    body = mapping(form["held"], "held")
    since = world.calendar.shift(world.as_of, read_length(text(body["for"], "for")), -1)
    recorded = dict(world.recorded.get(_record_name(body), ()))
    truths: list[Truth] = [world.rules.truth(world, entity, key, body["where"])]
    for instant in instants_between(world, None, since, world.as_of):
        truths.append(key in recorded[instant] if instant in recorded else None)
    return all_of(truths)


def _record_name(body: Mapping[str, Node]) -> str:
    where = body["where"]
    return "held: " + (" ".join(where.split()) if isinstance(where, Scalar) else json.dumps(where))
