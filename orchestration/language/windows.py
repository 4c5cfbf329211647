"""Windows: which stretch of time a condition or trait looks at.

`28 days` is `[as_of − 28 days, as_of)`. `{last: 1 month, ending: 1 month ago}` is the month before the last, so that such
windows tile. `{from: 2026-01-01, to: 2026-02-01}` and `{since: 2026-01-01}` begin at local midnight; `to` is exclusive.
`{this: month}` is the calendar period that holds as_of, up to as_of; `{previous: month}` the whole one before.
`{next: 30 days}` is `[as_of, as_of + 30 days)`, for `date:` and `anniversary:`. `ever`, the default, does not bound.
`{first: 7 days, after: signed_up_at}` is `[d, d + 7 days)`, where `d` is a date or timestamp of the entity, cut at as_of: what it
is asked of is unknown where `d` is null, and with `complete: true` until the seven days have passed.
Days, weeks, months, quarters and years are calendar steps in the project's zone; hours and minutes are exact.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from orchestration.catalog.types import DATE, INTEGER, TEXT, TIMESTAMP, Type
from orchestration.diagnostics import Report, Span
from orchestration.language import steps
from orchestration.language.expression import (
    AS_OF,
    EVER,
    TODAY,
    Call,
    Edge,
    Expression,
    InstantRef,
    Literal,
    Window,
)
from orchestration.language.predicates import expression, timestamp_of
from orchestration.language.reader import Reader, Schema
from orchestration.language.scope import Problem, Scope
from orchestration.spec.nodes import Mapping, Node, Scalar, describe

PERIODS = ("day", "week", "month", "quarter", "year")
LENGTH: Schema = {
    "type": "string",
    "pattern": r"^\d+ (minute|hour|day|week|month|quarter|year)s?$",
    "examples": ["28 days"],
}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}", "examples": ["2026-01-01"]}
SCHEMA: Schema = {
    "description": "28 days, ever, or a mapping: last and ending, from and to, since, this, previous, next, first and after",
    "oneOf": [
        {"type": "string", "pattern": r"^(ever|\d+ (minute|hour|day|week|month|quarter|year)s?)$"},
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "last": LENGTH,
                "ending": {"type": "string", "examples": ["28 days ago"]},
                "from": DAY,
                "to": DAY,
                "since": DAY,
                "this": {"enum": list(PERIODS)},
                "previous": {"enum": list(PERIODS)},
                "next": LENGTH,
                "first": LENGTH,
                "after": {"type": "string", "description": "a date of the entity", "examples": ["signed_up_at"]},
                "complete": {"type": "boolean", "description": "unknown until the window has passed"},
            },
        },
    ],
}
_FORMS = (("last", "ending"), ("last",), ("from", "to"), ("since",), ("this",), ("previous",), ("next",))
_ANCHORED = (["after", "first"], ["after", "complete", "first"])


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A window and how it reads in a sentence; `ahead` where it begins at as_of, `anchor` where at a date of the entity."""

    window: Window
    words: str
    ahead: bool = False
    anchor: Anchor | None = None

    def known(self, value: Expression) -> Expression:
        """The value, unknown where the window is."""
        return value if self.anchor is None else self.anchor.known(value)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The date or timestamp at which a window of a length begins; `complete`: it is unknown until it has passed."""

    value: Expression
    length: tuple[int, str]
    complete: bool

    def edges(self, kind: Type = TIMESTAMP) -> tuple[Expression, Expression]:
        """Beginning and end, as instants or as dates."""
        start = self.value
        if start.type is not kind:
            start = Call("local_midnight" if kind is TIMESTAMP else "local_date", (start,), kind)
        amount, unit = self.length
        return start, Call("add_interval", (start, Literal(amount, INTEGER), Literal(unit, TEXT)), kind)

    def known(self, value: Expression, kind: Type = TIMESTAMP) -> Expression:
        """The value, unknown where the beginning is null and, if it has to be complete, before the end."""
        start, end = self.edges(kind)
        now = TODAY if kind is DATE else InstantRef(AS_OF)
        there = Call("le", (end, now)) if self.complete else Call("not", (Call("is_null", (start,)),))
        return Call("case", (there, value, Literal(None, value.type)), value.type)


def read_window(node: Node | None, scope: Scope) -> TimeSpan | None:
    """The window a node describes (`ever` where there is none); None where the report says why."""
    report = scope.report
    if node is None:
        return TimeSpan(EVER, "at any time")
    if isinstance(node, Scalar) and not node.is_null:
        return _text(node, report)
    if not isinstance(node, Mapping):
        report.error("bad-window", f"{describe(node)} where a window was expected", node.span, "for example `28 days`")
        return None
    reader = Reader(node, SCHEMA["oneOf"][1], report, "a window")
    if reader.broken:
        return None
    keys = tuple(k.text for k, _ in node.entries)
    if sorted(keys) in _ANCHORED:
        return _anchored(reader, scope)
    form = next((f for f in _FORMS if sorted(f) == sorted(keys)), None)
    if form is None:
        report.error(
            "bad-window",
            f"`{', '.join(keys)}` do not make a window",
            node.span,
            "write last and ending, from and to, since, this, previous, next, or first and after",
        )
        return None
    values = [reader.scalar(key) for key in form]
    if any(v is None for v in values):
        return None
    try:
        return _mapping(form, [v for v in values if v is not None])
    except _Bad as bad:
        report.error("bad-window", bad.message, bad.span, bad.hint)
        return None


def _anchored(reader: Reader, scope: Scope) -> TimeSpan | None:
    """A window that begins at a date of the entity."""
    length, complete = read_length(reader, "first"), reader.boolean("complete")
    text = reader.scalar("after", "a date of the entity")
    value = None if text is None else expression(text, scope)
    if text is None or value is None or length is None or reader.broken:
        return None
    if value.type not in (DATE, TIMESTAMP):
        reader.error(
            "bad-type", f"`{text.text}` is a {value.type}, not a date", text.span, "name a date or a timestamp"
        )
        return None
    anchor = Anchor(value, length, complete)
    start, end = anchor.edges()
    words = f"in the first {steps.in_words(*length)} after {text.text}" + (" once they have passed" if complete else "")
    return TimeSpan(Window(after=start, before=end), words, anchor=anchor)


class _Bad(Exception):
    def __init__(self, message: str, span: Span, hint: str) -> None:
        super().__init__(message)
        self.message, self.span, self.hint = message, span, hint


def _text(node: Scalar, report: Report) -> TimeSpan | None:
    if node.text == "ever":
        return TimeSpan(EVER, "at any time")
    try:
        amount, unit = _length(node)
    except _Bad as bad:
        report.error("bad-window", bad.message, bad.span, bad.hint)
        return None
    return TimeSpan(Window(Edge(steps=((-amount, unit),))), f"in the last {steps.stretch(amount, unit)}")


def read_length(reader: Reader, key: str) -> tuple[int, str] | None:
    """A key's length of time, such as `30 days`, in canonical units; None where the report says why."""
    node = reader.scalar(key, "a length of time")
    if node is None:
        return None
    try:
        return _length(node)
    except _Bad as bad:
        reader.error("bad-window", bad.message, bad.span, bad.hint)
        return None


