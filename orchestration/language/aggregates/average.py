"""`avg(x)`: the mean of `x`, nulls left out.

Takes a number; floats are taken as millionths. Computed from the exact sum and rounded once, to nine places, half
away from zero. Result: decimal(28,9); of nothing null.
"""

from orchestration.catalog.types import Type, is_number
from orchestration.language.aggregates.aggregate import Aggregate, not_a_number, sum_type
from orchestration.language.numbers import QUOTIENT


def _result(argument: Type | None) -> Type | str:
    if argument is None or not is_number(argument):
        return not_a_number("avg", argument)
    total = sum_type(argument)
    return total if isinstance(total, str) else QUOTIENT


AVERAGE = Aggregate("avg", "the mean", "required", _result)
