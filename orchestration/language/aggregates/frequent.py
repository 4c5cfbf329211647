"""`most_frequent(x)` and `least_frequent(x)`: the value of `x` that most, or fewest, rows have; nulls left out.

Take one argument of any type but a list. Of several values with the same count the smallest of the type counts. Result:
the argument's type; of nothing null.
"""

from orchestration.catalog.types import ListOf, Type
from orchestration.language.aggregates.aggregate import Aggregate


def _result(argument: Type | None) -> Type | str:
    if argument is None or isinstance(argument, ListOf):
        return "`most_frequent` and `least_frequent` take a single value, not a list"
    return argument


MOST_FREQUENT = Aggregate("most_frequent", "the value that most rows have", "required", _result)
LEAST_FREQUENT = Aggregate("least_frequent", "the value that fewest rows have", "required", _result)
