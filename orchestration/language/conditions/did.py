"""`did` and `did_not`: how often something happened.

`did: usage.report_exported` counts rows of a stream that reach the entity, with `where` (a predicate over the stream's
columns) and `within` (a window). `times` bounds the count (default: at least 1), `days` the distinct calendar days, and
`total` (also `average`, `smallest`, `largest`, `distinct`) a value of the rows. `did_not` is true where no row matches. Both
are two-valued: nothing there counts as 0, and bounds that admit 0 include those with no row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from orchestration.catalog.types import DATE, INTEGER, is_number
from orchestration.language import aggregates
from orchestration.language.conditions import bounds
from orchestration.language.conditions.bounds import read_bounds
from orchestration.language.conditions.condition_kind import PREDICATE, WINDOW, ConditionKind, shape
from orchestration.language.expression import (
    Call,
    Expression,
    Field,
    Literal,
    Measure,
    MeasureRef,
    StreamSource,
    Window,
    conjunction,
)
from orchestration.language.model import Condition, Stream, Words
from orchestration.language.predicates import expression, predicate
from orchestration.language.reader import Reader
from orchestration.language.scope import Names, Problem, Scope
from orchestration.language.windows import TimeSpan, read_window
from orchestration.language.wording import text_in_words
from orchestration.spec.nodes import Mapping, Node, Scalar

STREAM = {"type": "string", "description": "a stream, or `stream.event`", "examples": ["usage.report_exported"]}
_VALUES = {"total": "sum", "average": "avg", "smallest": "min", "largest": "max", "distinct": "count_distinct"}
_VALUE = {
    "type": "object",
    "required": ["of"],
    "additionalProperties": False,
    "properties": {"of": {"type": "string", "description": "a column of the stream"}, **bounds.PROPERTIES},
}
VIA = {"type": "string", "description": "the way up to the entity"}
COMMON = {"where": PREDICATE, "within": WINDOW, "via": VIA}


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that a form counts: a stream's, of some events, with a predicate, in a window, of the entity at hand."""

    stream: Stream
    source: StreamSource
    row: Names
    where: Expression | None
    window: TimeSpan
    name: str
    where_words: str = ""

    def said(self, how: str) -> str:
        """What is said of the rows: `usage.report_exported at least once in the last 28 days, where format is pdf`."""
        return f"{self.name} {how}".rstrip() + self.where_words

    def measure(self, aggregate: str, argument: Expression | None) -> MeasureRef | str:
        """An aggregate of the rows, or a message where the argument does not fit it."""
        kind = aggregates.aggregate_type(aggregate, None if argument is None else argument.type)
        if isinstance(kind, str):
            return kind
        return MeasureRef(Measure(self.source, aggregate, argument, self.where, self.window.window, kind))

    def over(self, window: Window) -> Rows:
        """The same rows in another window."""
        return replace(self, window=TimeSpan(window, self.window.words))

    def measured(self, aggregate: str, argument: Expression | None) -> MeasureRef:
        """An aggregate whose argument is known to fit."""
        found = self.measure(aggregate, argument)
        assert isinstance(found, MeasureRef), found
        return found

    def count(self) -> MeasureRef:
        """How many rows."""
        return self.measured("count", None)

    def days(self) -> MeasureRef:
        """On how many calendar days."""
        return self.measured("days", day_of(self.stream))


def day_of(stream: Stream) -> Expression:
    """The calendar day of a stream's row, in the project's zone."""
    at = Field((), stream.at, stream.at_type)
    return at if stream.at_type is DATE else Call("local_date", (at,), DATE)


