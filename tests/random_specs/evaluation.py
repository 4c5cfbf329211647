"""The evaluator at the generator's hand: the truth of a condition, while the spec is being written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from tests.random_specs.layout import Layout
from tests.random_specs.rows import Row
from tests.random_specs.writer import Definition
from tests.random_specs.yaml_writer import Yaml
from tests.reference.evaluation import build
from tests.reference.project import decode
from tests.reference.values import Truth
from tests.reference.yaml_text import as_node

Truths: TypeAlias = Sequence[Truth]


def declared(project: Mapping[str, Yaml], layout: Layout) -> dict[str, Yaml]:
    """The project, its entities and streams, as a spec file has them."""
    entities = [entity.declaration() for entity in layout.entities.values()]
    return {"project": project, "entities": entities, "streams": [s.declaration() for s in layout.streams.values()]}


class Evaluation:
    """A world that grows with the definitions."""

    def __init__(self, spec: Mapping[str, Yaml], given: Mapping[str, Sequence[Row]], as_of: dt.datetime) -> None:
        self.world = build(spec, given, as_of)
        self._known: set[str] = set()

    def add(self, definitions: Mapping[str, Definition]) -> None:
        """Adds what is not known yet."""
        for name in definitions.keys() - self._known:
            found = definitions[name]
            new = decode([as_node({found.place: [found.node]})], {})
            for place in ("traits", "predicates", "segments"):
                cast("dict[object, object]", getattr(self.world.spec, place)).update(getattr(new, place))
            self._known.add(name)

    def truths(self, entity: str, node: Yaml, own: Sequence[Yaml] = ()) -> Truths:
        """The truth of a condition for each of the entities that exist; `own` are the traits of the segment it stands in."""
        world, read = self.world, as_node(node)
        if own:
            holder = decode([as_node({"segments": [{"name": "it", "entity": entity, "traits": own}]})], {})
            world = world.within(holder.segments["it"])
        return [world.rules.truth(world, entity, key, read) for key in sorted(world.population(entity))]
