"""Values of fixtures: the written text, read by the type of its column.

A value is kept as the text that every engine casts to the type without a change; null is None and a list a tuple. YAML 1.2:
`no`, `012` and `1e3` in a text column are these texts, `012` in an integer column is 12, and `~`, `null` or nothing is null
unless it is quoted.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TypeAlias

from orchestration.catalog.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Decimal, ListOf, Type
from orchestration.language.zone import Zone
from orchestration.spec.nodes import Node, Scalar, Sequence, describe

FixtureValue: TypeAlias = "str | tuple[str | None, ...] | None"

_INSTANT = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(?P<zone>Z|[+-]\d{2}:\d{2})?)?"
)
_INTEGER = re.compile(r"[+-]?\d{1,40}")
_DECIMAL = re.compile(r"[+-]?(?P<whole>\d*)(?:\.(?P<places>\d*))?")
_FLOAT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_SPECIAL = {".nan": "nan", ".inf": "inf", "+.inf": "inf", "-.inf": "-inf"}
SMALLEST, LARGEST = -(2**63), 2**63 - 1


class BadValue(Exception):
    """A value that its column cannot hold; the message says what it is not."""


def a(kind: Type) -> str:
    """The type with its article: `an integer`."""
    return f"an {kind}" if str(kind)[0] in "aeiou" else f"a {kind}"


def read_value(node: Node, kind: Type) -> FixtureValue:
    """The value of a column of the type; raises `BadValue`."""
    if isinstance(node, Scalar) and node.is_null:
        return None
    if isinstance(kind, ListOf):
        if not isinstance(node, Sequence):
            raise BadValue(f"{_found(node)} is not {a(kind)}")
        return tuple(_item(item, kind.of) for item in node.items)
    return _item(node, kind)


def _item(node: Node, kind: Type) -> str | None:
    if isinstance(node, Scalar) and node.is_null:
        return None
    found = read_text(node.text, kind) if isinstance(node, Scalar) else None
    if found is None:
        raise BadValue(f"{_found(node)} is not {a(kind)}")
    return found


def _found(node: Node) -> str:
    return f"`{node.text[:60]}`" if isinstance(node, Scalar) else describe(node)


def read_text(text: str, kind: Type) -> str | None:
    """The text of a value of a simple type in the form that engines cast; None where it is none."""
    if kind is TEXT:
        return None if "\x00" in text else text
    if kind is INTEGER:
        return str(int(text)) if _INTEGER.fullmatch(text) and SMALLEST <= int(text) <= LARGEST else None
    if kind is FLOAT:
        return _float(text)
    if kind is BOOLEAN:
        return text if text in ("true", "false") else None
    if isinstance(kind, Decimal):
        return _decimal(text, kind)
    found = _instant(text)
    if kind is DATE:
        return text if found and len(text) == 10 else None
    if kind is TIMESTAMP and found:
        wall, offset = found
        return (wall - (offset or dt.timedelta())).isoformat(sep=" ")
    return None


def _float(text: str) -> str | None:
    if text in _SPECIAL:
        return _SPECIAL[text]
    return repr(float(text)) if _FLOAT.fullmatch(text) and math.isfinite(float(text)) else None


def _decimal(text: str, kind: Decimal) -> str | None:
    match = _DECIMAL.fullmatch(text)
    if match is None or not (match["whole"] or match["places"]):
        return None
    whole, places = match["whole"].lstrip("0"), (match["places"] or "").rstrip("0")
    fits = len(whole) <= kind.precision - kind.scale and len(places) <= kind.scale
    return ("-" if text.startswith("-") else "") + f"{whole or 0}.{places or 0}" if fits else None


def _instant(text: str) -> tuple[dt.datetime, dt.timedelta | None] | None:
    """A date or time as wall time, and its offset from UTC where it names one; None where it is neither."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    try:
        wall = dt.datetime.fromisoformat(f"{match['date']}T{match['time'] or '00:00'}")
        if not match["zone"]:
            return wall, None
        offset = dt.datetime.fromisoformat(f"2000-01-01T00:00{match['zone'].replace('Z', '+00:00')}").utcoffset()
        return wall, offset
    except ValueError:
        return None


def instant_of(text: str, zone: Zone) -> dt.datetime | None:
    """An instant of a spec, in UTC without a zone: wall time in the project's zone unless it names an offset."""
    found = _instant(text)
    if found is None:
        return None
    wall, offset = found
    return zone.to_utc(wall) if offset is None else wall - offset