def _length(node: Scalar, suffix: str = "") -> tuple[int, str]:
    text = node.text.strip()
    found = steps.length(text.removesuffix(suffix)) if text.endswith(suffix) else None
    if found is None:
        raise _Bad(
            f"`{node.text[:60]}` is not a length of time",
            node.span,
            f"write a whole number and a unit, for example `28 days{suffix}`",
        )
    return found


def _mapping(form: tuple[str, ...], values: list[Scalar]) -> TimeSpan:
    first = values[0]
    match form[0]:
        case "last":
            amount, unit = _length(first)
            if len(values) == 1:
                return TimeSpan(Window(Edge(steps=((-amount, unit),))), f"in the last {steps.stretch(amount, unit)}")
            ago, ago_unit = _length(values[1], " ago")
            window = Window(
                Edge(steps=steps.combined((-amount, unit), (-ago, ago_unit))), Edge(steps=((-ago, ago_unit),))
            )
            return TimeSpan(
                window, f"in the {steps.stretch(amount, unit)} that ended {steps.in_words(ago, ago_unit)} ago"
            )
        case "from":
            window = Window(Edge(fixed=_wall(first)), Edge(fixed=_wall(values[1])))
            if _wall(first) >= _wall(values[1]):
                raise _Bad(
                    "the window ends before it begins", values[1].span, "`to` is exclusive and lies after `from`"
                )
            return TimeSpan(window, f"from {first.text} until before {values[1].text}")
        case "since":
            return TimeSpan(Window(Edge(fixed=_wall(first))), f"since {first.text}")
        case "this":
            return TimeSpan(Window(Edge(_period(first))), f"in the current calendar {first.text}")
        case "previous":
            unit = _period(first)
            return TimeSpan(Window(Edge(unit, (_back(unit),)), Edge(unit)), f"in the calendar {unit} before this one")
    amount, unit = _length(first)
    return TimeSpan(Window(AS_OF, Edge(steps=((amount, unit),))), f"in the next {steps.stretch(amount, unit)}", True)


def _back(unit: str) -> tuple[int, str]:
    amount, canonical = steps.canonical_step(1, unit)
    return -amount, canonical


def _wall(node: Scalar) -> dt.datetime:
    try:
        return timestamp_of(node.text)
    except Problem as problem:
        raise _Bad(problem.message, node.span, problem.hint) from None


def _period(node: Scalar) -> str:
    if node.text not in PERIODS:
        raise _Bad(f"`{node.text[:60]}` is not a calendar period", node.span, "periods: " + ", ".join(PERIODS))
    return node.text
