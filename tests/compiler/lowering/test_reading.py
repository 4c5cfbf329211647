"""Columns of many types in a warehouse, read as the language's canonical values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as Number
from typing import Any

import pytest
from sqlglot import exp

from orchestration.catalog.data_types import type_of
from orchestration.catalog.types import Type
from orchestration.compiler.lowering import read_column
from tests.compiler.lowering.engines import Engines

LARGEST = "9223372036854775807"
CASES: dict[str, list[tuple[str, list[tuple[str, Any]]]]] = {
    "both": [
        ("bigint", [("1", 1), ("null", None)]),
        ("smallint", [("-1", -1)]),
        ("numeric(18,4)", [("1.5", Number("1.5")), ("null", None)]),
        ("numeric(30,12)", [("0.123456789499", Number("0.123456789")), ("-0.1234567895", Number("-0.12345679"))]),
        ("numeric(25,2)", [(f"{LARGEST}.99", Number(f"{LARGEST}.99")), ("9223372036854775808", None), ("-1e22", None)]),
        ("numeric(38,0)", [(LARGEST, Number(LARGEST)), ("9223372036854775808", None), ("-9223372036854775808", Number(-(2**63)))]),
        ("double precision", [("'NaN'", None), ("'infinity'", None), ("'-infinity'", None), ("'-0.0'", 0.0), ("1e300", 1e300)]),
        ("real", [("0.5", 0.5), ("'NaN'", None)]),
        ("boolean", [("true", True), ("null", None)]),
        ("date", [("'2026-02-28'", dt.date(2026, 2, 28)), ("'infinity'", None), ("'-infinity'", None)]),
        ("timestamp", [("'2026-02-28 10:11:12.123456'", dt.datetime(2026, 2, 28, 10, 11, 12, 123456)), ("'infinity'", None)]),
        ("timestamp with time zone", [("'2026-02-28 10:00:00+02'", dt.datetime(2026, 2, 28, 8)), ("'infinity'", None)]),
        ("text", [("'ä'", "ä"), ("null", None)]),
        ("varchar(3)", [("'abc'", "abc")]),
        ("uuid", [("'00000000-0000-0000-0000-00000000000A'", "00000000-0000-0000-0000-00000000000a")]),
        ("text[]", [("null", None), ("array['a', null]", ["a", None])]),
        ("integer[]", [("array[1, null]", [1, None])]),
        ("double precision[]", [("array['NaN'::double precision, 1.5]", [None, 1.5]), ("null", None)]),
        ("numeric(18,4)[]", [("array[1.5, null]", [Number("1.5"), None])]),
        ("date[]", [("array['2026-01-01'::date, 'infinity'::date]", [dt.date(2026, 1, 1), None])]),
    ],
    "duckdb": [
        ("hugeint", [(LARGEST, Number(LARGEST)), ("170141183460469231731687303715884105727", None)]),
        ("ubigint", [("18446744073709551615", None), ("5", Number(5))]),
        ("utinyint", [("200", 200)]),
        ("timestamp_ns", [("'2026-02-28 10:11:12.123456789'", dt.datetime(2026, 2, 28, 10, 11, 12, 123456))]),
        ("timestamp_s", [("'2026-02-28 10:11:12'", dt.datetime(2026, 2, 28, 10, 11, 12))]),
        ("hugeint[]", [("[1, 170141183460469231731687303715884105727]", [Number(1), None])]),
    ],
    "postgres": [
        ("numeric", [("'NaN'", None), ("'infinity'", None)]),
        ("numeric", [("1e30", None), ("0.1234567895", Number("0.12345679")), ("1.5", Number("1.5"))]),
        ("integer", [("2147483647", 2**31 - 1)]),
        ("numeric(5,2)", [("'NaN'", None), ("1.25", Number("1.25"))]),
        ("numeric[]", [("array['NaN', 1.5]::numeric[]", [None, Number("1.5")]), ("'{}'", [])]),
        ("character(3)", [("'a'", "a")]),
        ("name", [("'a'", "a")]),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "data_type", "values"),
    [
        (dialect, data_type, values)
        for group, cases in CASES.items()
        for data_type, values in cases
        for dialect in (("duckdb", "postgres") if group == "both" else (group,))
    ],
)
def test_reading(engines: Engines, dialect: str, data_type: str, values: list[tuple[str, Any]]) -> None:
    kind = type_of(data_type)
    assert kind is not None
    engines.run(dialect, "drop table if exists source")
    engines.run(dialect, f'create temp table source (number_ int, "value it\'s" {data_type})')
    for position, (written, _) in enumerate(values):
        engines.run(dialect, f"insert into source values ({position}, {written})")
    found = engines.run(dialect, selected(data_type, kind, dialect))
    assert found == [(wanted,) for _, wanted in values]
    for (value,) in found:
        assert str(value) != "-0.0"


def selected(data_type: str, kind: Type, dialect: str) -> str:
    tree = read_column("value it's", kind, data_type, dialect)
    return exp.select(exp.alias_(tree, "read")).from_("source").order_by("number_").sql(dialect)


def test_a_plain_column_stays_plain() -> None:
    kinds = {"bigint": "bigint", "text": "text", "boolean": "boolean", "numeric(18,4)": "numeric(18,4)"}
    for data_type in kinds:
        kind = type_of(data_type)
        assert kind is not None
        assert read_column("x", kind, data_type, "duckdb").sql("duckdb") == '"x"'
    moment = type_of("timestamp")
    assert moment is not None
    assert read_column("x", moment, "timestamp", "postgres", bounded=True).sql("postgres") == '"x"'
