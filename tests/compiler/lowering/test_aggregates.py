"""Aggregates of groups of rows, on both engines, against Python; in any order of rows and any number of threads."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal as Number
from fractions import Fraction
from typing import Any

import pytest
from sqlglot import exp

from orchestration.catalog.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, Decimal, ListOf, Type
from orchestration.compiler.lowering import aggregate
from orchestration.language.aggregates import AGGREGATES, BY_NAME, aggregate_type
from tests.compiler.lowering.engines import DIALECTS, Engines, assert_sound

MAX, MIN = 2**63 - 1, -(2**63)
KINDS: dict[str, Type] = {
    "i": INTEGER, "d": Decimal(18, 4), "w": Decimal(28, 9), "m": Decimal(30, 12), "x": FLOAT, "t": TEXT, "b": BOOLEAN,
    "day": DATE, "z": TIMESTAMP,
}  # fmt: skip
NUMBERS = ("i", "d", "w", "m", "x")
START = dt.datetime(2026, 1, 1)


def rounded(value: Fraction, places: int) -> Fraction:
    whole = math.floor(abs(value) * 10**places + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10**places)


def limited(value: Fraction) -> Fraction | None:
    return value if MIN <= math.trunc(value) <= MAX else None


def exact(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    whole = math.floor(abs(value) * 1e6 + 0.5)
    return Fraction(whole if value > 0 else -whole, 10**6) if whole <= MAX else None


def expected(name: str, found: Sequence[tuple[Any, dt.datetime]]) -> Any:
    present = [(v, at) for v, at in found if v is not None]
    if name in ("min", "max"):
        return (min if name == "min" else max)((v for v, _ in present), default=None)
    if name == "count":
        return len(present)
    counted = [(exact(v), at) for v, at in present if exact(v) is not None]
    values = [v for v, _ in counted]
    if name in ("count_distinct", "days"):
        return len(set(values))
    if name == "sum":
        return limited(sum((Fraction(v) for v in values), Fraction(0)))
    if not values:
        return None
    match name:
        case "first" | "last":
            end = (min if name == "first" else max)(at for _, at in counted)
            return min(v for v, at in counted if at == end)
        case "most_frequent" | "least_frequent":
            counts = Counter(values)
            wanted = (max if name == "most_frequent" else min)(counts.values())
            return min(v for v, n in counts.items() if n == wanted)
        case "list":
            return sorted(set(values))
        case "avg":
            return rounded(sum(map(Fraction, values), Fraction(0)) / len(values), 9)
        case "median":
            ranked = sorted(map(Fraction, values))
            return rounded((ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2, 9)
    return deviation([rounded(Fraction(v), 6) for v in values])


def deviation(values: Sequence[Fraction]) -> Fraction | None:
    if len(values) < 2:
        return None
    mean = rounded(sum(values, Fraction(0)) / len(values), 6)
    squares = sum(((v - mean) ** 2 for v in values), Fraction(0))
    if squares >= 10**25:
        return None
    doubled = math.isqrt(math.floor(4 * squares / (len(values) - 1) * 10**8))
    return Fraction((doubled + 1) // 2, 10**4)


def groups() -> dict[int, list[dict[str, Any]]]:
    generator = random.Random(12)

    def row(size: int) -> dict[str, Any]:
        return {
            "i": generator.randint(-size, size),
            "d": Number(generator.randint(-size, size)).scaleb(-4),
            "w": Number(generator.randint(-size, size)).scaleb(-9),
            "m": Number(generator.randint(-size, size)).scaleb(-12),
            "x": generator.uniform(-1, 1) * size / 7,
            "t": generator.choice(["a", "b", "B", "ä", "", "Z", "😀", "a "]),
            "b": generator.random() < 0.5,
            "day": dt.date(2026, 1, 1) + dt.timedelta(days=generator.randrange(5)),
            "z": START + dt.timedelta(hours=generator.randrange(5), microseconds=generator.randrange(2)),
        }

    found = {n: [row(10 ** generator.randint(0, 15)) for _ in range(generator.randrange(1, 12))] for n in range(60)}
    found[100] = [{}]
    found[101] = [row(5), {}, {}]
    found[102] = [
        {"i": MAX, "d": Number("99999999999999.9999"), "w": Number(MAX), "m": Number(MAX // 10), "x": 9e12}
    ] * 3
    found[103] = [
        {"i": MIN, "d": Number("-99999999999999.9999"), "w": Number(MIN), "m": Number(MIN // 10), "x": -9e12}
    ] * 3
    found[104] = [*found[102], *found[103]]
    found[105] = [
        {"i": MAX},
        {"i": MAX - 1},
        {"i": MAX - 4},
        {"w": Number(MAX)},
        {"w": Number(MAX) - Number("0.000000001")},
    ]
    found[106] = [{"i": 1, "x": -0.0}, {"i": 2, "x": 0.0}, {"x": 1e300}, {"x": 5e-7}, {"x": -5e-7}]
    found[107] = [{"i": n, "d": Number(n) / 2, "x": n / 3} for n in range(100)]
    found[108] = [row(10) for _ in range(3)] * 4
    found[109] = [{"i": 3 * 10**9 * (-1) ** n, "d": Number(10**12 * (-1) ** n)} for n in range(6)]
    for rows in found.values():
        for position, one in enumerate(rows):
            rows[position] = one | {
                "at": START + dt.timedelta(minutes=generator.randrange(4)),
                "counts": generator.random() < 0.8,
            }
    return found


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_aggregate_of_every_type(engines: Engines, dialect: str) -> None:
    given = groups()
    rows = [row | {"g": group} for group, members in given.items() for row in members]
    random.Random(1).shuffle(rows)
    columns: dict[str, Type] = KINDS | {"g": INTEGER, "at": TIMESTAMP, "counts": BOOLEAN}
    engines.fill(dialect, columns, rows)
    asked = [
        (a.name, column, condition)
        for a in AGGREGATES
        for column, kind in KINDS.items()
        for condition in (True, False)
        if not isinstance(aggregate_type(a.name, kind), str)
    ]
    trees = [
        aggregate(name, exp.column(c), KINDS[c], exp.column("at"), exp.column("counts") if filtered else None, dialect)
        for name, c, filtered in asked
    ]
    for tree in trees:
        assert_sound(tree)
    selected = [exp.alias_(tree, f"c{n}") for n, tree in enumerate(trees)]
    query = exp.select("g", *selected).from_("given").group_by("g").order_by("g").sql(dialect)
    for group, *values in engines.run(dialect, query):
        for (name, column, filtered), value in zip(asked, values, strict=True):
            members = [(r.get(column), r["at"]) for r in given[group] if r["counts"] or not filtered]
            wanted = expected(name, members)
            found = [Fraction(v) for v in value] if isinstance(value, list) and column in NUMBERS else value
            assert same(found, wanted, column), (name, column, filtered, group, members, value, wanted)


def same(found: Any, wanted: Any, column: str) -> bool:
    if found is None or wanted is None:
        return found is None and wanted is None
    if isinstance(found, list):
        return bool(found == ([Fraction(v) for v in wanted] if column in NUMBERS else wanted))
    if column in NUMBERS and not isinstance(found, bool):
        return Fraction(found) == Fraction(wanted)
    return bool(found == wanted)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_rows_and_days_without_an_argument(engines: Engines, dialect: str) -> None:
    engines.fill(dialect, {"n": INTEGER}, [{"n": 1}, {"n": None}, {"n": 3}])
    condition = exp.column("n").is_(exp.null())
    trees = [aggregate("count", None, None, None, c, dialect) for c in (None, condition)]
    query = exp.select(*(exp.alias_(t, f"c{i}") for i, t in enumerate(trees))).from_("given").sql(dialect)
    assert engines.run(dialect, query) == [(3, 1)]


def test_the_same_in_every_order(engines: Engines) -> None:
    generator = random.Random(2)
    rows = [{"x": generator.uniform(-1, 1) * 10 ** generator.randint(-6, 9)} for _ in range(3000)]
    results = set()
    for threads in (1, 2, 4):
        generator.shuffle(rows)
        engines.fill("duckdb", {"x": FLOAT}, rows)
        engines.run("duckdb", f"set threads = {threads}")
        trees = [aggregate(n, exp.column("x"), FLOAT, None, None, "duckdb") for n in ("sum", "avg", "stddev", "median")]
        query = exp.select(*(exp.alias_(t, f"c{i}") for i, t in enumerate(trees))).from_("given").sql("duckdb")
        results.add(engines.run("duckdb", query)[0])
    engines.run("duckdb", "set threads = 2")
    assert len(results) == 1


def test_types_of_results() -> None:
    wanted: dict[tuple[str, Type | None], Type] = {
        ("count", None): INTEGER,
        ("days", None): INTEGER,
        ("sum", INTEGER): INTEGER,
        ("sum", Decimal(18, 4)): Decimal(23, 4),
        ("sum", FLOAT): Decimal(25, 6),
        ("avg", FLOAT): Decimal(28, 9),
        ("min", FLOAT): FLOAT,
        ("first", FLOAT): Decimal(19, 6),
        ("last", TEXT): TEXT,
        ("list", TEXT): ListOf(TEXT),
        ("stddev", INTEGER): Decimal(23, 4),
    }
    assert {key: aggregate_type(*key) for key in wanted} == wanted
    refused = [
        ("sum", TEXT),
        ("avg", None),
        ("list", ListOf(TEXT)),
        ("days", TEXT),
        ("sum", Decimal(38, 18)),
        ("min", None),
    ]
    assert all(isinstance(aggregate_type(name, kind), str) for name, kind in refused)
    assert {name for name, a in BY_NAME.items() if a.of_nothing == 0} == {"count", "count_distinct", "days", "sum"}
