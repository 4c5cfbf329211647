"""One dbt properties file: its models, seeds, snapshots and sources with their columns.

What the language does not need is passed over, since dbt judges its own files. Jinja is left as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import get_args

import yaml

from orchestration.catalog.data_types import type_of
from orchestration.catalog.relations import (
    BASES,
    SENSITIVITIES,
    Age,
    CatalogRelation,
    Column,
    Freshness,
    Period,
)
from orchestration.catalog.yaml_nodes import compose, entries, is_null, items, scalar, span_of, truth
from orchestration.diagnostics import Report, nearest


def read_properties(path: str, text: str, report: Report) -> list[CatalogRelation]:
    """The relations that a file describes, in its order; its mistakes go to the report."""
    root = entries(compose(path, text, report))
    reader = _Reader(path, report)
    models = [
        found
        for section in ("models", "seeds", "snapshots")
        for node in items(root.get(section))
        if (found := reader.relation(node)) is not None
    ]
    return models + [table for node in items(root.get("sources")) for table in reader.source(node)]


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str
    report: Report

    def relation(self, node: yaml.Node, source: str = "") -> CatalogRelation | None:
        body = entries(node)
        name = scalar(body.get("name"))
        if not name:
            return None
        columns: dict[str, Column] = {}
        for item in items(body.get("columns")):
            column = self.column(item)
            if column is None:
                continue
            if column.name in columns:
                self.report.warning(
                    "duplicate-column",
                    f"`{name}` declares the column `{column.name}` twice",
                    column.span,
                    "the last counts",
                )
            columns[column.name] = column
        return CatalogRelation(
            name=name,
            kind="source" if source else "model",
            source=source,
            columns=columns,
            description=scalar(body.get("description")) or "",
            span=span_of(self.path, body["name"]),
        )

    def source(self, node: yaml.Node) -> Iterator[CatalogRelation]:
        body = entries(node)
        name = scalar(body.get("name"))
        if not name:
            return
        for item in items(body.get("tables")):
            table = self.relation(item, source=name)
            if table is not None:
                yield replace(table, freshness=self.freshness(body, entries(item)))

    def column(self, node: yaml.Node) -> Column | None:
        body = entries(node)
        name = scalar(body.get("name"))
        if not name:
            return None
        data_type = scalar(body.get("data_type")) or ""
        meta = {**entries(body.get("meta")), **entries(entries(body.get("config")).get("meta"))}
        accepted, not_null = self.tests(body)
        return Column(
            name=name,
            type=type_of(data_type) if data_type else None,
            data_type=data_type,
            description=scalar(body.get("description")) or "",
            basis=self.word(meta.get("basis"), "basis", BASES),
            sensitivity=self.word(meta.get("sensitivity"), "sensitivity", SENSITIVITIES),
            accepted_values=accepted,
            not_null=not_null,
            span=span_of(self.path, body["name"]),
        )

    def word(self, node: yaml.Node | None, key: str, known: tuple[str, ...]) -> str | None:
        if node is None or is_null(node):
            return None
        word = scalar(node)
        if word in known:
            return word
        found = f"`{word}` is not a {key}" if word is not None else f"a {key} is one word"
        hint = nearest(word or "", known) or "known are: " + ", ".join(f"`{k}`" for k in known)
        self.report.error(f"unknown-{key}", found, span_of(self.path, node), hint)
        return None

    def tests(self, column: dict[str, yaml.Node]) -> tuple[tuple[str, ...] | None, bool]:
        """What a column's tests say of all its rows: the accepted values, and whether it is never null."""
        accepted: tuple[str, ...] | None = None
        not_null = any(
            scalar(entries(c).get("type")) in ("not_null", "primary_key") for c in items(column.get("constraints"))
        )
        for node in [*items(column.get("data_tests")), *items(column.get("tests"))]:
            test, body = _test(node)
            config = {**body, **entries(body.get("config"))}
            if scalar(config.get("where")) is not None or truth(config.get("enabled")) is False:
                continue  # it bounds some rows, or none
            if test == "not_null":
                not_null = not_null or (scalar(config.get("severity")) or "error").lower() != "warn"
            elif test == "accepted_values":
                accepted = self.values({**body, **entries(body.get("arguments"))}.get("values"), accepted)
        return accepted, not_null

    def values(self, node: yaml.Node | None, before: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """A test's values as texts; with those of a test before, what both accept."""
        if not isinstance(node, yaml.SequenceNode):
            return before
        values = []
        for item in items(node):
            text = scalar(item)
            if text is None:
                continue
            if truth(item) is not None and text.lower() not in ("true", "false"):
                self.report.warning(
                    "yaml-boolean",
                    f"YAML reads `{text}` as a boolean, and so does dbt",
                    span_of(self.path, item),
                    "quote it",
                )
            values.append(text)
        found = tuple(dict.fromkeys(values))
        return found if before is None else tuple(v for v in before if v in found)

    def freshness(self, source: dict[str, yaml.Node], table: dict[str, yaml.Node]) -> Freshness | None:
        """What holds for a source's table: its own keys over the source's, `config` over the old place, null for none."""
        places = (source, entries(source.get("config")), table, entries(table.get("config")))
        field: str | None = None
        limits: dict[str, yaml.Node] = {}
        for place in places:
            field = scalar(place.get("loaded_at_field")) or field
            freshness = place.get("freshness")
            limits = {} if is_null(freshness) else {**limits, **entries(freshness)}
        warn, error = self.age(limits.get("warn_after")), self.age(limits.get("error_after"))
        if warn is None and error is None:
            return None
        return Freshness(field, warn, error, scalar(limits.get("filter")))

    def age(self, node: yaml.Node | None) -> Age | None:
        body = entries(node)
        if node is None or not body:
            return None
        count, period = scalar(body.get("count")), scalar(body.get("period"))
        if count is None and period is None:
            return None
        known: tuple[Period, ...] = get_args(Period)
        for unit in known:
            if count is not None and count.isdecimal() and unit == period:
                return Age(int(count), unit)
        self.report.warning(
            "freshness-not-read",
            "this freshness is not judged: it is no whole count of minutes, hours or days",
            span_of(self.path, node),
            "such as `{count: 12, period: hour}`",
        )
        return None


def _test(node: yaml.Node) -> tuple[str, dict[str, yaml.Node]]:
    """A test's generic name and its body: `not_null`, `{not_null: {…}}` or `{name: …, test_name: not_null, …}`."""
    if isinstance(node, yaml.ScalarNode):
        return node.value.removeprefix("dbt."), {}
    body = entries(node)
    named = scalar(body.get("test_name"))
    if named is not None:
        return named.removeprefix("dbt."), body
    for key, value in body.items():
        if isinstance(value, yaml.MappingNode) and key not in ("config", "arguments"):
            return key.removeprefix("dbt."), {**body, **entries(value)}
    return "", {}
