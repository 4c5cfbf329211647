"""YAML whose scalars stay what was written: a text, and whether it stood without quotes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Self, TypeAlias

import yaml

NULLS = ("", "~", "null", "Null", "NULL")


class SpecError(ValueError):
    """The spec or the fixture has no meaning in the language."""


class Scalar(str):
    """A scalar as written; `plain` where it stands without quotes."""

    plain: bool

    def __new__(cls, text: str, plain: bool = True) -> Self:
        scalar = super().__new__(cls, text)
        scalar.plain = plain
        return scalar

    @property
    def is_null(self) -> bool:
        return self.plain and str(self) in NULLS


Node: TypeAlias = "Scalar | list[Node] | dict[str, Node]"


def load(text: str) -> Node:
    """The one document of a YAML text; an empty one is an empty mapping."""
    root = yaml.compose(text, Loader=yaml.CBaseLoader)
    return {} if root is None else _converted(root)


def _converted(node: yaml.Node) -> Node:
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Node] = {}
        for key, value in node.value:
            if key.value in found:
                raise SpecError(f"the key `{key.value}` stands twice")
            found[key.value] = _converted(value)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_converted(item) for item in node.value]
    assert isinstance(node, yaml.ScalarNode)
    return Scalar(node.value, plain=not node.style)


def as_node(given: object) -> Node:
    """Python values as if they had been written in YAML; a `str` counts as quoted, a time without zone is UTC."""
    if isinstance(given, Scalar):
        return given
    if given is None:
        return Scalar("null")
    if isinstance(given, bool):
        return Scalar("true" if given else "false")
    if isinstance(given, str):
        return Scalar(given, plain=False)
    if isinstance(given, dt.datetime):
        if given.tzinfo is not None:
            given = given.astimezone(dt.UTC).replace(tzinfo=None)
        return Scalar(given.isoformat(" ") + "Z")
    if isinstance(given, Mapping):
        return {str(key): as_node(value) for key, value in given.items()}
    if isinstance(given, Sequence | set | frozenset):
        return [as_node(item) for item in given]
    return Scalar(str(given))  # numbers and dates


def mapping(node: Node, what: str) -> dict[str, Node]:
    if not isinstance(node, dict):
        raise SpecError(f"{what} is not a mapping: {node!r}")
    return node


def items(node: Node | None) -> list[Node]:
    """A list's items; what is no list is one item, and nothing is none."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return []
    return node if isinstance(node, list) else [node]


def text(node: Node | None, what: str) -> str:
    if not isinstance(node, Scalar):
        raise SpecError(f"{what} is not a single value: {node!r}")
    return str(node)


def optional_text(entry: Mapping[str, Node], key: str) -> str | None:
    node = entry.get(key)
    return None if node is None or (isinstance(node, Scalar) and node.is_null) else text(node, key)


def flag(entry: Mapping[str, Node], key: str) -> bool:
    return optional_text(entry, key) in ("true", "True", "TRUE")
