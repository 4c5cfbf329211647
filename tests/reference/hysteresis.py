"""Segments that hold on to their members: `stay_while`, `min_stay`, `max_stay`, instant by instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.reference.grid import instants_between
from tests.reference.project import Segment
from tests.reference.wall_time import Length, read_length
from tests.reference.world import Record, World
from tests.reference.yaml_text import Scalar, SpecError, optional_text

RULES = ("stay_while", "min_stay", "max_stay")


def in_base(world: World, segment: Segment, key: str) -> bool:
    """Whether an entity is in the segment that `base:` names, if any."""
    base = segment.body.get("base")
    if base is None:
        return True
    return world.rules.truth(world, segment.entity, key, {"in": base}) is True


@dataclass(slots=True)
class Stays:
    """Since when each member is one; who was put out by `max_stay` and whose `where` has been true ever since."""

    since: dict[str, dt.datetime] = field(default_factory=dict)
    barred: set[str] = field(default_factory=set)

    def record(self, instant: dt.datetime) -> Record:
        return instant, dict.fromkeys(self.since, "")


def timeline(world: World, segment: Segment, recorded: Sequence[Record]) -> Sequence[Record]:
    """The recorded members, then those of each instant missed since, then those of as_of."""
    if any(kind in segment.body for kind in ("tiers", "split", "model", "members")):
        raise SpecError("only a segment by `where` alone holds on to its members")
    stays = _stays_of_record(world, segment, recorded)
    records = list(recorded)
    missed: list[dt.datetime] = []
    if recorded:
        missed = list(instants_between(world, segment.body.get("refresh"), recorded[-1][0], world.as_of))
    for instant in [*missed, world.as_of]:
        _step(world.at(instant).within(segment), segment, stays)
        records.append(stays.record(instant))
    return records


def _length(segment: Segment, rule: str) -> Length | None:
    written = optional_text(segment.body, rule)
    return None if written is None else read_length(written)


def _stays_of_record(world: World, segment: Segment, recorded: Sequence[Record]) -> Stays:
    """Who stays since when, and who was put out by `max_stay`, as far as the record tells."""
    stays, longest = Stays(), _length(segment, "max_stay")
    for instant, members in recorded:
        for key in [k for k in stays.since if k not in members]:
            began = stays.since.pop(key)
            if longest is not None and world.calendar.later(began, longest) <= instant:
                stays.barred.add(key)
        for key in members:
            stays.since.setdefault(key, instant)
        _release(world.at(instant).within(segment), segment, stays)
    return stays


def _release(world: World, segment: Segment, stays: Stays) -> None:
    """Who was put out by `max_stay` may come in again once `where` has been untrue."""
    stays.barred = {key for key in stays.barred if _may_enter(world, segment, key)}


def _may_enter(world: World, segment: Segment, key: str) -> bool:
    where = segment.body["where"]
    return (
        key in world.population(segment.entity)
        and in_base(world, segment, key)
        and world.rules.truth(world, segment.entity, key, where) is True
    )


def _step(world: World, segment: Segment, stays: Stays) -> None:
    """The members at the world's instant, from those at the instant before."""
    shortest, longest = _length(segment, "min_stay"), _length(segment, "max_stay")
    stay_while = segment.body.get("stay_while", Scalar("false"))
    later, before = world.calendar.later, dict(stays.since)
    stays.since = {}
    for key in world.population(segment.entity):
        since = before.get(key)
        if since is not None and longest is not None and later(since, longest) <= world.as_of:
            stays.barred.add(key)
            continue
        if not in_base(world, segment, key):
            continue
        held = since is not None and shortest is not None and world.as_of < later(since, shortest)
        enters = key not in stays.barred and _may_enter(world, segment, key)
        stays_on = since is not None and world.rules.truth(world, segment.entity, key, stay_while) is True
        if held or enters or stays_on:
            stays.since[key] = since if since is not None else world.as_of
    _release(world, segment, stays)
