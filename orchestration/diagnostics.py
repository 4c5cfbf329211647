"""Mistakes of a user, as values.

Every stage reports what it finds as `Diagnostic` values and goes on as far as it can, so that one run shows all mistakes
of all files. Text, JSON and GitHub annotations are renderings of the same values.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

TAB_WIDTH = 4


class Severity(Enum):
    """How much a diagnostic matters: errors stop what follows, warnings do not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: 1-based line and columns, `end_column` exclusive, on one line."""

    file: str
    line: int
    column: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a code in words, a message, where it is, and what to do about it."""

    code: str
    message: str
    span: Span | None = None
    hint: str = ""
    severity: Severity = Severity.ERROR


@dataclass(slots=True)
class Report:
    """Collects the diagnostics of a run, in the order they are found."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, message: str, span: Span | None = None, hint: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, message, span, hint))

    def warning(self, code: str, message: str, span: Span | None = None, hint: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, message, span, hint, Severity.WARNING))

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.diagnostics)


class UserError(Exception):
    """What a user has to mend, raised where a stage cannot go on; carries its diagnostics."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = diagnostics

    @classmethod
    def of(cls, code: str, message: str, hint: str = "", span: Span | None = None) -> UserError:
        return cls(Diagnostic(code, message, span, hint))


def nearest(name: str, known: Iterable[str]) -> str:
    """The hint for a misspelt name: the nearest known one, or the known ones where they are few, or nothing."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if 0 < len(names) <= 12:
        return "known are: " + ", ".join(f"`{n}`" for n in names)
    return ""


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Without repeats, by file and position; those without a place last."""
    last = Span("\U0010ffff", 0, 0, 0)
    return sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span or last, d.severity.value, d.code, d.message))


def printable(text: str) -> str:
    """Text from a spec, made safe for a terminal: control characters show as escapes."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def render_text(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> str:
    """Diagnostics for a person: code and message, the line, a caret under the word, a hint."""
    return "\n\n".join(_block(d, sources) for d in in_order(diagnostics))


def _block(diagnostic: Diagnostic, sources: Mapping[str, str]) -> str:
    head = f"{diagnostic.severity.value}[{diagnostic.code}]: {printable(diagnostic.message)}"
    span, hint = diagnostic.span, printable(diagnostic.hint)
    if span is None:
        return f"{head}\n  = {hint}" if hint else head
    lines = [head, f"  --> {span}"]
    source = sources.get(span.file, "").split("\n")
    if 1 <= span.line <= len(source):
        text, column, width = _window(source[span.line - 1], span)
        number = str(span.line)
        gutter = " " * len(number)
        caret = " " * (column - 1) + "^" * width
        lines += [f" {gutter} |", f" {number} | {text}", f" {gutter} | {caret} {hint}".rstrip()]
    elif hint:
        lines.append(f"  = {hint}")
    return "\n".join(lines)


def _window(line: str, span: Span, limit: int = 160) -> tuple[str, int, int]:
    """The line cut to what fits a screen around the span; its new column; the caret's width."""
    width = max(1, span.end_column - span.column)
    start = max(0, span.column - 1 - limit // 2) if len(line) > limit else 0
    text = "".join(c if c.isprintable() else " " for c in line[start : start + limit])
    column = span.column - start
    return text, column, max(1, min(width, len(text) - column + 1))


def render_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Diagnostics for a program: a JSON list, one object each."""
    return json.dumps(
        [
            {
                "code": d.code,
                "severity": d.severity.value,
                "message": d.message,
                "hint": d.hint,
                "file": d.span.file if d.span else None,
                "line": d.span.line if d.span else None,
                "column": d.span.column if d.span else None,
                "end_column": d.span.end_column if d.span else None,
            }
            for d in in_order(diagnostics)
        ],
        indent=2,
        ensure_ascii=False,
    )


def render_github(diagnostics: Sequence[Diagnostic]) -> str:
    """Diagnostics as GitHub workflow commands, which show as annotations on a pull request."""

    def value(text: str, *, is_property: bool) -> str:
        text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        return text.replace(":", "%3A").replace(",", "%2C") if is_property else text

    lines = []
    for d in in_order(diagnostics):
        place = ""
        if d.span:
            place = f"file={value(d.span.file, is_property=True)},line={d.span.line},col={d.span.column},"
        message = d.message + (f"\n{d.hint}" if d.hint else "")
        lines.append(
            f"::{d.severity.value} {place}title={value(d.code, is_property=True)}::{value(message, is_property=False)}"
        )
    return "\n".join(lines)
