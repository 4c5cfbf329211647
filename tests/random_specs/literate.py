"""A disagreement as a case of the pages in `tests/language`: a heading and a `yaml` block whose test the evaluator passes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from tests.random_specs.judge import Disagreement, evaluated, world_of
from tests.random_specs.project import RandomProject
from tests.random_specs.writer import Definition
from tests.random_specs.yaml_writer import Yaml, plain, yaml_text
from tests.reference.values import Value


def case_of(project: RandomProject, shown: Disagreement) -> str:
    """The case, ready to be put into a page."""
    project, segment = _about(project, shown)
    members = evaluated(world_of(project), segment.name)
    expect: dict[str, Yaml] = {"members": sorted(members)}
    if segment.tiers:
        expect = {tier: sorted(key for key, of in members.items() if of == tier) for tier in segment.tiers}
    test: dict[str, Yaml] = {
        "name": f"random {segment.name}",
        "segment": segment.name,
        "as_of": plain(project.as_of.isoformat() + "Z"),
        "given": {name: list(rows) for name, rows in project.given.items() if rows},
        "expect": expect,
    }
    text = yaml_text({**project.spec, "tests": [test]})
    return f"## Found by a random spec\n{shown}\n```yaml\n{text}```\n"


def _about(project: RandomProject, shown: Disagreement) -> tuple[RandomProject, Definition]:
    """The segment that shows the disagreement; of a trait, one whose members have the value that the evaluator says."""
    for segment in project.segments:
        if shown.about in (segment.name, ""):
            return project, segment
    entity, _, trait = shown.about.partition(".")
    if not trait:
        last = project.definitions[-1] if project.definitions else _segment("", "org", "")
        segment = _segment("it", last.entity, f"{last.name} is null" if last.place == "traits" else "true")
    else:
        world = world_of(project)
        values = [world.trait(entity, trait, key) for key in sorted(world.population(entity))]
        value = next((v for v in values if v is not None), None)
        segment = _segment("it", entity, f"{trait} is null" if value is None else f"{trait} = {_literal(value)}")
    return replace(project, definitions=(*project.definitions, segment)), segment


def _segment(name: str, entity: str, where: str) -> Definition:
    node: Mapping[str, Yaml] = {"name": name, "entity": entity, "where": where}
    return Definition("segments", name, entity, dict(node))


def _literal(value: Value) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return "'" + value.replace("'", "''") + "'"
        case dt.datetime():
            return f"cast('{value.isoformat(sep=' ')}Z' as timestamp)"
        case dt.date():
            return f"date '{value}'"
        case Fraction():
            return f"{value.numerator}.0 / {value.denominator}"
    return str(value)
