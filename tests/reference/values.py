"""Types, values, reading them from fixtures, and their order.

A value is a plain Python value, told apart by its class: integer `int`, decimal `Fraction`, float `float`, boolean
`bool`, text `str`, date `datetime.date`, timestamp a naive `datetime.datetime` in UTC, a list a tuple; null is None.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Literal, TypeAlias

from tests.reference.numerics import PLACES, limited, rounded
from tests.reference.yaml_text import Node, Scalar, SpecError

Kind: TypeAlias = Literal[
    "text", "integer", "decimal", "float", "boolean", "date", "timestamp", "list", "null"
]
Value: TypeAlias = "bool | int | Fraction | float | str | dt.date | tuple[Value, ...] | None"
Truth: TypeAlias = "bool | None"


@dataclass(frozen=True, slots=True)
class Type:
    """A type: `places` after the point of a decimal and `digits` in all, `of` what a list holds."""

    kind: Kind
    places: int = 0
    digits: int = 38
    of: Type | None = None

    @property
    def is_number(self) -> bool:
        return self.kind in ("integer", "decimal", "float")


TEXT, INTEGER, FLOAT, BOOLEAN = Type("text"), Type("integer"), Type("float"), Type("boolean")
DATE, TIMESTAMP, NULL = Type("date"), Type("timestamp"), Type("null")
_SIMPLE = {t.kind: t for t in (TEXT, INTEGER, FLOAT, BOOLEAN, DATE, TIMESTAMP)}


def decimal_type(places: int) -> Type:
    return Type("decimal", places)


def read_type(written: str) -> Type:
    """A type as specs write it: `text`, `decimal(10,2)`, `list of text`."""
    words = " ".join(written.lower().split())
    if words.startswith("list of "):
        return Type("list", of=read_type(words.removeprefix("list of ")))
    if words == "decimal":
        return Type("decimal", 4, 18)
    if found := re.fullmatch(r"decimal ?\( ?(\d+) ?, ?(\d+) ?\)", words):
        return Type("decimal", int(found[2]), int(found[1]))
    for simple in _SIMPLE.values():
        if simple.kind == words:
            return simple
    raise SpecError(f"`{written}` is not a type")


def read_value(node: Node, kind: Type) -> Value:
    """A fixture's value of a column's type."""
    if isinstance(node, Scalar) and node.is_null:
        return None
    if kind.kind == "list":
        if not isinstance(node, list) or kind.of is None:
            raise SpecError(f"{node!r} is not a list")
        return tuple(read_value(item, kind.of) for item in node)
    if not isinstance(node, Scalar):
        raise SpecError(f"{node!r} is not a {kind.kind}")
    match kind.kind:
        case "text":
            return str(node)
        case "boolean":
            return _read_boolean(node)
        case "integer":
            return _read_integer(node)
        case "decimal":
            return read_decimal(node, min(kind.places, PLACES))
        case "float":
            return _read_float(node)
        case "date":
            return read_date(node)
        case "timestamp":
            return read_utc(node)
    raise SpecError(f"no value has the type {kind.kind}")


def _read_boolean(written: str) -> bool:
    if written.lower() not in ("true", "false"):
        raise SpecError(f"`{written}` is not a boolean")
    return written.lower() == "true"


def _read_integer(written: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", written):
        raise SpecError(f"`{written}` is not an integer")
    return int(written)


def read_decimal(written: str, places: int = PLACES) -> Fraction | None:
    """A decimal rounded to the places it may have; null where its integer part leaves 64 bits."""
    try:
        return limited(rounded(Fraction(Decimal(written)), places))
    except (InvalidOperation, ValueError, OverflowError):
        raise SpecError(f"`{written}` is not a number") from None


def _read_float(written: str) -> float | None:
    try:
        double = float(written.lower().replace(".nan", "nan").replace(".inf", "inf"))
    except ValueError:
        raise SpecError(f"`{written}` is not a number") from None
    return double if math.isfinite(double) else None


def read_date(written: str) -> dt.date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
        raise SpecError(f"`{written}` is not a date")
    return dt.date.fromisoformat(written)


_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?(Z|[+-]\d{2}:\d{2})?")


def read_time(written: str) -> dt.datetime:
    """A time as written: naive without a zone, else aware. A date alone is its midnight."""
    found = _TIME.fullmatch(written)
    if found is None:
        raise SpecError(f"`{written}` is not a time")
    clock = found[2] or "00:00"
    if "." in clock:
        clock = clock.ljust(15, "0")
    return dt.datetime.fromisoformat(f"{found[1]}T{clock}{(found[3] or '').replace('Z', '+00:00')}")


def read_utc(written: str) -> dt.datetime:
    """A time that is UTC where no zone is written."""
    time = read_time(written)
    return time if time.tzinfo is None else time.astimezone(dt.UTC).replace(tzinfo=None)


def kind_of(value: Value) -> str:
    """What a value that is not null can be compared with."""
    match value:
        case bool():
            return "boolean"
        case int() | Fraction() | float():
            return "number"
        case str():
            return "text"
        case dt.datetime():
            return "timestamp"
        case dt.date():
            return "date"
    raise SpecError(f"{value!r} cannot be compared")


def order(left: Value, right: Value) -> int:
    """-1, 0 or 1 for two values that are not null. Text goes by code point; a float makes both doubles."""
    if kind_of(left) != kind_of(right):
        raise SpecError(f"a {kind_of(left)} cannot be compared with a {kind_of(right)}")
    if isinstance(left, float) and isinstance(right, int | Fraction):
        right = float(right)
    if isinstance(right, float) and isinstance(left, int | Fraction):
        left = float(left)
    return (left > right) - (left < right)  # type: ignore[operator]  # one kind, as checked


def equal(left: Value, right: Value) -> Truth:
    """SQL's `=`."""
    return None if left is None or right is None else order(left, right) == 0


ascending = functools.cmp_to_key(order)


def smallest(values: Iterable[Value]) -> Value:
    """The smallest of values that are not null; null of none."""
    return min(values, key=ascending, default=None)


def largest(values: Iterable[Value]) -> Value:
    return max(values, key=ascending, default=None)


def key_text(value: Value) -> str | None:
    """A key as text: an integer's plain digits."""
    return None if value is None else str(value)


def all_of(truths: Iterable[Truth]) -> Truth:
    """SQL's `and`."""
    found = list(truths)
    return False if False in found else None if None in found else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """SQL's `or`."""
    found = list(truths)
    return True if True in found else None if None in found else False


def negation(truth: Truth) -> Truth:
    return None if truth is None else not truth
