"""The aggregates: one value of several values, nulls left out."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.reference.numerics import exact, limited, rounded, square_root
from tests.reference.predicate_types import in_arithmetic
from tests.reference.values import INTEGER, Type, Value, ascending, decimal_type, largest, order, smallest
from tests.reference.yaml_text import SpecError

LARGEST_SQUARES = 10**25


@dataclass(frozen=True, slots=True)
class Timed:
    """A value, and the time of its row (None for what has no time)."""

    value: Value
    time: dt.datetime | None = None


def aggregate(name: str, found: Sequence[Timed]) -> Value:
    """An aggregate that takes an argument, of the argument's values."""
    present = [t for t in found if t.value is not None]
    if name in ("min", "max"):
        values = [t.value for t in present]
        return smallest(values) if name == "min" else largest(values)
    counted = [Timed(_counted(t.value), t.time) for t in present]
    counted = [t for t in counted if t.value is not None]
    values = [t.value for t in counted]
    match name:
        case "count":
            return len(present)
        case "count_distinct":
            return len(set(values))
        case "list":
            return tuple(sorted(set(values), key=ascending)) if values else None
        case "first" | "last":
            return _at_an_end(name, counted)
        case "most_frequent" | "least_frequent":
            return _by_frequency(name, values)
    return _of_numbers(name, values)


def _counted(value: Value) -> Value:
    """What a value counts for in every aggregate but `min` and `max`: a float for its millionths."""
    return exact(value) if isinstance(value, float) else value


def _at_an_end(name: str, found: Sequence[Timed]) -> Value:
    times = [t.time for t in found if t.time is not None]
    if not times:
        return None
    end = min(times) if name == "first" else max(times)
    return smallest(t.value for t in found if t.time == end)


def _by_frequency(name: str, values: Sequence[Value]) -> Value:
    if not values:
        return None
    counts = {value: sum(order(value, other) == 0 for other in values) for value in values}
    wanted = max(counts.values()) if name == "most_frequent" else min(counts.values())
    return smallest(value for value, count in counts.items() if count == wanted)


def _of_numbers(name: str, values: Sequence[Value]) -> Value:
    numbers = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            raise SpecError(f"`{name}` takes numbers, not {value!r}")
        numbers.append(Fraction(value))
    if name == "sum":
        total = limited(sum(numbers, Fraction(0)))
        return int(total) if total is not None and all(isinstance(v, int) for v in values) else total
    if not numbers:
        return None
    match name:
        case "avg":
            return limited(rounded(sum(numbers, Fraction(0)) / len(numbers)))
        case "median":
            return percentile(numbers, Fraction(1, 2))
        case "stddev":
            return _deviation(numbers)
    raise SpecError(f"`{name}` is not an aggregate")


def percentile(numbers: Sequence[Fraction], at: Fraction) -> Fraction | None:
    """Linear between ranks, rounded once to nine places."""
    if not numbers:
        return None
    ranked = sorted(numbers)
    position = at * (len(ranked) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ranked) - 1)
    return limited(rounded(ranked[below] + (ranked[above] - ranked[below]) * (position - below)))


def _deviation(numbers: Sequence[Fraction]) -> Fraction | None:
    """Of a sample: exact squared deviations from the mean, mean and values at six places; the root at four."""
    if len(numbers) < 2:
        return None
    mean = rounded(sum(numbers, Fraction(0)) / len(numbers), 6)
    squares = sum(((rounded(n, 6) - mean) ** 2 for n in numbers), Fraction(0))
    return limited(square_root(squares / (len(numbers) - 1), 4)) if squares < LARGEST_SQUARES else None


def aggregate_type(name: str, argument: Type | None) -> Type:
    """The type of an aggregate's value."""
    if argument is None or name in ("count", "count_distinct", "days"):
        return INTEGER
    if name in ("avg", "median"):
        return decimal_type(9)
    if name == "stddev":
        return decimal_type(4)
    counted = argument if name in ("min", "max") or not argument.is_number else in_arithmetic(argument)
    return Type("list", of=counted) if name == "list" else counted
