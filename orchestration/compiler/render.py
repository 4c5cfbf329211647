"""Trees to text: SQL for a direct run, and the files of a dbt project.

All text from specs is data. SQL is generated with a plain word in the place of each outside relation, everything in it that
Jinja could read is escaped in one pass, and only then do the words become `ref` and `source`. YAML is dumped from values whose
texts are escaped the same way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import yaml
from sqlglot import exp

from orchestration.language.model import Relation

_JINJA = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
KINDS = ("model", "source", "inline", "build", "run")


def escape_jinja(text: str) -> str:
    """The text as a Jinja template that renders to it."""
    return _JINJA.sub(lambda match: "{{ '" + match.group() + "' }}", text)


def direct(query: exp.Expr, dialect: str, table: Callable[[str], exp.Table]) -> str:
    """SQL in which each outside relation is the table that `table` gives for its logical name."""
    return with_tables(query, table).sql(dialect=dialect, pretty=True, comments=True)


def with_tables(query: exp.Expr, table: Callable[[str], exp.Table]) -> exp.Expr:
    """A copy of the tree with its outside relations replaced."""
    tree = query.copy()
    for found in list(tree.find_all(exp.Table)):
        if is_outside(found):
            replacement = table(found.name)
            if found.args.get("alias"):
                replacement.set("alias", found.args["alias"].copy())
            found.replace(replacement)
    return tree


def is_outside(table: exp.Table) -> bool:
    """Whether a table of a compiled query stands for an outside relation."""
    kind, colon, _ = table.name.partition(":")
    return bool(colon) and kind in KINDS and not table.db


def dbt_sql(query: exp.Expr, dialect: str, reads: Iterable[Relation]) -> str:
    """The SQL of a dbt model."""
    relations = {relation.logical: relation for relation in reads}
    plain = query.sql(dialect=dialect)
    nonce = next(n for n in range(len(plain) + 1) if f"relation_{n}_" not in plain)
    words = {logical: f"relation_{nonce}_{number}_" for number, logical in enumerate(sorted(relations))}
    text = direct(query, dialect, lambda name: exp.Table(this=exp.to_identifier(words[name], quoted=False)))
    text = escape_jinja(text)
    for logical, word in words.items():
        text = text.replace(word, jinja_reference(relations[logical]))
    return text + "\n"


def jinja_reference(relation: Relation) -> str:
    """`{{ ref('…') }}` or `{{ source('…', '…') }}`; names of relations are checked where they are declared."""
    if relation.kind == "source":
        return "{{ source(" + _literal(relation.schema) + ", " + _literal(relation.name) + ") }}"
    if relation.kind == "run":
        return "{{ source('segments_run', " + _literal(relation.name) + ") }}"
    return "{{ ref(" + _literal(relation.name) + ") }}"


def _literal(name: str) -> str:
    return "'" + re.sub(r"(['\\])", r"\\\1", name) + "'"


def escaped(value: Any) -> Any:
    """A value for YAML with every text in it escaped."""
    match value:
        case str():
            return escape_jinja(value)
        case Mapping():
            return {key: escaped(inner) for key, inner in value.items()}
        case list() | tuple():
            return [escaped(inner) for inner in value]
    return value


def yaml_text(value: Mapping[str, Any]) -> str:
    """The value as YAML, byte-deterministic."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Texts that YAML 1.1 readers or dbt could take for something else are quoted."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def json_text(value: Any) -> str:
    """The value as JSON, byte-deterministic."""
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=False) + "\n"
