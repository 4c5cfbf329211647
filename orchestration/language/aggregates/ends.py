"""`first(x)` and `last(x)`: the value of `x` in the earliest and in the latest row by time, nulls left out.

Take one argument of any type but a list. Rows where `x` is null are passed over. Of several values at the same time the
smallest of the type counts, for `first` and for `last`. Result: the argument's type; of nothing null.
"""

from orchestration.catalog.types import ListOf, Type
from orchestration.language.aggregates.aggregate import Aggregate


def _result(argument: Type | None) -> Type | str:
    if argument is None or isinstance(argument, ListOf):
        return "`first` and `last` take a single value, not a list"
    return argument


FIRST = Aggregate("first", "the value in the earliest row", "required", _result, by_time=True)
LAST = Aggregate("last", "the value in the latest row", "required", _result, by_time=True)
