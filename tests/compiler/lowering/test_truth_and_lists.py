"""Three-valued truth, choice and lists on both engines, against Python."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal as Number
from typing import Any

import pytest

from orchestration.catalog.types import BOOLEAN, DATE, FLOAT, INTEGER, NULL, TEXT, TIMESTAMP, Decimal, ListOf, Type
from orchestration.compiler.lowering import HANDLERS
from orchestration.language.expression import OPERATIONS, Expression
from orchestration.language.numbers import unify
from tests.compiler.lowering.engines import DIALECTS, TODAY_DATE, Engines, call, column, constant

TRUTHS = (True, False, None)
NOTHING = constant(None, NULL)


def test_every_operation_is_lowered() -> None:
    assert HANDLERS.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_truth(engines: Engines, dialect: str) -> None:
    rows = [{"a": a, "b": b, "c": c} for a, b, c in itertools.product(TRUTHS, repeat=3)]
    engines.fill(dialect, dict.fromkeys("abc", BOOLEAN), rows)
    a, b, c = (column(n, BOOLEAN) for n in "abc")
    trees = [
        call("and", a, b, c), call("or", a, b, c), call("not", call("or", a, call("not", b))), call("is_null", a),
        call("is_true", call("and", a, b)), call("not", call("is_null", a)), call("and", a, call("or", b, c)),
        call("or", a, NOTHING),
        call("eq", a, b), call("and", call("eq", a, b), call("in", c, a, True)), call("is_true", call("not", a)),
        call("not", call("eq", a, True)),
    ]  # fmt: skip
    for row, values in zip(rows, engines.values(dialect, trees), strict=True):
        x, y, z = row["a"], row["b"], row["c"]
        both = all_of([x, y])
        equal = None if x is None or y is None else x == y
        among = None if z is None else True if z in (x, True) else None if x is None else False
        wanted = [
            all_of([x, y, z]), any_of([x, y, z]), opposite(any_of([x, opposite(y)])), x is None, both is True, x is not None,
            all_of([x, any_of([y, z])]), any_of([x, None]), equal, all_of([equal, among]), opposite(x) is True, opposite(x),
        ]  # fmt: skip
        assert list(values) == wanted, row


def all_of(values: list[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def any_of(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False


def opposite(value: bool | None) -> bool | None:
    return None if value is None else not value


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_thousand_conditions(engines: Engines, dialect: str) -> None:
    engines.fill(dialect, {"n": INTEGER}, [{"n": 999}, {"n": -1}])
    n = column("n", INTEGER)
    found = engines.values(dialect, [call("or", *(call("eq", n, i) for i in range(2000)))])
    assert found == [(True,), (False,)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_numbers_of_different_types_compare_exactly(engines: Engines, dialect: str) -> None:
    kinds: dict[str, Type] = {"i": INTEGER, "d": Decimal(18, 4), "w": Decimal(28, 9), "p": Decimal(37, 18)}
    close = [2**53 + 1, 2**53, 1, 0, -1, 2**63 - 1]
    numbers: list[dict[str, Any]] = [
        {"i": n, "d": Number(n % 10**13) / 2, "w": Number(n) + Number("1e-9"), "p": Number(n) - Number("1e-18")}
        for n in close
    ]
    numbers[-1] |= {"w": Number(2**63 - 1), "p": Number(2**63 - 1)}
    rows: list[dict[str, Any]] = [
        {**{f"l{k}": v for k, v in a.items()}, **{f"r{k}": v for k, v in b.items()}} for a in numbers for b in numbers
    ]
    engines.fill(dialect, {f"{side}{n}": k for side in "lr" for n, k in kinds.items()}, rows)
    pairs = list(itertools.product(kinds, kinds))
    trees: list[Expression] = []
    for left, right in pairs:
        a, b = column(f"l{left}", kinds[left]), column(f"r{right}", kinds[right])
        together = unify((kinds[left], kinds[right]))
        assert together is not None
        trees += [call(op, a, b) for op in ("eq", "lt", "ge")] + [call("in", a, b, 7, Number("0.5"))]
        trees += [call("least", a, b, type=together), call("greatest", a, b, 3, type=together)]
        trees += [
            call("nullif", a, b, type=kinds[left]),
            call("coalesce", call("nullif", a, b, type=kinds[left]), b, type=together),
        ]
    for row, values in zip(rows, engines.values(dialect, trees), strict=True):
        for (left, right), start in zip(pairs, range(0, len(trees), 8), strict=True):
            x, y = row[f"l{left}"], row[f"r{right}"]
            among = x in (y, 7, Number("0.5"))
            wanted = (x == y, x < y, x >= y, among, min(x, y), max(x, y, 3), None if x == y else x, y if x == y else x)
            assert values[start : start + 8] == wanted, (left, right, x, y)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_choice(engines: Engines, dialect: str) -> None:
    day, time = dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, 12)
    kinds: dict[str, Type] = {"t": TEXT, "n": INTEGER, "d": DATE, "z": TIMESTAMP, "x": FLOAT, "b": BOOLEAN}
    engines.fill(dialect, kinds, [{"t": "a", "n": 1, "d": day, "z": time, "x": 0.5, "b": True}, {}])
    columns = {n: column(n, k) for n, k in kinds.items()}
    defaults: dict[str, Any] = {"t": "", "n": 0, "d": TODAY_DATE, "z": dt.datetime(1970, 1, 1), "x": 0.0, "b": False}
    given: dict[str, Any] = {"t": "a", "n": 1, "d": day, "z": time, "x": 0.5, "b": True}
    trees: list[Expression] = []
    for n, k in kinds.items():
        c, default = columns[n], defaults[n]
        trees += [
            call("coalesce", NOTHING, c, default, type=k),
            call("case", call("is_null", c), NOTHING, call("eq", c, given[n]), default, NOTHING, type=k),
            call("case", NOTHING, c, default, type=k),
            call("coalesce", NOTHING, NOTHING, type=k),
            call("least", c, NOTHING, default, type=k),
            call("nullif", c, given[n], type=k),
        ]
    first, second = engines.values(dialect, trees)
    wanted_first: list[Any] = []
    wanted_second: list[Any] = []
    for n in kinds:
        g, e = given[n], defaults[n]
        wanted_first += [g, e, e, None, min(g, e), None]
        wanted_second += [e, None, e, None, e, None]
    assert list(first) == wanted_first
    assert list(second) == wanted_second


@pytest.mark.parametrize("dialect", DIALECTS)
def test_lists(engines: Engines, dialect: str) -> None:
    texts: list[Any] = [None, [], ["a"], ["a", None], [None], ["b", "a", "a"], ["it's", "\\", "{x}"], ["A"]]
    whole: list[Any] = [None, [], [1], [1, None], [None], [2, 1, 1], [2**63 - 1], [3]]
    sought: list[Any] = ["a", "a", "a", None, None, "b", "\\", ""]
    kinds: dict[str, Type] = {"l": ListOf(TEXT), "n": ListOf(INTEGER), "s": TEXT, "d": ListOf(DATE)}
    days = [None if n is None else [m and dt.date(2026, 1, 1) + dt.timedelta(days=m % 7) for m in n] for n in whole]
    rows = [{"l": t, "n": n, "s": s, "d": d} for t, n, s, d in zip(texts, whole, sought, days, strict=True)]
    engines.fill(dialect, kinds, rows)
    items, numbers, s, dates = (column(n, k) for n, k in kinds.items())
    trees: list[Expression] = [
        call("array_contains", items, "a"), call("array_contains", items, s), call("array_contains", numbers, 1),
        call("array_contains", items, call("concat", s, "", type=TEXT)), call("array_any", items, "a", "\\"),
        call("array_all", items, "a", "b"),
        call("array_all", items, "a"), call("array_length", items, type=INTEGER),
        call("array_any", numbers, 1, 2**63 - 1),
        call("array_contains", dates, dt.date(2026, 1, 2)), call("array_length", dates, type=INTEGER),
        call("array_contains", items, constant(None, TEXT)),
    ]  # fmt: skip
    for row, values in zip(rows, engines.values(dialect, trees), strict=True):
        held, n, one, d = row["l"], row["n"], row["s"], row["d"]
        if held is None:
            assert set(values) == {None}
            continue
        contains = None if one is None else one in held
        wanted = [
            "a" in held, contains, 1 in n, contains, bool({"a", "\\"} & set(held)), {"a", "b"} <= set(held), "a" in held,
            sum(v is not None for v in held), bool({1, 2**63 - 1} & set(n)), dt.date(2026, 1, 2) in d,
            sum(v is not None for v in d), None,
        ]  # fmt: skip
        assert list(values) == wanted, row
