"""A segment's definition as a marketer reads it: the conditions in words, then the terms that they use.

In: a resolved segment. Out: lines of text. Terms are what the conditions name (predicates, traits, attributes, segments),
each with what the specs and dbt's YAML say of it; a trait also with how it is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from orchestration.compiler.plan import expressions_of
from orchestration.language.expression import ChildSource, Expression, Field, MeasureRef, MemberRef, TraitRef, walk
from orchestration.language.model import Condition, Members, Resolved, Segment, Split, Tiers, Words


def in_words(resolved: Resolved, segment: Segment) -> str:
    """The definition in words."""
    terms = _Terms(resolved, segment.entity)
    for words in _words_of(segment):
        for name, meaning in words.all_names().items():
            first, *below = meaning.lines()
            terms.found.setdefault(name, "\n".join([first, *(f"  {line}" for line in below)]))
    for expression in expressions_of(segment):
        terms.collect(segment.entity, expression)
    lines = list(_definition(segment))
    if terms.found:
        lines += ["", "Terms:", *(f"- {name}: {meaning}" for name, meaning in terms.found.items())]
    return "\n".join(lines)


def _words_of(segment: Segment) -> Iterator[Words]:
    match segment.definition:
        case Condition(words=words):
            yield words
        case Tiers(base=base, tiers=tiers):
            yield from (condition.words for condition in ([base] if base else []))
            yield from (tier.condition.words for tier in tiers)
        case Members(base=base) | Split(base=base):
            yield from (condition.words for condition in ([base] if base else []))


def _definition(segment: Segment) -> Iterator[str]:
    match segment.definition:
        case Condition(words=words):
            first, *below = words.lines()
            yield f"Each {segment.entity} is a member if {first}"
            yield from below
        case Members(keys=keys, base=base):
            yield f"Kept by hand: {', '.join(map(str, keys))}"
            if base:
                first, *below = base.words.lines()
                yield f"of those: {first}"
                yield from below
        case Split(base=base, names=names, shares=shares, salt=salt):
            yield from _headed(segment, base, f"is assigned at random, by its key and `{salt}`, to:")
            yield from (f"- {name}: {share} %" for name, share in zip(names, shares, strict=True))
        case Tiers(base=base, tiers=tiers, otherwise=otherwise):
            yield from _headed(segment, base, "is in the first tier that fits:")
            for tier in tiers:
                first, *below = tier.condition.words.lines()
                yield f"- {tier.name}: {first}"
                yield from (f"  {line}" for line in below)
            if otherwise:
                yield f"- {otherwise}: all others"


def _headed(segment: Segment, base: Condition | None, said: str) -> Iterator[str]:
    """What is said of each entity of a base, before a list."""
    first, *below = base.words.lines() if base else [""]
    if below:
        yield from (f"Each {segment.entity}, if {first}", *below, said)
    else:
        yield f"Each {segment.entity}{f', if {first},' if first else ''} {said}"


@dataclass(slots=True)
class _Terms:
    """What is said of the names in conditions, in the order in which they come up."""

    resolved: Resolved
    entity: str
    found: dict[str, str] = field(default_factory=dict)

    def collect(self, entity: str, expression: Expression) -> None:
        for part in walk(expression):
            match part:
                case Field(path=path, column=name):
                    owner = self.resolved.entities[path[-1] if path else entity]
                    self._add(entity, (*path, name), owner.columns[name].description)
                case TraitRef(path=path, entity=owner, trait=name):
                    self._trait(entity, path, owner, name)
                case MemberRef():
                    self._segment(part)
                case MeasureRef(measure=measure) if isinstance(measure.source, ChildSource):
                    for inner in (measure.argument, measure.where):
                        if inner is not None:
                            self.collect(measure.source.entity, inner)

    def _segment(self, member: MemberRef) -> None:
        other = self.resolved.segments[member.segment]
        meaning = other.description or other.label
        if isinstance(other.definition, Tiers):
            meant = [f"{t.name}: {t.condition.words.inline}" for t in other.definition.tiers if t.name == member.tier]
            meaning += f" ({meant[0]})" if meant else ""
        self._add(self.entity, (member.segment,), meaning)

    def _trait(self, entity: str, path: tuple[str, ...], owner: str, name: str) -> None:
        trait = self.resolved.traits[owner, name]
        said = f"{trait.description.rstrip('.')} ({trait.words})" if trait.description else trait.words
        self._add(entity, (*path, name.rpartition(".")[2]), said)
        for part in walk(trait.expression):
            if isinstance(part, TraitRef):  # what it is computed from, if those are traits of their own
                self._trait(entity, (*path, *part.path), part.entity, part.trait)

    def _add(self, entity: str, names: tuple[str, ...], meaning: str) -> None:
        if meaning:
            self.found.setdefault(
                ".".join(names if entity == self.entity else (entity, *names)), " ".join(meaning.split())
            )
