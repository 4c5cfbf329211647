"""YAML 1.2 text to nodes that know where they stand.

In: the text of one file. Out: a tree of `Scalar`, `Sequence` and `Mapping` with spans, or nothing, and diagnostics. Scalars
keep what was written (`no`, `1e3` and `012` are texts until a reader wants a number). Anchors, aliases, tags, duplicate
keys, several documents and absurd depth are errors, so that a tree is never larger than its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from orchestration.diagnostics import Report, Span

MAX_DEPTH = 60
MAX_BYTES = 4_000_000
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Event: TypeAlias = "yaml.events.Event"
_ODD_BREAK = re.compile("[\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text as written, without its quotes; `plain` where it had none."""

    text: str
    plain: bool
    span: Span
    source: str = field(repr=False, compare=False)  # the raw text from the scalar's first to its last character

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")

    def part(self, offset: int, length: int) -> Span:
        """The span of a part of the text; where folding or escapes hide it, the nearest like word, else the first line."""
        length = max(1, length)
        span = self.span
        start = 0 if self.plain else 1
        raw = self.source
        if raw[start : start + len(self.text)] != self.text:
            word = self.text[offset : offset + length]
            earlier = self.text[:offset].count(word) if word.strip() else 0
            start = -1
            for _ in range(earlier + 1):
                found = raw.find(word, start + 1)
                start = found if found >= 0 else start
            offset, start = 0, max(start, 0)
        before = raw[: start + offset]
        line = before.count("\n")
        column = start + offset + span.column if line == 0 else len(before) - before.rfind("\n")
        return Span(span.file, span.line + line, column, column + length)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order written; no key twice."""

    entries: tuple[tuple[Scalar, Node], ...]
    span: Span

    def get(self, key: str) -> Node | None:
        return next((value for k, value in self.entries if k.text == key), None)

    def key(self, key: str) -> Scalar | None:
        return next((k for k, _ in self.entries if k.text == key), None)


Node: TypeAlias = Scalar | Sequence | Mapping


def describe(node: Node) -> str:
    """What a node is, for messages."""
    match node:
        case Scalar():
            return "nothing" if node.is_null else "a text"
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"


class _Refused(Exception):
    pass


def parse(file: str, text: str, report: Report) -> Node | None:
    """The file's tree; None where it is empty or refused (the report says why)."""
    return _Parser(file, text, report).document()


@dataclass(slots=True)
class _Parser:
    file: str
    text: str
    report: Report
    events: list[Event] = field(default_factory=list)
    position: int = 0

    def document(self) -> Node | None:
        start = Span(self.file, 1, 1, 2)
        if len(self.text) > MAX_BYTES:
            self.report.error("bad-yaml", "the file is larger than 4 MB", start, "split it by topic")
            return None
        if (odd := _ODD_BREAK.search(self.text)) is not None:
            before = self.text[: odd.start()]
            line, column = before.count("\n") + 1, odd.start() - before.rfind("\n")
            span = Span(self.file, line, column, column + 1)
            code = f"\\u{ord(odd[0]):04x}"
            self.report.error(
                "bad-yaml",
                f"the line separator U+{ord(odd[0]):04X}, on which readers of YAML disagree",
                span,
                f"write it as `{code}` in a text in double quotes",
            )
            return None
        try:
            self.events = list(yaml.parse(self.text, Loader=Loader))
        except yaml.YAMLError as error:
            self._yaml_error(error)
            return None
        except (ValueError, RecursionError):
            self.report.error("bad-yaml", "the file cannot be read as YAML", start, "")
            return None
        documents = [e for e in self.events if isinstance(e, yaml.DocumentStartEvent)]
        if len(documents) > 1:
            self.report.error(
                "bad-yaml",
                "more than one YAML document in a file",
                self._span(documents[1]),
                "keep one document in each file",
            )
            return None
        if not documents:
            return None
        self.position = 2
        try:
            return self._node(0)
        except _Refused:
            return None

    def _node(self, depth: int) -> Node:
        event = self.events[self.position]
        self.position += 1
        span = self._span(event)
        if depth > MAX_DEPTH:
            self._refuse("nesting-too-deep", f"more than {MAX_DEPTH} levels of nesting", span, "name parts of it")
        if isinstance(event, yaml.AliasEvent):
            self._refuse(
                "yaml-alias", "aliases (`*name`) are not supported", span, "write the value out, or name a predicate"
            )
        if getattr(event, "anchor", None):
            self._refuse(
                "yaml-anchor", "anchors (`&name`) are not supported", span, "write the value out where it is used"
            )
        if tag := getattr(event, "tag", None):
            self._refuse("yaml-tag", f"the tag `{tag}` is not supported", span, "leave it out, or quote the text")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, span)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(self.events[self.position], yaml.SequenceEndEvent):
                items.append(self._node(depth + 1))
            self.position += 1
            return Sequence(tuple(items), span)
        return self._mapping(span, depth)

    def _scalar(self, event: yaml.ScalarEvent, span: Span) -> Scalar:
        assert event.start_mark is not None
        assert event.end_mark is not None
        raw = self.text[event.start_mark.index : event.end_mark.index]
        return Scalar(event.value, not event.style, span, raw)

    def _mapping(self, span: Span, depth: int) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(self.events[self.position], yaml.MappingEndEvent):
            key = self._node(depth + 1)
            value = self._node(depth + 1)
            if not isinstance(key, Scalar):
                self.report.error("bad-yaml", f"{describe(key)} as a key", key.span, "quote this if it is a text")
            elif key.text in entries:
                first = entries[key.text][0].span.line
                self.report.error(
                    "duplicate-key",
                    f"`{key.text}` occurs twice in one mapping",
                    key.span,
                    f"the first is on line {first}",
                )
            else:
                entries[key.text] = (key, value)
        self.position += 1
        return Mapping(tuple(entries.values()), span)

    def _span(self, event: Event) -> Span:
        start, end = event.start_mark, event.end_mark
        assert start is not None
        assert end is not None
        if isinstance(event, yaml.ScalarEvent) and start.line == end.line and end.column > start.column:
            width = end.column - start.column
        else:
            width = 1
        return Span(self.file, start.line + 1, start.column + 1, start.column + 1 + width)

    def _refuse(self, code: str, message: str, span: Span, hint: str) -> None:
        self.report.error(code, message, span, hint)
        raise _Refused

    def _yaml_error(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        if mark is None:
            position = getattr(error, "position", 0)
            line = self.text.count("\n", 0, position) + 1
            span = Span(self.file, line, 1, 2)
            self.report.error(
                "bad-yaml", "a character that YAML does not allow", span, "remove it, or write it as an escape"
            )
            return
        lines = self.text.splitlines()
        if mark.line >= len(lines) and lines:
            span = Span(self.file, len(lines), len(lines[-1]) + 1, len(lines[-1]) + 2)
        else:
            span = Span(self.file, mark.line + 1, mark.column + 1, mark.column + 2)
        line_text = lines[mark.line] if mark.line < len(lines) else ""
        hint = "check the indentation and the quotes"
        if re.search(r":\s+[>|]=?\s*\S", line_text) or re.search(r"^\s*-\s+[>|]", line_text):
            hint = "quote this: a text that begins with `>` or `|` is a block to YAML"
        elif "mapping values are not allowed" in problem or re.search(r":\s+[%@`*&!]", line_text):
            hint = "quote this: `:`, `%`, `@`, `*`, `&` and `!` mean something to YAML"
        elif "\t" in line_text[: mark.column + 1]:
            hint = "indent with spaces: YAML does not allow tabs"
        self.report.error("bad-yaml", f"YAML: {problem}", span, hint)
