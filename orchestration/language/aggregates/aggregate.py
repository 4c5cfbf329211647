"""What an aggregate is: its name, what it takes, what it gives, and what it gives where there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from orchestration.catalog.types import INTEGER, Decimal, Type, is_exact
from orchestration.language.numbers import INTEGER_DIGITS, MAX_DIGITS, MILLIONTHS, as_decimal

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


def sum_type(kind: Type) -> Type | str:
    """The exact sum of numbers of a type: 19 digits before the point, the places of the type."""
    if kind is INTEGER:
        return INTEGER
    shape = as_decimal(kind) if is_exact(kind) else MILLIONTHS
    if INTEGER_DIGITS + shape.scale > MAX_DIGITS:
        places = MAX_DIGITS - INTEGER_DIGITS
        return f"a sum of {kind} needs more than {MAX_DIGITS} digits; cast it to at most {places} places first"
    return Decimal(INTEGER_DIGITS + shape.scale, shape.scale)
