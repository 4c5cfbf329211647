"""What a generator knows while it writes a definition: the choices, what is wanted, what was used, and the names there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.random_specs.layout import Layout
from tests.random_specs.tape import Tape
from tests.random_specs.yaml_writer import Yaml

NUMBERS = ("integer", "decimal", "float", "number")  # `number`: some number, by no type that matters


def kind_of(written: str) -> str:
    """A type as written, without its digits."""
    return written.partition("(")[0]


@dataclass(frozen=True, slots=True)
class Name:
    """Something that a predicate can name: its type, the constructs that naming it uses, and the definition it reads."""

    text: str
    kind: str
    constructs: tuple[str, ...] = ()
    reads: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one row."""

    all: tuple[Name, ...]

    def of(self, kind: str) -> list[Name]:
        """Those of a type; `number` means any number."""
        kinds = NUMBERS if kind == "number" else (kind,)
        return [name for name in self.all if name.kind in kinds]

    @property
    def lists(self) -> list[Name]:
        return [name for name in self.all if name.kind.startswith("list of ")]


@dataclass(slots=True)
class Definition:
    """A trait, a predicate or a segment as it was written; `place` is its list in a spec file."""

    place: str
    name: str
    entity: str
    node: dict[str, Yaml]
    kind: str = "boolean"
    tiers: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """By which others say that they read it."""
        return f"{self.place} {self.entity}.{self.name}"


@dataclass(frozen=True, slots=True)
class Spans:
    """The few lengths of time (by unit), periods and points in time of one project: rows lie on the edges of its windows."""

    lengths: Mapping[str, Sequence[str]] = field(default_factory=dict)
    growing: Sequence[str] = ()
    several: Sequence[str] = ()  # `3 weeks`: what `regularly` looks at
    periods: Sequence[str] = ()
    points: Sequence[str] = ()
    dates: Sequence[str] = ()
    timestamps: Sequence[str] = ()


@dataclass(slots=True)
class Writer:
    """The state of a generator."""

    tape: Tape
    layout: Layout
    wants: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    definitions: dict[str, Definition] = field(default_factory=dict)
    own: tuple[Name, ...] = ()  # the traits of the segment being written
    about: str = ""  # whose segment it is
    spans: Spans = field(default_factory=lambda: Spans())
    numbers: dict[str, int] = field(default_factory=dict)

    def use(self, *constructs: str) -> None:
        self.used.update(constructs)
        self.wants.difference_update(constructs)

    def refer(self, name: Name) -> str:
        """The text of a name, noted as used."""
        self.use(*name.constructs)
        if name.reads:
            self.reads.add(name.reads)
        return name.text

    def wanted(self, constructs: Iterable[str]) -> str | None:
        """The first of the constructs that is wanted."""
        return next((c for c in constructs if c in self.wants), None)

    def choose(self, group: str, options: Sequence[str]) -> str:
        """One of the options, a wanted one where there is one; noted as used."""
        found = self.wanted(f"{group}:{option}" for option in options)
        option = self.tape.pick(options) if found is None else found.removeprefix(f"{group}:")
        self.use(f"{group}:{option}")
        return option

    def optional(self, construct: str, percent: int) -> bool:
        """Whether to write what may be left out; noted as used."""
        chosen = construct in self.wants or self.tape.chance(percent)
        if chosen:
            self.use(construct)
        return chosen

    def new_name(self, stem: str) -> str:
        self.numbers[stem] = self.numbers.get(stem, 0) + 1
        return f"{stem}{self.numbers[stem]}"

    @contextmanager
    def definition(self, found: Definition) -> Iterator[Definition]:
        """Writes a definition of its own within another: what it uses is noted apart, and it is known afterwards."""
        outer = self.used, self.reads, self.own, self.about
        self.used, self.reads, self.own, self.about = set(), set(), (), found.entity
        try:
            yield found
            found.used, found.reads = frozenset(self.used), frozenset(self.reads)
            self.definitions[found.id] = found
        finally:
            self.used, self.reads, self.own, self.about = outer

    def listed(self, place: str, entity: str = "") -> list[Definition]:
        """The definitions of a list, of one entity or of all."""
        return [d for d in self.definitions.values() if d.place == place and entity in ("", d.entity)]

    def names(self, entity: str) -> Names:
        """What a predicate on the entity can name."""
        found = [*(self.own if entity == self.about else ()), *self._columns(entity, "", "")]
        found += [Name(d.name, d.kind, ("reads:trait",), d.id) for d in self.listed("traits", entity)]
        found += [Name(d.name, "boolean", ("reads:predicate",), d.id) for d in self.listed("predicates", entity)]
        parents = self.layout.entities[entity].parents
        for above in self.layout.ancestors(entity):
            found += self._columns(above, f"{above}.", "reads:parent" if above in parents else "reads:grandparent")
            for trait in self.listed("traits", above):
                found.append(Name(f"{above}.{trait.name}", trait.kind, ("reads:parent trait",), trait.id))
        if entity == "user":
            found += self._columns("org", "account.org.", "reads:steps")
        return Names(tuple(found))

    def _columns(self, entity: str, prefix: str, reads: str) -> Iterator[Name]:
        for column, written in self.layout.entities[entity].columns.items():
            yield _column(column, written, prefix, reads)

    def row(self, stream: str) -> Names:
        """What a predicate over a stream's rows can name."""
        columns: Mapping[str, str] = self.layout.streams[stream].columns
        return Names(tuple(_column(column, written) for column, written in columns.items()))


def _column(column: str, written: str, prefix: str = "", reads: str = "") -> Name:
    kind = kind_of(written)
    shown = "list" if kind.startswith("list of ") else kind
    return Name(prefix + column, kind, (f"column:{shown}", *([reads] if reads else [])))


Build = Callable[[Writer, Names, str, int], str]
