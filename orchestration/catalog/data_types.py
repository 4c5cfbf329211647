"""Type names of warehouses, and the short words of specs, as types of the language.

Names of DuckDB, Postgres, Spark, Snowflake and BigQuery are all read, whatever the target: a name that two engines share means
the same to both or, like `timestamp`, differs only in its zone, for which see `has_zone`. Whoever reads a column of a type
that is only mapped (uuid, an enum, `citext`, `char(n)`, a 128-bit integer, `timestamptz`) casts it to the language's type.
"""

from __future__ import annotations

import re

from orchestration.catalog.types import (
    BOOLEAN,
    DATE,
    FLOAT,
    INTEGER,
    TEXT,
    TIMESTAMP,
    Decimal,
    ListOf,
    Simple,
    Type,
)

MAX_PRECISION = 38
WIDEST = Decimal(MAX_PRECISION, 9)

INLINE_WORDS = ("text", "integer", "decimal", "float", "boolean", "date", "timestamp", "list of text")

_WORDS: tuple[tuple[Simple, str], ...] = (
    (TEXT, "bpchar, char, character, char varying, character varying, citext, enum, name, nchar, nvarchar, string"),
    (TEXT, "text, uuid, varchar, national character varying"),
    (
        INTEGER,
        "bigint, bigserial, byteint, byte, int, int1, int2, int4, int8, int16, int32, int64, integer, long, short",
    ),
    (
        INTEGER,
        "mediumint, serial, smallint, smallserial, tinyint, uint8, uint16, uint32, uinteger, usmallint, utinyint",
    ),
    (FLOAT, "double, double precision, float, float4, float8, float32, float64, real"),
    (BOOLEAN, "bool, boolean, logical"),
    (DATE, "date"),
    (
        TIMESTAMP,
        "datetime, timestamp, timestamp_ms, timestamp_ns, timestamp_s, timestamp_us, timestamptz, timestamp_tz",
    ),
    (TIMESTAMP, "timestamp_ltz, timestamp_ntz, timestampltz, timestampntz"),
)
_NAMES = {word: kind for kind, words in _WORDS for word in words.split(", ")}
_WIDE = {"hugeint": 38, "int128": 38, "uhugeint": 38, "uint128": 38, "ubigint": 20, "uint64": 20}
_EXACT = {"numeric", "decimal", "dec", "bignumeric", "bigdecimal"}
_ZONED = {"timestamptz", "timestamp_tz", "timestamp_ltz", "timestampltz"}

_ZONE = re.compile(r"\s+(with(?:out)?(?: local)?) time zone$")
_SHAPE = re.compile(r"(?P<name>[a-z_][a-z0-9_ ]*?)\s*(?:\((?P<arguments>.*)\))?")
_SUFFIX = re.compile(r"(?P<of>.+?)\s*(?:\[\s*\d*\s*\]|\s+array)")
_PREFIX = re.compile(r"(?:array|list)\s*(?:<(?P<angle>.*)>|\((?P<round>.*)\))")
_INTEGERS = re.compile(r"\s*(\d{1,4})\s*(?:,\s*(-?\d{1,4})\s*)?")


def type_of(data_type: str) -> Type | None:
    """The language's type for a warehouse's type name, in any case; None where there is none (json, time, bytes, struct, …)."""
    text = _normal(data_type)
    if text.startswith("_") and text[1:] in _NAMES:  # Postgres's internal name of an array
        return ListOf(_NAMES[text[1:]])
    element = _element(text)
    if element is None:
        return _scalar(text)
    of = _scalar(re.sub(r"\s+not null$", "", _normal(element)))
    return None if of is None else ListOf(of)


def has_zone(data_type: str, dialect: str) -> bool:
    """Whether values of the type are instants that the engine shows in a session's zone, not plain UTC wall times.

    `timestamp` alone is one in Spark and Databricks and in BigQuery.
    """
    text = _normal(data_type)
    zone = _ZONE.search(text)
    if zone:
        return not zone[1].startswith("without")
    name = _name(text)
    return name in _ZONED or (name == "timestamp" and dialect in ("spark", "spark2", "databricks", "bigquery"))


def inline_type(words: str) -> Type | None:
    """The type that a spec's `columns:` or `cast` spells in the language's own words; None for anything else."""
    text = _normal(words)
    if text.startswith("list of "):
        of = inline_type(text.removeprefix("list of "))
        return None if of is None or isinstance(of, ListOf) else ListOf(of)
    if text == "decimal":
        return Decimal()
    if text.startswith(("decimal(", "decimal (")):
        return _exact(text, strict=True)
    return next((kind for kind in (TEXT, INTEGER, FLOAT, BOOLEAN, DATE, TIMESTAMP) if kind.value == text), None)


def _normal(data_type: str) -> str:
    return " ".join(data_type.lower().split())


def _element(text: str) -> str | None:
    """The element's type name where the type is a list's."""
    prefix = _PREFIX.fullmatch(text)
    if prefix:
        return prefix["angle"] if prefix["angle"] is not None else prefix["round"]
    suffix = _SUFFIX.fullmatch(text)
    return suffix["of"] if suffix else None


def _name(text: str) -> str:
    shape = _SHAPE.fullmatch(text)
    return shape["name"] if shape else ""


def _scalar(text: str) -> Simple | Decimal | None:
    plain = _ZONE.sub("", text)
    if plain != text:
        return TIMESTAMP if _name(plain) in ("timestamp", "datetime") else None
    name = _name(text)
    if name in _EXACT:
        return _exact(text, strict=False)
    if name == "number":  # Snowflake's only exact type: its integers are number(38,0)
        found = _exact(text, strict=False)
        return INTEGER if text == name or (found is not None and found.scale == 0) else found
    if name in _WIDE:
        return Decimal(_WIDE[name], 0)
    return _NAMES.get(name)


def _exact(text: str, *, strict: bool) -> Decimal | None:
    """`decimal(p,s)`; without parameters the widest. `strict`: a spec's words, where what cannot be is no type."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    if shape["arguments"] is None:
        return WIDEST
    numbers = _INTEGERS.fullmatch(shape["arguments"])
    if numbers is None:
        return None
    precision, scale = int(numbers[1]), int(numbers[2] or 0)
    if strict:
        possible = shape["name"] == "decimal" and 1 <= precision <= MAX_PRECISION and 0 <= scale <= precision
        return Decimal(precision, scale) if possible else None
    scale = max(0, scale)
    return Decimal(min(max(precision, scale), MAX_PRECISION), min(scale, MAX_PRECISION))
