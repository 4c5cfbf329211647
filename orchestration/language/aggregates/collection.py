"""`list(x)`: the different values of `x`, sorted, nulls left out.

Takes one argument of any type but a list: text is sorted by code point. Floats are taken as millionths. Result: a
list of the argument's type; of nothing null.
"""

from orchestration.catalog.types import NULL, ListOf, Type
from orchestration.language.aggregates.aggregate import Aggregate, single


def _result(argument: Type | None) -> Type | str:
    kind = single("list", argument)
    if isinstance(kind, str | ListOf) or kind is NULL:
        return kind if isinstance(kind, str) else "`list` takes values of a known type"
    return ListOf(kind)


LIST = Aggregate("list", "the different values, sorted", "required", _result)
