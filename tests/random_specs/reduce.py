"""Makes a project on which the judges disagree smaller, as long as they still do, in the manner of delta debugging.

A smaller project is one with fewer definitions, rows, cells, columns, keys or words. Whatever the compiler or the evaluator
then refuses is no smaller project.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from orchestration.language import syntax
from orchestration.warehouse import Connection
from tests.random_specs.judge import Disagreement, Refused, judge
from tests.random_specs.project import RandomProject
from tests.random_specs.rows import Row
from tests.random_specs.segments import tiers_of
from tests.random_specs.writer import Definition
from tests.random_specs.yaml_writer import Yaml, flow
from tests.reference import Scalar, SpecError

ATTEMPTS = 600
CONDITIONS = ("where", "any", "all", "none", "not", "expression", "of", "date", "anniversary", "after")
_NAMES = re.compile(r"\b[a-z]+\d+\b")


@dataclass(slots=True)
class Reduction:
    """The smallest project so far, and what it shows."""

    best: RandomProject
    shown: Disagreement
    connection: Connection
    attempts: int = 0

    def run(self) -> None:
        """Tries smaller projects until none of them shows the disagreement, or there were too many."""
        before = None
        while before is not self.best and self.attempts < ATTEMPTS:
            before = self.best
            for smaller in (_definitions, _rows, _settings, _nodes, _cells):
                self._all(smaller)

    def _all(self, smaller: Callable[[RandomProject], Iterator[RandomProject]]) -> None:
        """One way to make it smaller, at every place; where it succeeds it goes on at the same place of the smaller project."""
        place, candidates = 0, smaller(self.best)
        while self.attempts < ATTEMPTS and (candidate := next(candidates, None)) is not None:
            if self._shows(candidate):
                candidates = islice(smaller(self.best), place, None)
            else:
                place += 1

    def _shows(self, candidate: RandomProject) -> bool:
        """Whether a smaller project shows the like: of the same judge, about the same thing."""
        self.attempts += 1
        try:
            verdict = judge(candidate, self.connection, readable="readable" in self.shown.judge or not self.shown.about)
        except (Refused, SpecError, AssertionError, KeyError, OverflowError):
            return False
        like = [d for d in verdict.disagreements if (d.judge, d.about) == (self.shown.judge, self.shown.about)]
        if not like or verdict.refused:
            return False
        self.best, self.shown = candidate, like[0]
        return True


def reduced(project: RandomProject, connection: Connection, first: Disagreement) -> tuple[RandomProject, Disagreement]:
    """The smallest project found that still shows the disagreement, and what it is there."""
    reduction = Reduction(project, first, connection)
    reduction.run()
    return reduction.best, reduction.shown


def _definitions(project: RandomProject) -> Iterator[RandomProject]:
    """Only one segment and what it reads; without one of the definitions."""
    for definition in reversed(project.definitions):
        kept = project.only(definition)
        if len(kept.definitions) < len(project.definitions):
            yield kept
    for definition in project.definitions:
        yield project.without(definition.id)


def _rows(project: RandomProject) -> Iterator[RandomProject]:
    for table, rows in project.given.items():
        for size in (len(rows), 16, 8, 4, 2, 1):
            for start in range(0, len(rows), size) if 0 < size <= len(rows) else ():
                yield _with_rows(project, table, [*rows[:start], *rows[start + size :]])


def _with_rows(project: RandomProject, table: str, rows: Sequence[Row]) -> RandomProject:
    return replace(project, given={**project.given, table: rows})


def _cells(project: RandomProject) -> Iterator[RandomProject]:
    """Without a column in all rows, then in one."""
    for table, rows in project.given.items():
        for column in dict.fromkeys(c for row in rows for c in row):
            yield _with_rows(project, table, [{c: v for c, v in row.items() if c != column} for row in rows])
    for table, rows in project.given.items():
        for number, row in enumerate(rows):
            for column in row:
                smaller = {c: v for c, v in row.items() if c != column}
                yield _with_rows(project, table, [*rows[:number], smaller, *rows[number + 1 :]])


def _nodes(project: RandomProject) -> Iterator[RandomProject]:
    """With one of the definitions simplified in one place."""
    names = {d.name: d.id for d in project.definitions}
    for number, definition in enumerate(project.definitions):
        for node in _simpler(definition.node, ""):
            if isinstance(node, dict):
                reads = frozenset(names[n] for n in _NAMES.findall(flow(node)) if n in names and n != definition.name)
                changed = replace(definition, node=node, reads=reads, tiers=tiers_of(node))
                definitions = (*project.definitions[:number], changed, *project.definitions[number + 1 :])
                yield _needed(replace(project, definitions=definitions), changed)


def _needed(project: RandomProject, changed: Definition) -> RandomProject:
    """Without what nobody reads any more, the last definitions aside."""
    read = {name for d in project.definitions for name in d.reads}
    kept = [d for d in project.definitions if d.id in read or d.place == "segments" or d is project.definitions[-1]]
    return replace(project, definitions=tuple(kept))


def _simpler(node: Yaml, key: str) -> Iterator[Yaml]:
    """The node with something taken out of it, larger parts first."""
    if isinstance(node, dict):
        for keyword in ("any", "all", "none", "not"):
            if keyword in node:
                inside = node[keyword]
                yield from inside if isinstance(inside, list) else [inside]
        for name in node:
            if name not in ("name", "entity"):
                yield {k: v for k, v in node.items() if k != name}
        for name, value in node.items():
            if name not in ("name", "entity"):
                for simpler in _simpler(value, name):
                    yield {**node, name: simpler}
    elif isinstance(node, list):
        if key in ("", "where", "any", "all", "none", "not") and len(node) > 0:
            yield from node
        for number, item in enumerate(node):
            if len(node) > 1:
                yield [*node[:number], *node[number + 1 :]]
            for simpler in _simpler(item, key):
                yield [*node[:number], simpler, *node[number + 1 :]]
    elif isinstance(node, str) and not isinstance(node, Scalar) and key in CONDITIONS:
        yield from simpler_texts(node)


def simpler_texts(text: str) -> Iterator[str]:
    """A predicate with one of its parts in the place of what holds it."""
    try:
        tree = syntax.parse(text)
    except syntax.SyntaxProblem:
        return
    yield from dict.fromkeys(found for found in _texts(text, tree) if len(found) < len(text))


def _texts(text: str, tree: syntax.Syntax) -> Iterator[str]:
    for part in _parts(tree):
        inner = text[part.at : part.at + part.length]
        yield (text[: tree.at] + inner + text[tree.at + tree.length :]).strip()
    if isinstance(tree, syntax.Case):
        yield text[: tree.at] + "null" + text[tree.at + tree.length :]
    for part in _parts(tree):
        yield from _texts(text, part)


def _parts(tree: syntax.Syntax) -> Sequence[syntax.Syntax]:
    match tree:
        case syntax.Operation():
            return tree.operands
        case syntax.Function():
            return tree.arguments
        case syntax.Case():
            inside = [part for branch in tree.branches for part in branch]
            return [*inside, tree.default] if tree.default else inside
        case syntax.Cast():
            return [tree.operand]
    return ()


def _settings(project: RandomProject) -> Iterator[RandomProject]:
    """Simpler tables and a simpler project."""
    for key, value in (("timezone", "UTC"), ("week_starts_on", "monday")):
        if project.project.get(key, value) != value:
            yield replace(project, project={**project.project, key: value})
    yield from _tables(project, project.entities, lambda found: replace(project, entities=found))
    yield from _tables(project, project.streams, lambda found: replace(project, streams=found))


def _tables(
    project: RandomProject,
    tables: tuple[Mapping[str, Yaml], ...],
    changed: Callable[[tuple[Mapping[str, Yaml], ...]], RandomProject],
) -> Iterator[RandomProject]:
    for number, table in enumerate(tables):
        others = tables[:number], tables[number + 1 :]
        name = str(table["name"])
        smaller = changed((*others[0], *others[1]))
        yield replace(smaller, given={n: rows for n, rows in smaller.given.items() if n != name})
        for simpler in _simpler_tables(table):
            found = changed((*others[0], simpler, *others[1]))
            columns = simpler["columns"]
            assert isinstance(columns, Mapping)
            rows = [{c: v for c, v in row.items() if c in columns} for row in project.given.get(name, ())]
            yield _with_rows(found, name, rows)


def _simpler_tables(table: Mapping[str, Yaml]) -> Iterator[Mapping[str, Yaml]]:
    columns = table["columns"]
    assert isinstance(columns, Mapping)
    used = flow([value for key, value in table.items() if key != "columns"])
    others = [c for c in columns if not re.search(rf"\b{c}\b", used)]
    for gone in ([others] if others else []) + [[c] for c in columns]:
        yield {**table, "columns": {c: kind for c, kind in columns.items() if c not in gone}}
    for key, value in table.items():
        if key not in ("name", "key", "at", "columns"):
            yield {k: v for k, v in table.items() if k != key}
        if isinstance(value, Mapping) and key != "columns":
            for inner in value:
                yield {**table, key: {k: v for k, v in value.items() if k != inner}}
