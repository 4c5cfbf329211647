"""What the SQL of everyday expressions looks like: the plain tree where it is right."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlglot import exp

from orchestration.catalog.types import BOOLEAN, DATE, INTEGER, TEXT, TIMESTAMP, Decimal, Type
from orchestration.compiler.lowering import Lowering, aggregate, lower
from orchestration.language import numbers
from orchestration.language.expression import Expression, Measure, MeasureRef, StreamSource, Window
from orchestration.language.zone import Zone
from tests.compiler.lowering.engines import call, column, constant, lowering

WHOLE, D, T, B = column("i", INTEGER), column("d", Decimal(18, 4)), column("t", TEXT), column("b", BOOLEAN)
DAY, AT = column("day", DATE), column("at", TIMESTAMP)


@pytest.mark.parametrize(
    ("expression", "duckdb", "postgres"),
    [
        (call("ge", WHOLE, 4), '"i" >= 4', '"i" >= 4'),
        (call("eq", T, "it's"), "\"t\" = 'it''s'", "\"t\" = 'it''s'"),
        (call("and", B, call("or", B, call("eq", WHOLE, 1))), '"b" AND ("b" OR "i" = 1)', '"b" AND ("b" OR "i" = 1)'),
        (call("not", call("is_null", T)), 'NOT "t" IS NULL', 'NOT "t" IS NULL'),
        (call("in", T, "a", "b"), "\"t\" IN ('a', 'b')", "\"t\" IN ('a', 'b')"),
        (call("add", D, 1, type=Decimal(19, 4)), '"d" + 1', '"d" + 1'),
        (call("add", WHOLE, 1, type=INTEGER), 'TRY_CAST(CAST("i" AS INT128) + 1 AS BIGINT)', None),
        (call("modulo", WHOLE, 7, type=INTEGER), '"i" % 7', '"i" % 7'),
        (call("round", D, 2, type=Decimal(17, 2)), 'ROUND("d", 2)', 'ROUND("d", 2)'),
        (call("divide", WHOLE, 100, type=numbers.QUOTIENT), None,
         'ROUND(DIV(CAST("i" AS DECIMAL) * 2000000000, 100) * 0.0000000005, 9)'),
        (call("like", T, "a%"), "\"t\" LIKE 'a%'", "\"t\" LIKE 'a%'"),
        (call("matches", T, r"^\d"), "REGEXP_MATCHES(\"t\", '^[0-9]')", "\"t\" ~ '^[0-9]'"),
        (call("ends_with", T, "ß"), "ENDS_WITH(\"t\", 'ß')", "RIGHT(\"t\", 1) = 'ß'"),
        (call("add_interval", DAY, -1, "week", type=DATE), '"day" - 7', '"day" - 7'),
        (call("add_interval", AT, 1, "month", type=TIMESTAMP), "\"at\" + INTERVAL '1' MONTH", "\"at\" + INTERVAL '1 MONTH'"),
        (call("local_date", AT, type=DATE), 'CAST("at" AS DATE)', 'CAST("at" AS DATE)'),
        (call("local_midnight", DAY, type=TIMESTAMP), 'CAST("day" AS TIMESTAMP)', 'CAST("day" AS TIMESTAMP)'),
        (call("lt", DAY, dt.date(2026, 1, 1)), "\"day\" < CAST('2026-01-01' AS DATE)", None),
        (call("lt", WHOLE, -5), '"i" < (-5)', '"i" < (-5)'),
    ],
)  # fmt: skip
def test_the_shortest_tree(expression: Expression, duckdb: str | None, postgres: str | None) -> None:
    for dialect, wanted in (("duckdb", duckdb), ("postgres", postgres)):
        if wanted is not None:
            assert lower(expression, lowering(dialect)).sql(dialect) == wanted


def test_an_offset_is_looked_up_among_the_zones_transitions() -> None:
    tree = lower(call("local_date", AT, type=DATE), lowering("duckdb", Zone.named("Asia/Kathmandu")))
    case = "CASE WHEN \"at\" < '1985-12-31 18:30:00' THEN 330 ELSE 345 END"
    assert tree.sql("duckdb") == f"CAST(\"at\" + INTERVAL '1' MINUTE * {case} AS DATE)"


def test_a_ratio_of_counts_needs_no_guard() -> None:
    measure = Measure(StreamSource("usage", (), ("user",)), "count", None, None, Window(), INTEGER)
    ratio = call("divide", MeasureRef(measure), MeasureRef(measure), type=numbers.QUOTIENT)
    context = Lowering("postgres", Zone.named("UTC"), lambda _: exp.column("n"))
    assert (
        lower(ratio, context).sql("postgres")
        == "ROUND(DIV(CAST(n AS DECIMAL) * 2000000000, NULLIF(n, 0)) * 0.0000000005, 9)"
    )


@pytest.mark.parametrize(
    ("name", "kind", "duckdb", "postgres"),
    [
        ("count", TEXT, "COUNT(v) FILTER(WHERE c)", "COUNT(v) FILTER(WHERE c)"),
        ("count_distinct", TEXT, "COUNT(DISTINCT v) FILTER(WHERE c)", "COUNT(DISTINCT v) FILTER(WHERE c)"),
        ("min", DATE, "MIN(v) FILTER(WHERE c)", "MIN(v) FILTER(WHERE c)"),
        ("max", TEXT, "MAX(v) FILTER(WHERE c)", 'MAX(v COLLATE "C") FILTER(WHERE c)'),
        ("sum", INTEGER, "TRY_CAST(COALESCE(SUM(v) FILTER(WHERE c), 0) AS BIGINT)", None),
    ],
)
def test_aggregates(name: str, kind: Type, duckdb: str, postgres: str | None) -> None:
    for dialect, wanted in (("duckdb", duckdb), ("postgres", postgres)):
        if wanted is not None:
            assert aggregate(name, exp.column("v"), kind, None, exp.column("c"), dialect).sql(dialect) == wanted


def test_other_dialects_are_refused() -> None:
    with pytest.raises(ValueError, match="no lowering for spark yet"):
        lowering("spark")


def test_constants_of_every_type() -> None:
    values = [None, True, 5, -5, 0.1, "a", dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, 2, 3, 4, 5)]
    written = [lower(constant(v, TEXT if v is None else None), lowering("duckdb")).sql("duckdb") for v in values]
    assert written == [
        "CAST(NULL AS TEXT)", "TRUE", "5", "(-5)", "CAST(0.1e0 AS DOUBLE)", "'a'", "CAST('2026-01-01' AS DATE)",
        "CAST('2026-01-01 02:03:04.000005' AS TIMESTAMP)",
    ]  # fmt: skip
