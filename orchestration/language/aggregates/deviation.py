"""`stddev(x)`: the standard deviation of a sample, nulls left out.

Takes a number; floats are taken as millionths. The mean and the values are taken at six places, the squared
deviations are summed exactly, and the root is rounded to four places. Result: decimal(23,4); of nothing, and of one
value, null.
"""

from orchestration.catalog.types import Decimal, Type, is_number
from orchestration.language.aggregates.aggregate import Aggregate, not_a_number, sum_type

DEVIATION = Decimal(23, 4)


def _result(argument: Type | None) -> Type | str:
    if argument is None or not is_number(argument):
        return not_a_number("stddev", argument)
    total = sum_type(argument)
    return total if isinstance(total, str) else DEVIATION


STDDEV = Aggregate("stddev", "the standard deviation", "required", _result)
