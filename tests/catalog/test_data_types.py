"""Names of types, as five warehouses write them."""

import pytest

from orchestration.catalog.data_types import has_zone, inline_type, type_of
from orchestration.catalog.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Decimal, ListOf, Type

NAMES: list[tuple[str, Type | None]] = [
    ("VARCHAR", TEXT),
    ("varchar(255)", TEXT),
    ("character varying", TEXT),
    ("character varying(20)", TEXT),
    ("STRING", TEXT),
    ("bpchar", TEXT),
    ("ENUM('a', 'b)')", TEXT),
    ("uuid", TEXT),
    ("int8", INTEGER),
    ("INT64", INTEGER),
    ("smallint", INTEGER),
    ("NUMBER(38,0)", INTEGER),
    ("number", INTEGER),
    ("NUMBER(12, 2)", Decimal(12, 2)),
    ("numeric(18,2)", Decimal(18, 2)),
    ("DECIMAL(18, 3)", Decimal(18, 3)),
    ("numeric(10)", Decimal(10, 0)),
    ("numeric", Decimal(38, 9)),
    ("NUMERIC(50,10)", Decimal(38, 10)),
    ("BIGNUMERIC", Decimal(38, 9)),
    ("HUGEINT", Decimal(38, 0)),
    ("UBIGINT", Decimal(20, 0)),
    ("double precision", FLOAT),
    ("real", FLOAT),
    ("FLOAT64", FLOAT),
    ("float(24)", FLOAT),
    ("bool", BOOLEAN),
    ("date", DATE),
    ("timestamp", TIMESTAMP),
    ("timestamp(6) without time zone", TIMESTAMP),
    ("TIMESTAMP WITH TIME ZONE", TIMESTAMP),
    ("timestamptz", TIMESTAMP),
    ("TIMESTAMP_NTZ(9)", TIMESTAMP),
    ("DATETIME", TIMESTAMP),
    ("text[]", ListOf(TEXT)),
    ("VARCHAR []", ListOf(TEXT)),
    ("character varying(10)[]", ListOf(TEXT)),
    ("INTEGER[3]", ListOf(INTEGER)),
    ("numeric(12,2)[]", ListOf(Decimal(12, 2))),
    ("array<string>", ListOf(TEXT)),
    ("ARRAY(VARCHAR NOT NULL)", ListOf(TEXT)),
    ("_text", ListOf(TEXT)),
    ("text[][]", None),
    ("array<array<string>>", None),
    ("ARRAY", None),
    ("json", None),
    ("time", None),
    ("time without time zone", None),
    ("STRUCT(a INTEGER)", None),
    ("MAP(VARCHAR, INTEGER)", None),
    ("bytea", None),
    ("interval", None),
    ("numeric(a,b)", None),
    ("{{ my_type() }}", None),
    ("", None),
]


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_a_warehouse_type_name(name: str, expected: Type | None) -> None:
    assert type_of(name) == expected


@pytest.mark.parametrize(
    ("name", "dialect", "zoned"),
    [
        ("timestamp", "duckdb", False),
        ("timestamp", "postgres", False),
        ("timestamp", "spark", True),
        ("timestamp_ntz", "spark", False),
        ("timestamp", "bigquery", True),
        ("datetime", "bigquery", False),
        ("timestamptz", "postgres", True),
        ("timestamp(3) with time zone", "postgres", True),
        ("timestamp without time zone", "spark", False),
        ("TIMESTAMP_LTZ(9)", "snowflake", True),
        ("text", "spark", False),
    ],
)
def test_zones(name: str, dialect: str, zoned: bool) -> None:
    assert has_zone(name, dialect) is zoned


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("text", TEXT),
        ("integer", INTEGER),
        ("decimal", Decimal(18, 4)),
        ("decimal(12,2)", Decimal(12, 2)),
        ("decimal(12)", Decimal(12, 0)),
        ("decimal(39,2)", None),
        ("decimal(2,3)", None),
        ("decimal(12,-2)", None),
        ("decimals", None),
        ("float", FLOAT),
        ("boolean", BOOLEAN),
        ("date", DATE),
        ("timestamp", TIMESTAMP),
        ("list of text", ListOf(TEXT)),
        ("list of  decimal(12, 2)", ListOf(Decimal(12, 2))),
        ("list of list of text", None),
        ("varchar", None),
        ("", None),
    ],
)
def test_the_words_of_a_spec(words: str, expected: Type | None) -> None:
    assert inline_type(words) == expected
