"""The functions of predicates, by name."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from fractions import Fraction

from tests.reference import text_rules
from tests.reference.casts import fitted
from tests.reference.numerics import exact, limited, rounded
from tests.reference.predicate_types import together
from tests.reference.values import Truth, Type, Value, all_of, any_of, equal, largest, smallest
from tests.reference.wall_time import Calendar, completed_years
from tests.reference.yaml_text import SpecError


def call(name: str, values: list[Value], kinds: list[Type], calendar: Calendar, as_of: dt.datetime) -> Value:
    """A function's value. But for those that choose and those on lists, a null argument gives null."""
    match name:
        case "coalesce":
            return next((fitted(v, together(kinds)) for v in values if v is not None), None)
        case "nullif":
            return None if equal(values[0], values[1]) is True else values[0]
        case "least" | "greatest":  # of the arguments that are not null
            present = [fitted(v, together(kinds)) for v in values if v is not None]
            return smallest(present) if name == "least" else largest(present)
        case "in_ci":
            return any_of([_equal_ci(values[0], other) for other in values[1:]])
        case "array_contains" | "array_any" | "array_all" | "array_length":
            return _list_call(name, values)
    if None in values:
        return None
    if name in _TEXT_CALLS:
        return _text_call(name, values)
    if name in ("abs", "round", "floor", "ceil", "sign"):
        return _number_call(name, values)
    return _time_call(name, values, calendar, as_of)


_TEXT_CALLS: dict[str, Callable[..., Value]] = {
    "lower": text_rules.lower,
    "upper": text_rules.upper,
    "trim": lambda x: x.strip(" "),
    "length": len,
    "concat": lambda *parts: "".join(parts),
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": lambda x, part: part in x,
    "matches": text_rules.matches,
    "equals_ci": lambda x, y: _equal_ci(x, y),
}


def _equal_ci(left: Value, right: Value) -> Truth:
    if left is None or right is None:
        return None
    if not isinstance(left, str) or not isinstance(right, str):
        raise SpecError("`equals_ci` and `in_ci` take texts")
    return text_rules.lower(left) == text_rules.lower(right)


def _text_call(name: str, values: list[Value]) -> Value:
    if None in values:
        return None
    if not all(isinstance(v, str) for v in values):
        raise SpecError(f"`{name}` takes texts")
    return _TEXT_CALLS[name](*values)


def _number_call(name: str, values: list[Value]) -> Value:
    number = values[0]
    if isinstance(number, bool) or not isinstance(number, int | Fraction | float):
        raise SpecError(f"`{name}` takes numbers")
    found = exact(number)
    if found is None:
        return None
    match name:
        case "floor":
            return math.floor(found) if limited(Fraction(math.floor(found))) is not None else None
        case "ceil":
            return math.ceil(found) if limited(Fraction(math.ceil(found))) is not None else None
        case "sign":
            return (found > 0) - (found < 0)
    places = values[1] if len(values) > 1 else 0
    assert isinstance(places, int)
    result = limited(abs(found) if name == "abs" else rounded(found, places))
    whole = isinstance(number, int) or (name == "round" and places == 0)
    return int(result) if result is not None and whole else result


def _list_call(name: str, values: list[Value]) -> Value:
    held, *looked_for = values
    if held is None:
        return None
    if not isinstance(held, tuple):
        raise SpecError(f"`{name}` takes a list first")
    present = [v for v in held if v is not None]
    found: list[Truth] = [None if x is None else any(equal(v, x) for v in present) for x in looked_for]
    match name:
        case "array_length":
            return len(present)
        case "array_all":
            return all_of(found)
    return any_of(found)


_PARTS: dict[str, Callable[[dt.datetime], int]] = {
    "year": lambda wall: wall.year,
    "quarter": lambda wall: (wall.month + 2) // 3,
    "month": lambda wall: wall.month,
    "week": lambda wall: wall.isocalendar().week,
    "day": lambda wall: wall.day,
    "hour": lambda wall: wall.hour,
    "minute": lambda wall: wall.minute,
    "second": lambda wall: wall.second,
    "dow": lambda wall: wall.isoweekday(),
    "doy": lambda wall: wall.timetuple().tm_yday,
}


def _time_call(name: str, values: list[Value], calendar: Calendar, as_of: dt.datetime) -> Value:
    match name, values:
        case "age", [dt.date() as born] if not isinstance(born, dt.datetime):
            return completed_years(born, calendar.day(as_of))
        case "date_trunc", [str(unit), dt.date() as moment]:
            return calendar.start(moment, unit)
        case "date_diff", [str(unit), dt.date() as start, dt.date() as end]:
            if isinstance(start, dt.datetime) != isinstance(end, dt.datetime):
                raise SpecError("`date_diff` of a date and a timestamp")
            return calendar.boundaries(unit, start, end)
        case "extract", [str(part), dt.date() as moment] if part in _PARTS:
            if isinstance(moment, dt.datetime):
                return _PARTS[part](calendar.wall(moment))
            return _PARTS[part](dt.datetime.combine(moment, dt.time()))
    raise SpecError(f"`{name}` is not a function of the language, or not of such arguments")
