"""Specs as YAML text in the manner of the pages: one item a block, what is short on one line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from tests.reference import Scalar

Yaml: TypeAlias = "str | bool | Sequence[Yaml] | Mapping[str, Yaml] | None"  # a `Scalar` stands without quotes
WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z_(][A-Za-z0-9_ ().=<>!'+*/%-]*")
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")


def plain(value: object) -> Scalar:
    """A number, a date or the like, written without quotes."""
    return Scalar(str(value))


def yaml_text(value: Mapping[str, Yaml]) -> str:
    """A mapping as a YAML document."""
    return "\n".join(_entries(value, 0)) + "\n"


def _entries(value: Mapping[str, Yaml], depth: int) -> list[str]:
    lines = []
    indent = "  " * depth
    for key, content in value.items():
        short = f"{indent}{key}: {flow(content)}"
        if not isinstance(content, Mapping | list | tuple) or not content or (depth > 0 and len(short) <= WIDTH):
            lines.append(short)
        elif isinstance(content, Mapping):
            lines += [f"{indent}{key}:", *_entries(content, depth + 1)]
        else:
            lines += [f"{indent}{key}:", *(line for item in content for line in _item(item, depth + 1))]
    return lines


def _item(value: Yaml, depth: int) -> list[str]:
    indent = "  " * depth
    short = f"{indent}- {flow(value)}"
    if len(short) <= WIDTH or not isinstance(value, Mapping) or not value:
        return [short]
    first, *rest = _entries(value, depth + 1)
    return [f"{indent}- {first.lstrip()}", *rest]


def flow(value: Yaml) -> str:
    """The value on one line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Scalar():
            return str(value) if value.plain else quoted(value)
        case str():
            return quoted(value)
        case Mapping():
            return "{" + ", ".join(f"{key}: {flow(content)}" for key, content in value.items()) + "}"
    return "[" + ", ".join(flow(item) for item in value) + "]"


def quoted(text: str) -> str:
    """A text, quoted where YAML or a reader could take it for something else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS and text == text.strip():
        return str(text)
    if text.isprintable() and "\\" not in text:
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text) if all(ord(c) < 0x10000 for c in text) else json.dumps(text, ensure_ascii=False)
