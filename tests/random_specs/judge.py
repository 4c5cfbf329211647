"""Whether everyone agrees on a project: the evaluator, the tables of the whole plan, the query that a person reads."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import duckdb
import psycopg

from orchestration.diagnostics import Diagnostic, Report, Severity, UserError, render_text
from orchestration.warehouse import Connection
from tests.random_specs.engines import FILE, Checked, Found, Run, checked
from tests.random_specs.project import RandomProject
from tests.random_specs.yaml_writer import yaml_text
from tests.reference.evaluation import build, result
from tests.reference.values import Value
from tests.reference.world import World

# What the compiler may refuse of random specs: exact arithmetic that needs more digits than there are.
REFUSABLE = frozenset(["too-many-digits"])
REFUSED_MESSAGES = ("a sum of ",)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """On what a judge differs from the evaluator. `about` is a segment, or a trait as `entity.trait`."""

    judge: str
    about: str
    evaluator: str
    came: str

    def __str__(self) -> str:
        return f"{self.judge} on `{self.about}`: the evaluator says {self.evaluator}, came {self.came}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A project as it was judged (without what the compiler may refuse), how many members each segment has of how many."""

    project: RandomProject
    sizes: Mapping[str, tuple[int, int]]
    disagreements: tuple[Disagreement, ...]
    refused: int = 0


class Refused(Exception):
    """The compiler refuses a spec that has a meaning."""


def accepted(project: RandomProject) -> tuple[RandomProject, Checked, int]:
    """The project without the definitions that need too many digits, checked, and how many those were."""
    refused = 0
    while True:
        report = Report()
        text = yaml_text(project.spec)
        found = checked(text, report)
        if found is not None:
            return project, found, refused
        errors = [d for d in report.diagnostics if d.severity is Severity.ERROR]
        wrong = {_definition_at(project, text, d) for d in errors}
        if any(not may_refuse(d) for d in errors) or "" in wrong:
            raise Refused(render_text(report.diagnostics, {FILE: text}))
        refused += len(wrong)
        project = project.without(*wrong)


def may_refuse(diagnostic: Diagnostic) -> bool:
    return diagnostic.code in REFUSABLE or diagnostic.message.startswith(REFUSED_MESSAGES)


def _definition_at(project: RandomProject, text: str, diagnostic: Diagnostic) -> str:
    """The id of the definition in whose lines a diagnostic points; empty where it is none."""
    if diagnostic.span is None:
        return ""
    found, place, seen = "", "", dict.fromkeys((d.place for d in project.definitions), 0)
    for line, content in enumerate(text.splitlines(), 1):
        if not content.startswith(" "):
            place = content.rstrip(":")
        elif content.startswith("  - ") and place in seen:
            found = [d for d in project.definitions if d.place == place][seen[place]].id
            seen[place] += 1
        if line == diagnostic.span.line:
            return found if place in seen else ""
    return ""


def world_of(project: RandomProject) -> World:
    return build(project.spec, project.given, project.as_of)


def evaluated(world: World, segment: str) -> dict[str, str]:
    """A segment's members by the evaluator, each with its tier."""
    found = result(world, segment)
    if isinstance(found, set):
        return dict.fromkeys(found, "")
    return {key: tier for tier, keys in found.items() for key in keys}


def judge(project: RandomProject, connection: Connection, *, readable: bool = True) -> Verdict:
    """The verdict on a project."""
    project, compiled, refused = accepted(project)
    world = world_of(project)
    mine = {s.name: evaluated(world, s.name) for s in project.segments}
    sizes = {s.name: (len(mine[s.name]), len(world.population(s.entity))) for s in project.segments}
    dialect = connection.dialect
    try:
        found = Run(compiled, project.given, project.as_of, connection).found(readable=readable)
    except (duckdb.Error, psycopg.Error, UserError) as error:
        words = " ".join(str(error).split())[:300]
        kind = re.split(r"[\"'\d]", words)[0].strip()
        return Verdict(project, sizes, (Disagreement(f"{dialect}, {kind}", "", "something", words),), refused)
    differences = [*_of_members(dialect, mine, found), *_of_traits(dialect, world, found)]
    return Verdict(project, sizes, tuple(differences), refused)


def _of_members(dialect: str, mine: Mapping[str, Mapping[str, str]], found: Found) -> Iterator[Disagreement]:
    for way, theirs in ((dialect, found.members), (f"{dialect}, readable", found.read)):
        for name, came in theirs.items():
            if came != mine[name]:
                yield Disagreement(way, name, str(dict(sorted(mine[name].items()))), str(dict(sorted(came.items()))))


def _of_traits(dialect: str, world: World, found: Found) -> Iterator[Disagreement]:
    for entity, rows in found.traits.items():
        population = world.population(entity)
        if set(rows) != set(population):
            yield Disagreement(dialect, entity, f"there are {sorted(population)}", str(sorted(rows)))
            continue
        for of, name in world.spec.traits:
            if of == entity:
                mine = {key: world.trait(entity, name, key) for key in population}
                wrong = [key for key in sorted(population) if not same(mine[key], rows[key][name])]
                if wrong:
                    told, came = (
                        {key: of_key[key] for key in wrong} for of_key in (mine, {k: r[name] for k, r in rows.items()})
                    )
                    yield Disagreement(dialect, f"{entity}.{name}", str(told), str(came))


def same(mine: Value, theirs: object) -> bool:
    """Whether an engine's value is the evaluator's."""
    if isinstance(mine, tuple):
        return isinstance(theirs, Sequence) and not isinstance(theirs, str) and _same_items(mine, theirs)
    if mine is None or theirs is None:
        return mine is theirs
    if isinstance(mine, bool) or isinstance(theirs, bool):
        return mine is theirs
    if isinstance(mine, float) or isinstance(theirs, float):
        return isinstance(mine, float) and isinstance(theirs, float) and mine == theirs
    if isinstance(mine, int | Fraction):
        return isinstance(theirs, int | Decimal) and Fraction(mine) == Fraction(theirs)
    if isinstance(mine, dt.datetime) or isinstance(theirs, dt.datetime):
        return isinstance(mine, dt.datetime) and mine == theirs
    return mine == theirs


def _same_items(mine: Sequence[Value], theirs: Sequence[object]) -> bool:
    return len(mine) == len(theirs) and all(same(a, b) for a, b in zip(mine, theirs, strict=True))
