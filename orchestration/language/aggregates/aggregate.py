"""What an aggregate is: its name, what it takes, what it gives, and what it gives where there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from orchestration.catalog.types import FLOAT, INTEGER, Decimal, ListOf, Type
from orchestration.language.numbers import INTEGER_DIGITS, MAX_DIGITS, MILLIONTHS, as_decimal

LARGEST_SUMMED = 31
Argument: TypeAlias = Literal["optional", "required"]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate of the language.

    `result` gives the type for an argument's type (None where there is no argument), or a message where the argument
    does not fit. `of_nothing` is its value where no row counts; nulls are left out, so a row whose argument is null
    is no row. `by_time` are those that depend on the rows' times.
    """

    name: str
    summary: str
    argument: Argument
    result: Callable[[Type | None], Type | str]
    of_nothing: int | None = None
    by_time: bool = False


def not_a_number(name: str, argument: Type | None) -> str:
    """What an aggregate of numbers says of another argument, or of none."""
    return f"`{name}` takes a number" + (f", not {argument}" if argument is not None else "")


def sum_type(kind: Type) -> Type | str:
    """The exact sum of numbers of a type: 19 digits before the point, the places of the type.

    Engines add in 128 bits, so a type that leaves no room for ten million rows is refused.
    """
    if kind is INTEGER:
        return INTEGER
    shape = as_decimal(counted_type(kind))
    if shape.precision > LARGEST_SUMMED or INTEGER_DIGITS + shape.scale > MAX_DIGITS:
        places = min(shape.scale, LARGEST_SUMMED - INTEGER_DIGITS)
        smaller = Decimal(LARGEST_SUMMED, places)
        return f"a sum of {kind} may need more than {MAX_DIGITS} digits; cast it to {smaller} first"
    return Decimal(INTEGER_DIGITS + shape.scale, shape.scale)


def counted_type(kind: Type) -> Type:
    """What a value counts for in every aggregate but `count`, `min` and `max`: a float for its millionths."""
    return MILLIONTHS if kind is FLOAT else kind


def single(name: str, argument: Type | None) -> Type | str:
    """The argument's type, for aggregates that give one of the values; a message where there is no single value."""
    if argument is None or isinstance(argument, ListOf):
        return f"`{name}` takes a single value, not {'nothing' if argument is None else f'a {argument}'}"
    return counted_type(argument)
