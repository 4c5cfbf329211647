"""The way up from a row to an entity: the one shortest chain of many-to-one steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orchestration.language.model import Entity
from orchestration.language.scope import Problem


def path_up(
    parents: Iterable[tuple[str, str]], goal: str, entities: Mapping[str, Entity], what: str, via: str | None = None
) -> tuple[str, ...]:
    """The names of the entities on the way, the goal last; raises `Problem` where there is none or more than one.

    A row's own key of the goal wins over a path through another entity. `via` names the first step.
    """
    first = [name for name, _ in parents]
    if via is not None:
        if via not in first:
            raise Problem("unknown-name", f"{what} does not belong to `{via}`", _known(first))
        first = [via]
    elif goal in first:
        return (goal,)
    paths: list[tuple[str, ...]] = [(name,) for name in first if name in entities]
    seen = set(first)
    while paths:
        reached = [path for path in paths if path[-1] == goal]
        if len(reached) > 1:
            words = " and ".join(f"`{'.'.join(path)}`" for path in reached)
            raise Problem("two-paths", f"{what} reaches `{goal}` by {words}", f"say which with `via: {reached[0][0]}`")
        if reached:
            return reached[0]
        paths = [
            (*path, parent)
            for path in paths
            for parent in entities[path[-1]].parents
            if parent not in seen and parent in entities
        ]
        seen.update(path[-1] for path in paths)
    raise Problem("no-path", f"{what} does not belong to `{goal}`, nor does what it belongs to", _known(first))


def _known(names: list[str]) -> str:
    return "it belongs to " + " and ".join(f"`{n}`" for n in names) if names else "add `belongs_to`"
