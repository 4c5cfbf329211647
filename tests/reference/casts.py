"""Casts: a value as another type, null where it cannot be."""

from __future__ import annotations

import datetime as dt
import math
import re
from fractions import Fraction

from tests.reference.numerics import exact, limited, rounded
from tests.reference.values import Type, Value, read_date
from tests.reference.wall_time import Calendar
from tests.reference.yaml_text import SpecError


def fitted(value: Value, kind: Type) -> Value:
    """A number as the type that several numbers share."""
    if isinstance(value, bool) or not isinstance(value, int | Fraction | float):
        return value
    if kind.kind == "float":
        return float(value)
    return Fraction(value) if kind.kind == "decimal" else value


def cast(value: Value, source: Type, target: Type, calendar: Calendar) -> Value:
    """`cast(value as target)`."""
    if value is None or source == target:
        return value
    match target.kind:
        case "text":
            return _as_text(value, source)
        case "integer" | "decimal":
            return _as_number(value, target)
        case "float":
            return _as_float(value)
        case "boolean":
            return _as_boolean(value)
        case "date" if isinstance(value, dt.date):
            return calendar.as_day(value)
        case "date" if isinstance(value, str):
            return _as_date(value)
        case "timestamp" if isinstance(value, dt.date):
            return calendar.as_instant(value)
        case "timestamp" if isinstance(value, str):
            return _as_timestamp(value, calendar)
    raise SpecError(f"{value!r} cannot be cast to {target.kind}")


def _as_text(value: Value, source: Type) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Fraction():
            return decimal_text(value, source.places)
        case dt.date() if not isinstance(value, dt.datetime):
            return value.isoformat()
    raise SpecError(f"{value!r} has no one text")


def decimal_text(number: Fraction, places: int) -> str:
    """Plain digits, with exactly so many places."""
    whole = abs(int(number * 10**places))
    digits = str(whole).rjust(places + 1, "0")
    sign = "-" if number < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def _as_number(value: Value, target: Type) -> Value:
    number: Fraction | None
    if isinstance(value, str):
        trimmed = value.strip(" ")
        pattern = r"[+-]?\d+" if target.kind == "integer" else r"[+-]?(\d+\.?\d*|\.\d+)"
        number = Fraction(trimmed) if re.fullmatch(pattern, trimmed, re.ASCII) else None
    elif isinstance(value, int | Fraction | float):  # a boolean is 1 or 0
        number = exact(value)
    else:
        raise SpecError(f"{value!r} cannot be cast to a number")
    if number is None:
        return None
    found = limited(rounded(number, target.places))
    if target.kind == "integer":
        return None if found is None else int(found)
    return found if found is not None and abs(found) < 10 ** (target.digits - target.places) else None


def _as_float(value: Value) -> float | None:
    if isinstance(value, str):
        trimmed = value.strip(" ")
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", trimmed, re.ASCII):
            return None
        found = float(trimmed)
        return found if math.isfinite(found) else None
    if isinstance(value, bool) or not isinstance(value, int | Fraction | float):
        raise SpecError(f"{value!r} cannot be cast to a float")
    return float(value)


def _as_boolean(value: Value) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip(" ").lower())
    if isinstance(value, bool):
        return value
    raise SpecError(f"{value!r} cannot be cast to a boolean")


def _as_date(value: str) -> dt.date | None:
    try:
        return read_date(value.strip(" "))
    except ValueError:
        return None


_TIMESTAMP = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d+))?)?)?(Z?)", re.ASCII)


def _as_timestamp(value: str, calendar: Calendar) -> dt.datetime | None:
    """Wall time in the project's zone, or UTC where it ends in Z; a fraction is cut to six places."""
    found = _TIMESTAMP.fullmatch(value.strip(" "))
    if found is None:
        return None
    day, clock, seconds, fraction, utc = found.groups()
    written = f"{day} {clock or '00:00'}:{seconds or '00'}.{(fraction or '')[:6].ljust(6, '0')}"
    try:
        time = dt.datetime.fromisoformat(written)
    except ValueError:
        return None
    return time if utc else calendar.instant(time)
