"""Typed expressions: what every condition and trait becomes once its names and types are settled.

An expression is a tree of frozen values; equal expressions are equal values, which is how the planner finds what several
segments share. Leaves are literals, columns, traits, measures, memberships and instants; all else is a `Call` of one of the
operations in `OPERATIONS`. Conversions between types are calls of their own, so lowering never guesses.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal as Number
from hashlib import sha256
from typing import TypeAlias

from orchestration.catalog.types import BOOLEAN, DATE, TIMESTAMP, Type

Value: TypeAlias = "bool | int | float | Number | str | dt.date | dt.datetime | None"


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant. Timestamps are UTC without a zone."""

    value: Value
    type: Type


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the row at hand (`path` empty), or of what it belongs to: `path` names the parents, nearest first."""

    path: tuple[str, ...]
    column: str
    type: Type


@dataclass(frozen=True, slots=True)
class TraitRef:
    """A trait's value for the entity at hand, or for the parent that `path` leads to."""

    path: tuple[str, ...]
    entity: str
    trait: str
    type: Type


@dataclass(frozen=True, slots=True)
class MemberRef:
    """Whether the entity at hand (or the parent at `path`) is in a segment, or in one tier of it. Never null."""

    path: tuple[str, ...]
    entity: str
    segment: str
    tier: str | None = None

    @property
    def type(self) -> Type:
        return BOOLEAN


@dataclass(frozen=True, slots=True)
class Edge:
    """An instant that follows from as_of alone: as_of plus steps of calendar or clock units, or a fixed instant.

    `floor` first cuts to the beginning of a calendar unit in the project's zone; `steps` are then applied in order. `fixed`
    is a wall time in the project's zone that replaces as_of. As a column of the instant relation an edge has a timestamp
    (UTC) and, under the same name with `_date`, the first local date whose midnight is not before it.
    """

    floor: str = ""
    steps: tuple[tuple[int, str], ...] = ()
    fixed: dt.datetime | None = None

    @property
    def name(self) -> str:
        """The edge's column in the instant relation."""
        if self.fixed is not None:
            return self.fixed.strftime("at_%Y%m%d_%H%M%S") + (f"_{self.fixed:%f}" if self.fixed.microsecond else "")
        words = ["as_of"] if not self.floor else [f"start_of_{self.floor}"]
        words += [f"{'plus' if n > 0 else 'minus'}_{abs(n)}_{unit}" for n, unit in self.steps]
        name = "_".join(words)
        return name if len(name) <= 50 else f"{name[:40]}_{sha256(name.encode()).hexdigest()[:8]}"


AS_OF = Edge()


@dataclass(frozen=True, slots=True)
class InstantRef:
    """An edge as a value: a timestamp, or a date (`today` is as_of's date: `InstantRef(Edge('day'), DATE)`)."""

    edge: Edge
    type: Type = TIMESTAMP


@dataclass(frozen=True, slots=True)
class Window:
    """`[start, end)`; an edge that is None does not bound. Rows at or after as_of never exist, whatever `end` says.

    `after` and `before` are instants of the entity at hand that bound it likewise, both or neither.
    """

    start: Edge | None = None
    end: Edge | None = None
    after: Expression | None = None
    before: Expression | None = None


EVER = Window()


@dataclass(frozen=True, slots=True)
class StreamSource:
    """Rows of a stream: those of the named events (empty: all), reaching the entity over `path`.

    `path` names the entities from the row upwards, the last being whose value it is: `('user', 'account')`.
    """

    stream: str
    events: tuple[str, ...]
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GapSource:
    """The rows of `rows` before which the nearest earlier one of those that match lies at least `gap` (amount, unit) back."""

    rows: StreamSource
    gap: tuple[int, str]


@dataclass(frozen=True, slots=True)
class SequenceStep:
    """A step of a sequence: a row of `rows` with `where`, or where not `positive`, that there is none.

    `within` is the length (amount, unit) in which the row follows the row before, or for a last absence how long it lasts.
    `same` compares columns of the row (`path` empty) with those of the first positive step's row (`path` FIRST_STEP).
    """

    rows: StreamSource
    where: Expression | None
    positive: bool
    within: tuple[int, str] | None
    same: tuple[Expression, ...]


FIRST_STEP = ("first",)


@dataclass(frozen=True, slots=True)
class SequenceSource:
    """What happened in this order; `span` is the length from the first row to the last."""

    steps: tuple[SequenceStep, ...]
    span: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class ChildSource:
    """Entities that belong to the one at hand: `path` names the entities upwards from the child, itself left out."""

    entity: str
    path: tuple[str, ...]


Source: TypeAlias = StreamSource | GapSource | SequenceSource | ChildSource


def stream_sources(source: Source) -> tuple[StreamSource, ...]:
    """The streams that a source reads."""
    match source:
        case StreamSource():
            return (source,)
        case GapSource(rows=rows):
            return (rows,)
        case SequenceSource(steps=steps):
            return tuple(step.rows for step in steps)
        case ChildSource():
            return ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One aggregated value per entity over rows of streams or over children; of a sequence the count of its matches.

    `argument` and `where` are expressions over the row (or the child). `aggregate` names one of the registry. Where there
    is no row the value is the aggregate's value of nothing (0 or null).
    """

    source: Source
    aggregate: str
    argument: Expression | None
    where: Expression | None
    window: Window
    type: Type


@dataclass(frozen=True, slots=True)
class MeasureRef:
    """A measure's value for the entity at hand."""

    measure: Measure

    @property
    def type(self) -> Type:
        return self.measure.type


