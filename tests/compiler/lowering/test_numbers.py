"""Arithmetic against Python's fractions, on both engines, with the extremes."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from decimal import Decimal as Number
from fractions import Fraction
from typing import Any

import pytest

from orchestration.catalog.types import FLOAT, INTEGER, Decimal, Type
from orchestration.language import numbers
from orchestration.language.expression import Expression
from tests.compiler.lowering.engines import DIALECTS, Engines, call, column, constant

MAX, MIN = 2**63 - 1, -(2**63)
RULES: dict[str, Callable[[Expression, Expression], Type | str]] = {
    "add": numbers.add_type,
    "subtract": numbers.add_type,
    "multiply": numbers.multiply_type,
    "divide": numbers.divide_type,
    "modulo": numbers.modulo_type,
}
SHAPES: dict[str, Type] = {
    "i": INTEGER,
    "d": Decimal(18, 4),
    "e": Decimal(5, 2),
    "f": Decimal(9, 9),
    "w": Decimal(28, 9),
    "x": Decimal(19, 0),
}


def samples(kind: Type, generator: random.Random) -> list[Fraction | None]:
    shape = numbers.as_decimal(kind)
    most = min(10**shape.precision - 1, (MAX + 1) * 10**shape.scale - 1)
    if kind is INTEGER:
        most = MAX
    edges = [0, 1, -1, 5, -5, most, -most, most // 2, 3 * 10**shape.scale, -7 * 10**shape.scale]
    if kind is INTEGER:
        edges += [MIN, MIN + 1, 2**53 + 1, 3037000500]
    edges += [generator.randint(-most, most) for _ in range(8)]
    edges += [generator.randint(-min(most, 10**4), min(most, 10**4)) for _ in range(10)]
    return [None, *(Fraction(e, 10**shape.scale) for e in edges if abs(e) <= most or (kind is INTEGER and e == MIN))]


def limited(value: Fraction) -> Fraction | None:
    return value if MIN <= math.trunc(value) <= MAX else None


def rounded(value: Fraction, places: int) -> Fraction:
    whole = math.floor(abs(value) * 10**places + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10**places)


def expected(operation: str, a: Fraction | None, b: Fraction | None) -> Fraction | None:
    if a is None or b is None:
        return None
    match operation:
        case "add":
            return limited(a + b)
        case "subtract":
            return limited(a - b)
        case "multiply":
            return limited(a * b)
        case "divide":
            return limited(rounded(a / b, 9)) if b else None
        case "modulo":
            return a - b * math.trunc(a / b) if b else None
    raise AssertionError(operation)


def as_value(value: Fraction | None, kind: Type) -> Any:
    if value is None:
        return None
    if kind is INTEGER:
        return int(value)
    return exact_decimal(value, numbers.as_decimal(kind).scale)


def exact_decimal(value: Fraction, scale: int) -> Number:
    return Number(f"{int(value * 10**scale)}E-{scale}")


def same(found: Any, wanted: Fraction | None) -> bool:
    return found is None if wanted is None else found is not None and Fraction(found) == wanted


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_columns_of_every_shape(engines: Engines, dialect: str) -> None:
    generator = random.Random(7)
    pairs = list(itertools.product(SHAPES, SHAPES))
    columns: dict[str, Type] = {}
    rows: list[dict[str, Any]] = [{} for _ in range(160)]
    a: Any
    b: Any
    for left, right in pairs:
        columns |= {f"l{left}{right}": SHAPES[left], f"r{left}{right}": SHAPES[right]}
        values = list(itertools.product(samples(SHAPES[left], generator), samples(SHAPES[right], generator)))
        for row, (a, b) in zip(rows, generator.sample(values, len(rows)), strict=True):
            row[f"l{left}{right}"], row[f"r{left}{right}"] = a, b
    stored = [{n: as_value(row[n], kind) for n, kind in columns.items()} for row in rows]
    engines.fill(dialect, columns, stored)
    asked: list[tuple[str, str, str]] = []
    trees: list[Expression] = []
    for (left, right), operation in itertools.product(pairs, RULES):
        a, b = (column(f"{side}{left}{right}", SHAPES[s]) for side, s in (("l", left), ("r", right)))
        kind = RULES[operation](a, b)
        if not isinstance(kind, str):
            asked.append((operation, f"l{left}{right}", f"r{left}{right}"))
            trees.append(call(operation, a, b, type=kind))
    assert len(asked) > 100
    for row, found in zip(rows, engines.values(dialect, trees), strict=True):
        for (operation, left, right), value in zip(asked, found, strict=True):
            wanted = expected(operation, row[left], row[right])
            assert same(value, wanted), (operation, left, row[left], row[right], value, wanted)


LITERALS: Sequence[Any] = [0, 1, -1, 2, 1000000, MAX, Number("0.5"), Number("-0.000000001"), Number("123456.789")]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_column_and_a_literal(engines: Engines, dialect: str) -> None:
    generator = random.Random(8)
    picked = {name: samples(kind, generator) for name, kind in SHAPES.items()}
    rows = [{n: v[i] if i < len(v) else None for n, v in picked.items()} for i in range(30)]
    engines.fill(dialect, SHAPES, [{n: as_value(row[n], SHAPES[n]) for n in SHAPES} for row in rows])
    asked: list[tuple[str, str, Any, bool]] = []
    trees: list[Expression] = []
    for name, literal, operation, swapped in itertools.product(SHAPES, LITERALS, RULES, (False, True)):
        arguments: list[Expression] = [column(name, SHAPES[name]), constant(literal)]
        if swapped:
            arguments.reverse()
        kind = RULES[operation](*arguments)
        if not isinstance(kind, str):
            asked.append((operation, name, literal, swapped))
            trees.append(call(operation, *arguments, type=kind))
    for row, found in zip(rows, engines.values(dialect, trees), strict=True):
        for (operation, name, literal, swapped), value in zip(asked, found, strict=True):
            a, b = row[name], Fraction(literal)
            wanted = expected(operation, b, a) if swapped else expected(operation, a, b)
            assert same(value, wanted), (operation, name, row[name], literal, swapped, value, wanted)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_functions_of_one_number(engines: Engines, dialect: str) -> None:
    generator = random.Random(9)
    picked = {name: samples(kind, generator) for name, kind in SHAPES.items()}
    rows = [{n: v[i] if i < len(v) else None for n, v in picked.items()} for i in range(30)]
    rows[0]["d"], rows[1]["d"], rows[2]["d"] = Fraction(5, 2), Fraction(-5, 2), Fraction(-5, 10**4)
    engines.fill(dialect, SHAPES, [{n: as_value(row[n], SHAPES[n]) for n in SHAPES} for row in rows])
    asked: list[tuple[str, Callable[[Fraction], Fraction | None]]] = []
    trees: list[Expression] = []
    for name, kind in SHAPES.items():
        x = column(name, kind)
        trees += [call("negate", x, type=kind), call("abs", x, type=kind)]
        asked += [(name, lambda v: limited(-v)), (name, lambda v: limited(abs(v)))]
        trees += [call(f, x, type=INTEGER) for f in ("floor", "ceil", "sign")]
        asked += [(name, lambda v: limited(Fraction(math.floor(v)))), (name, lambda v: limited(Fraction(math.ceil(v))))]
        asked += [(name, lambda v: Fraction((v > 0) - (v < 0)))]
        for places in (0, 1, 3, 9):
            trees.append(call("round", x, places, type=numbers.round_type(x, places)))
            asked.append((name, lambda v, p=places: limited(rounded(v, p))))  # type: ignore[misc]
    for row, found in zip(rows, engines.values(dialect, trees), strict=True):
        for (name, meaning), value, tree in zip(asked, found, trees, strict=True):
            v = row[name]
            assert same(value, None if v is None else meaning(v)), (tree, v, value)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nested_arithmetic_stays_small(engines: Engines, dialect: str) -> None:
    engines.fill(
        dialect, {"i": INTEGER, "d": Decimal(18, 4)}, [{"i": 3, "d": Number("2.5")}, {"i": MAX, "d": Number("0.5")}]
    )
    i, d = column("i", INTEGER), column("d", Decimal(18, 4))
    many: Expression = i
    ratio: Expression = call("divide", i, d, type=numbers.QUOTIENT)
    for _ in range(30):
        many = call("negate", call("add", many, 1, type=INTEGER), type=INTEGER)
        ratio = call("add", ratio, call("divide", i, d, type=numbers.QUOTIENT), type=numbers.QUOTIENT)
    found = engines.values(dialect, [many, ratio])
    assert found[0][0] == 3
    assert Fraction(found[0][1]) == Fraction(31 * 12, 10)
    assert found[1] == (None, None)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_floats_become_millionths(engines: Engines, dialect: str) -> None:
    generator = random.Random(10)
    doubles = [0.0, 0.5, -0.5, 0.0000005, -0.0000005, 1e-300, 1.5e308, -1.5e308, 9223372036854.775, 9223372036854.776]
    doubles += [9223372036854.777, -9223372036854.775, 123456789.1234565, 2.5e-6, 1e13, -1e13, 4503599627370.4975]
    doubles += [generator.uniform(-1, 1) * 10 ** generator.randint(-7, 12) for _ in range(3000)]
    engines.fill(dialect, {"x": FLOAT}, [{"x": x} for x in [None, *doubles]])
    found = engines.values(dialect, [call("to_exact", column("x", FLOAT), type=numbers.MILLIONTHS)])
    for x, (value,) in zip([None, *doubles], found, strict=True):
        whole = None if x is None or math.isinf(x * 1e6) else math.floor(abs(x) * 1e6 + 0.5)
        wanted = (
            None if x is None or whole is None or whole > MAX + (x < 0) else Fraction(whole if x > 0 else -whole, 10**6)
        )
        assert same(value, wanted), (x, value, wanted)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_nearest_double(engines: Engines, dialect: str) -> None:
    generator = random.Random(11)
    wide = [generator.randint(-(10**27), 10**27) for _ in range(3000)]
    narrow = [generator.randint(-(10**17), 10**17) for _ in range(3000)]
    rows: list[dict[str, Any]] = [
        {"w": Number(f"{a}E-9"), "d": Number(f"{b}E-4"), "i": b} for a, b in zip(wide, narrow, strict=True)
    ]
    engines.fill(dialect, {"w": Decimal(28, 9), "d": Decimal(18, 4), "i": INTEGER}, rows)
    kinds: list[tuple[str, Type]] = [("w", Decimal(28, 9)), ("d", Decimal(18, 4)), ("i", INTEGER)]
    found = engines.values(dialect, [call("to_float", column(n, k), type=FLOAT) for n, k in kinds])
    for row, values in zip(rows, found, strict=True):
        assert values == tuple(float(row[n]) for n, _ in kinds), row
