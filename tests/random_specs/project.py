"""A whole random project: specs, tables and an instant, read off a tape."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tests.random_specs import rows
from tests.random_specs.evaluation import Evaluation, declared
from tests.random_specs.layout import random_layout
from tests.random_specs.rows import Row, Times, random_rows
from tests.random_specs.segments import new_segment
from tests.random_specs.spans import random_spans
from tests.random_specs.tape import Tape
from tests.random_specs.writer import Definition, Writer
from tests.random_specs.yaml_writer import Yaml

WEEKS = ("monday", "sunday", "thursday")
LISTS = ("traits", "predicates", "segments")


@dataclass(frozen=True, slots=True)
class RandomProject:
    """Specs, rows by entity and stream, an instant (UTC). `definitions` are the traits, predicates and segments."""

    project: Mapping[str, Yaml]
    entities: tuple[Mapping[str, Yaml], ...]
    streams: tuple[Mapping[str, Yaml], ...]
    definitions: tuple[Definition, ...]
    given: Mapping[str, Sequence[Row]]
    as_of: dt.datetime

    @property
    def spec(self) -> dict[str, Yaml]:
        """The content of the project's one spec file."""
        found: dict[str, Yaml] = {"project": self.project, "entities": self.entities, "streams": self.streams}
        for place in LISTS:
            if nodes := [d.node for d in self.definitions if d.place == place]:
                found[place] = nodes
        return found

    @property
    def segments(self) -> tuple[Definition, ...]:
        return tuple(d for d in self.definitions if d.place == "segments")

    def constructs_of(self, segment: Definition) -> frozenset[str]:
        """What the segment's definition uses, with the traits, predicates and segments that it reads."""
        return frozenset(c for d in self.read_by(segment) for c in d.used)

    def read_by(self, definition: Definition) -> tuple[Definition, ...]:
        """The definition and all that it reads, directly or not."""
        known = {d.id: d for d in self.definitions}
        found: dict[str, Definition] = {}
        waiting = [definition.id]
        while waiting:
            name = waiting.pop()
            if name not in found and name in known:
                found[name] = known[name]
                waiting += known[name].reads
        return tuple(d for d in self.definitions if d.id in found)

    def only(self, *kept: Definition) -> RandomProject:
        """The project with no other definitions than these and what they read."""
        needed = {d.id for k in kept for d in self.read_by(k)}
        return replace(self, definitions=tuple(d for d in self.definitions if d.id in needed))

    def without(self, *names: str) -> RandomProject:
        """The project without the definitions of these ids and all that reads them."""
        kept = [d for d in self.definitions if not {r.id for r in self.read_by(d)} & set(names)]
        return replace(self, definitions=tuple(kept))


def random_project(tape: Tape, targets: Sequence[Sequence[str]]) -> RandomProject:
    """A project with a segment for each of the targets, which are constructs to be used in one definition."""
    layout = random_layout(tape, {construct for target in targets for construct in target})
    project: dict[str, Yaml] = {"name": "acme", "timezone": tape.pick(rows.ZONES), "week_starts_on": tape.pick(WEEKS)}
    w = Writer(tape, layout, spans=random_spans(tape))
    as_of = dt.datetime.fromisoformat(tape.pick(rows.NOW))
    times = Times(w, as_of, str(project["timezone"]), str(project["week_starts_on"]))
    given = random_rows(w, times)
    evaluation = Evaluation(declared(project, layout), given, as_of)
    for target in targets:
        new_segment(w, evaluation, target)
        evaluation.add(w.definitions)
    entities, streams = (
        tuple(t.declaration() for t in tables.values()) for tables in (layout.entities, layout.streams)
    )
    return RandomProject(project, entities, streams, tuple(w.definitions.values()), given, as_of)
