"""Hints for a name that stands elsewhere: above or below the entity at hand, in a stream, or within another name.

A condition on an entity reads what the entity is and what it belongs to; what belongs to it, and what happened to it, has
forms of its own. Each function gives the hint that names the form, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orchestration.language.model import Entity, Stream


def of_name(
    name: str,
    entity: Entity,
    entities: Mapping[str, Entity],
    streams: Mapping[str, Stream],
    traits: Iterable[tuple[str, str]],
) -> str:
    """For a name that the entity does not have, but something above or below it."""
    if name in streams:
        return f"`{name}` is a stream: ask with `did: {name}`, or count its rows in a trait"
    known = set(traits)
    above = next((p for p in _above(entity, entities) if name in entities[p].columns or (p, name) in known), None)
    if above is not None:
        return f"`{above}` has it: write `{above}.{name}`"
    children = [child for child in entities.values() if entity.name in child.parents]
    child = next((c for c in children if name in c.columns or (c.name, name) in known), None)
    if child is not None:
        return f"`{child.name}` has it: ask with `has: {child.name}`, or read it in a trait from `{child.name}`"
    below = {entity.name, *(c.name for c in children)}
    stream = next((s for s in streams.values() if name in s.columns and below & s.parents.keys()), None)
    if stream is not None:
        return (
            f"stream `{stream.name}` has it: ask with `did: {stream.name}`, or read it in a trait from `{stream.name}`"
        )
    return ""


def _above(entity: Entity, entities: Mapping[str, Entity]) -> Iterable[str]:
    """What the entity belongs to, directly or not, the nearest first."""
    found = list(entity.parents)
    for name in found:
        found += [parent for parent in entities[name].parents if parent not in found] if name in entities else []
    return [name for name in found if name in entities]


def of_event(name: str, streams: Mapping[str, Stream]) -> str:
    """For the name of an event where a stream was expected."""
    stream = next((s for s in streams.values() if s.events and name in s.events), None)
    return f"it is an event of `{stream.name}`: write `{stream.name}.{name}`" if stream else ""


def of_tier(name: str, tiers: Mapping[str, tuple[str, ...]]) -> str:
    """For the name of a tier where a segment was expected; `tiers` are those of every segment."""
    segment = next((segment for segment, names in tiers.items() if name in names), None)
    return f"it is a tier of `{segment}`: write `{segment}.{name}`" if segment else ""


def of_goal(goal: str, entity: Entity, entities: Mapping[str, Entity]) -> str:
    """For a step to an entity that is not above the one at hand but below it."""
    if goal in entities and entity.name in entities[goal].parents:
        return f"`{goal}` belongs to `{entity.name}`: ask with `has: {goal}`"
    return ""
