"""`sum(x)`: the exact sum of `x`, nulls left out.

Takes a number. A sum of integers is an integer, of `decimal(p,s)` a `decimal(19+s,s)`, of floats (each taken as
millionths) a `decimal(25,6)`. Of nothing 0; a sum whose integer part leaves 64 bits is null.
"""

from orchestration.catalog.types import Type, is_number
from orchestration.language.aggregates.aggregate import Aggregate, not_a_number, sum_type


def _result(argument: Type | None) -> Type | str:
    if argument is None or not is_number(argument):
        return not_a_number("sum", argument)
    return sum_type(argument)


SUM = Aggregate("sum", "the exact sum", "required", _result, of_nothing=0)
