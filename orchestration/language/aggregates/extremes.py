"""`min(x)` and `max(x)`: the smallest and the largest value of `x`, nulls left out.

Take one argument of any type but a list: text by code point, false before true, floats as the doubles they are.
Result: the argument's type; of nothing null.
"""

from orchestration.catalog.types import ListOf, Type
from orchestration.language.aggregates.aggregate import Aggregate


def _result(argument: Type | None) -> Type | str:
    if argument is None or isinstance(argument, ListOf):
        return "`min` and `max` take a single value, not a list"
    return argument


MIN = Aggregate("min", "the smallest value", "required", _result)
MAX = Aggregate("max", "the largest value", "required", _result)
