"""`list(x)`: the different values of `x`, sorted, nulls left out.

Takes one argument of any type but a list: text is sorted by code point. Result: a list of the argument's type; of
nothing null.
"""

from orchestration.catalog.types import NULL, ListOf, Type
from orchestration.language.aggregates.aggregate import Aggregate


def _result(argument: Type | None) -> Type | str:
    if argument is None or argument is NULL or isinstance(argument, ListOf):
        return "`list` takes a single value, not a list"
    return ListOf(argument)


LIST = Aggregate("list", "the different values, sorted", "required", _result)
