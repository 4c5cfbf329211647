"""`count_distinct(x)`: how many different values of `x` there are, nulls left out.

Takes one argument of any type but a list. Text is told apart by code point, so `a` and `A` are two values; 0.0 and
-0.0 are one. Result: integer; of nothing 0.
"""

from orchestration.catalog.types import INTEGER, ListOf, Type
from orchestration.language.aggregates.aggregate import Aggregate


def _result(argument: Type | None) -> Type | str:
    if isinstance(argument, ListOf):
        return "`count_distinct` takes single values, not lists"
    return INTEGER


COUNT_DISTINCT = Aggregate("count_distinct", "how many different values", "required", _result, of_nothing=0)
