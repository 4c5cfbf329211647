"""Every construct of the language that has a meaning now, by name, read off the compiler's registries.

A name is `group:construct`: `condition:did`, `condition:did.days`, `window:last+ending`, `aggregate:median`,
`function:lower`. Groups that have no registry (operators, literals, what a name leads to) are listed here, and tests hold
them against what the compiler says of itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestration.language import windows
from orchestration.language.aggregates import AGGREGATES
from orchestration.language.conditions import KINDS, bounds
from orchestration.language.declarations import segments, streams, traits
from orchestration.language.functions import FUNCTIONS
from orchestration.language.steps import UNITS

# Keys that carry no meaning of their own: names, and what every form of its kind must have.
SILENT = frozenset(["name", "entity", "aggregate", "label", "description", "owner", "goal", "action", "purpose", "refresh"]) | {
    "status", "checks", "columns", "model", "belongs_to", "basis", "at", "events", "display", "slices", "renamed_from",
}  # fmt: skip
OPERATORS = (
    "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "negate", "and", "or", "not", "in", "between", "like", "ilike",
    "is_null", "is_true", "is_false",
)  # fmt: skip
CASTS = ("text", "integer", "decimal", "float", "boolean", "date", "timestamp")
LITERALS = ("number", "text", "boolean", "null", "date", "timestamp", "interval", "as_of", "today")
COLUMNS = ("integer", "decimal", "float", "text", "boolean", "date", "timestamp", "list")
READS = ("parent", "grandparent", "steps", "trait", "parent trait", "predicate", "tier", "parent segment", "segment")
WINDOWS: Mapping[str, tuple[str, ...]] = {
    "last": ("last",),
    "last+ending": ("last", "ending"),
    "from+to": ("from", "to"),
    "since": ("since",),
    "this": ("this",),
    "previous": ("previous",),
    "next": ("next",),
    "first+after": ("first", "after"),
    "first+after+complete": ("first", "after", "complete"),
}


def properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a schema's mapping that have a meaning now."""
    return {key: entry for key, entry in schema["properties"].items() if not entry.get("x-later")}


def options(schema: Mapping[str, Any]) -> list[str]:
    """The keys that may be left out and mean something where they are there."""
    return [key for key in properties(schema) if key not in schema.get("required", ()) and key not in SILENT]


def _inner(schema: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a form's steps, and of what it looks at, but for bounds and what is counted."""
    for key, entry in properties(schema).items():
        steps = entry.get("items", {})
        inner = steps if "properties" in steps else entry
        if "properties" in inner:
            names = [name for name in options(inner) if name not in bounds.PROPERTIES and name != "of"]
            yield from (f"step.{name}" if inner is steps else name for name in names if key != name)


def window_keys() -> set[str]:
    """The keys of windows."""
    return set(properties(windows.SCHEMA["oneOf"][1]))


def constructs() -> tuple[str, ...]:
    """All constructs, in a fixed order."""
    found = ["condition:predicate", "condition:list"]
    for kind in KINDS:
        found.append(f"condition:{kind.keyword}")
        found += [f"condition:{kind.keyword}.{key}" for key in (*options(kind.schema), *_inner(kind.schema))]
    found += ["window:length", "window:ever"]
    found += [f"window:{name}" for name, keys in WINDOWS.items() if window_keys().issuperset(keys)]
    found += [f"unit:{unit}" for unit in UNITS]
    found += ["bounds:number", *(f"bounds:{name}" for name in bounds.PROPERTIES)]
    found += [f"aggregate:{aggregate.name}" for aggregate in AGGREGATES]
    found += [f"trait:{key}" for key in options(traits.LOCAL) if key != "from"]
    found += ["trait:rows", "trait:children"]
    for key in ("quantile", "rank", "percentile"):
        if key in properties(traits.LOCAL):
            found.append(f"trait:{key}.per")
    found += [f"function:{rule.name}" for rule in FUNCTIONS]
    found += [f"operator:{name}" for name in (*OPERATORS, "case")]
    found += [f"cast:{name}" for name in CASTS]
    found += [f"literal:{name}" for name in LITERALS]
    found += [f"column:{name}" for name in COLUMNS]
    found += [f"reads:{name}" for name in READS]
    found += [f"segment:{key}" for key in options(segments.SCHEMA)]
    found += ["segment:tiers.where", "entity:exists.from", "entity:exists.until", "entity:where"]
    found += [f"stream:{key}" for key in options(streams.SCHEMA)]
    found += ["stream:timestamp", "stream:date", "stream:all events"]
    return tuple(dict.fromkeys(found))


# Pairs that no segment can have, each with the reason.
IMPOSSIBLE: Mapping[tuple[str, str], str] = {}
