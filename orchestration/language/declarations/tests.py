"""`tests`: a fixture, an instant, and the members expected of a segment.

`given` lists rows by entity or stream; a column that a row leaves out is null, `$repeat: 3` stands for three equal rows, and
who is not given does not exist. Values are the written text, read by the column's type; a time without a zone is UTC, as in a
table. `as_of` is any instant, written as wall time in the project's zone, or with `Z` or an offset.

`previously` are the members at the grid instant before as_of (a list, or lists by tier), or `[{as_of: …, members: …}, …]`;
without it the run is the first. `expect` names `members` (all of them), `not_members`, the members of each tier (a tier left
out has none), and `entered_at` by member.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import TypeAlias

from orchestration.catalog.relations import Column
from orchestration.catalog.types import INTEGER
from orchestration.diagnostics import Report, Span, nearest
from orchestration.language.declarations.document import Document
from orchestration.language.declarations.fixture_values import (
    BadValue,
    FixtureValue,
    a,
    instant_of,
    read_text,
    read_value,
)
from orchestration.language.model import Resolved, Segment
from orchestration.language.reader import Reader, Schema
from orchestration.language.zone import Zone
from orchestration.spec.nodes import Mapping, Node, Scalar, Sequence, describe

KEYS: Schema = {"type": "array", "items": {"type": ["string", "integer"]}}
KEYS_BY_TIER: Schema = {"type": "object", "additionalProperties": KEYS}
INSTANT: Schema = {"type": "string", "examples": ["2026-03-01", "2026-03-01T08:00:00", "2026-03-01T08:00:00Z"]}
RECORD: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["as_of", "members"],
    "properties": {"as_of": INSTANT, "members": {"oneOf": [KEYS, KEYS_BY_TIER]}},
}
SCHEMA: Schema = {
    "type": "object",
    "description": "a fixture, an instant, and the members expected of a segment",
    "additionalProperties": False,
    "required": ["name", "segment", "as_of", "expect"],
    "properties": {
        "name": {"type": "string", "description": "what it shows, in words"},
        "segment": {"type": "string", "description": "the segment it is about"},
        "as_of": {**INSTANT, "description": "the instant: wall time in the project's zone, or with Z"},
        "given": {
            "type": "object",
            "description": "rows by entity or stream; `$repeat: 3` stands for three equal rows",
            "additionalProperties": {"type": "array", "items": {"type": "object"}},
        },
        "previously": {
            "description": "the members at the grid instant before, or at several instants",
            "oneOf": [KEYS, KEYS_BY_TIER, {"type": "array", "items": RECORD}],
        },
        "expect": {
            "type": "object",
            "description": "members, not_members, entered_at, and keys by tier",
            "properties": {"members": KEYS, "not_members": KEYS, "entered_at": {"type": "object"}},
            "additionalProperties": KEYS,
        },
    },
}
REPEAT = "$repeat"
MAX_ROWS = 100_000
JUDGED = ("members", "not_members", "entered_at")

Key: TypeAlias = "str | int"
Row: TypeAlias = MappingOf[str, FixtureValue]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The members at one instant before as_of (None: the grid instant before it), each with its tier, if there are any."""

    as_of: dt.datetime | None
    members: MappingOf[Key, str | None]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a test expects; a part that is None is not judged. `tiers` holds every tier where one is named."""

    members: tuple[Key, ...] | None = None
    not_members: tuple[Key, ...] = ()
    tiers: MappingOf[str, tuple[Key, ...]] | None = None
    entered_at: MappingOf[Key, dt.datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpecTest:
    """A test of a segment. `given` maps entities and streams to their rows; instants are UTC without a zone."""

    name: str
    segment: str
    as_of: dt.datetime
    given: MappingOf[str, tuple[Row, ...]]
    previously: tuple[Recorded, ...]  # in the order of their instants; empty: a first run
    expected: Expected
    span: Span


def read_tests(document: Document, resolved: Resolved, report: Report) -> tuple[SpecTest, ...]:
    """The tests of a project, in the order of its files; what is wrong with one is reported and leaves it out."""
    zone = Zone.named(resolved.project.timezone)
    found = [_read(node, resolved, zone, report) for node in document.items["tests"]]
    return tuple(test for test in found if test is not None)


def _read(node: Mapping, resolved: Resolved, zone: Zone, report: Report) -> SpecTest | None:
    reader = Reader(node, SCHEMA, report, "a test")
    name, segment_name = reader.text("name"), reader.scalar("segment", "a segment")
    segment = resolved.segments.get(segment_name.text) if segment_name is not None else None
    if segment_name is not None and segment is None:
        hint = nearest(segment_name.text, resolved.segments)
        reader.error("unknown-segment", f"`{segment_name.text[:60]}` is not a segment", segment_name.span, hint)
    as_of_node = reader.scalar("as_of", "an instant")
    as_of = None if as_of_node is None else _instant(reader, as_of_node, zone)
    given = _given(reader, resolved)
    if segment is None or as_of is None:
        return None
    members = _Members(reader, resolved, segment, zone)
    previously = members.previously(as_of)
    expected = members.expected()
    span = name_node.span if (name_node := node.get("name")) is not None else node.span
    return None if reader.broken else SpecTest(name, segment.name, as_of, given, previously, expected, span)


def _instant(reader: Reader, node: Scalar, zone: Zone) -> dt.datetime | None:
    found = instant_of(node.text, zone)
    if found is None:
        reader.error(
            "bad-value",
            f"`{node.text[:60]}` is not an instant",
            node.span,
            "for example 2026-03-01 or 2026-03-01T08:00:00Z",
        )
    return found


def _given(reader: Reader, resolved: Resolved) -> dict[str, tuple[Row, ...]]:
    tables: dict[str, tuple[Row, ...]] = {}
    for key, value in reader.pairs("given"):
        declared = resolved.entities.get(key.text) or resolved.streams.get(key.text)
        if declared is None:
            hint = nearest(key.text, (*resolved.entities, *resolved.streams))
            reader.error("unknown-name", f"`{key.text[:60]}` is neither an entity nor a stream", key.span, hint)
        elif not isinstance(value, Sequence):
            reader.error(
                "bad-value",
                f"{describe(value)} where rows of `{key.text}` were expected",
                value.span,
                "write `- ` before each of them",
            )
        else:
            rows = [row for item in value.items for row in _rows(reader, item, key.text, declared.columns)]
            tables[key.text] = tuple(rows)
    return tables


def _rows(reader: Reader, node: Node, table: str, columns: MappingOf[str, Column]) -> list[Row]:
    """The rows that one item stands for."""
    if not isinstance(node, Mapping):
        reader.error(
            "bad-value",
            f"{describe(node)} where a row of `{table}` was expected",
            node.span,
            "write a mapping of columns and values",
        )
        return []
    row: dict[str, FixtureValue] = {}
    repeat: int | None = 1
    for key, value in node.entries:
        column = columns.get(key.text)
        if key.text == REPEAT:
            repeat = reader.whole(value, REPEAT)
        elif column is None:
            reader.error(
                "unknown-column",
                f"`{key.text[:60]}` is not a column of `{table}`",
                key.span,
                nearest(key.text, columns),
            )
        elif column.type is None:
            reader.error(
                "unsupported-type",
                f"column `{column.name}` has a type that the language does not have",
                key.span,
                "leave it out",
            )
        else:
            try:
                row[column.name] = read_value(value, column.type)
            except BadValue as bad:
                reader.error("bad-value", str(bad), value.span, f"`{column.name}` of `{table}` is {a(column.type)}")
    if (repeat or 0) > MAX_ROWS:
        reader.error("bad-value", f"`{REPEAT}` of more than {MAX_ROWS:,}", node.span, "a fixture is small")
        repeat = 0
    return [row] * (repeat or 0)


class _Members:
    """The keys that a test names, of one segment."""

    def __init__(self, reader: Reader, resolved: Resolved, segment: Segment, zone: Zone) -> None:
        self.reader, self.segment, self.zone = reader, segment, zone
        self.entity = resolved.entities[segment.entity]

    def previously(self, as_of: dt.datetime) -> tuple[Recorded, ...]:
        node = self.reader.get("previously")
        if node is None:
            return ()
        if isinstance(node, Sequence) and node.items and all(isinstance(item, Mapping) for item in node.items):
            found = [self._record(item, as_of) for item in node.items]
            records = {r.as_of: r for r in found if r is not None}
            if len(records) < len(found) and not self.reader.broken:
                self.reader.error(
                    "duplicate-key", "an instant occurs twice in `previously`", node.span, "leave one of them out"
                )
            return tuple(records[at] for at in sorted(records, key=lambda at: at or as_of))
        return (Recorded(None, self._members(node)),)

    def _record(self, node: Node, as_of: dt.datetime) -> Recorded | None:
        inner = Reader.of(node, RECORD, self.reader.report, "`previously`")
        at_node = None if inner is None else inner.scalar("as_of", "an instant")
        members = None if inner is None else inner.get("members")
        at = None if inner is None or at_node is None else _instant(inner, at_node, self.zone)
        if inner is not None and at_node is not None and at is not None and at >= as_of:
            inner.error(
                "bad-value",
                f"`{at_node.text}` is not before the test's as_of",
                at_node.span,
                "`previously` is the past",
            )
        self.reader.broken |= inner is None or inner.broken
        return None if at is None or members is None else Recorded(at, self._members(members))

    def _members(self, node: Node) -> dict[Key, str | None]:
        """Members with their tiers; a plain segment's have none."""
        if not self.segment.tiers:
            return dict.fromkeys(self.keys(node))
        if isinstance(node, Sequence) and not node.items:
            return {}
        if not isinstance(node, Mapping):
            self.reader.error(
                "bad-value",
                f"members of `{self.segment.name}` without their tiers",
                node.span,
                f"write {{{self.segment.tiers[0]}: […]}}",
            )
            return {}
        return {key: tier.text for tier, keys in node.entries if self.is_tier(tier) for key in self.keys(keys)}

    def is_tier(self, node: Scalar) -> bool:
        if node.text in self.segment.tiers:
            return True
        hint = nearest(node.text, (*self.segment.tiers, *JUDGED))
        self.reader.error("unknown-tier", f"`{node.text[:60]}` is not a tier of `{self.segment.name}`", node.span, hint)
        return False

    def keys(self, node: Node) -> tuple[Key, ...]:
        if not isinstance(node, Sequence):
            self.reader.error(
                "bad-value", f"{describe(node)} where keys were expected", node.span, "write a list: [u1, u2]"
            )
            return ()
        found = [self.key(item) for item in node.items]
        return tuple(dict.fromkeys(key for key in found if key is not None))

    def key(self, node: Node) -> Key | None:
        kind = self.entity.key_type
        text = read_text(node.text, kind) if isinstance(node, Scalar) and not node.is_null else None
        if text is None:
            words = f"`{node.text[:60]}`" if isinstance(node, Scalar) else describe(node)
            self.reader.error(
                "bad-value",
                f"{words} is not a key of `{self.entity.name}`",
                node.span,
                f"`{self.entity.key}` is {a(kind)}",
            )
            return None
        return int(text) if kind is INTEGER else text

    def expected(self) -> Expected:
        """What the test expects."""
        members: tuple[Key, ...] | None = None
        not_members: tuple[Key, ...] = ()
        entered_at: dict[Key, dt.datetime] = {}
        tiers: dict[str, tuple[Key, ...]] = {}
        for key, value in self.reader.pairs("expect"):
            if key.text == "members":
                members = self.keys(value)
            elif key.text == "not_members":
                not_members = self.keys(value)
            elif key.text == "entered_at":
                entered_at = self._entered_at(value)
            elif self.segment.tiers:
                if self.is_tier(key):
                    tiers[key.text] = self.keys(value)
            else:
                hint = f"`{self.segment.name}` has no tiers: write members, not_members or entered_at"
                self.reader.error("unknown-key", f"`{key.text[:60]}` is not a key of `expect`", key.span, hint)
        named = {tier: tiers.get(tier, ()) for tier in self.segment.tiers} if tiers else None
        if members is None and named is None and not not_members and not entered_at and not self.reader.broken:
            self.reader.error(
                "missing-key", "a test that expects nothing", self.reader.span("expect"), "expect: {members: [u1]}"
            )
        return Expected(members, not_members, named, entered_at)

    def _entered_at(self, node: Node) -> dict[Key, dt.datetime]:
        if not isinstance(node, Mapping):
            self.reader.error(
                "bad-value",
                f"{describe(node)} where members and instants were expected",
                node.span,
                "entered_at: {u1: 2026-03-01}",
            )
            return {}
        found: dict[Key, dt.datetime] = {}
        for member, value in node.entries:
            key = self.key(member)
            at = _instant(self.reader, value, self.zone) if isinstance(value, Scalar) else None
            if not isinstance(value, Scalar):
                self.reader.error(
                    "bad-value",
                    f"{describe(value)} where an instant was expected",
                    value.span,
                    "for example 2026-03-01",
                )
            elif key is not None and at is not None:
                found[key] = at
        return found
