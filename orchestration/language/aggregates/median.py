"""`median(x)`: the value in the middle of `x` sorted, or the mean of the two in the middle; nulls left out.

Takes a number; floats are taken as millionths. Computed exactly and rounded once, to nine places, half away from zero.
Result: decimal(28,9); of nothing null.
"""

from orchestration.catalog.types import Type, is_number
from orchestration.language.aggregates.aggregate import Aggregate, not_a_number, sum_type
from orchestration.language.numbers import QUOTIENT


def _result(argument: Type | None) -> Type | str:
    if argument is None or not is_number(argument):
        return not_a_number("median", argument)
    total = sum_type(argument)
    return total if isinstance(total, str) else QUOTIENT


MEDIAN = Aggregate("median", "the value in the middle", "required", _result)