@dataclass(frozen=True, slots=True)
class Call:
    """An operation on expressions; `type` is the result's. Operations and their meaning: `OPERATIONS`."""

    operation: str
    arguments: tuple[Expression, ...]
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Peers:
    """A value of the entity at hand among those of its population, or of its group by `per`; stands for a whole trait.

    `rule` is quantile (`number` of parts), rank, or percentile (at the share `number`), the same for the whole group.
    """

    rule: str
    of: Expression
    per: tuple[Expression, ...]
    descending: bool
    number: Number | None
    type: Type


Expression: TypeAlias = Literal | Field | TraitRef | MemberRef | InstantRef | MeasureRef | Call | Peers

TRUE = Literal(True, BOOLEAN)
FALSE = Literal(False, BOOLEAN)
TODAY = InstantRef(Edge("day"), DATE)


def conjunction(parts: tuple[Expression, ...]) -> Expression:
    """All of the parts; the part itself where there is one, true where there is none."""
    return TRUE if not parts else parts[0] if len(parts) == 1 else Call("and", parts)


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all below it, parents first; not into measures."""
    yield expression
    if isinstance(expression, Call):
        for argument in expression.arguments:
            yield from walk(argument)
    if isinstance(expression, Peers):
        for part in (expression.of, *expression.per):
            yield from walk(part)


OPERATIONS = {
    # truth: SQL's three values
    "and": "all of the arguments",
    "or": "any of the arguments",
    "not": "the opposite; unknown stays unknown",
    "is_null": "whether the argument is null; never null itself",
    "is_true": "whether the argument is true; unknown is false",
    # comparison: both arguments of one type (exact numbers of different types compare exactly)
    "eq": "",
    "ne": "",
    "lt": "",
    "le": "",
    "gt": "",
    "ge": "",
    "in": "the first argument equals one of the others (null among the others as in SQL)",
    # conversions the resolver inserts
    "to_float": "an exact number as the double nearest to it",
    "to_exact": "a float as millionths, decimal(19,6): sign(x) * floor(abs(x) * 1e6 + 0.5) computed in doubles",
    # arithmetic on exact numbers; a result whose integer part leaves 64 bits is null
    "add": "",
    "subtract": "",
    "multiply": "exact",
    "negate": "",
    "divide": "computed in integers, rounded once to nine places, half away from zero; by zero null; decimal(28,9)",
    "modulo": "remainder with the dividend's sign; by zero null",
    "abs": "",
    "floor": "to integer",
    "ceil": "to integer",
    "sign": "-1, 0 or 1 as integer",
    "round": "(x, literal places from 0 to 9): half away from zero",
    "least": "smallest argument that is not null; null if all are",
    "greatest": "largest likewise",
    # time; units are text literals, minute hour day week month quarter year
    "add_interval": "(date or timestamp, literal integer n, literal unit): days to years are calendar steps in the zone, "
    "month ends clamped; on a date only days to years",
    "date_add": "(date, integer expression): a date that many days later",
    "days_between": "(date a, date b): a - b in days",
    "date_trunc": "(literal unit, date or timestamp): start of the unit's wall time in the zone; same type as given",
    "extract": "(literal part, date or timestamp): integer; year quarter month week day hour minute second dow (1 = "
    "Monday … 7) doy, week and year parts by wall time; week is ISO's",
    "date_diff": "(literal unit, from, to): calendar boundaries crossed; hours and minutes likewise by wall time; weeks "
    "begin on the project's day",
    "age": "(date): completed years at today",
    "next_anniversary": "(date): the first yearly return of the date that is not before today; 29 February on the 28th in "
    "other years; a date after today returns itself",
    "local_date": "(timestamp): the date of its wall time",
    "local_midnight": "(date): its first instant in the zone, UTC",
    # text, by code point
    "concat": "null if any argument is null",
    "lower": "",
    "upper": "",
    "trim": "spaces (U+0020) at both ends",
    "length": "code points",
    "starts_with": "",
    "ends_with": "",
    "contains": "(text, part): literally, no pattern",
    "like": "(text, literal pattern) with % _ and \\ as escape",
    "ilike": "like on lower of both",
    "matches": "(text, literal pattern): found anywhere; the pattern was checked by regex.py",
    "equals_ci": "(text, text): equal after lower",
    "in_ci": "(text, text …)",
    # choice
    "coalesce": "",
    "nullif": "",
    "case": "(condition, value, …, else value): always an odd number of arguments",
    "cast": "(x) to the call's type; null where it cannot be",
    # lists: a null list is unknown; nulls within count as absent
    "array_contains": "(list, x): null if x is null",
    "array_any": "(list, literal …)",
    "array_all": "(list, literal …)",
    "array_length": "elements that are not null",
}
