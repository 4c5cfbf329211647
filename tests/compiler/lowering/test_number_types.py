"""The types of arithmetic: digits as they are written, and what needs too many."""

from __future__ import annotations

from decimal import Decimal as Number

import pytest

from orchestration.catalog.types import DATE, FLOAT, INTEGER, NULL, TEXT, TIMESTAMP, Decimal, ListOf, Type
from orchestration.language.expression import Expression, Literal
from orchestration.language.numbers import (
    add_type,
    canonical,
    decimal_literal,
    digits,
    divide_type,
    modulo_type,
    multiply_type,
    round_type,
    unify,
)
from tests.compiler.lowering.engines import column, constant

WHOLE, D, W = column("i", INTEGER), column("d", Decimal(18, 4)), column("w", Decimal(28, 9))


@pytest.mark.parametrize(
    ("written", "kind", "counted"),
    [
        ("2", INTEGER, Decimal(1, 0)),
        ("0", INTEGER, Decimal(1, 0)),
        ("1000000", INTEGER, Decimal(7, 0)),
        ("0.5", Decimal(1, 1), Decimal(1, 1)),
        (".50", Decimal(2, 2), Decimal(2, 2)),
        ("12.0", Decimal(3, 1), Decimal(3, 1)),
        ("1e3", INTEGER, Decimal(4, 0)),
        ("9223372036854775807", INTEGER, Decimal(19, 0)),
    ],
)
def test_literals_count_as_written(written: str, kind: Type, counted: Decimal) -> None:
    literal = decimal_literal(written)
    assert literal is not None
    assert (literal.type, digits(literal)) == (kind, counted)


def test_literals_with_too_many_digits_are_none() -> None:
    assert decimal_literal("9223372036854775808") is None
    assert decimal_literal("0.0000000001") is None


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (add_type(WHOLE, WHOLE), INTEGER),
        (add_type(WHOLE, constant(1)), INTEGER),
        (add_type(D, D), Decimal(19, 4)),
        (add_type(D, constant(1)), Decimal(19, 4)),
        (add_type(D, WHOLE), Decimal(23, 4)),
        (add_type(W, W), Decimal(28, 9)),
        (multiply_type(WHOLE, WHOLE), INTEGER),
        (multiply_type(D, constant(2)), Decimal(19, 4)),
        (multiply_type(D, constant(Number("0.5"))), Decimal(19, 5)),
        (multiply_type(D, D), Decimal(27, 8)),
        (multiply_type(W, constant(100)), Decimal(28, 9)),
        (multiply_type(column("x", Decimal(38, 9)), constant(100)), Decimal(28, 9)),
        (divide_type(W, W), Decimal(28, 9)),
        (divide_type(WHOLE, D), Decimal(28, 9)),
        (modulo_type(WHOLE, constant(7)), INTEGER),
        (modulo_type(D, constant(7)), Decimal(5, 4)),
        (round_type(D, 0), INTEGER),
        (round_type(D, 2), Decimal(17, 2)),
        (round_type(D, 6), Decimal(18, 4)),
        (canonical(Decimal(38, 9)), Decimal(28, 9)),
        (canonical(Decimal(38, 20)), Decimal(27, 9)),
        (canonical(Decimal(12, 12)), Decimal(9, 9)),
    ],
)
def test_results(found: Type | str, wanted: Type) -> None:
    assert found == wanted


@pytest.mark.parametrize(
    ("left", "right", "needed", "proposal"),
    [
        (W, D, 46, "decimal(20,1)"),
        (W, WHOLE, 47, "decimal(19,0)"),
        (column("p", Decimal(38, 18)), constant(20), 39, "decimal(36,17)"),
    ],
)
def test_products_of_too_many_digits_are_refused(
    left: Expression, right: Expression, needed: int, proposal: str
) -> None:
    message = multiply_type(left, right)
    assert message == (
        f"multiplying {left.type} and {right.type} needs {needed} digits, and there are 38 at most; "
        f"make one smaller first, such as `cast(… as {proposal})`"
    )


def test_where_types_meet() -> None:
    assert unify((INTEGER, Decimal(5, 2))) == Decimal(21, 2)
    assert unify((Decimal(5, 4), Decimal(9, 1))) == Decimal(12, 4)
    assert unify((INTEGER, FLOAT)) is FLOAT
    assert unify((NULL, DATE, NULL)) is DATE
    assert unify((NULL,)) is NULL
    assert unify((DATE, TIMESTAMP)) is None
    assert unify((INTEGER, TEXT)) is None
    assert unify((INTEGER, Decimal(38, 30))) is None
    assert unify((ListOf(INTEGER), ListOf(Decimal(5, 2)))) == ListOf(Decimal(21, 2))


def test_a_literal_of_no_number_has_its_types_digits() -> None:
    assert digits(Literal(None, Decimal(9, 2))) == Decimal(9, 2)
