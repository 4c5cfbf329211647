"""`most_frequent(x)` and `least_frequent(x)`: the value of `x` that most, or fewest, rows have; nulls left out.

Take one argument of any type but a list. Of several values with the same count the smallest of the type counts.
Floats are taken as millionths. Result: the argument's type, of floats decimal(19,6); of nothing null.
"""

from functools import partial

from orchestration.language.aggregates.aggregate import Aggregate, single

MOST_FREQUENT = Aggregate(
    "most_frequent", "the value that most rows have", "required", partial(single, "most_frequent")
)
LEAST_FREQUENT = Aggregate(
    "least_frequent", "the value that fewest rows have", "required", partial(single, "least_frequent")
)
