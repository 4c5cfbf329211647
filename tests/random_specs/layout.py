"""The tables of a random project: three entities over one another, two or three streams, of every type of column.

What varies: the type of a key, a second way up, who exists when, which rows are of an entity at all, how events are named.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import TypeAlias

from orchestration.language.declarations.streams import SCHEMA as STREAM_SCHEMA
from tests.random_specs.tape import Tape
from tests.random_specs.yaml_writer import Yaml

Types: TypeAlias = Mapping[str, str]  # column → type as written
EVENTS = {"opened": "opened", "exported": "Report Exported", "bought": "bought"}


@dataclass(frozen=True, slots=True)
class EntityTable:
    """An entity: its columns, and how it is declared."""

    name: str
    key: str
    columns: Types
    parents: Mapping[str, str] = field(default_factory=dict)
    exists: Mapping[str, str] = field(default_factory=dict)
    where: str = ""

    @property
    def constructs(self) -> frozenset[str]:
        """What a segment of the entity uses for being one of this entity."""
        words = [f"entity:exists.{side}" for side in self.exists]
        return frozenset([*words, "entity:where"] if self.where else words)

    def declaration(self) -> dict[str, Yaml]:
        found: dict[str, Yaml] = {"name": self.name, "key": self.key, "columns": dict(self.columns)}
        for name, value in (("belongs_to", self.parents), ("exists", self.exists)):
            if value:
                found[name] = dict(value)
        return found | ({"where": self.where} if self.where else {})


@dataclass(frozen=True, slots=True)
class StreamTable:
    """A stream: its columns, and how it is declared."""

    name: str
    at: str
    columns: Types
    parents: Mapping[str, str]
    id: str = ""
    event: str = ""
    events: Mapping[str, str] = field(default_factory=dict)
    open_events: bool = False
    future: bool = False

    def declaration(self) -> dict[str, Yaml]:
        found: dict[str, Yaml] = {"name": self.name, "at": self.at, "belongs_to": dict(self.parents)}
        if self.id:
            found["id"] = self.id
        if self.event:
            plain = all(name == value for name, value in self.events.items())
            found |= {"event": self.event, "events": list(self.events) if plain else dict(self.events)}
        for flag, name in ((self.open_events, "open_events"), (self.future, "future")):
            if flag:
                found[name] = True
        return found | {"columns": dict(self.columns)}


@dataclass(frozen=True, slots=True)
class Layout:
    """The entities and streams of a project, parents before children."""

    entities: Mapping[str, EntityTable]
    streams: Mapping[str, StreamTable]

    def ancestors(self, entity: str) -> list[str]:
        """What the entity belongs to, directly or not."""
        found: list[str] = []
        for parent in self.entities[entity].parents:
            found += [parent, *self.ancestors(parent)]
        return list(dict.fromkeys(found))

    def between(self, start: str, target: str) -> tuple[list[str], bool]:
        """The first steps that `via` can name on the ways up from an entity or a stream, and whether it must."""
        ways = self._ways(start, target)
        shortest = min(map(len, ways), default=0)
        found = []
        for step in dict.fromkeys(way[0] for way in ways if len(way) > 1):
            through = [way for way in ways if way[0] == step]
            if sum(len(way) == min(map(len, through)) for way in through) == 1:
                found.append(step)
        return found, sum(len(way) == shortest for way in ways) > 1

    def _ways(self, start: str, target: str) -> list[tuple[str, ...]]:
        parents = self.entities[start].parents if start in self.entities else self.streams[start].parents
        found: list[tuple[str, ...]] = [(target,)] if target in parents else []
        for parent in parents:
            if parent != target:
                found += [(parent, *rest) for rest in self._ways(parent, target)]
        return found

    def descendants(self, entity: str) -> list[str]:
        return [name for name in self.entities if entity in self.ancestors(name)]


def key_of(entity: str, number: int, kind: str) -> str:
    """The key of an entity's row."""
    return str(number) if kind == "integer" else f"{entity[0]}{number}"


def later(schema: Mapping[str, Yaml], key: str) -> bool:
    """Whether the language has the key without meaning it yet."""
    entry = schema.get(key)
    return isinstance(entry, dict) and bool(entry.get("x-later"))


def random_layout(tape: Tape, wants: Set[str] = frozenset()) -> Layout:
    """A project's tables, with what is wanted of them."""
    keys = {"org": "text", "account": tape.pick(["text", "integer"]), "user": tape.pick(["text", "integer"])}
    account_key: dict[str, str] = {"account_id": keys["account"]}
    user_key: dict[str, str] = {"user_id": keys["user"]}
    second_way = tape.chance(50) and "reads:grandparent" not in wants
    open_events = tape.chance(30) or "stream:open_events" in wants
    org = EntityTable(
        "org",
        "org_id",
        {"org_id": keys["org"], "country": "text", "size": "integer", "founded_on": "date", "grants": "list of text"},
    )
    account = EntityTable(
        "account",
        "account_id",
        account_key
        | {
            "org_id": "text",
            "arr": "decimal",
            "ratio": "float",
            "industry": "text",
            "opened_on": "date",
            "closed_on": "date",
        }
        | {"renewed_at": "timestamp", "vip": "boolean", "labels": "list of text"},
        {"org": "org_id"},
        tape.pick([{}, {"until": "closed_on"}, {"from": "opened_on"}]),
    )
    user = EntityTable(
        "user",
        "user_id",
        user_key
        | account_key
        | ({"org_id": "text"} if second_way else {})
        | {
            "created_at": "timestamp",
            "deleted_at": "timestamp",
            "is_test": "boolean",
            "age": "integer",
            "big": "integer",
        }
        | {
            "price": "decimal",
            "tiny": "decimal(28,9)",
            "score": "float",
            "name": "text",
            "note": "text",
            "born_on": "date",
        }
        | {"seen_at": "timestamp", "tags": "list of text", "marks": "list of integer", "flag": "boolean"},
        {"account": "account_id"} | ({"org": "org_id"} if second_way else {}),
        {"from": "created_at", "until": "deleted_at"},
        tape.pick(["not coalesce(is_test, false)", "not is_test"]),
    )
    return Layout({"org": org, "account": account, "user": user}, _streams(tape, user_key, account_key, open_events))


def _streams(
    tape: Tape, user_key: dict[str, str], account_key: dict[str, str], open_events: bool
) -> dict[str, StreamTable]:
    events = tape.pick([EVENTS, {name: name for name in EVENTS}])
    usage = StreamTable(
        "usage",
        "at",
        {"event_id": "text"}
        | user_key
        | {
            "event": "text",
            "at": "timestamp",
            "format": "text",
            "amount": "decimal",
            "score": "float",
            "quantity": "integer",
        }
        | {"ok": "boolean", "day": "date", "sent_at": "timestamp"},
        {"user": "user_id"},
        "event_id",
        "event",
        events,
        open_events,
    )
    orders = StreamTable(
        "orders",
        "day",
        user_key | account_key | {"day": "date", "amount": "decimal(28,9)", "price": "decimal(12,2)", "kind": "text"},
        {"user": "user_id", "account": "account_id"},
    )
    found = {"usage": usage, "orders": orders}
    if not later(STREAM_SCHEMA["properties"], "future"):
        columns = user_key | {"at": "timestamp", "topic": "text", "cost": "integer"}
        found["plans"] = StreamTable("plans", "at", columns, {"user": "user_id"}, future=True)
    return found
