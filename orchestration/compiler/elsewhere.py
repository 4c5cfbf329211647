"""Hints for a name that stands elsewhere: among the children of the entity at hand, or in a stream.

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
    """For a name that the entity does not have, but something below it."""
    if name in streams:
        return f"`{name}` is a stream: ask with `did: {name}`, or count its rows in a trait"
    children = [child for child in entities.values() if entity.name in child.parents]
    known = set(traits)
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


def of_goal(goal: str, entity: Entity, entities: Mapping[str, Entity]) -> str:
    """For a step to an entity that is not above the one at hand but below it."""
    if goal in entities and entity.name in entities[goal].parents:
        return f"`{goal}` belongs to `{entity.name}`: ask with `has: {goal}`"
    return ""