def read_rows(reader: Reader, key: str, scope: Scope, *, windowed: bool = True) -> Rows | None:
    """The rows that `key: stream.event`, `where`, `via` and, where `windowed`, `within` describe."""
    name = reader.scalar(key, "a stream")
    if name is None:
        return None
    via = reader.name("via") if reader.has("via") else None
    try:
        stream, events = scope.stream(name.text)
        path = scope.path(tuple(stream.parents.items()), f"stream `{stream.name}`", via.text if via else None)
    except Problem as problem:
        reader.problem(problem, name.span)
        if windowed:
            read_window(reader.get("within"), scope)  # which may be wrong as well
        return None
    row = scope.row(stream)
    where, words = None, ""
    if (text := reader.scalar("where", "a predicate")) is not None:
        where = predicate(text, row)
        words = "" if where is None else f", where {text_in_words(text.text)}"
    window = read_window(reader.get("within") if windowed else None, scope)
    if window is None or reader.broken or (reader.has("where") and where is None):
        return None
    if window.ahead and not stream.future:
        reader.error(
            "bad-window",
            f"a window ahead of as_of on stream `{stream.name}`",
            reader.span("within"),
            "`next` is for `date:` and `anniversary:`",
        )
        return None
    return Rows(stream, StreamSource(stream.name, events, path), row, where, window, name.text, words)


def _did(reader: Reader, scope: Scope) -> Condition | None:
    rows = read_rows(reader, "did", scope)
    if rows is None:
        return None
    found = [read_bounds(reader.get("times"), rows.count(), scope.report, "times")]
    if reader.has("days"):
        found.append(read_bounds(reader.get("days"), rows.days(), scope.report, "days"))
    for key in _VALUES:
        if (node := reader.get(key)) is not None:
            found.append(_value(key, node, rows, scope))
    parts = [f for f in found if f is not None]
    if len(parts) != len(found):
        return None
    times, *more = [words for _, words in parts]
    said = [f"{times_in_words(times)} {rows.window.words}"]
    if reader.has("days"):
        said.append(f"on {more.pop(0)} different days")
    words = Words(rows.said(", ".join([*said, *more])))
    return Condition(rows.window.known(conjunction(tuple(p for p, _ in parts))), words)


def times_in_words(bound: str) -> str:
    """How often: `at least 1` as `at least once`."""
    return f"{bound[:-1]}once" if re.fullmatch(r"(at least|at most|exactly|more than) 1", bound) else f"{bound} times"


def _value(key: str, node: Node, rows: Rows, scope: Scope) -> tuple[Expression, str] | None:
    if not isinstance(node, Mapping):
        scope.report.error("bad-value", f"`{key}` takes a mapping", node.span, f"{key}: {{of: amount, at_least: 100}}")
        return None
    of = node.get("of")
    if not isinstance(of, Scalar):
        scope.report.error("missing-key", f"`{key}` without `of`", node.span, "name a column of the stream")
        return None
    argument = expression(of, rows.row)
    if argument is None:
        return None
    measure = rows.measure(_VALUES[key], argument)
    if isinstance(measure, str):
        scope.report.error("bad-type", measure, of.span)
        return None
    if not is_number(measure.type):
        scope.report.error(
            "bad-type", f"`{key}` of a {measure.type} cannot be bounded by numbers", of.span, "use a number"
        )
        return None
    found = read_bounds(node, measure, scope.report, key, None, extra={"of": {}})
    if found is None:
        return None
    # two-valued: an aggregate of nothing, or a sum that left 64 bits, is null, and no bound holds of it
    condition = found[0] if _VALUES[key] == "count_distinct" else Call("is_true", (found[0],))
    said = text_in_words(of.text)
    return condition, f"with {found[1]} different {said}" if key == "distinct" else f"with {key} {said} {found[1]}"


def at_least_one(count: MeasureRef) -> Expression:
    """Whether there is a row."""
    return Call("ge", (count, Literal(1, INTEGER)))


def none_at_all(count: MeasureRef) -> Expression:
    """Whether there is no row."""
    return Call("eq", (count, Literal(0, INTEGER)))


def _did_not(reader: Reader, scope: Scope) -> Condition | None:
    rows = read_rows(reader, "did_not", scope)
    if rows is None:
        return None
    return Condition(rows.window.known(none_at_all(rows.count())), Words(f"no {rows.said(rows.window.words)}"))


KINDS = (
    ConditionKind(
        "did",
        shape(
            "something happened",
            {
                "did": STREAM,
                **COMMON,
                "times": bounds.SCHEMA,
                "days": bounds.SCHEMA,
                **dict.fromkeys(_VALUES, _VALUE),
            },
            "did",
        ),
        _did,
    ),
    ConditionKind("did_not", shape("something did not happen", {"did_not": STREAM, **COMMON}, "did_not"), _did_not),
)
