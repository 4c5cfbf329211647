"""Reads a mapping of a spec by its JSON Schema fragment: unknown and missing keys, and values of the simple kinds.

The fragment names the keys once, for editors and for the reader; `x-later` marks a key that is planned, which is "not
supported yet" rather than unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import Any, TypeAlias

from orchestration.diagnostics import Report, Span, nearest
from orchestration.language.scope import Broken, Problem
from orchestration.spec.nodes import Mapping, Node, Scalar, Sequence, describe

Schema: TypeAlias = MappingOf[str, Any]
NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
_OPERATOR = re.compile(r"[=<>(')]| (and|or|in|is|like|not) ")


@dataclass(frozen=True, slots=True)
class Name:
    """A name and where it stands."""

    text: str
    span: Span


class Reader:
    """A mapping's values, each read once by its key; what does not fit is reported and read as None."""

    def __init__(self, node: Mapping, schema: Schema, report: Report, what: str) -> None:
        self.node, self.schema, self.report, self.what = node, schema, report, what
        self.broken = False
        known = schema["properties"]
        for key, _ in node.entries:
            if known.get(key.text, {}).get("x-later"):
                self.error(
                    "not-supported-yet",
                    f"`{key.text}` of {what} is not supported yet",
                    key.span,
                    "leave it out for now",
                )
            elif key.text not in known:
                hint = nearest(key.text, known)
                if _OPERATOR.search(key.text):
                    hint = "quote this: YAML split a text at its `: ` or, inside `{ }`, at its comma"
                self.error("unknown-key", f"`{key.text}` is not a key of {what}", key.span, hint)
        for key_text in schema.get("required", ()):
            if node.get(key_text) is None:
                self.error("missing-key", f"{what} without `{key_text}`", node.span, f"add `{key_text}:`")

    @classmethod
    def of(cls, node: Node, schema: Schema, report: Report, what: str) -> Reader | None:
        """A reader of the node; None and a diagnostic where it is no mapping."""
        if isinstance(node, Mapping):
            return cls(node, schema, report, what)
        report.error(
            "bad-value", f"{describe(node)} where {what} was expected", node.span, "write a mapping of keys and values"
        )
        return None

    def error(self, code: str, message: str, span: Span, hint: str = "") -> None:
        self.broken = True
        self.report.error(code, message, span, hint)

    def problem(self, problem: Problem, span: Span) -> None:
        """Reports what a name cannot be; where that follows from something broken, the report says it already."""
        self.broken = True
        if not isinstance(problem, Broken):
            self.report.error(problem.code, problem.message, span, problem.hint)

    def has(self, key: str) -> bool:
        return self.node.get(key) is not None

    def get(self, key: str) -> Node | None:
        return self.node.get(key)

    def span(self, key: str) -> Span:
        """Where the key's value stands; where the key is left out, the mapping."""
        node = self.node.get(key)
        return node.span if node is not None else self.node.span

    def scalar(self, key: str, expected: str = "a text") -> Scalar | None:
        node = self.node.get(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and not node.is_null:
            return node
        hint = ""
        if isinstance(node, Mapping) and key in ("where", "expression", "aggregate"):
            hint = "quote this if it is a text: a `: ` in it makes YAML read a mapping"
        elif isinstance(node, Scalar):
            hint = "write it, or leave the key out"
        self.error("bad-value", f"{describe(node)} where {expected} was expected for `{key}`", node.span, hint)
        return None

    def text(self, key: str, default: str = "") -> str:
        node = self.scalar(key)
        if node is None:
            return default
        if "\x00" in node.text:
            self.error("bad-value", f"`{key}` holds a NUL character", node.span, "leave it out: no engine stores it")
            return default
        return node.text

    def name(self, key: str) -> Name | None:
        """A name of the project's own: `^[a-z][a-z0-9_]{0,49}$`."""
        node = self.scalar(key, "a name")
        if node is None:
            return None
        if not NAME.fullmatch(node.text):
            self.error(
                "bad-name",
                f"`{node.text[:60]}` is not a name",
                node.span,
                "lower-case letters, digits and `_`, a letter first, at most 50 characters",
            )
            return None
        return Name(node.text, node.span)

    def choice(self, key: str, default: str) -> str:
        node = self.scalar(key)
        if node is None:
            return default
        allowed: list[str] = self.schema["properties"][key]["enum"]
        if node.text not in allowed:
            self.error(
                "bad-value", f"`{node.text[:60]}` is not a value of `{key}`", node.span, nearest(node.text, allowed)
            )
            return default
        return node.text

    def boolean(self, key: str) -> bool:
        node = self.scalar(key, "true or false")
        if node is None:
            return False
        if node.plain and node.text in ("true", "false"):
            return node.text == "true"
        self.error("bad-value", f"`{node.text[:60]}` where true or false was expected for `{key}`", node.span)
        return False

    def integer(self, key: str) -> int | None:
        node = self.scalar(key, "a whole number")
        return None if node is None else self.whole(node, key)

    def whole(self, node: Node, key: str) -> int | None:
        """A whole number that is not negative and below a billion."""
        if isinstance(node, Scalar) and node.plain and re.fullmatch(r"\d{1,9}", node.text):
            return int(node.text)
        found = f"`{node.text[:60]}`" if isinstance(node, Scalar) and not node.is_null else describe(node)
        self.error("bad-value", f"{found} where a whole number was expected for `{key}`", node.span)
        return None

    def number(self, key: str) -> str | None:
        """A decimal number as written, not negative."""
        node = self.scalar(key, "a number")
        if node is None:
            return None
        if node.plain and re.fullmatch(r"\d{1,18}(\.\d{1,9})?", node.text):
            return node.text
        self.error("bad-value", f"`{node.text[:60]}` where a number was expected for `{key}`", node.span)
        return None

    def items(self, key: str) -> tuple[Node, ...]:
        """A list's items; an empty list is an error."""
        node = self.node.get(key)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.error(
                "bad-value",
                f"{describe(node)} where a list was expected for `{key}`",
                node.span,
                "write `- ` before it",
            )
            return ()
        if not node.items:
            self.error("empty-list", f"`{key}` is an empty list", node.span, "leave the key out, or name something")
        return node.items

    def pairs(self, key: str) -> tuple[tuple[Scalar, Node], ...]:
        """A mapping's entries."""
        node = self.node.get(key)
        if node is None:
            return ()
        if not isinstance(node, Mapping):
            self.error("bad-value", f"{describe(node)} where a mapping was expected for `{key}`", node.span)
            return ()
        return node.entries


def literal_text(node: Node) -> str:
    """A node as it would be written on one line, for definitions kept as text."""
    match node:
        case Scalar():
            return node.text if node.plain else "'" + node.text.replace("'", "''") + "'"
        case Sequence():
            return "[" + ", ".join(literal_text(i) for i in node.items) + "]"
        case Mapping():
            return "{" + ", ".join(f"{k.text}: {literal_text(v)}" for k, v in node.entries) + "}"
